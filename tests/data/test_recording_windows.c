/* SPDX-License-Identifier: MIT */
/* Recordings to features: in one piece as in several, from every clock, in every unit.
 */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/recordings/recording_features.h"

/* A table of EDA (ohm) and temperature at RATE for S seconds; a response every 20 s. */
static double eda_at(double t) {
    double u = fmod(t, 20) - 3;
    return 4 + 0.3 * sin(t / 40) + (u > 0 ? 0.8 * u * exp(1 - u) : 0);
}

static const char *write_eda(
    const char *name, double rate, double seconds, double jitter) {
    const char *path = support_temp_path(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "t,gsr,temp\n");
    for (int64_t i = 0; (double)i < rate * seconds; i++) {
        double t = (double)i / rate + jitter * sin(12.9898 * (double)i) / rate;
        fprintf(file, "%.9f,%.9f,%.4f\n", t, 1e6 / eda_at(t), 30 + t / 100);
    }
    fclose(file);
    return path;
}

static mien_recording *open_eda(const char *path) {
    mien_recording *r = NULL;
    mien_recording_options o = {.columns = "time=t,GSR=gsr,unit.GSR=ohm,TEMP=temp"};
    assert_good(mien_recording_open(path, &o, &r));
    return r;
}

static void extract(const mien_recording *r, const char *name, int64_t n,
    const double *onset_s, double *values, double *share, bool *found) {
    mien_windowing w = mien_windowing_default();
    const mien_sensor *sensor = NULL;
    assert_good(mien_sensor_find(name, &sensor));
    assert_good(
        mien_recording_windows(r, sensor, &w, n, onset_s, values, share, found));
}

static void ohms_become_microsiemens(void **state) {
    (void)state;
    const double onset_s[] = {41.5, 100};
    double values[12], share[2];
    bool found = false;
    mien_recording *r = open_eda(write_eda("a.csv", 50, 120, 0));
    extract(r, "eda", 2, onset_s, values, share, &found);
    assert_true(found);
    assert_near(share[0], 1, 0);
    assert_near(share[1], 1, 0);
    /* a response of 0.8 µS rises from 43 s on, 1.5 s after the first onset */
    assert_near(values[3], 1, 0);
    assert_near(exp(values[4]) - 1, 0.8, 0.1);
    assert_near(values[5], 1.5, 0.3);
    extract(r, "temperature", 2, onset_s, values, share, &found);
    assert_near(values[0], 0.03, 1e-4); /* 3 s lie between the windows' middles */
    extract(r, "heart", 2, onset_s, values, share, &found);
    assert_false(found);
    assert_true(isnan(values[0]) && share[0] == 0);
    mien_recording_close(&r);
}

static void an_uneven_clock_gives_nearly_the_same(void **state) {
    (void)state;
    const double onset_s[] = {41.5, 61.5, 81.5};
    double even[18], uneven[18], share[3];
    bool found = false;
    mien_recording *r = open_eda(write_eda("b.csv", 50, 120, 0));
    extract(r, "eda", 3, onset_s, even, share, &found);
    mien_recording_close(&r);
    r = open_eda(write_eda("c.csv", 50, 120, 0.3));
    extract(r, "eda", 3, onset_s, uneven, share, &found);
    mien_recording_close(&r);
    for (int i = 0; i < 18; i++) {
        assert_near(uneven[i], even[i], 0.06);
    }
}

static void windows_outside_are_not_valid(void **state) {
    (void)state;
    const double onset_s[] = {-20, 118, 500};
    double values[18], share[3];
    bool found = false;
    mien_recording *r = open_eda(write_eda("d.csv", 50, 120, 0));
    extract(r, "eda", 3, onset_s, values, share, &found);
    assert_near(share[0], 0, 0);
    assert_near(share[1], 0.4, 1e-9);
    assert_near(share[2], 0, 0);
    assert_true(isnan(values[0]) && isnan(values[6]) && isnan(values[12]));
    mien_recording_close(&r);
}

/* ---- pieces ---------------------------------------------------------------- */

typedef struct sum {
    double first_s, next_s;
    int64_t count;
    double largest;
    const double *want;
} sum;

static mien_status take(void *context, const mien_sensor *sensor, int track,
    double first_s, double rate_hz, int64_t count, const double *values) {
    sum *s = context;
    (void)sensor;
    if (track != 1) {
        return MIEN_OK;
    }
    assert_true(s->count == 0 || fabs(first_s - s->next_s) < 1e-6);
    for (int64_t i = 0; i < count; i++) {
        s->largest = fmax(s->largest, fabs(values[i] - s->want[s->count + i]));
    }
    s->count += count;
    s->next_s = first_s + (double)count / rate_hz;
    return MIEN_OK;
}

/* 2^20 samples and half as many again: two pieces. The track is that of the whole. */
static void pieces_join_without_a_seam(void **state) {
    (void)state;
    enum { RATE = 1000, SECONDS = 1600 };
    int64_t n = (int64_t)RATE * SECONDS;
    char path[4096];
    snprintf(path, sizeof path, "%s", support_temp_path("long.txt"));
    FILE *file = fopen(path, "w");
    double *x = mien_alloc((size_t)n, sizeof *x), *tonic, *phasic;
    tonic = mien_alloc((size_t)n, sizeof *tonic);
    phasic = mien_alloc((size_t)n, sizeof *phasic);
    assert_true(file && x && tonic && phasic);
    fprintf(file,
        "# Simple Text Format\n# Sampling Rate (Hz):= 1000\n# Resolution:= 16\n"
        "# Labels:= EDA\n");
    for (int64_t i = 0; i < n; i++) {
        double count = rint(65536 * eda_at((double)i / RATE) * 0.132 / 3.3);
        fprintf(file, "%.0f\n", count);
        x[i] = count / 65536 / 0.132 * 3.3;
    }
    fclose(file);
    assert_good(mien_eda_clean(x, n, RATE, x));
    assert_good(mien_eda_split(x, n, RATE, tonic, phasic));
    mien_recording_options o = {.transfer = "EDA=eda"};
    mien_recording *r = NULL;
    const mien_sensor *sensor = NULL;
    const double onset_s[] = {20, 1040, 1048.6, 1590};
    double values[24], share[4];
    bool found = false;
    sum s = {.want = phasic};
    mien_windowing w = mien_windowing_default();
    w.sink = take;
    w.context = &s;
    assert_good(mien_recording_open(path, &o, &r));
    assert_good(mien_sensor_find("eda", &sensor));
    assert_good(
        mien_recording_windows(r, sensor, &w, 4, onset_s, values, share, &found));
    assert_int_equal(s.count, n);
    assert_true(s.largest < 1e-8);
    for (int k = 0; k < 4; k++) {
        double tonic_now = 0, tonic_before = 0;
        for (int i = 0; i < 5000; i++) {
            tonic_now += tonic[(int64_t)(onset_s[k] * RATE) + i] / 5000;
        }
        for (int i = 0; i < 1000; i++) {
            tonic_before += tonic[(int64_t)(onset_s[k] * RATE) - 1000 + i] / 1000;
        }
        assert_near(share[k], 1, 0);
        assert_near(values[6 * k], tonic_now - tonic_before, 1e-8);
    }
    mien_recording_close(&r);
    mien_free(phasic);
    mien_free(tonic);
    mien_free(x);
}

/* ---- units and screens
 * --------------------------------------------------------------- */

static void units_that_matter_are_asked_for(void **state) {
    (void)state;
    static const char text[] = "t,gsr,x,y\n0,1,2,3\n0.1,1,2,3\n0.2,1,2,3\n";
    const char *path = support_write("u.csv", text, sizeof text - 1);
    mien_recording *r = NULL;
    mien_recording_options o = {.columns = "time=t,gsr=gsr,x=x,y=y"};
    mien_windowing w = mien_windowing_default();
    const mien_sensor *sensor = NULL;
    double onset_s = 0, values[16], share;
    bool found;
    assert_good(mien_recording_open(path, &o, &r));
    assert_good(mien_sensor_find("eda", &sensor));
    assert_fails(
        mien_recording_windows(r, sensor, &w, 1, &onset_s, values, &share, &found),
        MIEN_EFORMAT, "the unit of gsr is not told; uS");
    assert_good(mien_sensor_find("gaze", &sensor));
    assert_fails(
        mien_recording_windows(r, sensor, &w, 1, &onset_s, values, &share, &found),
        MIEN_EFORMAT, "the unit of x");
    mien_recording_close(&r);
    o.columns = "time=t,x=x,y=y,unit.x=pixel,unit.y=pixel";
    assert_good(mien_recording_open(path, &o, &r));
    assert_fails(
        mien_recording_windows(r, sensor, &w, 1, &onset_s, values, &share, &found),
        MIEN_EINVAL, "--screen");
    mien_recording_close(&r);
}

static void a_role_may_be_named(void **state) {
    (void)state;
    const double onset_s[] = {41.5};
    double values[16], share[1];
    bool found = false;
    mien_recording *r = open_eda(write_eda("e.csv", 50, 120, 0));
    mien_windowing w = mien_windowing_default();
    const mien_sensor *sensor = NULL;
    assert_good(mien_sensor_find("temperature", &sensor));
    w.channels = "eda=x,temperature=table/GSR";
    assert_good(
        mien_recording_windows(r, sensor, &w, 1, onset_s, values, share, &found));
    assert_true(fabs(values[0]) > 100); /* ohms */
    w.channels = "temperature=nose";
    assert_fails(
        mien_recording_windows(r, sensor, &w, 1, onset_s, values, share, &found),
        MIEN_ENOTFOUND, "nose");
    mien_recording_close(&r);
}

static mien_status extract_once(void *context) {
    mien_recording *r = NULL;
    mien_recording_options o = {.columns = "time=t,GSR=gsr,unit.GSR=ohm"};
    mien_windowing w = mien_windowing_default();
    const mien_sensor *sensor = NULL;
    const double onset_s[] = {5};
    double values[8], share[1];
    bool found;
    mien_status status = mien_recording_open(context, &o, &r);
    status = status ? status : mien_sensor_find("eda", &sensor);
    status = status ? status
                    : mien_recording_windows(
                          r, sensor, &w, 1, onset_s, values, share, &found);
    mien_recording_close(&r);
    return status;
}

static void no_memory_is_an_answer(void **state) {
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s", write_eda("m.csv", 20, 30, 0));
    support_each_allocation_fails(extract_once, path, 300);
}

/* ---- doctor ---------------------------------------------------------------- */

static bool has(const mien_finding *f, int64_t n, const char *check, const char *part) {
    for (int64_t i = 0; i < n; i++) {
        if (strcmp(f[i].check, check) == 0 && strstr(f[i].text, part)) {
            return true;
        }
    }
    return false;
}

static void the_doctor_sees_flat_lines_gaps_and_losses(void **state) {
    (void)state;
    const char *path = support_temp_path("sick.csv");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "t,flat,clipped,gone,half,k\n");
    for (int i = 0; i < 6000; i++) {
        double t = i / 100.0 + (i >= 3000 ? 2 : 0), s = sin(i * 0.37);
        fprintf(file, "%.3f,%.6f,%.6f,n/a,%s,a\n", t, i >= 1000 && i < 2000 ? 0.5 : s,
            fmin(s, 0.9), i % 2 ? "1.5" : "");
    }
    fclose(file);
    mien_recording *r = NULL;
    mien_finding *f = NULL;
    int64_t n = 0;
    mien_recording_options o = {
        .columns = "time=t,flat=flat,clipped=clipped,gone=gone,half=half"};
    assert_good(mien_recording_open(path, &o, &r));
    assert_good(mien_recording_doctor(r, &f, &n));
    assert_true(has(f, n, "flat", "flat line of 10.0 s"));
    assert_true(has(f, n, "saturation", "highest value, 0.9"));
    assert_true(has(f, n, "valid", "no sample is valid"));
    assert_true(has(f, n, "valid", "50.0 %"));
    assert_true(has(f, n, "gap", "1 gaps without samples; the longest is 2.010 s"));
    mien_free(f);
    mien_recording_close(&r);
}

static void examine(const char *name, const char *text, const char *columns,
    mien_recording **r, mien_finding **f, int64_t *n) {
    const mien_recording_options o = {.columns = columns};
    const char *path = support_write(name, text, strlen(text));
    assert_good(mien_recording_open(path, columns ? &o : NULL, r));
    assert_good(mien_recording_doctor(*r, f, n));
}

/* 1000 Hz are told, 500 are there; of 40 samples ten look beside the screen. */
static void the_doctor_sees_rates_and_gaze_that_cannot_be(void **state) {
    (void)state;
    mien_string text;
    mien_recording *r = NULL;
    mien_finding *f = NULL;
    int64_t n = 0;
    mien_string_init(&text);
    mien_string_add(&text,
        "** CONVERTED FROM x.edf\nMSG\t90 DISPLAY_COORDS 0 0 1279 1023\n"
        "START\t100 \tLEFT\tSAMPLES\n"
        "SAMPLES\tGAZE\tLEFT\tRATE\t1000.00\tTRACKING\tCR\n");
    for (int i = 0; i < 40; i++) {
        mien_string_addf(
            &text, "%d\t%d\t500\t900\t...\n", 100 + 2 * i, i % 4 ? 600 + i : -50);
    }
    mien_string_add(&text, "MSG\t900 later\nEND\t200\n");
    assert_good(mien_string_status(&text));
    examine("fast.asc", text.text, NULL, &r, &f, &n);
    assert_true(
        has(f, n, "rate", "1000 Hz are told, and 40 samples in 0.078 s are 500"));
    assert_true(
        has(f, n, "outside", "25.0 % of the valid samples lie outside the screen"));
    assert_true(has(f, n, "events", "1 events lie outside the recording"));
    assert_false(has(f, n, "drift", ""));
    mien_free(f);
    mien_recording_close(&r);
    mien_string_clear(&text);
}

static void the_doctor_asks_for_units_that_matter(void **state) {
    (void)state;
    static const char text[] = "t,gsr,x,y\n0,2.6,0.5,0.5\n1,2.7,0.5,0.5\n";
    mien_recording *r = NULL;
    mien_finding *f = NULL;
    int64_t n = 0;
    examine("units.csv", text, "time=t,eda=gsr,x=x,y=y", &r, &f, &n);
    assert_true(has(f, n, "unit", "unit of eda is not told; uS (conductance) or ohm"));
    assert_true(has(f, n, "unit", "unit of x is not told; pixel"));
    mien_free(f);
    mien_recording_close(&r);
    examine("told.csv", text,
        "time=t,eda=gsr,unit.eda=uS,x=x,y=y,unit.x=screen,unit.y=screen", &r, &f, &n);
    assert_false(has(f, n, "unit", ""));
    assert_false(has(f, n, "outside", ""));
    mien_free(f);
    mien_recording_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_doctor_sees_rates_and_gaze_that_cannot_be),
        cmocka_unit_test(the_doctor_asks_for_units_that_matter),
        cmocka_unit_test(ohms_become_microsiemens),
        cmocka_unit_test(an_uneven_clock_gives_nearly_the_same),
        cmocka_unit_test(windows_outside_are_not_valid),
        cmocka_unit_test(pieces_join_without_a_seam),
        cmocka_unit_test(units_that_matter_are_asked_for),
        cmocka_unit_test(a_role_may_be_named),
        cmocka_unit_test(no_memory_is_an_answer),
        cmocka_unit_test(the_doctor_sees_flat_lines_gaps_and_losses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
