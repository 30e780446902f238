/* SPDX-License-Identifier: MIT */
/* Measures how many multiply-adds the processor can do. */
#include "mien/nn.h"

#include <omp.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define CHAINS 12 /* enough independent sums to hide a multiply-add's latency */
#define ROUNDS 100000
#define MEASURE_S 0.05

#define FLOPS_PER_CALL(lanes) (2.0 * (lanes)*CHAINS * ROUNDS)

#define TWELVE(f) f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8) f(9) f(10) f(11)

/* The sums are variables, not an array: an array may stay in memory, and then a round
 * measures how fast values are stored and read back. The barrier pins each sum to a
 * register and keeps equal chains from being computed once. */
#define CHAIN_BEGIN(c) sum##c = a,
#define CHAIN_ADD(c) +sum##c[0] * (float)((c) + 1)

/* sum ← sum × m + a in every chain, on vectors of one width. */
#define KERNEL(name, vector, attribute, round)                                         \
    attribute static float name(float seed) {                                          \
        vector a = {seed * 1e-6f, 1e-6f}, m = {0.999f, 0.99f};                         \
        vector TWELVE(CHAIN_BEGIN) last = a;                                           \
        for (int r = 0; r < ROUNDS; r++) {                                             \
            TWELVE(round)                                                              \
        }                                                                              \
        return last[0] TWELVE(CHAIN_ADD);                                              \
    }

#if defined(__x86_64__)
#define AVX2_ROUND(c)                                                                  \
    sum##c = _mm256_fmadd_ps(sum##c, m, a);                                            \
    __asm__ volatile("" : "+x"(sum##c));
#define AVX512_ROUND(c)                                                                \
    sum##c = _mm512_fmadd_ps(sum##c, m, a);                                            \
    __asm__ volatile("" : "+v"(sum##c));
KERNEL(avx2, __m256, __attribute__((target("avx2,fma"))), AVX2_ROUND)
KERNEL(avx512, __m512, __attribute__((target("avx512f"))), AVX512_ROUND)
#endif

/* Where there is no instruction that we know: what the compiler makes of four lanes. */
typedef float four __attribute__((vector_size(16)));
#define PLAIN_ROUND(c) sum##c = sum##c * m + a;
KERNEL(plain, four, , PLAIN_ROUND)

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
