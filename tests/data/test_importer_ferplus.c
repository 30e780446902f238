/* SPDX-License-Identifier: MIT */
/* FER+: the published rule on votes, the importer on a small copy, and the real one. */
#include "data/fixtures.h"

#include "data/importers/ferplus.h"

#include <math.h>

static void check(const int votes[MIEN_FERPLUS_VOTES], int label, bool shared,
    const double want[MIEN_FERPLUS_CLASSES]) {
    double shares[MIEN_FERPLUS_CLASSES] = {-1};
    assert_int_equal(mien_ferplus_label(votes), label);
    assert_int_equal(mien_ferplus_shares(votes, shares), shared);
    for (int c = 0; shared && c < MIEN_FERPLUS_CLASSES; c++) {
        assert_near(shares[c], want[c], 1e-15);
    }
    assert_true(shared || shares[0] == -1);
}

static void votes_follow_the_published_rule(void **state) {
    (void)state;
    /* single votes go: 6 of 8 are more than half and three quarters */
    check((int[]){6, 0, 1, 1, 0, 0, 0, 0, 2, 0}, 0, true,
        (double[]){1, 0, 0, 0, 0, 0, 0, 0});
    /* no majority; two equal leaders hold three quarters */
    check((int[]){3, 0, 0, 3, 1, 0, 2, 0, 1, 0}, -1, true,
        (double[]){0.5, 0, 0, 0.5, 0, 0, 0, 0});
    /* the two leaders hold 7 of 9 */
    check((int[]){4, 3, 2, 0, 1, 0, 0, 0, 0, 0}, -1, true,
        (double[]){4.0 / 7, 3.0 / 7, 0, 0, 0, 0, 0, 0});
    /* "unknown" ends the taking, what was taken before stays */
    check((int[]){5, 0, 0, 0, 0, 0, 0, 0, 4, 1}, 0, true,
        (double[]){1, 0, 0, 0, 0, 0, 0, 0});
    /* … unless that is half or less */
    check((int[]){4, 0, 0, 0, 0, 0, 0, 0, 4, 2}, -1, false, NULL);
    /* more than three equals */
    check((int[]){2, 2, 2, 2, 2, 0, 0, 0, 0, 0}, -1, false, NULL);
    /* not a face */
    check((int[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 10}, -1, false, NULL);
    check((int[]){0, 2, 0, 0, 0, 0, 0, 0, 8, 0}, -1, false, NULL);
    /* nothing but single votes */
    check((int[]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, -1, false, NULL);
}

static mien_trials *import(const char *directory, const char *output) {
    const mien_importer *set = NULL;
    mien_trials *trials = NULL;
    mien_log_set(NULL, NULL);
    assert_good(mien_importer_find("ferplus", &set));
    assert_good(mien_importer_run(set, directory, NULL, support_temp_path(output)));
    assert_good(mien_trials_open(support_temp_path(output), &trials));
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

static void ferplus_gives_labels_shares_and_raw_votes(void **state) {
    (void)state;
    mien_trials *t = import(fixture_ferplus(), "ferplus.tsv");
    assert_int_equal(mien_trials_rows(t), 6);
    assert_string_equal(mien_trials_id(t, 0), "fer0000001");
    assert_cell(t, 0, "image", "FERPLUS/images/train/fer0000001.png");
    assert_cell(t, 0, "split", "train");
    assert_cell(t, 0, "emotion", "neutral");
    assert_cell(t, 0, "raters", "10");
    assert_cell(t, 0, "share_neutral", "1");
    assert_cell(t, 0, "votes_surprise", "1");
    assert_cell(t, 0, "votes_unknown", "2");
    assert_cell(t, 1, "emotion", NULL);
    assert_cell(t, 1, "share_sadness", "0.5");
    assert_cell(t, 3, "share_neutral", NULL);
    assert_cell(t, 3, "votes_not_face", "10");
    assert_cell(t, 4, "split", "validation");
    assert_cell(t, 5, "split", "test");
    assert_cell(t, 5, "emotion", "surprise");
    /* trial fer0000003 shows the same picture as the first */
    assert_cell(t, 0, "group", "fer0000001");
    assert_cell(t, 2, "group", "fer0000001");
    assert_cell(t, 1, "group", NULL);
    const mien_trials_target *e = mien_trials_target_find(t, "emotion");
    assert_int_equal(e->classes, 8);
    assert_string_equal(e->class_name[7], "contempt");
    assert_string_equal(e->construct, "depicted");
    mien_trials_close(&t);
}

static void a_table_that_is_not_ferplus_is_refused(void **state) {
    (void)state;
    static const char head[] = "Usage,Image name,neutral,happiness,surprise,sadness,"
                               "anger,disgust,fear,contempt,unknown,NF\n";
    static const struct {
        const char *row, *words;
        mien_status status;
    } cases[] = {
        {"Learning,a.png,1,1,1,1,1,1,1,1,1,1\n", "csv:2: Usage is \"Learning\"",
            MIEN_EFORMAT},
        {"Training,a.png,1,1,1,1,1,1,1,1,1,many\n", "csv:2: NF is \"many\"",
            MIEN_EFORMAT},
        {"Training,a.png,1,-1,1,1,1,1,1,1,1,1\n", "happiness is \"-1\"", MIEN_EFORMAT},
        {"Training,b.png,1,1,1,1,1,1,1,1,1,1\n", "none of its pictures",
            MIEN_ENOTFOUND},
    };
    const mien_importer *set = NULL;
    assert_good(mien_importer_find("ferplus", &set));
    fixture_folder("bad/images/train");
    fixture_bmp("bad/images/train/a.png", 8, 8, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s%s", head, cases[i].row);
        fixture_text("bad/fer2013new.csv", text);
        assert_fails(mien_importer_run(set, support_temp_path("bad"), NULL,
                         support_temp_path("bad.tsv")),
            cases[i].status, cases[i].words);
    }
    fixture_text("bad/fer2013new.csv", "Usage,name\nTraining,a.png\n");
    assert_fails(mien_importer_run(
                     set, support_temp_path("bad"), NULL, support_temp_path("bad.tsv")),
        MIEN_EFORMAT, "no column \"Image name\"");
}

/* Numbers of labels by the authors' reader (its rules "majority" and "crossentropy") on
 * the same rows. */
static void the_real_ferplus_comes_in_whole(void **state) {
    (void)state;
    static const int sizes[2][8] = {{2428, 2011, 875, 830, 615, 32, 171, 37},
        {1182, 865, 415, 351, 287, 24, 62, 13}};
    mien_trials *t = import(support_shared("data/ferplus"), "real.tsv");
    int64_t rows = mien_trials_rows(t), shared[2] = {0};
    assert_int_equal(rows, 11578);
    int64_t grouped = 0;
    int found[2][8] = {{0}}, *label = mien_alloc((size_t)rows, sizeof *label);
    double *shares = mien_alloc((size_t)rows * 8, sizeof *shares);
    assert_good(mien_trials_classes(t, "emotion", label));
    assert_good(mien_trials_shares(t, "emotion", shares));
    for (int64_t i = 0; i < rows; i++) {
        int part = strcmp(mien_trials_cell(t, i, "split"), "train") != 0;
        if (label[i] >= 0) {
            found[part][label[i]]++;
        }
        grouped += mien_trials_cell(t, i, "group") != NULL;
        shared[part] += !isnan(shares[8 * i]);
        assert_true(label[i] < 0 || shares[8 * i + label[i]] > 0.5);
    }
    assert_memory_equal(found, sizes, sizeof sizes);
    assert_int_equal(grouped, 448); /* in 213 groups, by sha256sum */
    assert_int_equal(shared[0], 6999 + 848);
    assert_int_equal(shared[1], 3199 + 306);
    mien_free(shares);
    mien_free(label);
    mien_trials_close(&t);
}

/* fer0000002 of the training part becomes the very picture of fer0000020 of the test.
 */
static void training_faces_that_are_held_out_can_be_dropped(void **state) {
    (void)state;
    const mien_importer *set = NULL;
    mien_options *options = NULL;
    int64_t rows[2];
    char directory[4096];
    snprintf(directory, sizeof directory, "%s", fixture_ferplus());
    fixture_bmp("FERPLUS/images/test/fer0000020.png", 48, 48, 51);
    assert_good(mien_importer_find("ferplus", &set));
    assert_good(mien_options_new(set->options, &options));
    for (int drop = 0; drop < 2; drop++) {
        mien_trials *t = NULL;
        assert_good(mien_options_set(options, NULL, "leaks", drop ? "drop" : "keep"));
        assert_good(
            mien_importer_run(set, directory, options, support_temp_path("leaks.tsv")));
        assert_good(mien_trials_open(support_temp_path("leaks.tsv"), &t));
        rows[drop] = mien_trials_rows(t);
        bool there = false;
        for (int64_t r = 0; r < rows[drop]; r++) {
            there = there || strcmp(mien_trials_id(t, r), "fer0000002") == 0;
        }
        assert_true(there == !drop);
        mien_trials_close(&t);
    }
    assert_int_equal(rows[1], rows[0] - 1);
    mien_options_free(&options);
}

/* Row 1 of the training part has no majority: two leaders share three quarters. */
static void training_faces_without_majority_can_be_learnt_from(void **state) {
    (void)state;
    const mien_importer *set = NULL;
    mien_options *options = NULL;
    int labelled[2][2] = {{0}};
    char directory[4096];
    snprintf(directory, sizeof directory, "%s", fixture_ferplus());
    assert_good(mien_importer_find("ferplus", &set));
    assert_good(mien_options_new(set->options, &options));
    for (int leading = 0; leading < 2; leading++) {
        mien_trials *t = NULL;
        assert_good(mien_options_set(
            options, NULL, "labels", leading ? "leading" : "majority"));
        assert_good(mien_importer_run(
            set, directory, options, support_temp_path("leading.tsv")));
        assert_good(mien_trials_open(support_temp_path("leading.tsv"), &t));
        for (int64_t r = 0; r < mien_trials_rows(t); r++) {
            int held = strcmp(mien_trials_cell(t, r, "split"), "train") != 0;
            labelled[leading][held] += mien_trials_cell(t, r, "emotion") != NULL;
            assert_true(!leading || held || !mien_trials_cell(t, r, "share_neutral") ||
                        mien_trials_cell(t, r, "emotion"));
        }
        mien_trials_close(&t);
    }
    assert_true(labelled[1][0] > labelled[0][0]);
    assert_int_equal(labelled[1][1], labelled[0][1]);
    mien_options_free(&options);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_faces_that_are_held_out_can_be_dropped),
        cmocka_unit_test(training_faces_without_majority_can_be_learnt_from),
        cmocka_unit_test(votes_follow_the_published_rule),
        cmocka_unit_test(ferplus_gives_labels_shares_and_raw_votes),
        cmocka_unit_test(a_table_that_is_not_ferplus_is_refused),
        cmocka_unit_test(the_real_ferplus_comes_in_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
