/* SPDX-License-Identifier: MIT */
/* The loops of features of sound give the same bits with any vectors, and the right
 * sums. */
#include "support/support.h"

#include <string.h>

#include "signal/sound_kernels.h"

enum { MOST = 300, LANES = MIEN_SOUND_LANES, BLOCK = MIEN_SOUND_BLOCK };

static double table[MOST][2], x[MOST], y[MOST];
static mien_sound_term terms[MOST];
static float shares[16], rows[16][BLOCK];

static void fill(void) {
    mien_stream s;
    mien_stream_init(&s, 9, 0, 0);
    for (int i = 0; i < MOST; i++) {
        x[i] = 2 * mien_stream_uniform(&s) - 1;
        y[i] = 2 * mien_stream_uniform(&s) - 1;
        for (int q = 0; q < 2; q++) {
            table[i][q] = 2 * mien_stream_uniform(&s) - 1;
        }
        for (int l = 0; l < LANES; l++) {
            terms[i].re[l] = 2 * mien_stream_uniform(&s) - 1;
            terms[i].im[l] = 2 * mien_stream_uniform(&s) - 1;
        }
    }
    for (int i = 0; i < 16; i++) {
        shares[i] = (float)mien_stream_uniform(&s);
        for (int b = 0; b < BLOCK; b++) {
            rows[i][b] = (float)mien_stream_uniform(&s);
        }
    }
}

static void sums_are_right(void **state) {
    (void)state;
    fill();
    for (int n = 0; n <= MOST; n += 7) {
        mien_sound_fold f;
        double product = 0;
        mien_sound_fold_run((const double(*)[2])table, terms, n, &f);
        for (int l = 0; l < LANES; l++) {
            double sums[4] = {0};
            for (int k = 0; k < n; k++) {
                sums[k % 2] += table[k][0] * terms[k].re[l];
                sums[2 + k % 2] += table[k][1] * terms[k].im[l];
            }
            assert_near(f.cos_even[l], sums[0], 1e-12);
            assert_near(f.cos_odd[l], sums[1], 1e-12);
            assert_near(f.sin_even[l], sums[2], 1e-12);
            assert_near(f.sin_odd[l], sums[3], 1e-12);
        }
        for (int i = 0; i < n; i++) {
            product += x[i] * y[i];
        }
        assert_near(mien_sound_product(x, y, n), product, 1e-12);
    }
}

static void vectors_of_any_width_give_the_same_bits(void **state) {
    (void)state;
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2")) {
        skip();
    }
    fill();
    for (int n = 0; n <= MOST; n++) {
        mien_sound_fold a, b;
        mien_sound_fold_plain((const double(*)[2])table, terms, n, &a);
        mien_sound_fold_avx2((const double(*)[2])table, terms, n, &b);
        assert_memory_equal(&a, &b, sizeof a);
        double p = mien_sound_product_plain(x, y, n),
               q = mien_sound_product_avx2(x, y, n);
        assert_memory_equal(&p, &q, sizeof p);
    }
    const float *from[16];
    for (int i = 0; i < 16; i++) {
        from[i] = rows[i];
    }
    for (int count = 0; count <= 16; count++) {
        float a[BLOCK], b[BLOCK];
        mien_sound_shares_plain(from, shares, count, a);
        mien_sound_shares_avx2(from, shares, count, b);
        assert_memory_equal(a, b, sizeof a);
    }
#else
    skip();
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_right),
        cmocka_unit_test(vectors_of_any_width_give_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
