/* SPDX-License-Identifier: MIT */
/* What is written as BIDS is read back as it was, and twice the same. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/recordings.h"

static mien_recording *open_path(const char *path) {
    mien_recording *r = NULL;
    assert_good(mien_recording_open(path, NULL, &r));
    return r;
}

static void write_to(const mien_recording *r, const char *root) {
    static const char *const persons[] = {"a1"};
    char path[4096];
    snprintf(path, sizeof path, "%s", support_temp_path(root));
    const mien_bids_writing w = {
        .root = path, .person = "a-1", .task = "view", .run = 2};
    assert_good(mien_bids_write(r, &w));
    assert_good(mien_bids_describe(path, "test", 1, persons));
}

static const char asc[] = "** CONVERTED FROM x.edf\n"
                          "START\t100 \tRIGHT\tSAMPLES\tEVENTS\nPUPIL\tDIAMETER\n"
                          "SAMPLES\tGAZE\tRIGHT\tRATE\t 500.00\tTRACKING\tCR\n"
                          "MSG\t99 DISPLAY_COORDS 0 0 1279 1023\n"
                          "100\t1.5\t2.25\t300.0\t...\n102\t.\t.\t0.0\t...\n"
                          "MSG\t103 hello there\n104\t3\t4\t301\t...\n"
                          "EFIX R\t100\t104\t4\t2\t3\t300\nEND\t106 \tSAMPLES\n";

static void gaze_comes_back(void **state) {
    (void)state;
    mien_samples *s = NULL;
    const mien_event *events;
    mien_recording *r = open_path(support_write("a.asc", asc, sizeof asc - 1));
    write_to(r, "one");
    write_to(r, "two");
    mien_recording_close(&r);
    r = open_path(
        support_temp_path("one/sub-a1/beh/sub-a1_task-view_run-2_physio.tsv.gz"));
    assert_string_equal(mien_recording_person(r), "a1");
    const mien_track *t = mien_recording_track(r, 0);
    assert_string_equal(t->channel[0].name, "x_coordinate");
    assert_string_equal(t->channel[2].unit, "diameter a.u.");
    assert_string_equal(t->name, "right");
    assert_near(t->rate_hz, 500, 0);
    assert_near(mien_recording_screen(r).width_px, 1280, 0);
    assert_good(mien_track_load(r, 0, 10, &s));
    assert_int_equal(s->n, 3);
    assert_near(s->time_s[2], 0.004, 1e-9);
    assert_near(s->value[1][0], 2.25, 0);
    assert_true(isnan(s->value[0][1]) && isnan(s->value[2][1]));
    assert_int_equal(mien_recording_events(r, &events), 2);
    assert_string_equal(events[0].name, "fixation");
    assert_near(events[0].duration_s, 0.004, 1e-12);
    assert_string_equal(events[1].text, "hello there");
    mien_samples_free(&s);
    mien_recording_close(&r);
    char hash[2][65];
    for (int k = 0; k < 2; k++) {
        assert_good(mien_sha256_file(
            support_temp_path(
                k ? "two/sub-a1/beh/sub-a1_task-view_run-2_physio.tsv.gz"
                  : "one/sub-a1/beh/sub-a1_task-view_run-2_physio.tsv.gz"),
            hash[k]));
    }
    assert_string_equal(hash[0], hash[1]);
}

static void bodies_come_back_at_their_rates(void **state) {
    (void)state;
    mien_recording *r = open_path(support_shared("data/physio_files/empatica_e4"));
    mien_samples *a = NULL, *b = NULL;
    mien_log_set(NULL, NULL);
    write_to(r, "e4");
    assert_good(mien_track_load(r, 1, 1 << 20, &a));
    mien_recording_close(&r);
    r = open_path(support_temp_path(
        "e4/sub-a1/beh/sub-a1_task-view_run-2_recording-EDA_physio.tsv.gz"));
    assert_int_equal(mien_recording_tracks(r), 5); /* IBI has no rate */
    for (int k = 0; k < 5; k++) {
        if (strcmp(mien_recording_track(r, k)->name, "BVP") == 0) {
            assert_near(mien_recording_track(r, k)->rate_hz, 64, 0);
            assert_string_equal(mien_recording_track(r, k)->channel[0].unit, "a.u.");
            assert_good(mien_track_load(r, k, 1 << 20, &b));
        }
    }
    assert_int_equal(a->n, b->n);
    for (int64_t i = 0; i < a->n; i++) {
        assert_near(b->value[0][i], a->value[0][i], 0);
        assert_near(b->time_s[i], a->time_s[i], 1e-9);
    }
    mien_samples_free(&a);
    mien_samples_free(&b);
    mien_recording_close(&r);
}

static void names_must_have_letters(void **state) {
    (void)state;
    mien_recording *r = open_path(support_write("a.asc", asc, sizeof asc - 1));
    const mien_bids_writing w = {
        .root = support_temp_path("x"), .person = "--", .task = "view", .run = 1};
    assert_fails(mien_bids_write(r, &w), MIEN_EINVAL, "letters and digits");
    mien_recording_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaze_comes_back),
        cmocka_unit_test(bodies_come_back_at_their_rates),
        cmocka_unit_test(names_must_have_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
