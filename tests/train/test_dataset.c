/* SPDX-License-Identifier: MIT */
/* What a network learns from: rows, targets, shares, folds and their parts. */
#include "train/dataset/dataset.h"
#include "train/pictures.h"

static int set_up(void **state) {
    (void)state;
    pictures_table("trials");
    return 0;
}

static void open_with(
    const char *const *set, int count, mien_study **study, mien_dataset *c) {
    assert_good(pictures_study(set, count, study));
    assert_good(mien_dataset_open(c, *study));
}

static void numbers_are_normal_and_classes_are_labels(void **state) {
    (void)state;
    mien_study *s = NULL;
    mien_dataset c;
    open_with(NULL, 0, &s, &c);
    assert_int_equal(c.rows, PICTURES_ROWS);
    assert_int_equal(c.targets, 2);
    assert_int_equal(c.outputs, 1 + PICTURES_CLASSES);
    assert_int_equal(c.target[1].output, 1);
    for (int64_t i = 0; i < c.rows; i++) { /* 2, 4, 6 on 1 to 7 */
        assert_near(
            (double)c.target[0].normal[i], -2.0 / 3 + 2.0 / 3 * (double)(i % 3), 1e-6);
        assert_int_equal(c.target[1].label[i], i % 3);
    }
    assert_int_equal(c.target[1].target.link, MIEN_LINK_SOFTMAX);
    mien_dataset_clear(&c);
    mien_study_close(&s);
}

/* Trial 1 lacks its number, trial 2 its class, trial 4 both. */
static void write_gaps(void) {
    char *text = NULL, *at;
    size_t length = 0;
    assert_good(
        mien_file_read(support_temp_path("trials.tsv"), 1 << 16, &text, &length));
    mien_string out;
    mien_string_init(&out);
    for (char *line = text; *line; line = at + 1) {
        int trial = 0;
        at = strchr(line, '\n');
        *at = 0;
        char *number = strchr(line, '.') ? strstr(line, ".png\t") + 5 : NULL;
        if (number && sscanf(line, "t%d", &trial) == 1 &&
            (trial == 1 || trial == 2 || trial == 4)) {
            char *class = strchr(number, '\t') + 1;
            mien_string_addf(&out, "%.*s%s\t%s%s\n", (int)(number - line), line,
                trial == 2 ? "4.00" : "n/a", trial == 1 ? "b" : "n/a", class + 1);
        } else {
            mien_string_addf(&out, "%s\n", line);
        }
    }
    assert_good(mien_string_status(&out));
    support_write("gaps.tsv", out.text, out.length);
    mien_string_clear(&out);
    mien_free(text);
    assert_good(
        mien_file_read(support_temp_path("trials.json"), 1 << 16, &text, &length));
    support_write("gaps.json", text, length);
    mien_free(text);
}

static void rows_that_lack_a_target_are_dropped_or_masked(void **state) {
    (void)state;
    mien_study *s = NULL;
    mien_dataset c;
    write_gaps();
    open_with(PICTURES_SET("trials=gaps.tsv"), &s, &c);
    assert_int_equal(c.rows, PICTURES_ROWS - 3);
    assert_int_equal(c.left_out, 3);
    assert_false(c.masked);
    mien_dataset_clear(&c);
    mien_study_close(&s);
    open_with(PICTURES_SET("trials=gaps.tsv", "missing-targets=mask"), &s, &c);
    assert_int_equal(c.rows, PICTURES_ROWS - 1);
    assert_int_equal(c.left_out, 1);
    assert_true(c.masked);
    for (int64_t i = 0; i < c.rows; i++) {
        assert_int_equal(mien_dataset_has(&c.target[0], i), c.row[i] != 1);
        assert_int_equal(mien_dataset_has(&c.target[1], i), c.row[i] != 2);
    }
    mien_dataset_clear(&c);
    mien_study_close(&s);
}

static void what_goes_by_a_target_needs_it_in_every_row(void **state) {
    (void)state;
    mien_study *s = NULL;
    mien_dataset c;
    int label[PICTURES_ROWS], classes = 0;
    write_gaps();
    assert_good(pictures_study(PICTURES_SET("trials=gaps.tsv", "missing-targets=mask",
                                   "folds.rule=stratified"),
        &s));
    assert_fails(mien_dataset_open(&c, s), MIEN_EFORMAT,
        "folds.strata: trial t01 has no valence");
    mien_dataset_clear(&c);
    mien_study_close(&s);
    open_with(PICTURES_SET("trials=gaps.tsv", "missing-targets=mask"), &s, &c);
    assert_fails(mien_dataset_factor(&c, s, "emotion", label, &classes), MIEN_EFORMAT,
        "sampler.by: trial t02 has no emotion");
    mien_dataset_clear(&c);
    mien_study_close(&s);
}

static void votes_become_shares_on_request(void **state) {
    (void)state;
    mien_study *s = NULL;
    mien_dataset c;
    open_with(PICTURES_SET("loss.soft=true"), &s, &c);
    for (int k = 0; k < 3; k++) {
        assert_near((double)c.target[1].shares[k], k == 0 ? 0.75 : 0.125, 1e-7);
    }
    mien_dataset_clear(&c);
    mien_study_close(&s);
}

static void ordered_classes_have_an_output_less(void **state) {
    (void)state;
    mien_study *s = NULL;
    mien_dataset c;
    open_with(PICTURES_SET("loss.classes.name=ordinal", "targets=emotion"), &s, &c);
    assert_int_equal(c.outputs, PICTURES_CLASSES - 1);
    assert_int_equal(c.width, PICTURES_CLASSES);
    assert_int_equal(c.target[0].target.link, MIEN_LINK_CORN);
    mien_dataset_clear(&c);
    mien_study_close(&s);
}

static void groups_stay_whole_and_the_final_model_tests_none(void **state) {
    (void)state;
    mien_study *s = NULL;
    mien_dataset c;
    mien_part part[PICTURES_ROWS];
    open_with(PICTURES_SET("validation.rule=groups", "validation.share=0.25"), &s, &c);
    assert_int_equal(c.groups, PICTURES_GROUPS);
    for (int k = 0; k <= c.folds; k++) {
        int64_t count[4] = {0};
        assert_good(mien_dataset_parts(&c, s, k, part));
        for (int64_t i = 0; i < c.rows; i++) {
            count[part[i]]++;
            assert_int_equal(part[i], part[i % PICTURES_GROUPS]);
            assert_int_equal(part[i] == MIEN_PART_TEST, k < c.folds && c.fold[i] == k);
        }
        assert_int_equal(count[MIEN_PART_NONE], 0);
        assert_int_equal(count[MIEN_PART_VALIDATION], k < c.folds ? 3 : 6);
    }
    mien_dataset_clear(&c);
    mien_study_close(&s);
}

static void a_prescribed_split_is_one_fold(void **state) {
    (void)state;
    mien_study *s = NULL;
    mien_dataset c;
    mien_part part[PICTURES_ROWS];
    open_with(PICTURES_SET("folds.rule=prescribed"), &s, &c);
    assert_true(mien_dataset_single(&c));
    assert_good(mien_dataset_parts(&c, s, 0, part));
    for (int i = 0; i < PICTURES_ROWS; i++) {
        assert_int_equal(part[i], i < 12   ? MIEN_PART_TRAIN
                                  : i < 18 ? MIEN_PART_VALIDATION
                                           : MIEN_PART_TEST);
    }
    mien_dataset_clear(&c);
    mien_study_close(&s);
}

static void rows_without_a_target_are_left_out(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    mien_study *s = NULL;
    mien_dataset c;
    assert_good(
        mien_file_read(support_temp_path("trials.tsv"), 1 << 16, &text, &length));
    char *cell = strstr(text, "4.00"); /* of t01 */
    memcpy(cell, "n/a", 3);
    memmove(cell + 3, cell + 4, strlen(cell + 4) + 1);
    support_write("gaps.tsv", text, length - 1);
    mien_free(text);
    assert_good(
        mien_file_read(support_temp_path("trials.json"), 1 << 16, &text, &length));
    support_write("gaps.json", text, length);
    mien_free(text);
    open_with(PICTURES_SET("trials=gaps.tsv"), &s, &c);
    assert_int_equal(c.left_out, 1);
    assert_int_equal(c.row[1], 2);
    assert_int_equal(c.target[1].label[1], 2);
    mien_dataset_clear(&c);
    mien_study_close(&s);
}

static void factors_are_labels_bins_or_cells(void **state) {
    (void)state;
    mien_study *s = NULL;
    mien_dataset c;
    int label[PICTURES_ROWS], classes = 0;
    open_with(NULL, 0, &s, &c);
    assert_good(mien_dataset_factor(&c, s, "emotion", label, &classes));
    assert_int_equal(classes, 3);
    assert_int_equal(label[4], 1);
    assert_good(mien_dataset_factor(&c, s, "valence", label, &classes));
    assert_int_equal(classes, 3); /* sampler.bins */
    assert_true(label[0] < label[1] && label[1] < label[2]);
    assert_good(mien_dataset_factor(&c, s, "group", label, &classes));
    assert_int_equal(classes, PICTURES_GROUPS);
    assert_int_equal(label[9], 1);
    assert_fails(mien_dataset_factor(&c, s, "mood", label, &classes), MIEN_ENOTFOUND,
        "neither a target nor a column");
    mien_dataset_clear(&c);
    mien_study_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_normal_and_classes_are_labels),
        cmocka_unit_test(rows_that_lack_a_target_are_dropped_or_masked),
        cmocka_unit_test(what_goes_by_a_target_needs_it_in_every_row),
        cmocka_unit_test(votes_become_shares_on_request),
        cmocka_unit_test(ordered_classes_have_an_output_less),
        cmocka_unit_test(groups_stay_whole_and_the_final_model_tests_none),
        cmocka_unit_test(a_prescribed_split_is_one_fold),
        cmocka_unit_test(rows_without_a_target_are_left_out),
        cmocka_unit_test(factors_are_labels_bins_or_cells),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
