/* SPDX-License-Identifier: MIT */
/* Bytes of pictures as planes of floats. */
#include "predict/planes.h"

static void plain(
    const uint8_t *pixels, int64_t count, float *red, float *green, float *blue) {
    for (int64_t i = 0; i < count; i++) {
        red[i] = pixels[3 * i];
        green[i] = pixels[3 * i + 1];
        blue[i] = pixels[3 * i + 2];
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define PIXELS 16

/* Where channel c of 16 pixels stands in 48 bytes: places of each 16 of them, or -1. */
static void picks_of(int c, int8_t picks[3][PIXELS]) {
    for (int i = 0; i < PIXELS; i++) {
        for (int part = 0; part < 3; part++) {
            const int at = 3 * i + c - PIXELS * part;
            picks[part][i] = (int8_t)(at >= 0 && at < PIXELS ? at : -1);
        }
    }
}

TARGET static void give(const __m128i bytes[3], const __m128i picks[3], float *to) {
    const __m128i all = _mm_or_si128(_mm_shuffle_epi8(bytes[0], picks[0]),
        _mm_or_si128(_mm_shuffle_epi8(bytes[1], picks[1]),
            _mm_shuffle_epi8(bytes[2], picks[2])));
    _mm256_storeu_ps(to, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(all)));
    _mm256_storeu_ps(
        to + 8, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(all, 8))));
}

TARGET static int64_t by_vectors(
    const uint8_t *pixels, int64_t count, float *const planes[3]) {
    __m128i picks[3][3];
    int64_t i = 0;
    for (int c = 0; c < 3; c++) {
        int8_t places[3][PIXELS];
        picks_of(c, places);
        for (int part = 0; part < 3; part++) {
            picks[c][part] =
                _mm_loadu_si128((const __m128i *)(const void *)places[part]);
        }
    }
    for (; i + PIXELS <= count; i += PIXELS) {
        __m128i bytes[3];
        for (int part = 0; part < 3; part++) {
            const void *from = pixels + 3 * i + PIXELS * part;
            bytes[part] = _mm_loadu_si128((const __m128i *)from);
        }
        for (int c = 0; c < 3; c++) {
            give(bytes, picks[c], planes[c] + i);
        }
    }
    return i;
}
#endif

void mien_planes_row(
    const uint8_t *pixels, int64_t count, float *red, float *green, float *blue) {
    int64_t done = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) {
        done = by_vectors(pixels, count, (float *const[]){red, green, blue});
    }
#endif
    plain(pixels + 3 * done, count - done, red + done, green + done, blue + done);
}
