/* SPDX-License-Identifier: MIT */
/* Folders of pictures with tables of ratings: joined by a key cut from names, recoded,
 * and what does not fit. */
#include "data/fixtures.h"

static mien_status import_with(const char *settings, mien_trials **trials) {
    const mien_importer *set = NULL;
    mien_options *options = NULL;
    char directory[4096], output[4096], text[500], *next = text;
    snprintf(directory, sizeof directory, "%s", support_temp_path("PICTURES"));
    snprintf(output, sizeof output, "%s", support_temp_path("pictures.tsv"));
    snprintf(text, sizeof text, "%s", settings);
    remove(output);
    assert_good(mien_importer_find("pictures", &set));
    assert_good(mien_options_new(set->options, &options));
    while (*next) { /* KEY=VALUE, separated by blanks */
        char *equals = strchr(next, '='), *end = next + strcspn(next, " ");
        char *after = *end ? end + 1 : end;
        *equals = *end = 0;
        assert_good(mien_options_set(options, NULL, next, equals + 1));
        next = after;
    }
    mien_log_set(NULL, NULL);
    mien_status status = mien_importer_run(set, directory, options, output);
    mien_options_free(&options);
    return status ? status : mien_trials_open(output, trials);
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

static void rows_get_the_picture_of_their_name(void **state) {
    (void)state;
    mien_trials *t = NULL;
    fixture_pictures();
    assert_good(import_with("", &t));
    assert_int_equal(mien_trials_rows(t), 4); /* no picture of cat, no rating of bee */
    assert_cell(t, 0, "image", "PICTURES/frames/a/Dog_first.bmp");
    assert_cell(t, 0, "stimulus", "dog_first");
    assert_cell(t, 0, "person", "p1");
    assert_cell(t, 1, "image", "PICTURES/frames/b/Bee.bmp");
    assert_cell(t, 2, "group", "dog_first"); /* in the fold of the other rating of it */
    assert_cell(t, 3, "image", "PICTURES/frames/Fire_x.bmp");
    assert_string_equal(mien_trials_id(t, 2), "000002");
    mien_trials_close(&t);
}

/* As system S1 does: lower case, cut at the first "_"; the first picture by path. */
static void names_are_cut_to_keys(void **state) {
    (void)state;
    mien_trials *t = NULL;
    fixture_pictures();
    fixture_text(
        "PICTURES/ratings.csv", "video,valence\nDOG_7_x.mp4,0.5\nfire.mp4,0.25\n");
    assert_good(import_with("cut=_", &t));
    assert_cell(t, 0, "image", "PICTURES/frames/a/Dog_first.bmp");
    assert_cell(t, 0, "stimulus", "dog");
    assert_cell(t, 1, "image", "PICTURES/frames/Fire_x.bmp");
    mien_trials_close(&t);
}

static void logs_parted_by_blanks_are_put_together_and_recoded(void **state) {
    (void)state;
    mien_trials *t = NULL;
    fixture_pictures();
    fixture_text("PICTURES/s1.txt", "video valence_rating\ndog_1.mp4 0\nbee.mp4 2\n");
    fixture_text(
        "PICTURES/s2.txt", "video valence_rating\nfire_2.mp4 4\nbee.mp4 nan\n");
    assert_good(
        import_with("labels=s1.txt,s2.txt cut=_ targets=valence_rating "
                    "perspective=subjective recode=valence_rating:0..1=negative,"
                    "2=neutral,3..4=positive",
            &t));
    assert_int_equal(mien_trials_rows(t), 3);
    const mien_trials_target *target = mien_trials_target_find(t, "valence_rating");
    assert_int_equal(target->classes, 3);
    assert_string_equal(target->class_name[0], "negative");
    assert_string_equal(target->class_name[1], "neutral");
    assert_string_equal(target->perspective, "subjective");
    assert_cell(t, 0, "valence_rating", "negative");
    assert_cell(t, 2, "valence_rating", "positive");
    mien_trials_close(&t);
}

static void columns_can_be_named(void **state) {
    (void)state;
    mien_trials *t = NULL;
    fixture_pictures();
    fixture_text("PICTURES/ratings.csv", "who,what,theme,mood,part\nu1,Bee.bmp,insects,"
                                         "6,val\nu2,bee.bmp,insects,2,test\n");
    assert_good(import_with(
        "image=what person=who group=theme targets=mood range=1,7 trial=who split=part",
        &t));
    assert_cell(t, 0, "group", "insects");
    assert_cell(t, 1, "person", "u2");
    assert_string_equal(mien_trials_id(t, 1), "u2");
    assert_near(mien_trials_target_find(t, "mood")->maximum, 7, 0);
    mien_trials_close(&t);
}

static void assert_refused(const char *settings, mien_status status, const char *part) {
    mien_trials *t = NULL;
    assert_fails(import_with(settings, &t), status, part);
}

static void what_does_not_fit_is_named(void **state) {
    (void)state;
    fixture_pictures();
    assert_refused("image=x", MIEN_EFORMAT, "no column \"x\" (image)");
    assert_refused("range=-0.5,0.5", MIEN_EFORMAT, "ratings.csv:4: valence is \"1\"");
    assert_refused(
        "recode=valence:0.5=a", MIEN_EFORMAT, "for which recode has no class");
    assert_refused(
        "split=person", MIEN_EFORMAT, "ratings.csv:2: person is \"p1\": none of");
    assert_refused("labels=no.csv", MIEN_EIO, "no.csv");
    assert_refused("image=person", MIEN_ENOTFOUND, "names no picture that is in");
    fixture_text("PICTURES/other.csv", "a\n1\n");
    assert_refused("", MIEN_EINVAL, "could be the labels");
    assert_refused("labels=ratings.csv,other.csv", MIEN_EFORMAT, "1 columns where ");
    assert_refused("labels=other.csv", MIEN_EFORMAT, "say which names the pictures");
    remove(support_temp_path("PICTURES/other.csv"));
    fixture_text("PICTURES/ratings.csv", "file,valence\ncat.bmp,0.5\n");
    assert_refused("", MIEN_ENOTFOUND, "(first: cat.bmp)");
}

static const mien_importer *found;
static mien_status import_again(void *context) {
    return mien_importer_run(found, context, NULL, support_temp_path("again.tsv"));
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    char directory[4096];
    assert_good(mien_importer_find("pictures", &found));
    snprintf(directory, sizeof directory, "%s", fixture_pictures());
    support_each_allocation_fails(import_again, directory, 800);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_get_the_picture_of_their_name),
        cmocka_unit_test(names_are_cut_to_keys),
        cmocka_unit_test(logs_parted_by_blanks_are_put_together_and_recoded),
        cmocka_unit_test(columns_can_be_named),
        cmocka_unit_test(what_does_not_fit_is_named),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
