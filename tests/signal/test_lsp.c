/* SPDX-License-Identifier: MIT */
/* Linear prediction and line spectra against what is known of them. */
#include "support/support.h"

#include <math.h>

#include "signal/lsp.h"

#define PI 3.14159265358979323846

static void prediction_finds_the_filter_behind_a_process(void **state) {
    (void)state;
    /* autocorrelation of the response of 1 / (1 − 1.2 z⁻¹ + 0.5 z⁻²) */
    static double x[4000];
    double r[9], a[8];
    x[0] = 1;
    x[1] = 1.2;
    for (int i = 2; i < 4000; i++) {
        x[i] = 1.2 * x[i - 1] - 0.5 * x[i - 2];
    }
    mien_autocorrelation(x, 4000, 8, r);
    double error = mien_lpc(r, 8, a);
    assert_near(a[0], -1.2, 1e-12);
    assert_near(a[1], 0.5, 1e-12);
    for (int i = 2; i < 8; i++) {
        assert_near(a[i], 0, 1e-12);
    }
    assert_near(error, 1, 1e-12);
}

static void silence_predicts_nothing(void **state) {
    (void)state;
    double x[50] = {0}, r[9], a[8], lsp[8];
    mien_autocorrelation(x, 50, 8, r);
    assert_near(mien_lpc(r, 8, a), 0, 0);
    mien_lsp(a, lsp);
    for (int i = 0; i < 8; i++) { /* of A = 1 */
        assert_near(lsp[i], PI * (i + 1) / 9, 1e-14);
    }
}

/* |A(z) ± z⁻⁹ A(1/z)| at an angle. */
static double size_at(const double *a, double sign, double angle) {
    double re = 1 + sign * cos(9 * angle), im = -sign * sin(9 * angle);
    for (int i = 1; i <= 8; i++) {
        re += a[i - 1] * (cos(i * angle) + sign * cos((9 - i) * angle));
        im -= a[i - 1] * (sin(i * angle) + sign * sin((9 - i) * angle));
    }
    return hypot(re, im);
}

static void frequencies_are_roots_in_turn(void **state) {
    (void)state;
    mien_stream s;
    mien_stream_init(&s, 11, 0, 0);
    for (int turn = 0; turn < 500; turn++) {
        double k[8], a[8] = {0}, before[8], lsp[8];
        for (int m = 0; m < 8; m++) { /* reflections inside (−1, 1): A is stable */
            k[m] = 1.98 * mien_stream_uniform(&s) - 0.99;
            for (int i = 0; i < m; i++) {
                before[i] = a[i];
            }
            for (int i = 0; i < m; i++) {
                a[i] = before[i] + k[m] * before[m - 1 - i];
            }
            a[m] = k[m];
        }
        mien_lsp(a, lsp);
        for (int i = 0; i < 8; i++) {
            assert_true(lsp[i] > 0 && lsp[i] < PI);
            assert_true(i == 0 || lsp[i] >= lsp[i - 1]);
            double scale = 0;
            for (int j = 0; j < 8; j++) {
                scale += fabs(a[j]);
            }
            assert_near(size_at(a, i % 2 ? -1 : 1, lsp[i]), 0, 1e-8 * (1 + scale));
        }
    }
}

static void a_pure_tone_still_gives_eight_in_order(void **state) {
    (void)state;
    static double x[300];
    double r[9], a[8], lsp[8];
    for (int i = 0; i < 300; i++) {
        x[i] = sin(0.3 * i);
    }
    mien_autocorrelation(x, 300, 8, r);
    mien_lpc(r, 8, a);
    mien_lsp(a, lsp);
    for (int i = 0; i < 8; i++) {
        assert_true(lsp[i] >= 0 && lsp[i] <= PI && (i == 0 || lsp[i] >= lsp[i - 1]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prediction_finds_the_filter_behind_a_process),
        cmocka_unit_test(silence_predicts_nothing),
        cmocka_unit_test(frequencies_are_roots_in_turn),
        cmocka_unit_test(a_pure_tone_still_gives_eight_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
