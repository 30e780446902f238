/* SPDX-License-Identifier: MIT */
/* The loops of nn/kernels/depth_norm.h. Only for AVX-512: back, nine sums and nine
 * weights want more registers than others have. */
#if defined(__x86_64__)

#include "nn/kernels/depth_norm.h"

#include <immintrin.h>
#include <stddef.h>

#define TARGET __attribute__((target("avx512f,fma")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define LANES MIEN_DEPTH_CHANNELS
#define LOAD(a) _mm512_loadu_ps(a)
#define STORE(a, v) _mm512_storeu_ps(a, v)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)

TARGET static void normalise(const mien_depth_row *r, const float *x, float *to) {
    const int64_t channels = r->channels, width = r->width;
    const float *mean = r->mean, *scale = r->scale, *shift = r->shift;
    __m512 least = _mm512_set1_ps(r->least), most = _mm512_set1_ps(r->most);
    for (int64_t w = 0; w < width; w++) {
        for (int64_t j = 0; j < channels; j += LANES) {
            __m512 t = LOAD(x + w * channels + j) - LOAD(mean + j);
            __m512 z = FMA(t, LOAD(scale + j), LOAD(shift + j));
            z = _mm512_min_ps(most, _mm512_max_ps(least, z));
            STORE(to + w * channels + j, z);
        }
    }
}

INLINE void filter_of(
    const mien_depth_row *r, int stride, const float *const rows[3], float *y) {
    const int64_t channels = r->channels, width = r->width;
    for (int64_t j = 0; j < channels; j += LANES) {
        __m512 k[9];
        for (int i = 0; i < 9; i++) {
            k[i] = LOAD(r->filter + i * channels + j);
        }
        const float *a = rows[0] + j, *b = rows[1] + j, *c = rows[2] + j;
        for (int64_t w = 0; w < width; w++) {
            int64_t at = w * stride * channels;
            __m512 upper = LOAD(a + at) * k[0], middle = LOAD(b + at) * k[3];
            __m512 lower = LOAD(c + at) * k[6];
            for (int i = 1; i < 3; i++) {
                upper = FMA(LOAD(a + at + i * channels), k[i], upper);
                middle = FMA(LOAD(b + at + i * channels), k[3 + i], middle);
                lower = FMA(LOAD(c + at + i * channels), k[6 + i], lower);
            }
            STORE(y + w * channels + j, upper + middle + lower);
        }
    }
}

TARGET static void filter(
    const mien_depth_row *r, int stride, const float *const rows[3], float *y) {
    if (stride == 1) {
        filter_of(r, 1, rows, y);
    } else {
        filter_of(r, 2, rows, y);
    }
}

/* Channels [j, j + 16) of a row in steps of 1: column c meets place c + 1 − i of dy by
 * the filter's column i, whose row begins with a pixel of zeros. */
INLINE void back_by_one(const mien_depth_row *r, int64_t j, const float *const rows[3],
    const float *a, float *da) {
    const int64_t channels = r->channels, width = r->width;
    const float *r0 = rows[0] + j, *r1 = rows[1] + j, *r2 = rows[2] + j;
    __m512 k[9], d[9];
    for (int i = 0; i < 9; i++) {
        k[i] = LOAD(r->filter + i * channels + j);
        d[i] = LOAD(r->dfilter + i * channels + j);
    }
    for (int64_t c = 0; c < width; c++) {
        int64_t at = c * channels;
        __m512 x = LOAD(a + at + j), none = _mm512_setzero_ps();
        __m512 sum[3] = {none, none, none};
        for (int i = 0; i < 3; i++) {
            __m512 u = LOAD(r0 + at + (2 - i) * channels);
            __m512 v = LOAD(r1 + at + (2 - i) * channels);
            __m512 z = LOAD(r2 + at + (2 - i) * channels);
            sum[0] = FMA(u, k[i], sum[0]);
            sum[1] = FMA(v, k[3 + i], sum[1]);
            sum[2] = FMA(z, k[6 + i], sum[2]);
            d[i] = FMA(u, x, d[i]);
            d[3 + i] = FMA(v, x, d[3 + i]);
            d[6 + i] = FMA(z, x, d[6 + i]);
        }
        STORE(da + at + j, sum[0] + sum[1] + sum[2]);
    }
    for (int i = 0; i < 9; i++) {
        STORE(r->dfilter + i * channels + j, d[i]);
    }
}

/* The filter's row i in steps of 2: an even column meets one place of dy, an odd one
 * two. first: da is set, not added to. */
INLINE void back_by_two(const mien_depth_row *r, int64_t j, int row, const float *dy,
    const float *a, float *da, bool first) {
    const int64_t channels = r->channels, width = r->width;
    __m512 k[3], d[3];
    for (int i = 0; i < 3; i++) {
        k[i] = LOAD(r->filter + (3 * row + i) * channels + j);
        d[i] = LOAD(r->dfilter + (3 * row + i) * channels + j);
    }
    dy += channels + j; /* behind the pixel of zeros */
    a += j;
    da += j;
    for (int64_t c = 0; c < width; c += 2) {
        __m512 here = LOAD(dy + c / 2 * channels);
        __m512 next = LOAD(dy + (c / 2 + 1) * channels);
        __m512 even = LOAD(a + c * channels), odd = LOAD(a + (c + 1) * channels);
        __m512 to_even = here * k[1];
        __m512 to_odd = FMA(next, k[0], here * k[2]);
        d[1] = FMA(here, even, d[1]);
        d[0] = FMA(next, odd, d[0]);
        d[2] = FMA(here, odd, d[2]);
        if (!first) {
            to_even = to_even + LOAD(da + c * channels);
            to_odd = to_odd + LOAD(da + (c + 1) * channels);
        }
        STORE(da + c * channels, to_even);
        STORE(da + (c + 1) * channels, to_odd);
    }
    for (int i = 0; i < 3; i++) {
        STORE(r->dfilter + (3 * row + i) * channels + j, d[i]);
    }
}

TARGET static void filter_back(const mien_depth_row *r, int stride,
    const float *const rows[3], const float *a, float *da) {
    for (int64_t j = 0; j < r->channels; j += LANES) {
        if (stride == 1) {
            back_by_one(r, j, rows, a, da);
            continue;
        }
        bool first = true;
        for (int i = 0; i < 3; i++) {
            if (rows[i]) {
                back_by_two(r, j, i, rows[i], a, da, first);
                first = false;
            }
        }
    }
}

TARGET static void mask(const mien_depth_row *r, const float *x, const float *a,
    const float *da, float *to) {
    const int64_t channels = r->channels, width = r->width;
    const float *mean = r->mean;
    float *sums = r->sums, *products = r->sums + channels;
    __m512 least = _mm512_set1_ps(r->least), most = _mm512_set1_ps(r->most);
    for (int64_t w = 0; w < width; w++) {
        for (int64_t j = 0; j < channels; j += LANES) {
            int64_t at = w * channels + j;
            __m512 y = LOAD(a + at), t = LOAD(x + at) - LOAD(mean + j);
            __mmask16 above = _mm512_cmp_ps_mask(y, least, _CMP_GT_OQ);
            __mmask16 left = _mm512_mask_cmp_ps_mask(above, y, most, _CMP_LT_OQ);
            __m512 dz = _mm512_maskz_mov_ps(left, LOAD(da + at));
            STORE(to + at, dz);
            STORE(sums + j, LOAD(sums + j) + dz);
            STORE(products + j, FMA(dz, t, LOAD(products + j)));
        }
    }
}

const mien_depth_kernels mien_depth_avx512 = {.name = "avx512",
    .normalise = normalise,
    .filter = filter,
    .filter_back = filter_back,
    .mask = mask};

#else
typedef int mien_depth_no_avx512;
#endif
