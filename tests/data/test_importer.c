/* SPDX-License-Identifier: MIT */
/* The importers on small copies of the published folders, and on the real OASIS. */
#include "data/fixtures.h"

#include "data/importers/importer.h"
#include "data/importers/gaped.h"

#include <math.h>

typedef struct heard {
    int count;
    char text[1024];
} heard;

static void hear(
    void *context, mien_log_level level, const char *room, const char *text) {
    heard *h = context;
    (void)room;
    if (level == MIEN_LOG_WARN) {
        h->count++;
        strncat(h->text, text, sizeof h->text - strlen(h->text) - 2);
        strcat(h->text, "\n");
    }
}

/* Imports to output in the temporary folder and opens it. */
static mien_trials *import(
    const char *name, const char *directory, const char *output, heard *h) {
    const mien_importer *set = NULL;
    mien_trials *trials = NULL;
    const char *path = support_temp_path(output);
    *h = (heard){0};
    mien_log_set(hear, h);
    assert_good(mien_importer_find(name, &set));
    assert_good(mien_importer_run(set, directory, NULL, path));
    mien_log_set(NULL, NULL);
    assert_good(mien_trials_open(path, &trials));
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

static void oasis_groups_pictures_by_theme(void **state) {
    (void)state;
    heard h;
    mien_trials *t = import("oasis", fixture_oasis(), "oasis.tsv", &h);
    assert_int_equal(mien_trials_rows(t), 3);
    assert_string_equal(mien_trials_id(t, 0), "I1");
    assert_cell(t, 0, "person", NULL);
    assert_cell(t, 0, "stimulus", "Dog 1");
    assert_cell(t, 0, "group", "Dog");
    assert_cell(t, 0, "image", "OASIS/images/Dog 1.jpg");
    assert_cell(t, 0, "category", "Animal");
    assert_cell(t, 0, "source", "Flickr/A. Name");
    assert_cell(t, 0, "valence", "6.5");
    assert_cell(t, 0, "valence_sd", "0.5");
    assert_cell(t, 0, "valence_n", "100");
    assert_cell(t, 0, "arousal", "4.25");
    assert_cell(t, 0, "arousal_sd", "1.5");
    assert_cell(t, 0, "arousal_n", "101");
    assert_cell(t, 1, "stimulus", "Fire 10");
    assert_cell(t, 1, "group", "Fire");
    assert_cell(t, 2, "group", "Lonely");
    assert_cell(t, 2, "image", "OASIS/images/Lonely.bmp");
    assert_cell(t, 2, "source", "Wiki, pedia");
    assert_string_equal(mien_trials_target_find(t, "arousal")->n_column, "arousal_n");
    mien_trials_close(&t);
}

static void predictions_stand_beside_their_trials(void **state) {
    (void)state;
    heard h;
    mien_trials *t = import("predictions", fixture_predictions(), "second.tsv", &h);
    double value = 0;
    assert_int_equal(mien_trials_rows(t), 3);
    assert_cell(t, 0, "predicted_valence", "5.5"); /* mean over seeds */
    assert_cell(t, 0, "predicted_arousal", "4.5");
    assert_cell(t, 0, "run_fold", "0");
    assert_cell(t, 1, "predicted_valence", NULL); /* no fold held it out */
    assert_cell(t, 1, "predicted_radius", NULL);
    assert_cell(t, 2, "run_fold", "1");
    /* on -1 to 1: valence (2 - 4) / 3, arousal (4.5 - 4) / 3; left of the middle */
    assert_true(mien_parse_number(mien_trials_cell(t, 2, "predicted_angle"), &value));
    assert_near(value, 3.14159265 - atan(.25), 1e-6);
    assert_true(mien_parse_number(mien_trials_cell(t, 2, "predicted_radius"), &value));
    assert_near(value, sqrt(4 + .25) / 3, 1e-9);
    assert_cell(t, 0, "image",
        "predicted/../OASIS/images/Dog 1.jpg"); /* leads from the new table */
    mien_trials_close(&t);
}

static void bboe_joins_ratings_and_frames_by_key(void **state) {
    (void)state;
    heard h;
    mien_trials *t = import("bboe", fixture_bboe(), "bboe.tsv", &h);
    assert_int_equal(mien_trials_rows(t), 5);
    assert_string_equal(mien_trials_id(t, 0), "001/0000");
    assert_cell(t, 0, "person", "001");
    assert_cell(t, 0, "stimulus", "dog");
    assert_cell(t, 0, "session", "s1");
    /* of two frames the first by path */
    assert_cell(t, 0, "image",
        "BBOE-set/BBOE/VideoInformation/SummaryFrames/a/x/dog_early.jpg");
    assert_cell(t, 0, "valence", "0");
    assert_cell(t, 0, "valence3", "negative");
    assert_cell(
        t, 0, "features.film", "BBOE-set/BBOE/VideoInformation/Features/film.csv#1");
    assert_cell(t, 0, "features.skin", NULL); /* nobody measured 001 */
    assert_string_equal(mien_trials_id(t, 1), "001/0002");
    assert_cell(t, 1, "valence3", "neutral");
    assert_cell(t, 2, "stimulus", "fire");
    assert_cell(t, 2, "session", "s2");
    assert_cell(t, 2, "valence3", "positive");
    assert_cell(t, 3, "person", "006");
    assert_cell(
        t, 3, "features.skin", "BBOE-set/BBOE/Physiology/Participant_006/skin.csv#0");
    assert_cell(t, 4, "features.skin", NULL);
    assert_int_equal(h.count, 2);
    assert_non_null(strstr(h.text, "owl_b.mp4")); /* no picture */
    assert_non_null(strstr(h.text, "1 rows have no rating"));
    mien_trials_close(&t);
}

static void what_is_wrong_in_a_log_of_bboe_is_told(void **state) {
    (void)state;
    const mien_importer *set = NULL;
    const char *directory = fixture_bboe(), *output = support_temp_path("bad.tsv");
    mien_log_set(NULL, NULL);
    assert_good(mien_importer_find("bboe", &set));
    fixture_text("BBOE-set/BBOE/Behavioral/Participant_006/s1/NSFScannerTask.log",
        "video valence_rating\ndog_z.mp4 5\n");
    assert_fails(mien_importer_run(set, directory, NULL, output), MIEN_EFORMAT,
        "NSFScannerTask.log:2");
    fixture_text("BBOE-set/BBOE/Behavioral/Participant_006/s1/NSFScannerTask.log",
        "film valence_rating\ndog_z.mp4 4\n");
    assert_fails(mien_importer_run(set, directory, NULL, output), MIEN_EFORMAT,
        "no column \"video\"");
    assert_fails(mien_importer_run(set, support_temp(), NULL, output), MIEN_ENOTFOUND,
        "VideoInformation/SummaryFrames");
}

static void a_picture_that_is_not_here_is_left_out_and_counted(void **state) {
    (void)state;
    heard h;
    mien_trials *t = import("oasis", fixture_oasis(), "oasis2.tsv", &h);
    assert_int_equal(h.count, 1);
    assert_non_null(strstr(h.text, "1 pictures"));
    assert_non_null(strstr(h.text, "Dog 2"));
    mien_trials_close(&t);
}

static void an_importer_names_what_is_wrong_with_a_table(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
        mien_status status;
    } cases[] = {
        {",Theme,Category\n1,a,b\n", "no column \"Source\"", MIEN_EFORMAT},
        {",Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,"
         "Arousal_SD,"
         "Arousal_N\n1,Dog 1,b,c,7.5,1,1,1,1,1\n",
            "OASIS.csv:2: Valence_mean is \"7.5\"; 1 to 7", MIEN_EFORMAT},
        {",Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,"
         "Arousal_SD,"
         "Arousal_N\n1,Dog 1,b,c,,1,1,1,1,1\n",
            "Valence_mean is \"\"", MIEN_EFORMAT},
        {",Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,"
         "Arousal_SD,"
         "Arousal_N\n1,Dog 9,b,c,5,1,1,1,1,1\n",
            "none of its pictures", MIEN_ENOTFOUND},
    };
    fixture_folder("bad/images");
    fixture_bmp("bad/images/Dog 1.jpg", 8, 8, 1);
    const mien_importer *set = NULL;
    assert_good(mien_importer_find("oasis", &set));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture_text("bad/OASIS.csv", cases[i].text);
        assert_fails(mien_importer_run(set, support_temp_path("bad"), NULL,
                         support_temp_path("bad.tsv")),
            cases[i].status, cases[i].words);
        assert_false(mien_file_exists(support_temp_path("bad.tsv")));
    }
}

static void gaped_joins_tables_norms_and_deviations(void **state) {
    (void)state;
    heard h;
    mien_trials *t = import("gaped", fixture_gaped(), "gaped.tsv", &h);
    assert_int_equal(mien_trials_rows(t), 7);
    static const char *const ids[] = {
        "A001", "A002", "H012", "N010", "P005", "Sn010", "Sp036"};
    for (int i = 0; i < 7; i++) {
        assert_string_equal(mien_trials_id(t, i), ids[i]);
    }
    assert_cell(t, 0, "image", "GAPED/A/A001.bmp");
    assert_cell(t, 0, "type", "Animal mistreatment");
    assert_cell(t, 0, "valence", "2.553");
    assert_cell(t, 0, "valence_sd", "5.43");
    assert_cell(t, 0, "arousal_sd", "20.1");
    assert_cell(t, 0, "norm_internal", "12.289429");
    assert_cell(t, 0, "norm_external_sd", "2");
    assert_cell(t, 0, "split", NULL);
    assert_cell(t, 2, "norm_internal", NULL);
    assert_cell(t, 2, "norm_external", "5");
    assert_cell(t, 2, "valence_sd", NULL);
    assert_cell(t, 4, "norm_internal", NULL);
    assert_cell(t, 5, "valence", "50.25");
    assert_cell(t, 5, "arousal_sd", "6");
    static const char *const labelled[] = {"Negative", "Negative", "Negative",
        "Neutral", "Positive", "Negative", "Negative"};
    static const char *const calculated[] = {"Negative", "Negative", "Negative",
        "Neutral", "Positive", "Positive", "Negative"};
    for (int i = 0; i < 7; i++) {
        assert_cell(t, i, "category", labelled[i]);
        assert_cell(t, i, "category_calculated", calculated[i]);
    }
    assert_int_equal(h.count, 2);
    assert_non_null(strstr(h.text, "A004"));
    assert_non_null(strstr(h.text, "1 pictures are in no table"));
    assert_int_equal(mien_trials_targets(t), 4);
    assert_near(mien_trials_target_find(t, "valence")->maximum, 100, 0);
    mien_trials_close(&t);
}

static void gaped_prepared_for_training_keeps_its_split(void **state) {
    (void)state;
    heard h;
    fixture_folder("ready/train/Negative");
    fixture_folder("ready/test/Positive");
    fixture_folder("ready/Study Results");
    fixture_bmp("ready/train/Negative/H012.bmp", 8, 8, 1);
    fixture_bmp("ready/test/Positive/P005.bmp", 8, 8, 2);
    fixture_text("ready/Study Results/H.txt", "\tValence\tArousal\nH012.jpg\t14\t60\n");
    fixture_text("ready/Study Results/P.txt", "\tValence\tArousal\nP005.jpg\t90\t10\n");
    mien_trials *t = import("gaped", support_temp_path("ready"), "ready/all.tsv", &h);
    assert_int_equal(mien_trials_rows(t), 2);
    assert_cell(t, 0, "image", "train/Negative/H012.bmp");
    assert_cell(t, 0, "split", "train");
    assert_cell(t, 1, "split", "test");
    assert_int_equal(h.count, 0);
    mien_trials_close(&t);
}

static void gaped_refuses_what_cannot_be(void **state) {
    (void)state;
    const mien_importer *set = NULL;
    char out[4096]; /* the ring of paths would come round to it */
    snprintf(out, sizeof out, "%s", support_temp_path("not.tsv"));
    assert_good(mien_importer_find("gaped", &set));
    fixture_folder("not/A");
    assert_fails(mien_importer_run(set, support_temp_path("not"), NULL, out),
        MIEN_ENOTFOUND, "none of the tables");
    fixture_text("not/A.txt", "\tValence\tArousal\nA001.jpg\t5\t5\n");
    assert_fails(mien_importer_run(set, support_temp_path("not"), NULL, out),
        MIEN_ENOTFOUND, "none of the rated pictures");
    fixture_bmp("not/A/A001.bmp", 8, 8, 1);
    fixture_text("not/A.txt", "\tValence\tArousal\nA001.jpg\t5\t500\n");
    assert_fails(mien_importer_run(set, support_temp_path("not"), NULL, out),
        MIEN_EFORMAT, "A.txt:2: arousal is \"500\"");
    fixture_text("not/A.txt", "\tValence\tArousal\nA001.jpg\t5\t50\nA001.jpg\t5\t50\n");
    assert_fails(mien_importer_run(set, support_temp_path("not"), NULL, out),
        MIEN_EFORMAT, "A.txt:3: A001.jpg is rated a second time");
    fixture_text("not/A.txt", "\tArousal\nA001.jpg\t5\n");
    assert_fails(mien_importer_run(set, support_temp_path("not"), NULL, out),
        MIEN_EFORMAT, "no column \"valence\"");
}

static void a_table_with_repeated_headers_becomes_regular(void **state) {
    (void)state;
    const char *text = "\xef\xbb\xbf\tValence\t(SD)\t\tArousal \t(sd)\t\r"
                       "a.jpg\t1\t(2)\t\t3\t(4)\t\t\r"
                       "b.jpg\t1\r\r \r";
    mien_table *table = NULL;
    assert_good(mien_gaped_parse("x.txt", text, strlen(text), &table));
    assert_int_equal(mien_table_rows(table), 2);
    assert_string_equal(mien_table_name(table, 0), "file");
    assert_int_equal(mien_table_column(table, "valence sd"), 2);
    assert_string_equal(
        mien_table_cell(table, 0, mien_table_column(table, "arousal sd")), "(4)");
    assert_string_equal(mien_table_cell(table, 1, 4), "");
    mien_table_free(&table);
    const char *wide = "\tA\nb\t1\t2\n";
    assert_fails(mien_gaped_parse("x.txt", wide, strlen(wide), &table), MIEN_EFORMAT,
        "x.txt:2: more cells");
    const char *gap = "\tA\n\nb\t1\n";
    assert_fails(mien_gaped_parse("x.txt", gap, strlen(gap), &table), MIEN_EFORMAT,
        "x.txt:2: a blank line");
    assert_null(table);
}

static void an_import_needs_its_folders_and_a_good_name(void **state) {
    (void)state;
    const mien_importer *set = NULL;
    assert_fails(mien_importer_find("oasys", &set), MIEN_ENOTFOUND,
        "known: affectnet, affwild2, bboe");
    assert_good(mien_importer_find("oasis", &set));
    const char *oasis = fixture_oasis();
    assert_fails(mien_importer_run(set, oasis, NULL, "x.csv"), MIEN_EINVAL, ".tsv");
    assert_fails(mien_importer_run(set, support_temp_path("nowhere"), NULL, "x.tsv"),
        MIEN_EIO, "nowhere");
    assert_fails(
        mien_importer_run(set, oasis, NULL, support_temp_path("nowhere/x.tsv")),
        MIEN_EIO, "nowhere");
    assert_fails(mien_importer_run(set, support_temp_path("OASIS/images"), NULL,
                     support_temp_path("x.tsv")),
        MIEN_EIO, "OASIS.csv");
    assert_null(mien_importer_at(-1));
    assert_null(mien_importer_at(mien_importer_count()));
}

static void check_relative(
    const char *output, const char *directory, const char *want) {
    char *got = NULL;
    assert_good(mien_relative_directory(
        support_temp_path(output), support_temp_path(directory), &got));
    assert_string_equal(got, want);
    mien_free(got);
}

static void paths_lead_from_the_table_to_the_pictures(void **state) {
    (void)state;
    fixture_folder("r/ab/c");
    fixture_folder("r/a");
    check_relative("r/x.tsv", "r", "");
    check_relative("r/x.tsv", "r/ab/c", "ab/c");
    check_relative("r/ab/c/x.tsv", "r", "../..");
    check_relative("r/ab/x.tsv", "r/a", "../a");
    check_relative("r/a/x.tsv", "r/ab", "../ab");
}

static void a_theme_is_a_name_without_its_number(void **state) {
    (void)state;
    assert_int_equal(mien_theme_length("Dog 12"), 3);
    assert_int_equal(mien_theme_length("Dog12"), 3);
    assert_int_equal(mien_theme_length("Dog"), 3);
    assert_int_equal(mien_theme_length("Car crash 1"), 9);
    assert_int_equal(mien_theme_length("12"), 2);
    assert_int_equal(mien_theme_length(""), 0);
}

static mien_status import_again(void *context) {
    const mien_importer *const *set = context;
    mien_table *table = NULL;
    mien_value *sidecar = NULL;
    const char *directory =
        support_temp_path(*set == &mien_importer_oasis   ? "OASIS"
                          : *set == &mien_importer_gaped ? "GAPED"
                                                         : "FERPLUS");
    mien_options *options = NULL;
    mien_status status =
        (*set)->options ? mien_options_new((*set)->options, &options) : MIEN_OK;
    if (status == MIEN_OK) {
        status = (*set)->import(
            directory, support_temp_path("again.tsv"), options, &table, &sidecar);
    }
    mien_options_free(&options);
    mien_table_free(&table);
    mien_value_free(&sidecar);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    fixture_oasis();
    fixture_gaped();
    fixture_ferplus();
    const mien_importer *set = &mien_importer_oasis;
    mien_log_set(NULL, NULL);
    support_each_allocation_fails(import_again, &set, 2000);
    set = &mien_importer_gaped;
    support_each_allocation_fails(import_again, &set, 2000);
    set = &mien_importer_ferplus;
    support_each_allocation_fails(import_again, &set, 2000);
}

static void the_real_oasis_comes_in_whole(void **state) {
    (void)state;
    const char *directory = support_shared("data/oasis");
    heard h;
    mien_trials *t = import("oasis", directory, "real.tsv", &h);
    assert_int_equal(h.count, 0);
    assert_int_equal(mien_trials_rows(t), 536);
    assert_string_equal(mien_trials_id(t, 0), "I4");
    assert_cell(t, 0, "group", "Alcohol");
    assert_cell(t, 0, "valence", "4.685185185");
    assert_cell(t, 535, "stimulus", "Yoga 5");
    const char *groups[536];
    int64_t first[536], count = 0;
    for (int i = 0; i < 536; i++) {
        char *path = mien_trials_path(t, i, "image");
        assert_true(mien_file_exists(path));
        mien_free(path);
        groups[i] = mien_trials_cell(t, i, "group");
    }
    assert_good(mien_names_first(536, groups, first));
    for (int i = 0; i < 536; i++) {
        count += first[i] == i;
    }
    assert_int_equal(count, 197);
    mien_trials_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oasis_groups_pictures_by_theme),
        cmocka_unit_test(predictions_stand_beside_their_trials),
        cmocka_unit_test(bboe_joins_ratings_and_frames_by_key),
        cmocka_unit_test(what_is_wrong_in_a_log_of_bboe_is_told),
        cmocka_unit_test(a_picture_that_is_not_here_is_left_out_and_counted),
        cmocka_unit_test(an_importer_names_what_is_wrong_with_a_table),
        cmocka_unit_test(gaped_joins_tables_norms_and_deviations),
        cmocka_unit_test(gaped_prepared_for_training_keeps_its_split),
        cmocka_unit_test(gaped_refuses_what_cannot_be),
        cmocka_unit_test(a_table_with_repeated_headers_becomes_regular),
        cmocka_unit_test(an_import_needs_its_folders_and_a_good_name),
        cmocka_unit_test(paths_lead_from_the_table_to_the_pictures),
        cmocka_unit_test(a_theme_is_a_name_without_its_number),
        cmocka_unit_test(each_failing_allocation_is_reported),
        cmocka_unit_test(the_real_oasis_comes_in_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
