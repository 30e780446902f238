/* SPDX-License-Identifier: MIT */
/* Windows of four events against /golden/gaze/trials/window_features.csv, and of the
 * gaze against /golden/gaze/gaze. */
#include "signal/goldens.h"

#include "mien/sensors.h"

enum { RATE = 100 };

static const int64_t onsets[] = {1024, 4957, 9224, 12984};

static void sense(const char *name, const char *column, const golden *data,
    int64_t event, double *features) {
    const mien_sensor *sensor = NULL;
    mien_sensed *s = NULL;
    double share = 0;
    mien_sensor_input in = {.n = data->n,
        .rate_hz = RATE,
        .channel = {golden_column(data, column)},
        .mains_hz = 50};
    const mien_sensor_window w = {event, event, event + 5 * RATE, event - RATE, event};
    assert_good(mien_sensor_find(name, &sensor));
    assert_good(mien_sense(sensor, &in, &s));
    assert_good(mien_sensed_window(s, &w, features, &share));
    assert_near(share, 1, 0);
    mien_sensed_free(&s);
}

static void windows_of_events_are_those_of_the_golden(void **state) {
    (void)state;
    golden data, want;
    double f[MIEN_SENSOR_FEATURES_MAX];
    golden_read(
        &data, support_shared("data/signals/bio_eventrelated_100hz.csv"), false);
    golden_read(&want, support_shared("golden/gaze/trials/window_features.csv"), false);
    for (int k = 0; k < 4; k++) {
        static const char *const skin[] = {"eda_tonic_change", "eda_phasic_max_change",
            "eda_phasic_mean_change", "scr_count", "scr_first_log1p",
            "scr_first_latency_s"};
        static const char *const heart[] = {
            "hr_baseline", "hr_mean_change", "hr_min_change", "hr_max_change"};
        sense("eda", "EDA", &data, onsets[k], f);
        for (int i = 0; i < 6; i++) {
            assert_relative(f[i], golden_column(&want, skin[i])[k], 1e-6, 1e-3);
        }
        sense("heart", "ECG", &data, onsets[k], f);
        for (int i = 0; i < 4; i++) {
            assert_relative(f[i], golden_column(&want, heart[i])[k], 1e-6, 1e-3);
        }
        sense("respiration", "RSP", &data, onsets[k], f);
        assert_relative(f[1], golden_column(&want, "resp_rate_change")[k], 1e-6, 1e-3);
    }
    golden_clear(&want);
    golden_clear(&data);
}

static void gaze_and_blinks_of_a_window_are_those_of_the_golden(void **state) {
    (void)state;
    static const mien_screen screen = {1920, 1080, 53.1, 29.9, 60};
    static const struct {
        int index;
        const char *name;
        double factor;
    } wanted[] = {{0, "fixation_rate_hz", 1}, {1, "fixation_mean_ms", 1e3},
        {2, "fixation_sd_ms", 1e3}, {3, "fixation_max_ms", 1e3},
        {4, "fixation_share", 1}, {5, "saccade_amplitude_mean_deg", 1},
        {6, "saccade_amplitude_sd_deg", 1}, {8, "scanpath_length_deg", 1},
        {9, "spread_rms_deg", 1}, {10, "centre_bias_deg", 1},
        {11, "entropy_stationary_bits_8x5", 1}, {12, "entropy_transition_bits_8x5", 1}};
    golden data, want;
    mien_sensed *s = NULL;
    const mien_sensor *sensor = NULL;
    double f[MIEN_SENSOR_FEATURES_MAX], share = 0;
    const mien_sensor_window w = {1000, 1000, 2250, 875, 1000};
    golden_read(&data, support_shared("golden/gaze/gaze/synthetic_250hz.csv"), false);
    golden_read(
        &want, support_shared("golden/gaze/gaze/features_window_4_9s.csv"), false);
    mien_sensor_input in = {.n = data.n,
        .rate_hz = 250,
        .channel = {golden_column(&data, "x_px"), golden_column(&data, "y_px")},
        .screen = &screen};
    assert_good(mien_sensor_find("gaze", &sensor));
    assert_good(mien_sense(sensor, &in, &s));
    assert_good(mien_sensed_window(s, &w, f, &share));
    assert_relative(share, golden_value(&want, "valid_share"), 1e-12, 0);
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
        assert_relative(f[wanted[k].index] * wanted[k].factor,
            golden_value(&want, wanted[k].name), 1e-6, 1e-6);
    }
    assert_true(isnan(f[13])); /* no map is given */
    mien_sensed_free(&s);
    assert_good(mien_sensor_find("blink", &sensor));
    assert_good(mien_sense(sensor, &in, &s));
    assert_good(mien_sensed_window(s, &w, f, &share));
    assert_near(f[0], 1 / 5.0, 1e-12);
    assert_near(share, 1, 0);
    mien_sensed_free(&s);
    golden_clear(&want);
    golden_clear(&data);
}

static void a_map_is_scored_by_where_eyes_rest(void **state) {
    (void)state;
    static const mien_screen screen = {40, 20, 40, 20, 60};
    static double x[500], y[500];
    const mien_sensor *sensor = NULL;
    mien_sensed *s = NULL;
    double f[MIEN_SENSOR_FEATURES_MAX], share = 0;
    const double map[] = {0, 0, 0, 4};
    const mien_sensor_window w = {0, 0, 500, 0, 0};
    for (int i = 0; i < 500; i++) {
        x[i] = 30;
        y[i] = 15;
    }
    mien_sensor_input in = {.n = 500,
        .rate_hz = 250,
        .channel = {x, y},
        .screen = &screen,
        .map = map,
        .map_height = 2,
        .map_width = 2};
    assert_good(mien_sensor_find("gaze", &sensor));
    assert_good(mien_sense(sensor, &in, &s));
    assert_good(mien_sensed_window(s, &w, f, &share));
    assert_near(f[13], 3 / sqrt(3), 1e-12); /* (4 − 1) over the SD of 0 0 0 4 */
    mien_sensed_free(&s);
    in.screen = NULL;
    assert_fails(mien_sense(sensor, &in, &s), MIEN_EINVAL, "gaze: the screen");
}

/* Five minutes at rest: the one missed beat, which alone makes RMSSD 76.5 ms, is
 * corrected (38.8 ms), and the pulse wave says the same as the ECG. */
static void variability_needs_half_a_minute(void **state) {
    (void)state;
    golden data;
    const mien_sensor *sensor = NULL;
    double ecg[MIEN_SENSOR_FEATURES_MAX], ppg[MIEN_SENSOR_FEATURES_MAX], share = 0;
    golden_read(
        &data, support_shared("data/signals/bio_resting_5min_100hz.csv"), false);
    assert_good(mien_sensor_find("hrv", &sensor));
    for (int pulse = 0; pulse < 2; pulse++) {
        mien_sensed *s = NULL;
        mien_sensor_input in = {.n = data.n, .rate_hz = RATE, .mains_hz = 50};
        in.channel[pulse] = golden_column(&data, pulse ? "PPG" : "ECG");
        const mien_sensor_window whole = {0, 0, data.n, 0, 0};
        const mien_sensor_window enough = {3000, 3000, 6000, 3000, 3000};
        const mien_sensor_window few = {3000, 3000, 5900, 3000, 3000};
        double features[MIEN_SENSOR_FEATURES_MAX];
        assert_good(mien_sense(sensor, &in, &s));
        assert_good(mien_sensed_window(s, &whole, pulse ? ppg : ecg, &share));
        assert_good(mien_sensed_window(s, &enough, features, &share));
        for (int k = 0; k < mien_sensor_features(sensor); k++) {
            assert_false(isnan(features[k]));
        }
        assert_near(share, 1, 0);
        assert_good(mien_sensed_window(s, &few, features, &share));
        for (int k = 0; k < mien_sensor_features(sensor); k++) {
            assert_true(isnan(features[k]));
        }
        mien_sensed_free(&s);
    }
    assert_near(ecg[2], 38.8, 0.1);
    assert_near(ppg[2], ecg[2], 3);
    assert_near(ecg[0], ppg[0], 1);
    golden_clear(&data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_of_events_are_those_of_the_golden),
        cmocka_unit_test(gaze_and_blinks_of_a_window_are_those_of_the_golden),
        cmocka_unit_test(a_map_is_scored_by_where_eyes_rest),
        cmocka_unit_test(variability_needs_half_a_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
