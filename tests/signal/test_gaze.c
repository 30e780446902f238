/* SPDX-License-Identifier: MIT */
/* Gaze against /golden/gaze/gaze: a recording of 250 Hz with planted fixations, two
 * blinks and a long gap. */
#include "signal/goldens.h"

#include "mien/gaze.h"
#include "mien/physiology.h"

#define GOLDEN(name) support_shared("golden/gaze/gaze/" name ".csv")

enum { N = 3000, RATE = 250 };

static const mien_screen screen = {1920, 1080, 53.1, 29.9, 60};

typedef struct recording {
    golden table;
    const double *x, *y;
    double deg_x[N], deg_y[N], vx[N], vy[N], pupil[N], filled[N];
    mien_spans fixations;
} recording;

static recording r;

static void open_recording(void) {
    memset(&r, 0, sizeof r);
    golden_read(&r.table, GOLDEN("synthetic_250hz"), false);
    assert_int_equal(r.table.n, N);
    r.x = golden_column(&r.table, "x_px");
    r.y = golden_column(&r.table, "y_px");
    mien_gaze_degrees(r.x, N, 1920, 53.1, 60, r.deg_x);
    mien_gaze_degrees(r.y, N, 1080, 29.9, 60, r.deg_y);
    mien_gaze_velocity(r.deg_x, N, RATE, MIEN_VELOCITY_FIVE_POINT, r.vx);
    mien_gaze_velocity(r.deg_y, N, RATE, MIEN_VELOCITY_FIVE_POINT, r.vy);
    assert_good(mien_fixations_by_velocity(r.vx, r.vy, N, RATE, 30, 0.1, &r.fixations));
}

static void close_recording(void) {
    mien_spans_clear(&r.fixations);
    golden_clear(&r.table);
}

static void degrees_and_velocities_are_exact(void **state) {
    (void)state;
    static const struct {
        const char *name;
        mien_velocity method;
    } methods[] = {{"preceding", MIEN_VELOCITY_PRECEDING},
        {"neighbors", MIEN_VELOCITY_NEIGHBOURS},
        {"fivepoint", MIEN_VELOCITY_FIVE_POINT},
        {"savitzky_golay", MIEN_VELOCITY_SAVGOL}};
    golden g;
    static double v[N];
    open_recording();
    golden_read(&g, GOLDEN("velocity"), false);
    for (int64_t k = 0; k < g.n; k++) {
        int64_t i = (int64_t)g.value[0][k];
        assert_relative(r.deg_x[i], golden_column(&g, "x_deg")[k], 1e-9, 1e-2);
        assert_relative(r.deg_y[i], golden_column(&g, "y_deg")[k], 1e-9, 1e-2);
    }
    for (int m = 0; m < 8; m++) {
        char name[64];
        snprintf(name, sizeof name, "%s_%c", methods[m / 2].name, "xy"[m % 2]);
        mien_gaze_velocity(
            m % 2 ? r.deg_y : r.deg_x, N, RATE, methods[m / 2].method, v);
        for (int64_t k = 0; k < g.n; k++) {
            assert_relative(
                v[(int64_t)g.value[0][k]], golden_column(&g, name)[k], 1e-9, 1);
        }
    }
    golden_clear(&g);
    close_recording();
}

static void assert_fixations(const char *path, const mien_spans *spans) {
    golden g;
    golden_read(&g, path, false);
    assert_int_equal(spans->count, g.n);
    for (int64_t k = 0; k < g.n; k++) {
        mien_span s = spans->items[k];
        mien_fixation px = mien_fixation_measure(r.x, r.y, RATE, s);
        mien_fixation deg = mien_fixation_measure(r.deg_x, r.deg_y, RATE, s);
        assert_int_equal(s.onset, (int64_t)golden_column(&g, "onset")[k]);
        assert_int_equal(s.offset, (int64_t)golden_column(&g, "offset")[k]);
        assert_relative(
            px.duration_s * 1000, golden_column(&g, "duration_ms")[k], 1e-6, 0);
        assert_relative(px.x, golden_column(&g, "x_px")[k], 1e-6, 0);
        assert_relative(px.y, golden_column(&g, "y_px")[k], 1e-6, 0);
        assert_relative(deg.x, golden_column(&g, "x_deg")[k], 1e-6, 0);
        assert_relative(deg.y, golden_column(&g, "y_deg")[k], 1e-6, 0);
        assert_relative(
            deg.dispersion, golden_column(&g, "dispersion_deg")[k], 1e-6, 0);
    }
    golden_clear(&g);
}

static void fixations_are_found_both_ways(void **state) {
    (void)state;
    mien_spans by_dispersion = {0};
    open_recording();
    assert_fixations(GOLDEN("fixations_ivt"), &r.fixations);
    assert_good(mien_fixations_by_dispersion(
        r.deg_x, r.deg_y, N, RATE, 1, 0.1, &by_dispersion));
    assert_fixations(GOLDEN("fixations_idt"), &by_dispersion);
    mien_spans_clear(&by_dispersion);
    close_recording();
}

static void assert_saccades(const char *path, const mien_spans *spans) {
    golden g;
    golden_read(&g, path, false);
    assert_int_equal(spans->count, g.n);
    for (int64_t k = 0; k < g.n; k++) {
        mien_saccade s =
            mien_saccade_measure(r.deg_x, r.deg_y, r.vx, r.vy, RATE, spans->items[k]);
        assert_int_equal(spans->items[k].onset, (int64_t)golden_column(&g, "onset")[k]);
        assert_int_equal(
            spans->items[k].offset, (int64_t)golden_column(&g, "offset")[k]);
        assert_relative(
            s.duration_s * 1000, golden_column(&g, "duration_ms")[k], 1e-6, 0);
        assert_relative(s.amplitude, golden_column(&g, "amplitude_deg")[k], 1e-6, 0);
        assert_relative(
            s.peak_velocity, golden_column(&g, "peak_velocity_deg_s")[k], 1e-6, 0);
        assert_relative(
            s.direction_deg, golden_column(&g, "direction_deg")[k], 1e-6, 0);
    }
    golden_clear(&g);
}

static void saccades_of_lids_are_told_from_those_of_eyes(void **state) {
    (void)state;
    mien_spans s = {0};
    double sigma[2];
    open_recording();
    assert_good(mien_saccades_engbert_kliegl(r.vx, r.vy, N, RATE, 6, 0.006, sigma, &s));
    assert_relative(sigma[0], 1.78764293606, 1e-9, 0);
    assert_relative(sigma[1], 2.03524914168, 1e-9, 0);
    assert_saccades(GOLDEN("saccades_ek"), &s);
    assert_good(mien_saccades_drop_lids(r.x, N, RATE, 0.04, &s));
    assert_saccades(GOLDEN("saccades_ek_clean"), &s);
    assert_fails(mien_saccades_engbert_kliegl(r.vx, r.vy, N, 120, 6, 0.006, sigma, &s),
        MIEN_EUNSUPPORTED, "120 Hz");
    mien_spans_clear(&s);
    close_recording();
}

static void clean_pupil(double *masked) {
    static double left[N], right[N];
    const double *valid = golden_column(&r.table, "valid");
    for (int i = 0; i < N; i++) {
        left[i] = valid[i] > 0 ? golden_column(&r.table, "left_mm")[i] : NAN;
        right[i] = golden_column(&r.table, "right_mm")[i];
    }
    mien_pupil_join(left, right, N, NULL, r.pupil);
    assert_good(mien_pupil_clean(r.pupil, N, RATE, NULL, masked, r.filled));
}

static void pupils_are_masked_and_filled(void **state) {
    (void)state;
    static double masked[N];
    golden g;
    open_recording();
    clean_pupil(masked);
    golden_read(&g, GOLDEN("pupil"), false);
    for (int64_t k = 0; k < g.n; k++) {
        int64_t i = (int64_t)g.value[0][k];
        assert_relative(r.pupil[i], golden_column(&g, "raw_mm")[k], 1e-9, 0);
        assert_relative(masked[i], golden_column(&g, "masked_mm")[k], 1e-9, 0);
        assert_relative(r.filled[i], golden_column(&g, "filled_mm")[k], 1e-9, 0);
    }
    golden_clear(&g);
    close_recording();
}

static double mean_of(const double *x, int from, int to, double *share, double *most) {
    double sum = 0, largest = -INFINITY;
    int n = 0;
    for (int i = from; i < to; i++) {
        if (!isnan(x[i])) {
            sum += x[i];
            largest = fmax(largest, x[i]);
            n++;
        }
    }
    *share = (double)n / (to - from);
    *most = largest;
    return sum / n;
}

static void a_window_is_described(void **state) {
    (void)state;
    static double masked[N];
    static unsigned char lost[N];
    golden g;
    mien_gaze_features f;
    mien_spans blinks = {0};
    double share, most;
    open_recording();
    clean_pupil(masked);
    golden_read(&g, GOLDEN("features_window_4_9s"), false);
    assert_good(mien_gaze_window(
        r.deg_x, r.deg_y, r.x, r.y, RATE, &screen, &r.fixations, 1000, 2250, &f));
    double base = mean_of(r.filled, 875, 1000, &share, &most);
    double mean = mean_of(r.filled, 1000, 2250, &share, &most);
    int inside = 0;
    for (int i = 0; i < N; i++) {
        lost[i] = golden_column(&r.table, "valid")[i] == 0;
    }
    assert_good(mien_blinks_find(lost, N, RATE, 0.05, 0.5, &blinks));
    for (int64_t k = 0; k < blinks.count; k++) {
        inside += blinks.items[k].onset >= 1000 && blinks.items[k].offset < 2250;
    }
    const struct {
        const char *name;
        double value;
    } figures[] = {{"fixation_count", (double)f.fixations},
        {"fixation_rate_hz", f.fixation_rate_hz},
        {"fixation_mean_ms", 1000 * f.fixation_mean_s},
        {"fixation_sd_ms", 1000 * f.fixation_sd_s},
        {"fixation_max_ms", 1000 * f.fixation_max_s},
        {"fixation_share", f.fixation_share},
        {"saccade_amplitude_mean_deg", f.saccade_amplitude_mean},
        {"saccade_amplitude_sd_deg", f.saccade_amplitude_sd},
        {"scanpath_length_deg", f.scanpath_length}, {"spread_rms_deg", f.spread_rms},
        {"bcea68_deg2", f.bcea68}, {"centre_bias_deg", f.centre_distance},
        {"entropy_stationary_bits_8x5", f.entropy},
        {"entropy_stationary_by_duration_bits_8x5", f.entropy_by_duration},
        {"entropy_transition_bits_8x5", f.entropy_transition},
        {"pupil_baseline_mm", base}, {"pupil_mean_change_mm", mean - base},
        {"pupil_max_change_mm", most - base}, {"pupil_valid_share", share},
        {"blink_count", inside}};
    for (size_t k = 0; k < sizeof figures / sizeof *figures; k++) {
        assert_relative(
            figures[k].value, golden_value(&g, figures[k].name), 1e-6, 1e-3);
    }
    mien_spans_clear(&blinks);
    golden_clear(&g);
    close_recording();
}

static void areas_of_interest_are_counted(void **state) {
    (void)state;
    static const mien_aoi areas[] = {{0, 0, 960, 1080}, {1300, 150, 1700, 950}};
    golden g;
    open_recording();
    golden_read(&g, GOLDEN("aoi"), false);
    for (int k = 0; k < 2; k++) {
        mien_aoi_visits v = mien_aoi_measure(r.x, r.y, RATE, &r.fixations, areas[k]);
        assert_int_equal(v.fixations, (int)golden_column(&g, "fixations")[k]);
        assert_int_equal(v.visits, (int)golden_column(&g, "visits")[k]);
        assert_relative(v.dwell_s * 1000, golden_column(&g, "dwell_ms")[k], 1e-6, 0);
        assert_relative(v.first_s * 1000, golden_column(&g, "first_ms")[k], 1e-6, 0);
    }
    golden_clear(&g);
    close_recording();
}

/* ---- maps ------------------------------------------------------------------ */

enum { HIGH = 30, WIDE = 40 };

static void read_map(const char *path, double *map) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int i = 0; i < HIGH * WIDE; i++) {
        assert_int_equal(fscanf(file, i % WIDE ? ",%lf" : "%lf", &map[i]), 1);
    }
    fclose(file);
}

static void saliency_is_scored(void **state) {
    (void)state;
    static const int places[][2] = {{12, 9}, {14, 10}, {30, 21}, {28, 19}, {13, 8},
        {20, 14}, {5, 25}, {29, 20}, {12, 9}};
    static const int64_t others[] = {15 * WIDE + 20, 14 * WIDE + 19, 15 * WIDE + 21,
        9 * WIDE + 13, 18 * WIDE + 30, 16 * WIDE + 18, 13 * WIDE + 22};
    double map[HIGH * WIDE], want[HIGH * WIDE],
        counts[HIGH * WIDE] = {0}, density[HIGH * WIDE], shuffled;
    mien_saliency s;
    golden g;
    read_map(GOLDEN("saliency_map_30x40"), map);
    read_map(GOLDEN("density_30x40"), want);
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        counts[places[k][1] * WIDE + places[k][0]] += 1;
    }
    memcpy(density, counts, sizeof density);
    assert_good(mien_map_blur(density, HIGH, WIDE, 2));
    for (int i = 0; i < HIGH * WIDE; i++) {
        assert_relative(density[i], want[i], 1e-6, 1e-9);
    }
    assert_good(mien_saliency_score(map, counts, density, HIGH, WIDE, &s));
    assert_good(
        mien_saliency_shuffled_auc(map, counts, HIGH * WIDE, others, 7, &shuffled));
    golden_read(&g, GOLDEN("saliency_scores"), false);
    assert_relative(s.nss, golden_value(&g, "NSS"), 1e-6, 0);
    assert_relative(s.nss_counted, golden_value(&g, "NSS_repeats_counted"), 1e-6, 0);
    assert_relative(s.cc, golden_value(&g, "CC"), 1e-6, 0);
    assert_relative(s.sim, golden_value(&g, "SIM"), 1e-6, 0);
    assert_relative(s.kl, golden_value(&g, "KL_nats"), 1e-6, 0);
    assert_relative(s.auc_judd, golden_value(&g, "AUC_Judd"), 1e-6, 0);
    assert_relative(s.auc_rank, golden_value(&g, "AUC_rank"), 1e-6, 0);
    assert_relative(shuffled, golden_value(&g, "AUC_shuffled_rank"), 1e-6, 0);
    assert_relative(s.information_gain, golden_value(&g, "IG_bits_centre"), 1e-6, 0);
    golden_clear(&g);
}

static void what_cannot_be_scored_is_told(void **state) {
    (void)state;
    double map[4] = {1, 1, 1, 1}, none[4] = {0}, one[4] = {0, 1, 0, 0};
    int64_t far = 4;
    mien_saliency s;
    double auc;
    assert_fails(mien_saliency_score(one, none, one, 2, 2, &s), MIEN_EINVAL, "no fix");
    assert_fails(mien_saliency_score(map, one, one, 2, 2, &s), MIEN_EINVAL, "same");
    assert_fails(
        mien_saliency_shuffled_auc(one, one, 4, &far, 1, &auc), MIEN_EINVAL, "cell 4");
    assert_fails(mien_map_blur(map, 2, 2, 0), MIEN_EINVAL, "blur");
}

/* ---- an uneven clock ------------------------------------------------------- */

static void an_uneven_clock_becomes_even(void **state) {
    (void)state;
    golden in, want;
    golden_read(&in, GOLDEN("resample_input"), false);
    golden_read(&want, GOLDEN("resample_100hz"), false);
    double *out = mien_alloc((size_t)want.n, sizeof *out);
    for (int64_t i = 0; i < in.n; i++) {
        in.value[0][i] /= 1000;
        in.value[1][i] = in.value[2][i] > 0 ? in.value[1][i] : NAN;
    }
    mien_series_resample(
        in.value[0], in.value[1], in.n, 0.1 + 1e-12, 0, 100, want.n, out);
    for (int64_t i = 0; i < want.n; i++) {
        assert_relative(out[i], want.value[1][i], 1e-6, 0.1);
    }
    mien_free(out);
    golden_clear(&want);
    golden_clear(&in);
}

static void fixations_that_a_flicker_parts_are_joined(void **state) {
    (void)state;
    double x[100] = {0}, y[100] = {0};
    mien_spans s = {0};
    assert_good(mien_spans_add(&s, 0, 29));
    assert_good(mien_spans_add(&s, 36, 60));
    assert_good(mien_spans_add(&s, 80, 99));
    assert_good(mien_fixations_join(x, y, 100, 0.075, 0.5, &s));
    assert_int_equal(s.count, 2);
    assert_int_equal(s.items[0].offset, 60);
    x[90] = 20; /* the mean moves by one degree */
    s.items[1].onset = 67;
    assert_good(mien_fixations_join(x, y, 100, 0.075, 0.5, &s));
    assert_int_equal(s.count, 2);
    mien_spans_clear(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(degrees_and_velocities_are_exact),
        cmocka_unit_test(fixations_are_found_both_ways),
        cmocka_unit_test(saccades_of_lids_are_told_from_those_of_eyes),
        cmocka_unit_test(pupils_are_masked_and_filled),
        cmocka_unit_test(a_window_is_described),
        cmocka_unit_test(areas_of_interest_are_counted),
        cmocka_unit_test(saliency_is_scored),
        cmocka_unit_test(what_cannot_be_scored_is_told),
        cmocka_unit_test(an_uneven_clock_becomes_even),
        cmocka_unit_test(fixations_that_a_flicker_parts_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
