/* SPDX-License-Identifier: MIT */
/* Maps that foretell the fixations on their own picture stand out against those on the
 * others; maps of the middle, where people look whatever is shown, do not. */
#include "support/support.h"

#include <math.h>

#include "mien/gaze.h"

enum { PICTURES = 12, SIDE = 8, CELLS = SIDE * SIDE };

/* Forty fixations a picture, half of them at its own spot, half in the middle. */
static void plant(double *counts, double *spots, double *middles) {
    mien_stream s;
    mien_stream_init(&s, 1, 2, 3);
    for (int i = 0; i < PICTURES; i++) {
        int own = (i * 37 + 3) % CELLS;
        for (int k = 0; k < 20; k++) {
            int y = 3 + (int)(2 * mien_stream_uniform(&s));
            int x = 3 + (int)(2 * mien_stream_uniform(&s));
            counts[i * CELLS + own]++;
            counts[i * CELLS + y * SIDE + x]++;
        }
        for (int k = 0; k < CELLS; k++) {
            double dy = k / SIDE - 3.5, dx = k % SIDE - 3.5;
            spots[i * CELLS + k] = k == own;
            middles[i * CELLS + k] = exp(-(dx * dx + dy * dy) / 8);
        }
    }
}

static double gain(const double *maps, const double *counts, bool cc) {
    mien_agreement a[PICTURES];
    double sum = 0;
    assert_good(mien_gaze_agreement(maps, counts, PICTURES, SIDE, SIDE, 1, a));
    for (int i = 0; i < PICTURES; i++) {
        sum += cc ? a[i].cc - a[i].cc_others : a[i].nss - a[i].nss_others;
    }
    return sum / PICTURES;
}

static void own_fixations_are_told_from_those_of_others(void **state) {
    (void)state;
    static double counts[PICTURES * CELLS], spots[PICTURES * CELLS],
        middles[PICTURES * CELLS];
    mien_agreement a[PICTURES];
    plant(counts, spots, middles);
    /* a map of one cell of 64 has there (1 − 1/64) / √(1/64 · 63/64); half look at it
     */
    double at = (1 - 1.0 / 64) / sqrt(63.0 / 64 / 64);
    double away = (0 - 1.0 / 64) / sqrt(63.0 / 64 / 64);
    assert_good(mien_gaze_agreement(spots, counts, PICTURES, SIDE, SIDE, 1, a));
    assert_near(a[0].nss, (at + away) / 2, 1e-9); /* its spot is not in the middle */
    assert_true(gain(spots, counts, false) > 2);
    assert_true(gain(spots, counts, true) > 0.2);
    assert_true(fabs(gain(middles, counts, false)) < 0.3);
    assert_good(mien_gaze_agreement(middles, counts, PICTURES, SIDE, SIDE, 1, a));
    assert_true(a[0].nss > 0.3); /* and yet it looks as if it knew */
}

static void what_does_not_vary_has_no_score(void **state) {
    (void)state;
    double maps[2 * 4] = {1, 1, 1, 1, 1, 2, 3, 4}, counts[2 * 4] = {1, 0, 0, 0};
    mien_agreement a[2];
    assert_good(mien_gaze_agreement(maps, counts, 2, 2, 2, 1, a));
    assert_true(isnan(a[0].nss) && isnan(a[0].cc));
    assert_true(isnan(a[1].nss) && isfinite(a[1].nss_others));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_fixations_are_told_from_those_of_others),
        cmocka_unit_test(what_does_not_vary_has_no_score),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
