/* SPDX-License-Identifier: MIT */
/* Films in segments: every layout of features, every form of ratings, and whatever does
 * not fit together named by film, file and row. */
#include "data/fixtures_features.h"

#include "data/importers/film.h"

static const mien_importer *cognimuse(void) {
    const mien_importer *set = NULL;
    mien_log_set(NULL, NULL);
    assert_good(mien_importer_find("cognimuse", &set));
    return set;
}

static void assert_cell(
    const mien_trials *t, int64_t row, const char *column, const char *want) {
    const char *got = mien_trials_cell(t, row, column);
    assert_non_null(got);
    assert_string_equal(got, want);
}

static void films_are_cut_into_segments(void **state) {
    (void)state;
    mien_trials *t = NULL;
    const char *directory = fixture_cognimuse();
    const char *output = support_temp_path("films.tsv");
    assert_good(mien_importer_run(cognimuse(), directory, NULL, output));
    assert_good(mien_trials_open(output, &t));
    assert_int_equal(mien_trials_rows(t), 5);
    assert_string_equal(mien_trials_id(t, 0), "BMI/0000");
    assert_cell(t, 2, "group", "BMI");
    assert_cell(t, 2, "start_s", "10");
    assert_cell(t, 2, "end_s", "15");
    assert_cell(t, 0, "valence", "0.125"); /* the mean of 0 to 4, over 16 */
    assert_cell(t, 1, "valence", "0.4375");
    assert_cell(t, 1, "arousal", "0.25");
    assert_cell(t, 2, "arousal", "-0.5");
    assert_cell(t, 2, "features.vggish", "COGNIMUSE/BMI.h5#vggish:2");
    assert_cell(t, 4, "valence", "0.5");
    assert_cell(t, 4, "features.vggish", "COGNIMUSE/LOR_vggish.h5#1");
    assert_cell(t, 4, "features.i3d", "COGNIMUSE/i3d/LOR.h5#1");
    assert_int_equal(mien_table_column(mien_trials_table(t), "features.resnet50"), -1);
    mien_trials_close(&t);
}

static void assert_import_refused(mien_status status, const char *part) {
    const char *output = support_temp_path("refused.tsv");
    assert_fails(
        mien_importer_run(cognimuse(), support_temp_path("COGNIMUSE"), NULL, output),
        status, part);
    assert_false(mien_file_exists(output));
    assert_false(mien_file_exists(support_temp_path("refused.json")));
}

static void features_that_do_not_fit_are_named(void **state) {
    (void)state;
    fixture_cognimuse();
    fixture_h5("COGNIMUSE/LOR_vggish.h5", "default", 3, 6, 1);
    assert_import_refused(MIEN_ESHAPE, "film LOR: ");
    assert_import_refused(
        MIEN_ESHAPE, "LOR_vggish.h5 has 3 rows where i3d/LOR.h5 has 2");
    fixture_cognimuse();
    fixture_h5("COGNIMUSE/LOR_vggish.h5", "default", 2, 7, 1);
    assert_import_refused(MIEN_ESHAPE,
        "film LOR: LOR_vggish.h5 has 7 values a row where other films have 6");
    fixture_cognimuse();
    fixture_text("COGNIMUSE/labels/GLA.csv", "valence,arousal\n0,0\n");
    assert_import_refused(MIEN_ENOTFOUND, "film GLA: it has ratings");
    remove(support_temp_path("COGNIMUSE/labels/GLA.csv"));
    fixture_text("COGNIMUSE/labels/LOR.tsv", "valence\tarousal\n0\t0\n1\t1\n0\t0\n");
    assert_import_refused(MIEN_ESHAPE, "film LOR: its features have 2 rows where ");
    assert_import_refused(MIEN_ESHAPE, "labels/LOR.tsv rates 3 segments");
    remove(support_temp_path("COGNIMUSE/labels/LOR.tsv"));
    remove(support_temp_path("COGNIMUSE/labels/BMI.csv"));
    assert_import_refused(MIEN_ENOTFOUND, "no ratings");
    fixture_cognimuse();
}

static const mien_film_label_options five = {
    .segment_s = 5, .minimum = -1, .maximum = 1};

static mien_status read_labels(
    const char *text, double rate, mien_film_labels *labels) {
    mien_film_label_options options = five;
    options.rate_hz = rate;
    *labels = (mien_film_labels){0};
    fixture_text("labels.csv", text);
    return mien_film_labels_read(support_temp_path("labels.csv"), &options, labels);
}

static void assert_labels_refused(const char *text, const char *part) {
    mien_film_labels labels;
    assert_fails(read_labels(text, 0, &labels), MIEN_EFORMAT, part);
    mien_film_labels_clear(&labels);
}

static void labels_at_25_hz_are_averaged(void **state) {
    (void)state;
    mien_film_labels labels;
    char text[20000] = "valence,arousal\n";
    for (int i = 0; i < 300; i++) { /* 12 s: two segments and a part */
        snprintf(text + strlen(text), 40, "%d,%g\n", i < 125 ? 1 : -1, i % 2 / 2.0);
    }
    assert_good(read_labels(text, 25, &labels));
    assert_int_equal(labels.count, 3);
    assert_int_equal(labels.whole, 2);
    assert_near(labels.mean[0][0], 1, 0);
    assert_near(labels.mean[1][0], -1, 0);
    assert_near(labels.mean[0][1], 62 / 125.0 / 2, 1e-12);
    assert_near(labels.start_s[2], 10, 0);
    mien_film_labels_clear(&labels);
    assert_good(read_labels(
        "time_ms,Val,Aro\n0,1,0\n4960,0,0\n5000,0,1\n9960,0,1\n", 0, &labels));
    assert_int_equal(labels.count, 2);
    assert_near(labels.mean[0][0], 0.5, 0);
    assert_near(labels.mean[1][1], 1, 0);
    mien_film_labels_clear(&labels);
    assert_good(read_labels("segment,valence,arousal\n1,1,0\n2,0,0\n", 0, &labels));
    assert_int_equal(labels.whole, 2);
    assert_near(labels.start_s[2], 10, 0);
    mien_film_labels_clear(&labels);
}

static void wrong_labels_are_named_by_line(void **state) {
    (void)state;
    assert_labels_refused("time,valence\n0,1\n", "no column \"arousal\"");
    assert_labels_refused(
        "valence,arousal\n0,1.5\n", "labels.csv:2: arousal is \"1.5\"");
    assert_labels_refused("valence,arousal\n0,0\nn/a,0\n", "labels.csv:3: valence is");
    assert_labels_refused("valence,arousal\n0,0\nx,0\n", "labels.csv:3: column");
    assert_labels_refused("valence,arousal\n", "no rows");
    assert_labels_refused("time,valence,arousal\n0,0,0\n2,0,0\n2,0,0\n",
        "labels.csv:4: the time is not after");
    assert_labels_refused("time,valence,arousal\n-1,0,0\n", "the time is below 0");
    assert_labels_refused("time,valence,arousal\n6,0,0\n", "a whole segment before");
    assert_labels_refused("time,valence,arousal\n4,0,0\n11,0,0\n",
        "labels.csv:3: a whole segment before");
    assert_labels_refused("time,valence,arousal\n0,0,0\n,0,0\n", "time is missing");
    assert_labels_refused("start_s,end_s,valence,arousal\n0,5,0,0\n6,11,0,0\n",
        "labels.csv:3: there is a gap");
    assert_labels_refused("start_s,end_s,valence,arousal\n0,5,0,0\n4,9,0,0\n",
        "labels.csv:3: this segment overlaps");
    assert_labels_refused(
        "start_s,end_s,valence,arousal\n1,5,0,0\n", "does not begin at 0");
    assert_labels_refused(
        "start_s,end_s,valence,arousal\n0,0,0,0\n", "does not end after");
    assert_labels_refused("segment,valence,arousal\n0,0,0\n2,0,0\n", "a gap");
    assert_labels_refused("segment,valence,arousal\n0,0,0\n0,0,0\n", "overlaps");
    assert_labels_refused("segment,valence,arousal\n7,0,0\n", "counted from 0 or 1");
}

static const mien_importer *found;
static mien_status import_again(void *context) {
    return mien_importer_run(found, context, NULL, support_temp_path("again.tsv"));
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    char directory[4096];
    found = cognimuse();
    snprintf(directory, sizeof directory, "%s", fixture_cognimuse());
    support_each_allocation_fails(import_again, directory, 800);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(films_are_cut_into_segments),
        cmocka_unit_test(features_that_do_not_fit_are_named),
        cmocka_unit_test(labels_at_25_hz_are_averaged),
        cmocka_unit_test(wrong_labels_are_named_by_line),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
