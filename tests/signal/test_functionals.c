/* SPDX-License-Identifier: MIT */
/* Statistics of tracks whose values are known by theory. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "signal/functionals.h"

static double at(const double *out, const char *name) {
    for (int f = 0; f < MIEN_FUNCTIONALS; f++) {
        if (strcmp(mien_functional_name(f), name) == 0) {
            return out[f];
        }
    }
    fail_msg("no functional %s", name);
    return 0;
}

static void a_line_is_its_own_fit(void **state) {
    (void)state;
    double x[101], scratch[101], out[MIEN_FUNCTIONALS];
    for (int i = 0; i <= 100; i++) {
        x[i] = 7 - 0.25 * i;
    }
    mien_functionals(x, 101, scratch, out);
    assert_near(at(out, "linregc1"), -0.25, 1e-14);
    assert_near(at(out, "linregc2"), 7, 1e-13);
    assert_near(at(out, "linregerrA"), 0, 1e-13);
    assert_near(at(out, "linregerrQ"), 0, 1e-13);
    assert_near(at(out, "maxPos"), 0, 0);
    assert_near(at(out, "minPos"), 100.0 / 101, 1e-15);
    assert_near(at(out, "amean"), 7 - 12.5, 1e-13);
    assert_near(at(out, "stddev"), 0.25 * sqrt((101.0 * 101 - 1) / 12), 1e-12);
    assert_near(at(out, "skewness"), 0, 1e-12);
    assert_near(at(out, "quartile1"), 7 - 0.25 * 75, 1e-12);
    assert_near(at(out, "quartile3"), 7 - 0.25 * 25, 1e-12);
    assert_near(at(out, "iqr1-3"), 12.5, 1e-12);
    assert_near(at(out, "percentile1.0"), 7 - 0.25 * 99, 1e-12);
    assert_near(at(out, "percentile99.0"), 7 - 0.25, 1e-12);
    /* above −18 + 0.75 · 25 = 0.75: the first 25 values */
    assert_near(at(out, "upleveltime75"), 25.0 / 101, 1e-15);
    assert_near(at(out, "upleveltime90"), 10.0 / 101, 1e-15);
}

static void two_levels_have_known_moments(void **state) {
    (void)state;
    double x[8] = {0, 0, 0, 1, 0, 0, 1, 0}, scratch[8], out[MIEN_FUNCTIONALS];
    mien_functionals(x, 8, scratch, out); /* Bernoulli, p = 1/4 */
    assert_near(at(out, "amean"), 0.25, 1e-15);
    assert_near(at(out, "stddev"), sqrt(3.0 / 16), 1e-15);
    assert_near(at(out, "skewness"), 0.5 / sqrt(3.0 / 16), 1e-14);
    assert_near(at(out, "kurtosis"), 3 + (1 - 6 * 3.0 / 16) / (3.0 / 16), 1e-14);
    assert_near(at(out, "maxPos"), 3.0 / 8, 0);
    assert_near(at(out, "minPos"), 0, 0);
    assert_near(at(out, "quartile3"), 0.25, 1e-15);
}

static void a_constant_has_no_shape(void **state) {
    (void)state;
    double x[3] = {-2, -2, -2}, scratch[3], out[MIEN_FUNCTIONALS];
    mien_functionals(x, 3, scratch, out);
    assert_near(at(out, "skewness"), 0, 0);
    assert_near(at(out, "kurtosis"), 0, 0);
    assert_near(at(out, "upleveltime75"), 0, 0);
    mien_functionals(x, 1, scratch, out);
    assert_near(at(out, "linregc1"), 0, 0);
    assert_near(at(out, "linregc2"), -2, 0);
    assert_near(at(out, "percentile99.0"), -2, 0);
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Quantiles come from a sort of our own: any order, ties and patterns that defeat it.
 */
static void quantiles_are_those_of_a_sorted_track(void **state) {
    (void)state;
    static double x[3000], sorted[3000], scratch[3000];
    double out[MIEN_FUNCTIONALS];
    mien_stream s;
    mien_stream_init(&s, 5, 0, 0);
    for (int kind = 0; kind < 6; kind++) {
        for (int64_t n = 1; n <= 3000; n = n * 2 + 1) {
            for (int64_t i = 0; i < n; i++) {
                double any = mien_stream_uniform(&s);
                x[i] = kind == 0   ? any
                       : kind == 1 ? floor(3 * any)
                       : kind == 2 ? (double)i
                       : kind == 3 ? (double)-i
                       : kind == 4 ? (double)(i < n / 2 ? i : n - i)
                                   : (double)(i * 7919 % 31);
            }
            memcpy(sorted, x, (size_t)n * sizeof *x);
            qsort(sorted, (size_t)n, sizeof *x, by_value);
            mien_functionals(x, n, scratch, out);
            static const double p[] = {0.25, 0.5, 0.75, 0.01, 0.99};
            static const int at_index[] = {10, 11, 12, 16, 17};
            for (int q = 0; q < 5; q++) {
                double place = p[q] * (double)(n - 1), rest = place - floor(place);
                int64_t below = (int64_t)place,
                        above = below + 1 < n ? below + 1 : below;
                assert_near(out[at_index[q]],
                    sorted[below] + rest * (sorted[above] - sorted[below]), 1e-12);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_its_own_fit),
        cmocka_unit_test(two_levels_have_known_moments),
        cmocka_unit_test(a_constant_has_no_shape),
        cmocka_unit_test(quantiles_are_those_of_a_sorted_track),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
