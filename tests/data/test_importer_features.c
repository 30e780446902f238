/* SPDX-License-Identifier: MIT */
/* Folders of arrays with a table of labels: what is found by itself, what options say,
 * and what does not fit. */
#include "data/fixtures_features.h"

static mien_status import_with(const char *settings, mien_trials **trials) {
    const mien_importer *set = NULL;
    mien_options *options = NULL;
    char directory[4096], output[4096], text[500], *next = text;
    snprintf(directory, sizeof directory, "%s", support_temp_path("FEATURES"));
    snprintf(output, sizeof output, "%s", support_temp_path("features.tsv"));
    snprintf(text, sizeof text, "%s", settings);
    remove(output);
    remove(support_temp_path("features.json"));
    assert_good(mien_importer_find("features", &set));
    assert_good(mien_options_new(set->options, &options));
    while (*next) { /* KEY=VALUE, separated by blanks */
        char *equals = strchr(next, '='), *end = next + strcspn(next, " ");
        char *after = *end ? end + 1 : end;
        *equals = *end = 0;
        assert_good(mien_options_set(options, NULL, next, equals + 1));
        next = after;
    }
    mien_status status = mien_importer_run(set, directory, options, output);
    mien_options_free(&options);
    if (status == MIEN_OK) {
        assert_good(mien_trials_open(output, trials));
    } else {
        assert_false(mien_file_exists(output));
        assert_false(mien_file_exists(support_temp_path("features.json")));
    }
    return status;
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

static void arrays_and_columns_are_found_by_themselves(void **state) {
    (void)state;
    mien_trials *t = NULL;
    fixture_features();
    assert_good(import_with("", &t));
    assert_int_equal(mien_trials_rows(t), 4);
    assert_string_equal(mien_trials_id(t, 1), "b");
    assert_cell(t, 1, "features.sound", "FEATURES/sound.h5#1");
    assert_cell(t, 3, "features.picture", "FEATURES/picture.h5#3");
    assert_cell(t, 0, "split", "train");
    assert_cell(t, 2, "split", "validation");
    assert_cell(t, 2, "valence", NULL);
    assert_cell(t, 3, "emotion", NULL);
    assert_int_equal(mien_trials_targets(t), 2);
    const mien_trials_target *emotion = mien_trials_target_find(t, "emotion");
    assert_int_equal(emotion->classes, 2);
    assert_string_equal(emotion->class_name[0], "fear");
    mien_trials_close(&t);
}

static void a_column_may_name_file_and_row(void **state) {
    (void)state;
    mien_trials *t = NULL;
    fixture_features();
    assert_good(
        import_with("file=file row=at name=mix targets=valence range=-1,2", &t));
    assert_cell(t, 0, "features.mix", "FEATURES/sound.h5#1");
    assert_cell(t, 1, "features.mix", "FEATURES/sound.h5#data:0");
    assert_cell(t, 2, "features.mix", NULL);
    assert_cell(t, 3, "features.mix", "FEATURES/picture.h5#2");
    assert_near(mien_trials_target_find(t, "valence")->maximum, 2, 0);
    mien_trials_close(&t);
    assert_good(import_with("arrays=a=sound.h5#data row=at trial=at", &t));
    assert_cell(t, 0, "features.a", "FEATURES/sound.h5#data:1");
    assert_string_equal(mien_trials_id(t, 0), "1");
    mien_trials_close(&t);
}

static void assert_refused(const char *settings, mien_status status, const char *part) {
    mien_trials *t = NULL;
    assert_fails(import_with(settings, &t), status, part);
}

static void what_does_not_fit_is_named(void **state) {
    (void)state;
    fixture_features();
    assert_refused("group=film", MIEN_EFORMAT, "no column \"film\" (group)");
    assert_refused("targets=joy", MIEN_EFORMAT, "no column \"joy\" (targets)");
    assert_refused("targets=split", MIEN_EINVAL, "\"split\" means something else");
    assert_refused("range=1", MIEN_EINVAL, "range: \"1\" is not LOW,HIGH");
    assert_refused("range=-1,0.9", MIEN_EFORMAT, "labels.csv:5: valence is \"1\"");
    assert_refused("split=emotion", MIEN_EFORMAT,
        "labels.csv:2: emotion is \"joy\": none of train");
    assert_refused("arrays=sound", MIEN_EINVAL, "\"sound\" is not NAME=FILE");
    assert_refused("arrays=a=no.h5", MIEN_EIO, "no.h5");
    assert_refused(
        "row=valence", MIEN_EFORMAT, "labels.csv:2: valence is \"0.5\": a row");
    assert_refused("labels=no.csv", MIEN_EIO, "no.csv");
    fixture_h5("FEATURES/sound.h5", "data", 3, 6, 1);
    assert_refused("", MIEN_ESHAPE, "sound.h5: 3 rows where ");
    assert_refused("arrays=a=sound.h5 row=at", MIEN_ENOTFOUND,
        "labels.csv:4: there is no row 3 in sound.h5; it has 3");
    fixture_text("FEATURES/other.csv", "x\n1\n");
    assert_refused("", MIEN_EINVAL, "labels.csv and other.csv could be the labels");
    assert_refused("labels=other.csv", MIEN_EFORMAT, "none of the columns is valence");
    fixture_text("FEATURES/other.csv", "emotion,file\njoy,no.h5\nfear,sound.h5\n");
    assert_refused("labels=other.csv file=file", MIEN_EIO, "other.csv:2: ");
    fixture_text("FEATURES/other.csv", "emotion\njoy\njoy\n");
    assert_refused("labels=other.csv", MIEN_EFORMAT, "has 1 different labels");
    remove(support_temp_path("FEATURES/other.csv"));
    remove(support_temp_path("FEATURES/sound.h5"));
    remove(support_temp_path("FEATURES/picture.h5"));
    assert_refused("", MIEN_ENOTFOUND, "no arrays");
    remove(support_temp_path("FEATURES/labels.csv"));
    assert_refused("", MIEN_ENOTFOUND, "no table of labels");
}

static void labels(const char *text) {
    fixture_features();
    fixture_text("FEATURES/labels.csv", text);
}

static void one_odd_cell_makes_no_classes(void **state) {
    (void)state;
    static const char *const cells[] = {"None", "#N/A", "-", "0.5.",
        "\xe2\x88\x92"
        "0.5"};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        char text[200], part[100];
        snprintf(text, sizeof text, "valence\n0.5\n-0.25\n%s\n1\n", cells[i]);
        snprintf(part, sizeof part,
            "labels.csv:4: column \"valence\": \"%s\" is not a number", cells[i]);
        labels(text);
        assert_refused("", MIEN_EFORMAT, part);
    }
    labels("valence;x\n0,5;1\n0,25;1\n-0,5;1\n1,0;1\n");
    assert_refused("", MIEN_EFORMAT,
        "labels.csv:2: column \"valence\": \"0,5\" is not a "
        "number (a decimal comma? numbers are written with a point), as others in this "
        "column are (decimal=comma if all");
    mien_trials *commas = NULL;
    assert_good(import_with("decimal=comma", &commas));
    assert_cell(commas, 2, "valence", "-0.5");
    mien_trials_close(&commas);
    labels("valence;x\n0,5;1\n0.25;1\n-0,5;1\n1,0;1\n");
    assert_refused("decimal=comma", MIEN_EFORMAT,
        "labels.csv:3: column \"valence\": \"0.25\" has a decimal point");
    labels("emotion\n1\njoy\n2\n3\n");
    assert_refused("", MIEN_EFORMAT, "labels.csv:3: column \"emotion\": \"joy\"");
    mien_trials *t = NULL;
    assert_good(import_with("classes=emotion", &t));
    assert_int_equal(mien_trials_target_find(t, "emotion")->classes, 4);
    mien_trials_close(&t);
}

static void few_whole_numbers_are_asked_about(void **state) {
    (void)state;
    mien_trials *t = NULL;
    labels("emotion\n0\n1\n0\n1\n");
    assert_refused(
        "", MIEN_EINVAL, "are they classes (classes=emotion) or ratings (range=");
    labels("emotion\n10\n-1\n2\n1\n");
    assert_refused("", MIEN_EINVAL, "4 different values");
    assert_good(import_with("classes=emotion", &t));
    const mien_trials_target *target = mien_trials_target_find(t, "emotion");
    assert_int_equal(target->kind, MIEN_TARGET_CLASS);
    static const char *const names[] = {"-1", "1", "2", "10"};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(target->class_name[i], names[i]);
    }
    mien_trials_close(&t);
    assert_good(import_with("range=-1,10", &t));
    assert_int_equal(mien_trials_target_find(t, "emotion")->kind, MIEN_TARGET_NUMBER);
    mien_trials_close(&t);
    labels("emotion\n0.5\n1\n0\n1\n");
    assert_good(import_with("", &t));
    assert_int_equal(mien_trials_target_find(t, "emotion")->kind, MIEN_TARGET_NUMBER);
    mien_trials_close(&t);
    assert_refused("classes=joy", MIEN_EFORMAT, "no column \"joy\" (classes)");
    labels(
        "emotion\n"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nb\nb\nb\n");
    assert_refused("", MIEN_EFORMAT, "has more than the 63 bytes that a model keeps");
    labels("emotion\n\"a\nb\"\nb\nb\nb\n");
    assert_refused("", MIEN_EFORMAT, "has a line break");
    labels("row\na\nb\nb\nb\n");
    assert_refused("targets=row", MIEN_EINVAL, "\"row\" means something else");
    labels("emotion,x\n0.5,a\n1,b\n0,a\n1,a\n");
    assert_refused("classes=x", MIEN_EINVAL, "\"x\" is none of the targets");
}

static const mien_importer *found;
static mien_status import_again(void *context) {
    return mien_importer_run(found, context, NULL, support_temp_path("again.tsv"));
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    char directory[4096];
    assert_good(mien_importer_find("features", &found));
    snprintf(directory, sizeof directory, "%s", fixture_features());
    support_each_allocation_fails(import_again, directory, 800);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_and_columns_are_found_by_themselves),
        cmocka_unit_test(a_column_may_name_file_and_row),
        cmocka_unit_test(what_does_not_fit_is_named),
        cmocka_unit_test(one_odd_cell_makes_no_classes),
        cmocka_unit_test(few_whole_numbers_are_asked_about),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
