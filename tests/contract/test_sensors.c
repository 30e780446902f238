/* SPDX-License-Identifier: MIT */
/* Every row of sensors.def: its names, what it does with nothing, with gaps and without
 * memory. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "mien/sensors.h"

enum { N = 6000, RATE = 250 };

static double made[3][N];
static const mien_screen screen = {1920, 1080, 53.1, 29.9, 60};

static mien_sensor_input input_of(int64_t n) {
    mien_sensor_input in = {.n = n,
        .rate_hz = RATE,
        .screen = &screen,
        .mains_hz = 50,
        .pupil_in_mm = true};
    for (int k = 0; k < 3; k++) {
        in.channel[k] = made[k];
    }
    return in;
}

/* Sharp once in 0.9 s, as a heart is. */
static double beat(double t) {
    return pow(fmax(0, sin(2 * 3.14159265 * 1.1 * t)), 31);
}

static void fill(double value) {
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < N; i++) {
            double t = (double)i / RATE;
            made[k][i] = isnan(value) ? NAN : value + beat(t) + 0.1 * sin(1.7 * t + k);
        }
    }
}

static void the_first_set_has_37_values_of_different_names(void **state) {
    (void)state;
    const char *names[64];
    int count = 0, first_set = 0;
    for (int s = 0; s < mien_sensor_count(); s++) {
        const mien_sensor *sensor = mien_sensor_at(s), *found = NULL;
        assert_good(mien_sensor_find(sensor->name, &found));
        assert_ptr_equal(found, sensor);
        assert_non_null(sensor->roles[0]);
        assert_true(strlen(sensor->summary) > 10);
        for (int k = 0; sensor->features[k]; k++) {
            assert_int_equal(
                strncmp(sensor->features[k], sensor->name, strlen(sensor->name)), 0);
            for (int other = 0; other < count; other++) {
                assert_string_not_equal(names[other], sensor->features[k]);
            }
            names[count++] = sensor->features[k];
            first_set += !sensor->on_request;
        }
    }
    assert_int_equal(first_set, 37);
    const mien_sensor *none;
    assert_fails(mien_sensor_find("nose", &none), MIEN_ENOTFOUND, "gaze, blink");
}

static void nothing_valid_gives_nothing(void **state) {
    (void)state;
    fill(NAN);
    for (int k = 0; k < mien_sensor_count(); k++) {
        mien_sensor_input in = input_of(N);
        mien_sensed *s = NULL;
        double features[MIEN_SENSOR_FEATURES_MAX], share = -1;
        const mien_sensor_window w = {1000, 1000, 2250, 750, 1000};
        assert_good(mien_sense(mien_sensor_at(k), &in, &s));
        assert_good(mien_sensed_window(s, &w, features, &share));
        assert_near(share, 0, 0);
        for (int f = 0; f < mien_sensor_features(mien_sensor_at(k)); f++) {
            assert_true(isnan(features[f]));
        }
        mien_sensed_free(&s);
    }
}

/* A gap within the window lowers the share; below one half there are no features. */
static void a_share_counts_what_was_recorded(void **state) {
    (void)state;
    for (int k = 0; k < mien_sensor_count(); k++) {
        mien_sensor_input in = input_of(N);
        mien_sensed *s = NULL;
        double features[MIEN_SENSOR_FEATURES_MAX], share = -1;
        const mien_sensor_window most = {2000, 2000, 3000, 1750, 2000};
        const mien_sensor_window little = {2000, 2000, 2400, 1750, 2000};
        const mien_sensor_window over = {N - 100, N - 100, N + 300, N - 350, N - 100};
        fill(4);
        for (int c = 0; c < 3; c++) {
            for (int i = 2000; i < 2300; i++) {
                made[c][i] = NAN;
            }
        }
        assert_good(mien_sense(mien_sensor_at(k), &in, &s));
        assert_good(mien_sensed_window(s, &most, features, &share));
        assert_near(share, 0.7, 1e-12);
        assert_true(mien_sensor_at(k)->on_request || !isnan(features[0]));
        assert_good(mien_sensed_window(s, &little, features, &share));
        assert_near(share, 0.25, 1e-12);
        assert_true(isnan(features[0]));
        assert_good(mien_sensed_window(s, &over, features, &share));
        assert_near(share, 0.25, 1e-12);
        assert_fails(mien_sensed_window(s, &(mien_sensor_window){0}, features, &share),
            MIEN_EINVAL, "no samples");
        mien_sensed_free(&s);
    }
}

static mien_status sense_once(void *context) {
    mien_sensor_input in = input_of(N);
    mien_sensed *s = NULL;
    double features[MIEN_SENSOR_FEATURES_MAX], share;
    const mien_sensor_window w = {1000, 1000, 2250, 750, 1000};
    mien_status status = mien_sense(context, &in, &s);
    status = status ? status : mien_sensed_window(s, &w, features, &share);
    mien_sensed_free(&s);
    return status;
}

static void no_memory_is_an_answer(void **state) {
    (void)state;
    fill(4);
    for (int k = 0; k < mien_sensor_count(); k++) {
        mien_sensor_input in = input_of(0);
        mien_sensed *s = NULL;
        support_each_allocation_fails(
            sense_once, (void *)(uintptr_t)mien_sensor_at(k), 400);
        assert_fails(mien_sense(mien_sensor_at(k), &in, &s), MIEN_EINVAL, "0 samples");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_set_has_37_values_of_different_names),
        cmocka_unit_test(nothing_valid_gives_nothing),
        cmocka_unit_test(a_share_counts_what_was_recorded),
        cmocka_unit_test(no_memory_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
