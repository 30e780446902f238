/* SPDX-License-Identifier: MIT */
/* EmoEye's cutter against /golden/gaze/trials/emoeye_raw, and what its files must be
 * like. */
#include "data/fixtures.h"

#include <math.h>

#include "data/importers/emoeye.h"

#define RAW "golden/gaze/trials/emoeye_raw/"

static void epochs_are_cut_as_expected(void **state) {
    (void)state;
    mien_emoeye_cut *cuts = NULL;
    mien_table *want = NULL;
    int64_t count = 0;
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", support_temp_path("cut"));
    assert_good(mien_table_read(support_shared(RAW "expected.csv"), NULL, &want));
    assert_good(mien_emoeye_cut_file(support_shared(RAW "User 0_all_gaze.csv"),
        support_shared(RAW "subject-0.csv"), folder, &cuts, &count));
    assert_int_equal(count, mien_table_rows(want));
    for (int64_t k = 0; k < count; k++) {
        double value[5];
        mien_epoch epoch;
        char path[4200];
        assert_string_equal(cuts[k].file, mien_table_cell(want, k, 1));
        for (int c = 0; c < 5; c++) {
            assert_good(mien_table_number(want, k, 2 + c, &value[c]));
        }
        assert_near(cuts[k].onset_s, value[0], 1e-6);
        assert_int_equal(cuts[k].first_row, (int64_t)value[1]);
        assert_int_equal(cuts[k].last_row, (int64_t)value[2]);
        assert_near(cuts[k].first_s, value[3], 1e-9);
        assert_near(cuts[k].last_s, value[4], 1e-9);
        snprintf(path, sizeof path, "%s/%s", folder, cuts[k].file);
        assert_good(mien_epoch_read(path, &epoch));
        assert_near(epoch.time_s[0], value[3], 1e-9);
        assert_near(epoch.time_s[300], value[4], 1e-9);
    }
    mien_table_free(&want);
    mien_free(cuts);
}

/* ---- made here
 * ----------------------------------------------------------------------- */

static const char *write_gaze(int rows, const char *start) {
    static char text[64 * 1024];
    int at = snprintf(text, sizeof text, "MEDIA_ID,TIME(%s),FPOGX\n", start);
    for (int i = 0; i < rows; i++) {
        at += snprintf(text + at, sizeof text - (size_t)at, "0,%.3f,0.5\n", 0.016 * i);
    }
    return support_write("gaze.csv", text, (size_t)at);
}

static const char *write_log(const char *rows) {
    static char text[2048];
    snprintf(text, sizeof text,
        "Image;start_time_system;time_Images;form_response\nx;x;0;n/a\n%s", rows);
    return support_write("log.csv", text, strlen(text));
}

#define SHOWN "a/dog 7.jpg;31/01/23 12:00:00.250;500;"

static void a_recording_that_ends_too_early_is_refused(void **state) {
    (void)state;
    mien_emoeye_cut *cuts = NULL;
    int64_t count = 0;
    const char *log = write_log(SHOWN "4\n" SHOWN "6\n");
    const char *gaze = write_gaze(340, "2023/01/31 12:00:00.250");
    assert_good(mien_emoeye_cut_file(gaze, log, NULL, &cuts, &count));
    assert_int_equal(count, 1);
    /* 0.500 s is row 31.25, and the row must come after */
    assert_int_equal(cuts[0].first_row, 32);
    mien_free(cuts);
    gaze = write_gaze(332, "2023/01/31 12:00:00.250");
    assert_fails(mien_emoeye_cut_file(gaze, log, NULL, &cuts, &count), MIEN_EFORMAT,
        "ends 1 rows too early for the epoch 0_dog 7_4_6.csv");
}

static void an_onset_on_a_row_takes_the_next(void **state) {
    (void)state;
    mien_emoeye_cut *cuts = NULL;
    int64_t count = 0;
    const char *log = write_log("a/b.jpg;31/01/23 12:00:00.250;480;1\nx;x;0;7\n");
    assert_good(mien_emoeye_cut_file(
        write_gaze(400, "2023/01/31 12:00:00.250"), log, NULL, &cuts, &count));
    assert_int_equal(cuts[0].first_row, 31); /* row 30 is at 0.480 s itself */
    mien_free(cuts);
}

static void clocks_and_answers_are_checked(void **state) {
    (void)state;
    mien_emoeye_cut *cuts = NULL;
    int64_t count = 0;
    const char *gaze = write_gaze(400, "2023/01/31 11:40:00.250");
    const char *log = write_log(SHOWN "4\n" SHOWN "6\n");
    assert_fails(mien_emoeye_cut_file(gaze, log, NULL, &cuts, &count), MIEN_EFORMAT,
        "1200 s after");
    gaze = write_gaze(400, "2023/01/31 12:00:00.250");
    log = write_log(SHOWN "4\n" SHOWN "8\n");
    assert_fails(mien_emoeye_cut_file(gaze, log, NULL, &cuts, &count), MIEN_EFORMAT,
        "log.csv:4: form_response is \"8\"");
    log = write_log("a;yesterday;500;4\na;x;5;6\n");
    assert_fails(mien_emoeye_cut_file(gaze, log, NULL, &cuts, &count), MIEN_EFORMAT,
        "yesterday");
    gaze = write_gaze(400, "noon");
    assert_fails(mien_emoeye_cut_file(gaze, log, NULL, &cuts, &count), MIEN_EFORMAT,
        "when it began");
}

static void names_hold_the_ratings(void **state) {
    (void)state;
    mien_emoeye_name n;
    assert_good(mien_emoeye_name_parse("epochs/0/12_a_b 7_4_6.csv", &n));
    assert_int_equal(n.sequence, 12);
    assert_string_equal(n.image, "a_b 7");
    assert_int_equal(n.arousal, 4);
    assert_int_equal(n.valence, 6);
    static const char *const bad[] = {"dog.csv", "0_dog_4.csv", "0_dog_4_8.csv",
        "0_dog_0_1.csv", "x_dog_1_1.csv", "0_dog_1_1.txt", "0__1_1.csv", "_4_6.csv"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (i != 6) { /* an empty image name is left to the pictures */
            assert_fails(mien_emoeye_name_parse(bad[i], &n), MIEN_EFORMAT, "AROUSAL");
        }
    }
}

static void an_epoch_of_other_length_is_refused_by_name(void **state) {
    (void)state;
    mien_epoch e;
    fixture_epoch("300.csv", 300);
    assert_fails(mien_epoch_read(support_temp_path("300.csv"), &e), MIEN_EFORMAT,
        "300.csv: an epoch of 300 rows; 301");
    fixture_epoch("302.csv", 302);
    assert_fails(
        mien_epoch_read(support_temp_path("302.csv"), &e), MIEN_EFORMAT, "302 rows");
    fixture_epoch("301.csv", 301);
    assert_good(mien_epoch_read(support_temp_path("301.csv"), &e));
    assert_int_equal(e.gaze_valid[7], 0);
    assert_int_equal(e.gaze_valid[8], 1);
    assert_near(e.gsr_ohm[300], 250300, 0);
    assert_fails(mien_epoch_read(support_write("x.csv", "TIME,a\n1,2\n", 11), &e),
        MIEN_EFORMAT, "1 rows");
}

static mien_status read_once(void *context) {
    mien_epoch *e = mien_alloc(1, sizeof *e);
    mien_status status = e ? mien_epoch_read(context, e) : MIEN_ENOMEM;
    mien_free(e);
    return status;
}

static void no_memory_is_an_answer(void **state) {
    (void)state;
    char path[4096];
    fixture_epoch("301.csv", 301);
    snprintf(path, sizeof path, "%s", support_temp_path("301.csv"));
    support_each_allocation_fails(read_once, path, 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epochs_are_cut_as_expected),
        cmocka_unit_test(a_recording_that_ends_too_early_is_refused),
        cmocka_unit_test(an_onset_on_a_row_takes_the_next),
        cmocka_unit_test(clocks_and_answers_are_checked),
        cmocka_unit_test(names_hold_the_ratings),
        cmocka_unit_test(an_epoch_of_other_length_is_refused_by_name),
        cmocka_unit_test(no_memory_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
