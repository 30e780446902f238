/* SPDX-License-Identifier: MIT */
/* Measures how many multiply-adds the processor can do. */
#include <omp.h>

#include "mien/nn.h"

#define CHAINS 12 /* enough independent sums to hide a multiply-add's latency */
#define ROUNDS 20000
#define MEASURE_S 0.05

#define FLOPS_PER_CALL(lanes) (2.0 * (lanes)*CHAINS * ROUNDS)

#define KERNEL(name, bytes, attribute)                                                 \
    typedef float name##_vector __attribute__((vector_size(bytes)));                   \
    attribute static float name(float seed) {                                          \
        name##_vector sum[CHAINS], a, m;                                               \
        for (int l = 0; l < (int)(bytes / sizeof(float)); l++) {                       \
            a[l] = seed * 1e-6f;                                                       \
            m[l] = 0.999f;                                                             \
        }                                                                              \
        for (int c = 0; c < CHAINS; c++) {                                             \
            sum[c] = a + (float)c;                                                     \
        }                                                                              \
        for (int r = 0; r < ROUNDS; r++) {                                             \
            _Pragma("GCC unroll 12") for (int c = 0; c < CHAINS; c++) {                \
                sum[c] = sum[c] * m + a;                                               \
            }                                                                          \
        }                                                                              \
        for (int c = 1; c < CHAINS; c++) {                                             \
            sum[0] += sum[c];                                                          \
        }                                                                              \
        return sum[0][0];                                                              \
    }

KERNEL(plain, 16, )
#if defined(__x86_64__)
#define FAST(isa) __attribute__((target(isa), optimize("fp-contract=fast")))
KERNEL(avx2, 32, FAST("avx2,fma"))
KERNEL(avx512, 64, FAST("avx512f"))
#endif

typedef float kernel(float seed);

static kernel *choose(double *flops) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) {
        *flops = FLOPS_PER_CALL(16);
        return avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        *flops = FLOPS_PER_CALL(8);
        return avx2;
    }
#endif
    *flops = FLOPS_PER_CALL(4);
    return plain;
}

double mien_peak_gflops(int threads) {
    double flops, best = 0, begin = mien_clock_s();
    kernel *work = choose(&flops);
    threads = threads < 1 ? 1 : threads;
    do {
        float sink = 0;
        double start = mien_clock_s();
#pragma omp parallel num_threads(threads) reduction(+ : sink)
        sink += work((float)omp_get_thread_num());
        double rate = flops * threads / (mien_clock_s() - start) * 1e-9;
        best = rate > best && sink != 12345 ? rate : best;
    } while (mien_clock_s() - begin < MEASURE_S);
    return best;
}
