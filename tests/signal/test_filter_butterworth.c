/* SPDX-License-Identifier: MIT */
/* Butterworth filters: the published sections' responses, and what theory says of them.
 */
#include "signal/goldens.h"

#include <complex.h>

#include "mien/physiology.h"

static const double pi = 3.14159265358979323846;

static double complex response(const mien_filter *f, double hz, double rate) {
    double complex w = cexp(-I * 2 * pi * hz / rate), h = 1;
    for (int k = 0; k < f->count; k++) {
        const mien_biquad *s = &f->section[k];
        h *= (s->b[0] + w * (s->b[1] + w * s->b[2])) /
             (s->a[0] + w * (s->a[1] + w * s->a[2]));
    }
    return h;
}

static void a_corner_passes_half_the_power(void **state) {
    (void)state;
    for (int order = 1; order <= MIEN_BUTTERWORTH_ORDER_MAX; order++) {
        mien_filter low, high, band;
        assert_good(mien_butterworth(MIEN_LOW_PASS, order, 0, 7, 100, &low));
        assert_good(mien_butterworth(MIEN_HIGH_PASS, order, 7, 0, 100, &high));
        assert_good(mien_butterworth(MIEN_BAND_PASS, order, 7, 19, 100, &band));
        assert_near(cabs(response(&low, 7, 100)), sqrt(0.5), 1e-12);
        assert_near(cabs(response(&high, 7, 100)), sqrt(0.5), 1e-12);
        assert_near(cabs(response(&band, 7, 100)), sqrt(0.5), 1e-11);
        assert_near(cabs(response(&band, 19, 100)), sqrt(0.5), 1e-11);
        assert_near(cabs(response(&low, 0, 100)), 1, 1e-12);
        assert_near(cabs(response(&high, 50, 100)), 1, 1e-12);
        assert_near(cabs(response(&low, 50, 100)), 0, 1e-9);
        assert_near(cabs(response(&band, 0, 100)), 0, 1e-9);
        /* the middle of a band passes whole, without a turn of phase */
        double middle = 100 / pi * atan(sqrt(tan(pi * 0.07) * tan(pi * 0.19)));
        assert_near(creal(response(&band, middle, 100)), 1, 1e-11);
        assert_near(cimag(response(&band, middle, 100)), 0, 1e-11);
    }
}

static void responses_equal_the_published_sections(void **state) {
    (void)state;
    golden g;
    golden_read(&g, support_shared("golden/gaze/physio/butterworth_sos.csv"), false);
    const double *order = golden_column(&g, "order"),
                 *rate = golden_column(&g, "rate_hz");
    const double *low = golden_column(&g, "low_hz"),
                 *high = golden_column(&g, "high_hz");
    for (int64_t i = 0; i < g.n;) {
        mien_filter want = {.count = 0}, got;
        int64_t first = i;
        for (; i < g.n && strcmp(g.text[i], g.text[first]) == 0; i++) {
            mien_biquad *s = &want.section[want.count++];
            for (int k = 0; k < 3; k++) {
                s->b[k] = g.value[7 + k][i];
                s->a[k] = g.value[10 + k][i];
            }
        }
        mien_band band = isnan(low[first])    ? MIEN_LOW_PASS
                         : isnan(high[first]) ? MIEN_HIGH_PASS
                                              : MIEN_BAND_PASS;
        assert_good(mien_butterworth(
            band, (int)order[first], low[first], high[first], rate[first], &got));
        assert_int_equal(mien_filter_extension(&got), mien_filter_extension(&want));
        for (double share = 0.013; share < 0.5; share *= 1.37) {
            double complex a = response(&got, share * rate[first], rate[first]);
            double complex b = response(&want, share * rate[first], rate[first]);
            assert_near(cabs(a - b), 0, 1e-9 * cabs(b) + 1e-13);
        }
    }
    assert_int_equal(g.n, 20);
    golden_clear(&g);
}

static void what_a_filter_cannot_do_is_told(void **state) {
    (void)state;
    mien_filter f;
    double x[40] = {0};
    assert_fails(
        mien_butterworth(MIEN_LOW_PASS, 0, 0, 1, 10, &f), MIEN_EINVAL, "order 0");
    assert_fails(
        mien_butterworth(MIEN_LOW_PASS, 9, 0, 1, 10, &f), MIEN_EINVAL, "order 9");
    assert_fails(mien_butterworth(MIEN_HIGH_PASS, 2, 5, 0, 10, &f), MIEN_EINVAL, "5");
    assert_fails(
        mien_butterworth(MIEN_BAND_PASS, 2, 3, 2, 10, &f), MIEN_EINVAL, "3 to 2");
    assert_fails(
        mien_butterworth(MIEN_LOW_PASS, 2, 0, NAN, 10, &f), MIEN_EINVAL, "corners");
    assert_good(mien_butterworth(MIEN_LOW_PASS, 4, 0, 1, 10, &f));
    assert_int_equal(mien_filter_extension(&f), 15);
    assert_fails(mien_filter_twice(&f, x, 15, x), MIEN_EINVAL, "too few");
    assert_good(mien_filter_twice(&f, x, 16, x));
    x[3] = NAN;
    assert_fails(mien_filter_twice(&f, x, 40, x), MIEN_EINVAL, "value 3");
}

static void filters_allocate_nothing_and_may_work_in_place(void **state) {
    (void)state;
    double x[64] = {1, 2, 3, -4}, y[64];
    uint64_t before = mien_alloc_count();
    assert_good(mien_butterworth_twice(MIEN_BAND_PASS, 2, 1, 2, 10, x, 64, y));
    assert_good(mien_butterworth_twice(MIEN_BAND_PASS, 2, 1, 2, 10, x, 64, x));
    assert_int_equal(mien_alloc_count(), before);
    assert_memory_equal(x, y, sizeof x);
}

/* One direction of a filter, sample by sample in long double (transposed direct form
 * II), from the state in which the first value has always come in. */
static void run_slowly(const mien_filter *f, long double *x, int64_t n) {
    for (int k = 0; k < f->count; k++) {
        const mien_biquad s = f->section[k];
        long double level = x[0];
        long double out = level * ((long double)s.b[0] + s.b[1] + s.b[2]) /
                          ((long double)s.a[0] + s.a[1] + s.a[2]);
        long double z2 = s.b[2] * level - s.a[2] * out;
        long double z1 = s.b[1] * level - s.a[1] * out + z2;
        for (int64_t i = 0; i < n; i++) {
            long double y = s.b[0] * x[i] + z1;
            z1 = s.b[1] * x[i] - s.a[1] * y + z2;
            z2 = s.b[2] * x[i] - s.a[2] * y;
            x[i] = y;
        }
    }
}

static void turn(long double *x, int64_t n) {
    for (int64_t i = 0; i < n / 2; i++) {
        long double t = x[i];
        x[i] = x[n - 1 - i];
        x[n - 1 - i] = t;
    }
}

/* Long series are filtered in four places at once: as sample by sample, and where they
 * are cut too. */
static void long_series_have_no_seams(void **state) {
    (void)state;
    enum { N = 150001, EDGE_MAX = 60 };
    static double x[N], y[N];
    static long double want[N + 2 * EDGE_MAX];
    const struct {
        mien_band band;
        int order;
        double low, high;
    } filters[] = {{MIEN_LOW_PASS, 2, 0, 0.05}, {MIEN_HIGH_PASS, 5, 0.5, 0},
        {MIEN_BAND_PASS, 2, 0.05, 3}, {MIEN_LOW_PASS, 8, 0, 3},
        {MIEN_LOW_PASS, 1, 0, 3}, {MIEN_LOW_PASS, 2, 0, 0.002}};
    for (int64_t i = 0; i < N; i++) {
        x[i] = 5 + sin(0.001 * (double)i) + sin(0.07 * (double)(i % 7919)) +
               (double)((i * i) % 101) / 101;
    }
    for (size_t k = 0; k < sizeof filters / sizeof *filters; k++) {
        mien_filter f;
        assert_good(mien_butterworth(filters[k].band, filters[k].order, filters[k].low,
            filters[k].high, 100, &f));
        assert_good(mien_filter_twice(&f, x, N, y));
        int64_t edge = mien_filter_extension(&f), all = N + 2 * edge;
        for (int64_t i = 0; i < all; i++) {
            int64_t at = i - edge;
            want[i] = at < 0   ? 2 * x[0] - x[-at]
                      : at < N ? x[at]
                               : 2 * x[N - 1] - x[2 * N - 2 - at];
        }
        run_slowly(&f, want, all);
        turn(want, all);
        run_slowly(&f, want, all);
        turn(want, all);
        for (int64_t i = 0; i < N; i++) {
            double w = (double)want[i + edge];
            if (!(fabs(y[i] - w) <= 1e-9 * fmax(1, fabs(w)))) {
                fail_msg("filter %zu, value %lld: %.17g, want %.17g", k, (long long)i,
                    y[i], w);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_corner_passes_half_the_power),
        cmocka_unit_test(responses_equal_the_published_sections),
        cmocka_unit_test(what_a_filter_cannot_do_is_told),
        cmocka_unit_test(filters_allocate_nothing_and_may_work_in_place),
        cmocka_unit_test(long_series_have_no_seams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
