/* SPDX-License-Identifier: MIT */
/* Random numbers that equal NumPy's RandomState draw for draw.
 *
 * MT19937: Matsumoto & Nishimura, ACM TOMACS 8(1), 1998, with their 2002 seeding. */
#include "base/need.h"
#include "mien/base.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define WORDS 624
#define SHIFT 397

void mien_random_init(mien_random *random, uint32_t seed) {
    MIEN_NEED_OR(, random);
    *random = (mien_random){.position = WORDS};
    random->state[0] = seed;
    for (uint32_t i = 1; i < WORDS; i++) {
        uint32_t before = random->state[i - 1];
        random->state[i] = 1812433253U * (before ^ (before >> 30)) + i;
    }
}

static void refill(mien_random *random) {
    uint32_t *s = random->state;
    for (int i = 0; i < WORDS; i++) {
        uint32_t y = (s[i] & 0x80000000U) | (s[(i + 1) % WORDS] & 0x7fffffffU);
        s[i] = s[(i + SHIFT) % WORDS] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfU : 0);
    }
    random->position = 0;
}

uint32_t mien_random_word(mien_random *random) {
    MIEN_NEED_OR(0, random);
    if (random->position >= WORDS) {
        refill(random);
    }
    uint32_t y = random->state[random->position++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680U;
    y ^= (y << 15) & 0xefc60000U;
    return y ^ (y >> 18);
}

double mien_random_uniform(mien_random *random) {
    MIEN_NEED_OR(0, random);
    uint32_t high = mien_random_word(random) >> 5;
    uint32_t low = mien_random_word(random) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}

uint64_t mien_random_interval(mien_random *random, uint64_t maximum) {
    MIEN_NEED_OR(0, random);
    if (maximum == 0) {
        return 0;
    }
    uint64_t mask = UINT64_MAX >> __builtin_clzll(maximum);
    uint64_t drawn;
    do {
        drawn = mien_random_word(random);
        if (maximum > UINT32_MAX) {
            drawn = drawn << 32 | mien_random_word(random);
        }
        drawn &= mask;
    } while (drawn > maximum);
    return drawn;
}

double mien_random_normal(mien_random *random) {
    MIEN_NEED_OR(0, random);
    if (random->has_normal) {
        random->has_normal = false;
        return random->normal;
    }
    double x, y, r;
    do {
        x = 2.0 * mien_random_uniform(random) - 1.0;
        y = 2.0 * mien_random_uniform(random) - 1.0;
        r = x * x + y * y;
    } while (r >= 1.0 || r == 0.0);
    double f = sqrt(-2.0 * log(r) / r);
    random->normal = f * x;
    random->has_normal = true;
    return f * y;
}

void mien_random_shuffle(mien_random *random, int64_t *order, int64_t n) {
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = (int64_t)mien_random_interval(random, (uint64_t)i);
        int64_t kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

void mien_random_permutation(mien_random *random, int64_t *order, int64_t n) {
    MIEN_NEED_OR(, random, order);
    for (int64_t i = 0; i < n; i++) {
        order[i] = i;
    }
    mien_random_shuffle(random, order, n);
}

mien_status mien_random_choice(
    mien_random *random, int64_t n, int64_t count, bool replace, int64_t *out) {
    MIEN_NEED(random, out);
    if (count < 0 || (count > 0 && n < 1) || (!replace && count > n)) {
        return mien_fail(MIEN_EINVAL, "%" PRId64 " of %" PRId64 " cannot be chosen%s",
            count, n, replace ? "" : " without repeating some");
    }
    if (replace) {
        for (int64_t i = 0; i < count; i++) {
            out[i] = (int64_t)mien_random_interval(random, (uint64_t)n - 1);
        }
        return MIEN_OK;
    }
    int64_t *order = mien_alloc((size_t)n, sizeof *order);
    if (!order) {
        return MIEN_ENOMEM;
    }
    mien_random_permutation(random, order, n);
    memcpy(out, order, (size_t)count * sizeof *out);
    mien_free(order);
    return MIEN_OK;
}
