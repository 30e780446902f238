/* SPDX-License-Identifier: MIT */
/* Importers of faces: classes by name, splits, people, boxes, and what is not a label.
 */
#include "data/fixtures_faces.h"

#include <math.h>

#include "data/importers/affectnet.h"

static mien_trials *import(const char *set, const char *folder, mien_options *options) {
    const mien_importer *row = NULL;
    mien_trials *t = NULL;
    char name[64], path[4096];
    snprintf(name, sizeof name, "%s-test.tsv", set);
    snprintf(path, sizeof path, "%s", support_temp_path(name));
    mien_log_set(NULL, NULL);
    assert_good(mien_importer_find(set, &row));
    assert_good(mien_importer_run(row, folder, options, path));
    assert_good(mien_trials_open(path, &t));
    return t;
}

static mien_options *set_one(const char *set, const char *key, const char *value) {
    const mien_importer *row = NULL;
    mien_options *options = NULL;
    assert_good(mien_importer_find(set, &row));
    assert_good(mien_options_new(row->options, &options));
    assert_good(mien_options_set(options, NULL, key, value));
    return options;
}

/* The row of a trial; the test fails where there is none. */
static int64_t row_of(const mien_trials *t, const char *trial) {
    for (int64_t r = 0; r < mien_trials_rows(t); r++) {
        if (strcmp(mien_trials_id(t, r), trial) == 0) {
            return r;
        }
    }
    fail_msg("no trial %s", trial);
    return -1;
}

static const char *cell(const mien_trials *t, const char *trial, const char *column) {
    const char *text = mien_trials_cell(t, row_of(t, trial), column);
    return text ? text : "n/a";
}

static void folders_are_classes_and_parts_are_splits(void **state) {
    (void)state;
    mien_trials *t = import("folders", fixture_folders(), NULL);
    assert_int_equal(mien_trials_rows(t), 5);
    assert_string_equal(cell(t, "val/sad/c.bmp", "emotion"), "sad");
    assert_string_equal(cell(t, "val/sad/c.bmp", "split"), "validation");
    assert_string_equal(cell(t, "train/happy/b.jpg", "split"), "train");
    const mien_trials_target *target = mien_trials_target_find(t, "emotion");
    assert_int_equal(target->classes, 2);
    assert_string_equal(target->class_name[0], "happy");
    mien_trials_close(&t);
}

static void classes_are_named_in_the_order_of_numbers(void **state) {
    (void)state;
    fixture_folder("NUMBERS/2");
    fixture_folder("NUMBERS/10");
    fixture_bmp("NUMBERS/2/a.png", 40, 40, 1);
    fixture_bmp("NUMBERS/10/b.png", 40, 40, 2);
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", support_temp_path("NUMBERS"));
    mien_options *o = set_one("folders", "classes", "neutral,happy");
    mien_trials *t = import("folders", folder, o);
    assert_string_equal(cell(t, "2/a.png", "emotion"), "neutral");
    assert_string_equal(cell(t, "10/b.png", "emotion"), "happy");
    assert_string_equal(cell(t, "2/a.png", "split"), "n/a");
    mien_trials_close(&t);
    mien_options_free(&o);
    const mien_importer *row = NULL;
    assert_good(mien_importer_find("folders", &row));
    o = set_one("folders", "classes", "neutral,happy,sad");
    assert_fails(mien_importer_run(row, folder, o, support_temp_path("x.tsv")),
        MIEN_EINVAL, "3 names for 2 folders");
    mien_options_free(&o);
}

static void pixels_become_pictures(void **state) {
    (void)state;
    mien_trials *t = import("fer2013", fixture_fer2013(), NULL);
    assert_int_equal(mien_trials_rows(t), 3);
    assert_string_equal(cell(t, "fer0000000", "emotion"), "happiness");
    assert_string_equal(cell(t, "fer0000001", "split"), "validation");
    assert_string_equal(cell(t, "fer0000002", "emotion"), "neutral");
    mien_tensor *image = NULL;
    char *path = mien_trials_path(t, row_of(t, "fer0000001"), "image");
    assert_good(mien_image_read(path, NULL, &image));
    assert_int_equal(image->shape[0], 48);
    for (int i = 0; i < 48 * 48; i++) {
        assert_int_equal(((uint8_t *)image->data)[3 * i], (i * 8 + 90) % 256);
    }
    mien_tensor_free(&image);
    mien_free(path);
    mien_trials_close(&t);
}

static void pixels_that_are_none_are_named_with_their_line(void **state) {
    (void)state;
    const mien_importer *row = NULL;
    char folder[4096];
    fixture_folder("BADFER");
    fixture_text("BADFER/fer2013.csv", "emotion,pixels,Usage\n0,1 2 3,Training\n");
    snprintf(folder, sizeof folder, "%s", support_temp_path("BADFER"));
    assert_good(mien_importer_find("fer2013", &row));
    assert_fails(mien_importer_run(row, folder, NULL, support_temp_path("y.tsv")),
        MIEN_EFORMAT, "fer2013.csv:2: pixels");
}

static void rafdb_tells_who_is_shown(void **state) {
    (void)state;
    mien_trials *t = import("rafdb", fixture_rafdb(), NULL);
    assert_int_equal(mien_trials_rows(t), 3); /* test_0002 has no picture */
    assert_string_equal(cell(t, "train_00001", "emotion"), "sadness");
    assert_string_equal(cell(t, "train_00001", "gender"), "female");
    assert_string_equal(cell(t, "train_00001", "race"), "Caucasian");
    assert_string_equal(cell(t, "train_00001", "age"), "20-39");
    assert_string_equal(cell(t, "train_00002", "gender"), "n/a");
    assert_string_equal(cell(t, "test_0001", "split"), "test");
    mien_trials_close(&t);
}

static void sequences_give_their_peak_and_a_neutral_face(void **state) {
    (void)state;
    mien_trials *t = import("ckplus", fixture_ckplus(), NULL);
    assert_int_equal(mien_trials_rows(t), 8);
    assert_string_equal(cell(t, "S010_002_00000006", "emotion"), "surprise");
    assert_string_equal(cell(t, "S005_001_00000001", "emotion"), "neutral");
    assert_string_equal(cell(t, "S005_001_00000006", "emotion"), "disgust");
    assert_string_equal(cell(t, "S005_001_00000004", "emotion"), "disgust");
    assert_string_equal(cell(t, "S005_001_00000004", "group"), "S005");
    assert_non_null(
        strstr(mien_value_text(mien_value_get(mien_trials_sidecar(t), "citation")),
            "The extended Cohn-Kanade dataset (CK+)"));
    mien_trials_close(&t);
    mien_options *o = set_one("ckplus", "last", "1");
    t = import("ckplus", fixture_ckplus(), o);
    assert_int_equal(mien_trials_rows(t), 4);
    mien_trials_close(&t);
    mien_options_free(&o);
}

static void frames_of_affwild2_keep_their_numbers(void **state) {
    (void)state;
    mien_trials *t = import("affwild2", fixture_affwild2(), NULL);
    assert_int_equal(
        mien_trials_rows(t), 6); /* of 12 with a label one has no picture */
    assert_string_equal(cell(t, "1-30_left/00001", "valence"), "0.5");
    assert_string_equal(cell(t, "1-30_left/00001", "emotion"), "happiness");
    assert_string_equal(cell(t, "1-30_left/00003", "valence"), "n/a");
    assert_string_equal(cell(t, "1-30_left/00003", "emotion"), "other");
    assert_string_equal(cell(t, "1-30_left/00003", "group"), "1-30");
    assert_string_equal(cell(t, "1-30_right/00003", "group"), "1-30");
    assert_string_equal(cell(t, "7/00003", "split"), "validation");
    assert_string_equal(cell(t, "7/00003", "emotion"), "n/a");
    mien_trials_close(&t);
}

static void affectnet_is_read_in_both_releases(void **state) {
    (void)state;
    mien_trials *t = import("affectnet", fixture_affectnet(), NULL);
    assert_int_equal(mien_trials_rows(t), 6);
    assert_string_equal(cell(t, "1/a.jpg", "emotion"), "happiness");
    assert_string_equal(cell(t, "1/a.jpg", "valence"), "0.75");
    assert_string_equal(cell(t, "1/a.jpg", "w"), "40");
    assert_string_equal(cell(t, "1/b.jpg", "emotion"), "n/a"); /* uncertain */
    assert_string_equal(cell(t, "1/b.jpg", "valence"), "n/a"); /* -2 */
    assert_string_equal(cell(t, "1/b.jpg", "x"), "-3");
    assert_string_equal(cell(t, "2/c.jpg", "split"), "validation");
    assert_string_equal(cell(t, "train_set/10", "emotion"), "contempt");
    assert_string_equal(cell(t, "train_set/2", "valence"), "0.0277778");
    assert_string_equal(cell(t, "train_set/2", "x"), "n/a");
    assert_string_equal(cell(t, "val_set/0", "emotion"), "n/a");
    assert_true(row_of(t, "train_set/2") < row_of(t, "train_set/10"));
    mien_trials_close(&t);
    mien_options *o = set_one("affectnet", "unlabelled", "false");
    t = import("affectnet", fixture_affectnet(), o);
    assert_int_equal(mien_trials_rows(t), 4);
    mien_trials_close(&t);
    mien_options_free(&o);
}

/* Heads as NumPy writes them, values of 1, 2 and 8 bytes. */
static const char *write_npy(
    const char *descr, const char *shape, const void *data, size_t count) {
    unsigned char bytes[256] = {0};
    memcpy(bytes, "\x93NUMPY\x01\x00", 8);
    bytes[8] = 118;
    memset(bytes + 10, ' ', 118);
    char head[128];
    int length = snprintf(head, sizeof head,
        "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape);
    memcpy(bytes + 10, head, (size_t)length);
    bytes[127] = '\n';
    memcpy(bytes + 128, data, count);
    return support_write("one.npy", bytes, 128 + count);
}

static void single_values_are_read_of_any_type(void **state) {
    (void)state;
    const double number = -0.5;
    const int16_t small = -2;
    const uint8_t byte = 7;
    double value = 0;
    assert_good(mien_affectnet_value(write_npy("<f8", "()", &number, 8), &value));
    assert_true(value == -0.5);
    assert_good(mien_affectnet_value(write_npy("<i2", "()", &small, 2), &value));
    assert_true(value == -2);
    assert_good(mien_affectnet_value(write_npy("|u1", "()", &byte, 1), &value));
    assert_true(value == 7);
    assert_good(mien_affectnet_value(write_npy("|S4", "()", "0.25", 4), &value));
    assert_true(value == 0.25);
    assert_fails(mien_affectnet_value(write_npy("|O", "()", "x", 1), &value),
        MIEN_EFORMAT, "objects");
    assert_fails(mien_affectnet_value(write_npy("|O8", "()", "xxxxxxxx", 8), &value),
        MIEN_EFORMAT, "objects");
    assert_fails(mien_affectnet_value(write_npy("<f8", "(1,)", &number, 8), &value),
        MIEN_EFORMAT, "single value");
    assert_fails(mien_affectnet_value(write_npy("<f8", "()", &number, 3), &value),
        MIEN_EFORMAT, "cut off");
    assert_fails(mien_affectnet_value(write_npy("|S3", "()", "sad", 3), &value),
        MIEN_EFORMAT, "no number");
    assert_fails(mien_affectnet_value(support_write("one.npy", "\x93NUMPY", 6), &value),
        MIEN_EFORMAT, "not a .npy");
}

static void a_folder_of_something_else_is_refused(void **state) {
    (void)state;
    static const char *const sets[] = {"affectnet", "folders"};
    fixture_folder("EMPTY");
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", support_temp_path("EMPTY"));
    for (int i = 0; i < 2; i++) {
        const mien_importer *row = NULL;
        assert_good(mien_importer_find(sets[i], &row));
        assert_fails(mien_importer_run(row, folder, NULL, support_temp_path("z.tsv")),
            MIEN_ENOTFOUND, "EMPTY");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_are_classes_and_parts_are_splits),
        cmocka_unit_test(classes_are_named_in_the_order_of_numbers),
        cmocka_unit_test(pixels_become_pictures),
        cmocka_unit_test(pixels_that_are_none_are_named_with_their_line),
        cmocka_unit_test(rafdb_tells_who_is_shown),
        cmocka_unit_test(sequences_give_their_peak_and_a_neutral_face),
        cmocka_unit_test(frames_of_affwild2_keep_their_numbers),
        cmocka_unit_test(affectnet_is_read_in_both_releases),
        cmocka_unit_test(single_values_are_read_of_any_type),
        cmocka_unit_test(a_folder_of_something_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
