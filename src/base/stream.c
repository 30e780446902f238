/* SPDX-License-Identifier: MIT */
/* Small independent streams of random numbers, one for each (seed, a, b).
 *
 * xoshiro256** and splitmix64: Blackman & Vigna, ACM TOMS 47(4), 2021. */
#include "base/need.h"
#include "mien/base.h"

static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static uint64_t rotate(uint64_t x, int k) {
    return x << k | x >> (64 - k);
}

void mien_stream_init(mien_stream *s, uint64_t seed, uint64_t a, uint64_t b) {
    MIEN_NEED_OR(, s);
    const uint64_t golden = 0x9e3779b97f4a7c15U;
    /* mixed between, so that (1, 2) and (2, 1) differ and neighbours are unrelated */
    uint64_t x = mix(mix(mix(seed + golden) ^ (a + golden)) ^ (b + golden));
    for (int i = 0; i < 4; i++) {
        x += golden;
        s->s[i] = mix(x);
    }
}

uint64_t mien_stream_word(mien_stream *stream) {
    MIEN_NEED_OR(0, stream);
    uint64_t *s = stream->s;
    uint64_t word = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return word;
}

double mien_stream_uniform(mien_stream *s) {
    MIEN_NEED_OR(0, s);
    return (double)(mien_stream_word(s) >> 11) * 0x1p-53;
}
