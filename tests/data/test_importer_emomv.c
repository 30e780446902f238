/* SPDX-License-Identifier: MIT */
/* EmoMV: clips, pairs and groups on a small copy and on the real one; wrong files are
 * named. */
#include "data/fixtures_features.h"

#include "data/importers/emomv.h"

static const mien_importer *emomv(void) {
    const mien_importer *set = NULL;
    mien_log_set(NULL, NULL);
    assert_good(mien_importer_find("emomv", &set));
    return set;
}

static mien_trials *import(const char *directory) {
    mien_trials *trials = NULL;
    const char *output = support_temp_path("emomv.tsv");
    assert_good(mien_importer_run(emomv(), directory, NULL, output));
    assert_good(mien_trials_open(output, &trials));
    return trials;
}

static void assert_cell(
    const mien_trials *t, int64_t row, const char *column, const char *want) {
    const char *got = mien_trials_cell(t, row, column);
    if (!got || !want) {
        assert_true(got == want);
    } else {
        assert_string_equal(got, want);
    }
}

static void assert_source(const char *name, const char *emotion, const char *want) {
    const char *start;
    size_t length = mien_emomv_source(name, strlen(name), emotion, &start);
    assert_int_equal(length, strlen(want));
    assert_memory_equal(start, want, length);
}

static void clips_are_traced_to_their_video(void **state) {
    (void)state;
    assert_source("fear_LLT_FEAR(4)-5-of-9", "fear", "LLT_FEAR(4)");
    assert_source("exciting_gn9Tn2-Tt0Q_000090_000120", "exciting", "gn9Tn2-Tt0Q");
    assert_source("relax_35", "relax", "35");
    assert_source("Relax_35", "relax", "35");
    assert_source("relax_35", "sad", "relax_35");
    assert_source("-efZL0rijvc", "sad", "-efZL0rijvc");
    assert_source("a-of-9", "sad", "a-of-9");
    assert_source("-1-of-9", "sad", "-1-of-9");
    assert_source("x_000090_00012", "sad", "x_000090_00012");
    assert_source("000090_000120", "sad", "000090_000120");
    assert_source("sad_", "sad", "sad_");
    assert_source("", "sad", "");
}

static void rows_tell_sound_and_picture(void **state) {
    (void)state;
    mien_trials *t = import(fixture_emomv());
    assert_int_equal(mien_trials_rows(t), 8);
    assert_string_equal(
        mien_trials_id(t, 0), "DS1_TRAIN_MATCH_MISMATCH/exciting_A(1)-1-of-3");
    assert_cell(t, 0, "emotion", "exciting");
    assert_cell(t, 0, "match", "match");
    assert_cell(t, 0, "set", "A");
    assert_cell(t, 0, "split", "train");
    assert_cell(t, 2, "emotion", NULL);
    assert_cell(t, 2, "picture_emotion", "exciting");
    assert_cell(t, 2, "sound_emotion", "fear");
    assert_cell(t, 2, "match", "mismatch");
    assert_cell(t, 2, "picture_video", "A/A(1)");
    assert_cell(t, 2, "sound_video", "A/C(2)");
    assert_cell(t, 2, "features.vggish", "EmoMV/VGGish_DS1_TRAIN_MATCH_MISMATCH.h5#2");
    assert_cell(t, 4, "split", "validation");
    assert_cell(t, 6, "set", "C");
    assert_cell(t, 6, "split", "test");
    assert_cell(t, 6, "features.slowfast", NULL);
    assert_cell(t, 7, "picture_emotion", "calm");
    const mien_trials_target *emotion = mien_trials_target_find(t, "emotion");
    assert_int_equal(emotion->classes, 3);
    assert_string_equal(emotion->class_name[2], "calm");
    assert_null(mien_value_get(mien_trials_sidecar(t), "notes"));
    assert_non_null(
        strstr(mien_value_text(mien_value_get(mien_trials_sidecar(t), "citation")),
            "correspondence learning datasets for classification"));
    mien_trials_close(&t);
}

static void the_three_sets_may_write_emotions_in_other_letters(void **state) {
    (void)state;
    const char *directory = fixture_emomv();
    fixture_text("EmoMV/DS3_VAL_MATCH_MISMATCH_labels.csv",
        "x/,Exciting_a,1,Exciting,Exciting,0,0\nx/,b,1,FEAR,FEAR,1,1\n");
    mien_trials *t = import(directory);
    assert_int_equal(mien_trials_rows(t), 10);
    assert_int_equal(mien_trials_target_find(t, "emotion")->classes, 3);
    assert_string_equal(
        mien_trials_target_find(t, "emotion")->class_name[0], "exciting");
    assert_cell(t, 8, "emotion", "exciting");
    assert_cell(t, 8, "picture_video", "C/a");
    assert_cell(t, 9, "emotion", "fear");
    mien_trials_close(&t);
    remove(support_temp_path("EmoMV/DS3_VAL_MATCH_MISMATCH_labels.csv"));
}

static void groups_hold_what_hangs_together(void **state) {
    (void)state;
    mien_trials *t = import(fixture_emomv());
    /* A(1) and C(2) by their pair; the segments of A(1) by their video */
    assert_cell(t, 0, "group", "A/A(1)");
    assert_cell(t, 2, "group", "A/A(1)");
    assert_cell(t, 3, "group", "A/A(1)");
    assert_cell(t, 1, "group", "A/B(1)");
    assert_cell(t, 4, "group", "A/D(4)");
    assert_cell(t, 7, "group", "C/pRocSOAAp14");
    mien_trials_close(&t);
}

static void the_same_sound_under_two_names_is_one_group_and_a_leak(void **state) {
    (void)state;
    const char *directory = fixture_emomv();
    fixture_h5("EmoMV/VGGish_DS1_VAL_MATCH_MISMATCH.h5", "data", 2, 6, 1);
    mien_trials *t = import(directory);
    assert_cell(t, 4, "group", "A/A(1)");
    assert_cell(t, 5, "group", "A/B(1)");
    const char *note = mien_value_text(
        mien_value_at(mien_value_get(mien_trials_sidecar(t), "notes"), 0));
    assert_non_null(note);
    assert_non_null(strstr(note, "2 of 4 groups have clips on several sides"));
    mien_trials_close(&t);
}

static void assert_refused(mien_status status, const char *part) {
    const char *output = support_temp_path("refused.tsv");
    assert_fails(mien_importer_run(emomv(), support_temp_path("EmoMV"), NULL, output),
        status, part);
    assert_false(mien_file_exists(output));
    assert_false(mien_file_exists(support_temp_path("refused.json")));
}

static void assert_label_refused(const char *line, const char *part) {
    char text[300] = "x/,sad_A,1,sad,sad,3,3\n";
    strcat(text, line);
    fixture_text("EmoMV/DS1_VAL_MATCH_MISMATCH_labels.csv", text);
    assert_refused(MIEN_EFORMAT, part);
}

static void wrong_labels_are_named_by_line(void **state) {
    (void)state;
    fixture_emomv();
#define FILE_2 "DS1_VAL_MATCH_MISMATCH_labels.csv:2: "
    assert_label_refused("x/,sad_B,2,sad,sad,3,3\n", FILE_2 "column 3 is \"2\"");
    assert_label_refused(
        "x/,sad_B,0,sad,sad,3,3\n", FILE_2 "column 3 is \"0\": the two");
    assert_label_refused(
        "x/,sad_B,1,sad,fear,3,1\n", FILE_2 "column 3 is \"1\": the two");
    assert_label_refused("x/,sad_B,1,sad,sad,1,1\n", FILE_2 "emotion 1 is \"sad\"");
    assert_label_refused("x/,sad_B,1,joy,joy,3,3\n", FILE_2 "emotion 3 is \"joy\"");
    assert_label_refused("x/,sad_B,1,sad,sad,x,3\n", FILE_2 "column 6 is \"x\"");
    assert_label_refused("x/,sad_B,1,,sad,3,3\n", FILE_2 "column 4 is \"\"");
    assert_label_refused("x/,sad_B,1,sad,sad,32,3\n", FILE_2 "column 6 is \"32\"");
    assert_label_refused("x/,sad_B,0,sad,fear,3,1\n", FILE_2 "column 2 is \"sad_B\"");
    assert_label_refused(
        "x/,a_PAIR_b,1,sad,sad,3,3\n", FILE_2 "column 2 is \"a_PAIR_b\"");
    assert_label_refused("x/,sad_A,1,sad,sad,3,3\n", FILE_2 "column 2 is \"sad_A\"");
    assert_label_refused("x/,sad_B,1\n", FILE_2 "3 cells");
    fixture_text("EmoMV/DS1_VAL_MATCH_MISMATCH_labels.csv", "a,b\n");
    assert_refused(MIEN_EFORMAT, "2 columns; the labels of EmoMV have 7");
}

static void wrong_files_are_named(void **state) {
    (void)state;
    fixture_emomv();
    fixture_h5("EmoMV/VGGish_DS1_VAL_MATCH_MISMATCH.h5", "data", 3, 6, 2);
    assert_refused(MIEN_ESHAPE, "VGGish_DS1_VAL_MATCH_MISMATCH.h5: 3 rows where ");
    fixture_h5("EmoMV/VGGish_DS1_VAL_MATCH_MISMATCH.h5", "data", 2, 7, 2);
    assert_refused(MIEN_ESHAPE, "7 values a row where the other files have 6");
    fixture_text("EmoMV/VGGish_DS1_VAL_MATCH_MISMATCH.h5", "no");
    assert_refused(MIEN_EFORMAT, "VGGish_DS1_VAL_MATCH_MISMATCH.h5");
    fixture_emomv();
    fixture_text("EmoMV/DS1_ALL_labels.csv", "");
    assert_refused(MIEN_EFORMAT, "DS1_ALL_labels.csv: the name does not say the split");
    assert_good(mien_directory_make(support_temp_path("empty")));
    assert_fails(mien_importer_run(emomv(), support_temp_path("empty"), NULL,
                     support_temp_path("refused.tsv")),
        MIEN_ENOTFOUND, "no labels of EmoMV");
    remove(support_temp_path("EmoMV/DS1_ALL_labels.csv"));
}

static const mien_importer *found;
static mien_status import_again(void *context) {
    return mien_importer_run(found, context, NULL, support_temp_path("again.tsv"));
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    char directory[4096]; /* support_temp_path() lends its answers for a while only */
    found = emomv();
    snprintf(directory, sizeof directory, "%s", fixture_emomv());
    support_each_allocation_fails(import_again, directory, 800);
}

static void the_published_sets_are_read(void **state) {
    (void)state;
    mien_trials *t = import(support_shared("data/emomv"));
    assert_int_equal(mien_trials_rows(t), 4110 + 556 + 248 + 496 + 120);
    const mien_trials_target *emotion = mien_trials_target_find(t, "emotion");
    assert_int_equal(emotion->classes, 5);
    assert_string_equal(emotion->class_name[2], "tense");
    const char *note = mien_value_text(
        mien_value_at(mien_value_get(mien_trials_sidecar(t), "notes"), 0));
    assert_non_null(strstr(note, "180 of 3322 groups"));
    mien_trials_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clips_are_traced_to_their_video),
        cmocka_unit_test(rows_tell_sound_and_picture),
        cmocka_unit_test(the_three_sets_may_write_emotions_in_other_letters),
        cmocka_unit_test(groups_hold_what_hangs_together),
        cmocka_unit_test(the_same_sound_under_two_names_is_one_group_and_a_leak),
        cmocka_unit_test(wrong_labels_are_named_by_line),
        cmocka_unit_test(wrong_files_are_named),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_published_sets_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
