/* SPDX-License-Identifier: MIT */
/* Copies made beforehand: files are there, rows and groups follow, originals stay. */
#include "data/fixtures.h"

#include "data/importers/importer.h"

#include <math.h>
#include <stdlib.h>

static const char *oasis_table(void) {
    static char path[4096];
    const mien_importer *set = NULL;
    snprintf(path, sizeof path, "%s", support_temp_path("copies.tsv"));
    mien_log_set(NULL, NULL);
    assert_good(mien_importer_find("oasis", &set));
    assert_good(mien_importer_run(set, fixture_oasis(), NULL, path));
    return path;
}

static mien_trials *open_in(const char *folder) {
    mien_trials *t = NULL;
    char *path = mien_path_join(support_temp_path(folder), "trials.tsv");
    assert_good(mien_trials_open(path, &t));
    mien_free(path);
    return t;
}

static void copies_follow_their_originals(void **state) {
    (void)state;
    const char *const passes[] = {"flip p=1", "plain"};
    const mien_copies_options o = {.passes = passes, .passes_count = 2};
    assert_good(mien_trials_copies(
        oasis_table(), &o, support_temp_path("copies/of"), NULL, NULL));
    mien_trials *t = open_in("copies/of");
    int64_t n = mien_trials_rows(t) / 3;
    assert_int_equal(mien_trials_rows(t), 9);
    for (int64_t i = 0; i < 3 * n; i++) {
        mien_tensor *image = NULL;
        char *path = mien_trials_path(t, i, "image");
        assert_good(
            mien_image_read(path, NULL, &image)); /* paths lead from the folder */
        assert_string_equal(
            mien_trials_cell(t, i, "group"), mien_trials_cell(t, i % n, "group"));
        assert_string_equal(
            mien_trials_cell(t, i, "valence"), mien_trials_cell(t, i % n, "valence"));
        assert_int_equal(atoi(mien_trials_cell(t, i, "copy")), i / n);
        if (i >= n) {
            assert_string_equal(
                mien_trials_cell(t, i, "copy_of"), mien_trials_id(t, i % n));
            assert_int_equal(image->shape[1], 40);
        } else {
            assert_null(mien_trials_cell(t, i, "copy_of"));
        }
        mien_tensor_free(&image);
        mien_free(path);
    }
    /* a flipped copy and a plain one mirror each other, as far as JPEG goes */
    mien_tensor *flipped = NULL, *plain = NULL;
    char *a = mien_trials_path(t, n, "image"), *b = mien_trials_path(t, 2 * n, "image");
    assert_good(mien_image_read(a, NULL, &flipped));
    assert_good(mien_image_read(b, NULL, &plain));
    double gap = 0;
    const unsigned char *x = flipped->data, *y = plain->data;
    int64_t wide = plain->shape[1], high = plain->shape[0];
    for (int64_t i = 0; i < 3 * wide * high; i++) {
        int64_t row = i / (3 * wide), column = i / 3 % wide;
        gap += fabs(
            (double)x[i] - (double)y[3 * (row * wide + wide - 1 - column) + i % 3]);
    }
    assert_true(gap / (double)(3 * wide * high) < 12);
    mien_tensor_free(&flipped);
    mien_tensor_free(&plain);
    mien_free(a);
    mien_free(b);
    mien_trials_close(&t);
}

static void what_cannot_be_copied_is_told(void **state) {
    (void)state;
    const char *const mixing[] = {"mixup"}, *const wrong[] = {"fold 3"};
    mien_copies_options o = {.passes = mixing, .passes_count = 1};
    const char *table = oasis_table();
    assert_fails(
        mien_trials_copies(table, &o, support_temp_path("copies/mix"), NULL, NULL),
        MIEN_EINVAL, "mixing");
    o.passes = wrong;
    assert_fails(
        mien_trials_copies(table, &o, support_temp_path("copies/wrong"), NULL, NULL),
        MIEN_EINVAL, "fold");
    o.passes_count = 0;
    assert_fails(
        mien_trials_copies(table, &o, support_temp_path("copies/none"), NULL, NULL),
        MIEN_EINVAL, "0 passes");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_follow_their_originals),
        cmocka_unit_test(what_cannot_be_copied_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
