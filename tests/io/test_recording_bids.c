/* SPDX-License-Identifier: MIT */
/* The made-up BIDS data set of /golden/gaze/bids as its expected.csv says, and its five
 * faulty files. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "mien/recordings.h"

static double expected(const char *what) {
    mien_table *t = NULL;
    double value = NAN;
    assert_good(
        mien_table_read(support_shared("golden/gaze/bids/expected.csv"), NULL, &t));
    for (int64_t i = 0; i < mien_table_rows(t); i++) {
        if (strcmp(mien_table_cell(t, i, 0), what) == 0) {
            assert_good(mien_table_number(t, i, 1, &value));
        }
    }
    mien_table_free(&t);
    assert_false(isnan(value));
    return value;
}

static int track_named(const mien_recording *r, const char *name) {
    for (int i = 0; i < mien_recording_tracks(r); i++) {
        if (strcmp(mien_recording_track(r, i)->name, name) == 0) {
            return i;
        }
    }
    fail_msg("no track %s", name);
    return -1;
}

static double onset_of(const mien_recording *r, const char *name, const char *text) {
    const mien_event *events;
    int64_t n = mien_recording_events(r, &events);
    for (int64_t i = 0; i < n; i++) {
        if (strcmp(events[i].name, name) == 0 && strcmp(events[i].text, text) == 0) {
            return events[i].onset_s;
        }
    }
    fail_msg("no event %s %s", name, text);
    return NAN;
}

#define FIRST "golden/gaze/bids/sub-01/beh/sub-01_task-view_run-1_physio.tsv.gz"

static void a_run_is_read_as_expected(void **state) {
    (void)state;
    mien_recording *r = NULL;
    mien_samples *s = NULL, *eye = NULL;
    assert_good(mien_recording_open(support_shared(FIRST), NULL, &r));
    assert_string_equal(mien_recording_format(r), "bids");
    assert_string_equal(mien_recording_person(r), "01");
    assert_int_equal(mien_recording_tracks(r), 3);
    assert_near(mien_recording_screen(r).width_px, 1920, 0);
    assert_near(mien_recording_screen(r).distance_m, 0.6, 0);
    assert_good(mien_track_load(r, track_named(r, "physio"), 10000, &s));
    const mien_track *t = mien_recording_track(r, track_named(r, "physio"));
    assert_int_equal(s->n, (int)expected("sub-01 physio rows"));
    assert_near(s->time_s[0], expected("sub-01 physio first time_s"), 1e-9);
    assert_near(s->time_s[s->n - 1], expected("sub-01 physio last time_s"), 1e-9);
    assert_string_equal(t->channel[1].name, "scr");
    assert_string_equal(t->channel[1].unit, "uS"); /* inherited */
    assert_near(s->value[1][0], expected("sub-01 scr first"), 1e-6);
    assert_good(mien_track_load(r, track_named(r, "left"), 10000, &eye));
    assert_int_equal(eye->n, (int)expected("sub-01 eye rows"));
    assert_near(eye->time_s[0], expected("sub-01 eye first time_s"), 1e-9);
    int missing = 0, valid = 0;
    double sum = 0;
    for (int64_t i = 0; i < eye->n; i++) {
        missing += isnan(eye->value[0][i]);
        valid += !isnan(eye->value[2][i]);
        sum += isnan(eye->value[2][i]) ? 0 : eye->value[2][i];
    }
    assert_int_equal(missing, (int)expected("sub-01 eye missing x"));
    assert_near(sum / valid, expected("sub-01 eye1 pupil mean of valid"), 1e-9);
    assert_near(onset_of(r, "blink", ""), expected("sub-01 blink onset_s"), 1e-9);
    assert_near(
        onset_of(r, "message", "DRIFT OK"), expected("sub-01 message onset_s"), 1e-9);
    assert_near(onset_of(r, "picture", ""), 0.24, 1e-12);
    mien_samples_free(&eye);
    mien_samples_free(&s);
    mien_recording_close(&r);
}

static void onsets_may_count_rows(void **state) {
    (void)state;
    mien_recording *r = NULL;
    assert_good(mien_recording_open(
        support_shared("golden/gaze/bids/sub-02/beh/"
                       "sub-02_task-view_run-1_recording-eye1_physio.tsv.gz"),
        NULL, &r));
    assert_near(
        onset_of(r, "message", "marker"), expected("sub-02 event marker time_s"), 1e-9);
    assert_near(
        onset_of(r, "message", "Ready"), expected("sub-02 event Ready time_s"), 1e-9);
    mien_recording_close(&r);
}

static void runs_are_listed_once(void **state) {
    (void)state;
    char **paths = NULL;
    int64_t count = 0;
    support_shared(FIRST);
    assert_good(mien_bids_runs(support_shared("golden/gaze/bids"), &paths, &count));
    assert_int_equal(count, 2 + 5);
    mien_names_free(&paths, count);
}

static void check_faulty(const char *name, const char *part) {
    char path[200];
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    snprintf(path, sizeof path, "golden/gaze/bids/faulty/%s_physio.tsv.gz", name);
    mien_status status = mien_recording_open(support_shared(path), NULL, &r);
    if (status == MIEN_OK) {
        status = mien_track_load(r, 0, 1 << 20, &s);
    }
    assert_int_equal(status, MIEN_EFORMAT);
    if (!strstr(mien_error(), part) || !strstr(mien_error(), name)) {
        fail_msg("%s: %s", name, mien_error());
    }
    mien_recording_close(&r);
}

static void faulty_files_are_refused_by_name(void **state) {
    (void)state;
    check_faulty("short_row", ":2: 1 columns; its sidecar names 2");
    check_faulty("no_columns", "no Columns");
    check_faulty("header", ":1: column cardiac: \"cardiac\" is a header");
    check_faulty("truncated", "cut off");
    check_faulty("eyetrack_order_recording-eye1", "column 1 is x_coordinate");
}

/* ---- made here ------------------------------------------------------------- */

static const char *write_gz(const char *name, const char *text) {
    const char *path = support_temp_path(name);
    gzFile file = gzopen(path, "wb");
    assert_int_equal(gzwrite(file, text, (unsigned)strlen(text)), (int)strlen(text));
    gzclose(file);
    return path;
}

static const char *write_json(const char *name, const char *text) {
    return support_write(name, text, strlen(text));
}

static void sidecars_that_contradict_each_other_are_told(void **state) {
    (void)state;
    mien_recording *r = NULL;
    const char *path = write_gz("sub-1_task-a_physio.tsv.gz", "1\n2\n");
    write_json("sub-1_physio.json",
        "{\"Columns\":[\"scr\"],\"StartTime\":0,\"SamplingFrequency\":4}");
    write_json("task-a_physio.json", "{\"SamplingFrequency\":8}");
    assert_fails(
        mien_recording_open(path, NULL, &r), MIEN_EFORMAT, "SamplingFrequency");
    write_json("task-a_physio.json", "{\"SamplingFrequency\":4}");
    assert_good(mien_recording_open(path, NULL, &r));
    mien_recording_close(&r);
}

#define EYE                                                                            \
    "\"PhysioType\":\"eyetrack\",\"StartTime\":0,\"RecordedEye\":\"left\","            \
    "\"SampleCoordinateSystem\":\"eye-in-head\",\"Columns\":[\"timestamp\","           \
    "\"x_coordinate\",\"y_coordinate\",\"pupil_size\"],\"timestamp\":{\"Units\":"      \
    "\"ms\"},"                                                                         \
    "\"x_coordinate\":{\"Units\":\"deg\"}"

static void stamps_must_fit_the_rate_and_run_on(void **state) {
    (void)state;
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    char text[2000] = "";
    for (int i = 0; i < 40; i++) {
        char row[40];
        snprintf(row, sizeof row, "%d\t1\t2\t3\n", 1000 + 4 * i);
        strcat(text, row);
    }
    const char *path = write_gz("sub-2_physio.tsv.gz", text);
    write_json("sub-2_physio.json",
        "{" EYE ",\"y_coordinate\":{\"Units\":\"deg\"},\"SamplingFrequency\":500}");
    assert_fails(mien_recording_open(path, NULL, &r), MIEN_EFORMAT, "250 Hz");
    write_json("sub-2_physio.json",
        "{" EYE ",\"y_coordinate\":{\"Units\":\"deg\"},\"SamplingFrequency\":250}");
    assert_good(mien_recording_open(path, NULL, &r));
    assert_good(mien_track_load(r, 0, 100, &s));
    assert_int_equal(s->n, 40);
    assert_near(s->time_s[39], 0.156, 1e-12);
    mien_samples_free(&s);
    assert_fails(mien_track_load(r, 0, 39, &s), MIEN_ELIMIT, "39");
    mien_recording_close(&r);
    strcat(text, "1100\t1\t2\t3\n");
    write_gz("sub-2_physio.tsv.gz", text);
    assert_good(mien_recording_open(path, NULL, &r));
    assert_fails(
        mien_track_load(r, 0, 100, &s), MIEN_EFORMAT, ":41: time runs backwards");
    mien_recording_close(&r);
}

static void units_are_asked_for_and_lost_eyes_are_missing(void **state) {
    (void)state;
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    const char *path =
        write_gz("sub-3_physio.tsv.gz", "0\t0\t0\t0\n4\tn/a\t5\t3\n8\t1e7\t5\t3\n");
    write_json("sub-3_physio.json", "{" EYE ",\"SamplingFrequency\":250}");
    assert_fails(
        mien_recording_open(path, NULL, &r), MIEN_EFORMAT, "y_coordinate.Units");
    write_json("sub-3_physio.json",
        "{" EYE ",\"y_coordinate\":{\"Units\":\"deg\"},\"SamplingFrequency\":250}");
    assert_good(mien_recording_open(path, NULL, &r));
    assert_good(mien_track_load(r, 0, 100, &s));
    assert_true(
        isnan(s->value[0][0]) && isnan(s->value[1][0]) && isnan(s->value[2][0]));
    assert_true(isnan(s->value[0][1]) && s->value[1][1] == 5 && s->value[2][1] == 3);
    assert_true(isnan(s->value[0][2]) && isnan(s->value[1][2]));
    mien_samples_free(&s);
    mien_recording_close(&r);
}

static mien_status open_once(void *context) {
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    mien_status status = mien_recording_open(context, NULL, &r);
    status = status ? status : mien_track_load(r, 0, 1000, &s);
    mien_samples_free(&s);
    mien_recording_close(&r);
    return status;
}

static void no_memory_is_an_answer(void **state) {
    (void)state;
    char path[4096];
    snprintf(
        path, sizeof path, "%s", write_gz("sub-4_physio.tsv.gz", "1\t2\n3\tn/a\n"));
    write_json("sub-4_physio.json",
        "{\"Columns\":[\"scr\",\"cardiac\"],\"StartTime\":0,\"SamplingFrequency\":4}");
    write_gz("sub-4_physioevents.tsv.gz", "1\thello\n");
    write_json("sub-4_physioevents.json",
        "{\"Columns\":[\"onset\",\"message\"],\"OnsetSource\":\"n/a\"}");
    write_json("sub-4_events.tsv", "onset\tduration\n1\t2\n");
    support_each_allocation_fails(open_once, path, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_read_as_expected),
        cmocka_unit_test(onsets_may_count_rows),
        cmocka_unit_test(runs_are_listed_once),
        cmocka_unit_test(faulty_files_are_refused_by_name),
        cmocka_unit_test(sidecars_that_contradict_each_other_are_told),
        cmocka_unit_test(stamps_must_fit_the_rate_and_run_on),
        cmocka_unit_test(units_are_asked_for_and_lost_eyes_are_missing),
        cmocka_unit_test(no_memory_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
