/* SPDX-License-Identifier: MIT */
/* Clocks are joined by shared events: offset and drift, and what is no line is refused.
 */
#include "support/support.h"

#include <math.h>

#include "data/recordings/clock_join.h"

enum { EVENTS = 12 };

/* Events some 20 s apart on a clock that is late by 3.25 s and 80 ppm fast. */
static void make(double *from, double *to, double jitter) {
    for (int i = 0; i < EVENTS; i++) {
        from[i] = 5 + 20 * i + 0.37 * (i % 3);
        to[i] = 3.25 + (1 + 80e-6) * from[i] + (i % 2 ? jitter : -jitter);
    }
}

static void offset_and_drift_come_back(void **state) {
    (void)state;
    double from[EVENTS], to[EVENTS];
    mien_clock_line line;
    make(from, to, 0);
    assert_good(mien_clock_join(from, to, EVENTS, 1e-6, &line));
    assert_near(line.offset_s, 3.25, 1e-9);
    assert_near(line.rate, 1 + 80e-6, 1e-12);
    assert_near(line.residual_s, 0, 1e-9);
    assert_int_equal(line.events, EVENTS);
    make(from, to, 0.002);
    assert_good(mien_clock_join(from, to, EVENTS, 0.005, &line));
    assert_near(line.offset_s, 3.25, 0.002);
    assert_near(1e6 * (line.rate - 1), 80, 10);
    assert_near(line.residual_s, 0.0022, 0.0003);
}

static void two_events_tell_no_drift(void **state) {
    (void)state;
    const double from[] = {10, 110}, to[] = {12, 112.01};
    mien_clock_line line;
    assert_good(mien_clock_join(from, to, 1, 0, &line));
    assert_near(line.offset_s, 2, 1e-12);
    assert_near(line.rate, 1, 0);
    assert_near(line.residual_s, 0, 0);
    assert_good(mien_clock_join(from, to, 2, 0.05, &line));
    assert_near(line.offset_s, 2.005, 1e-12);
    assert_near(line.rate, 1, 0);
    assert_near(line.residual_s, 0.01 / sqrt(2), 1e-9);
}

static void what_is_no_line_is_refused(void **state) {
    (void)state;
    double from[EVENTS], to[EVENTS];
    mien_clock_line line;
    make(from, to, 0);
    to[6] += 0.5; /* a clock that jumped, or another event */
    assert_fails(mien_clock_join(from, to, EVENTS, 0.05, &line), MIEN_EINVAL, "half a");
    make(from, to, 0);
    to[4] = to[3];
    assert_fails(
        mien_clock_join(from, to, EVENTS, 1, &line), MIEN_EINVAL, "shared event 5");
    assert_fails(mien_clock_join(from, to, 0, 1, &line), MIEN_EINVAL, "need a shared");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offset_and_drift_come_back),
        cmocka_unit_test(two_events_tell_no_drift),
        cmocka_unit_test(what_is_no_line_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
