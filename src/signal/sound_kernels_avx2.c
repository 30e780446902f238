/* SPDX-License-Identifier: MIT */
/* The inner loops of features of sound in AVX2: the results are those of
 * sound_kernels.c. */
#include "signal/sound_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

AVX2 void mien_sound_fold_avx2(const double (*table)[2], const mien_sound_term *terms,
    int64_t n, mien_sound_fold *out) {
    __m256d ce = _mm256_setzero_pd(), co = ce, se = ce, so = ce;
    int64_t k = 0;
    for (; k + 2 <= n; k += 2) {
        const mien_sound_term *t = terms + k;
        ce = _mm256_add_pd(ce,
            _mm256_mul_pd(_mm256_broadcast_sd(&table[k][0]), _mm256_loadu_pd(t[0].re)));
        se = _mm256_add_pd(se,
            _mm256_mul_pd(_mm256_broadcast_sd(&table[k][1]), _mm256_loadu_pd(t[0].im)));
        co = _mm256_add_pd(co, _mm256_mul_pd(_mm256_broadcast_sd(&table[k + 1][0]),
                                   _mm256_loadu_pd(t[1].re)));
        so = _mm256_add_pd(so, _mm256_mul_pd(_mm256_broadcast_sd(&table[k + 1][1]),
                                   _mm256_loadu_pd(t[1].im)));
    }
    if (k < n) {
        ce = _mm256_add_pd(ce, _mm256_mul_pd(_mm256_broadcast_sd(&table[k][0]),
                                   _mm256_loadu_pd(terms[k].re)));
        se = _mm256_add_pd(se, _mm256_mul_pd(_mm256_broadcast_sd(&table[k][1]),
                                   _mm256_loadu_pd(terms[k].im)));
    }
    _mm256_storeu_pd(out->cos_even, ce);
    _mm256_storeu_pd(out->cos_odd, co);
    _mm256_storeu_pd(out->sin_even, se);
    _mm256_storeu_pd(out->sin_odd, so);
}

AVX2 double mien_sound_product_avx2(const double *x, const double *y, int64_t n) {
    __m256d low = _mm256_setzero_pd(), high = low;
    double sum[4];
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        low = _mm256_add_pd(
            low, _mm256_mul_pd(_mm256_loadu_pd(x + i), _mm256_loadu_pd(y + i)));
        high = _mm256_add_pd(high,
            _mm256_mul_pd(_mm256_loadu_pd(x + i + 4), _mm256_loadu_pd(y + i + 4)));
    }
    double first = _mm256_cvtsd_f64(low);
    for (; i < n; i++) {
        first += x[i] * y[i];
    }
    low = _mm256_blend_pd(low, _mm256_set1_pd(first), 1);
    _mm256_storeu_pd(sum, _mm256_add_pd(low, high));
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

AVX2 void mien_sound_shares_avx2(const float *const *from, const float *share,
    int count, float out[MIEN_SOUND_BLOCK]) {
    __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
    for (int i = 0; i < count; i++) {
        const __m256 s = _mm256_broadcast_ss(share + i);
        a = _mm256_add_ps(a, _mm256_mul_ps(s, _mm256_loadu_ps(from[i])));
        b = _mm256_add_ps(b, _mm256_mul_ps(s, _mm256_loadu_ps(from[i] + 8)));
        c = _mm256_add_ps(c, _mm256_mul_ps(s, _mm256_loadu_ps(from[i] + 16)));
        d = _mm256_add_ps(d, _mm256_mul_ps(s, _mm256_loadu_ps(from[i] + 24)));
    }
    _mm256_storeu_ps(out, a);
    _mm256_storeu_ps(out + 8, b);
    _mm256_storeu_ps(out + 16, c);
    _mm256_storeu_ps(out + 24, d);
}

#else
typedef int mien_sound_kernels_avx2_has_no_code; /* a file must hold something */
#endif
