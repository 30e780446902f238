/* SPDX-License-Identifier: MIT */
/* Weights of Keras in HDF5: what is no weights, what is damaged, what is counted. */
#include "support/support.h"

#include "io/archive.h"
#include "io/hdf5_file.h"

#include <stdlib.h>
#include <string.h>

#define KERAS "tests/golden/keras/"
#define HDF5 "tests/golden/hdf5/"

static void any_other_file_keeps_its_paths_and_shapes(void **state) {
    (void)state;
    mien_archive *archive = NULL;
    mien_tensor *tensor = NULL;
    assert_good(mien_archive_open(support_source(HDF5 "many.h5"), &archive));
    assert_string_equal(mien_archive_format(archive), "h5");
    int64_t at = mien_archive_find(archive, "layouts.packed");
    assert_true(at >= 0);
    const mien_tensor *info = mien_archive_info(archive, at);
    assert_int_equal(info->rank, 4);
    assert_int_equal(info->shape[3], 5);
    assert_good(mien_archive_load(archive, at, &tensor));
    assert_true(((float *)tensor->data)[119] == 119);
    mien_tensor_free(&tensor);
    assert_int_equal(mien_archive_find(archive, "texts"), -1);
    mien_archive_close(&archive);
    assert_good(mien_archive_open(support_source(HDF5 "default.h5"), &archive));
    assert_int_equal(mien_archive_count(archive), 1);
    assert_string_equal(mien_archive_name(archive, 0), "default");
    mien_archive_close(&archive);
}

/* The file with every occurrence of a text replaced by another of its length. */
static mien_status open_changed(
    const char *name, const char *from, const char *to, mien_archive **archive) {
    char *bytes = NULL;
    size_t count = 0, length = strlen(from);
    int changed = 0;
    assert_int_equal(length, strlen(to));
    assert_good(mien_file_read(support_source(name), 100000, &bytes, &count));
    for (size_t i = 0; i + length <= count; i++) {
        if (memcmp(bytes + i, from, length) == 0) {
            memcpy(bytes + i, to, length);
            changed++;
        }
    }
    assert_true(changed > 0);
    const char *path = support_write("changed.h5", bytes, count);
    mien_free(bytes);
    return mien_archive_open(path, archive);
}

static void a_listed_weight_that_is_not_there_is_named(void **state) {
    (void)state;
    mien_archive *archive = NULL;
    assert_fails(
        open_changed(KERAS "published.h5", "stem/kernel:0", "stem/kermel:0", &archive),
        MIEN_EFORMAT,
        "weight \"stem/kermel:0\" of layer \"stem\" is listed but not there");
    assert_null(archive);
}

static void a_listed_layer_that_is_not_there_is_named(void **state) {
    (void)state;
    mien_archive *archive = NULL;
    assert_fails(open_changed(KERAS "old.h5", "weight_names", "weight_mames", &archive),
        MIEN_EFORMAT, "layer \"stem\" is listed but not there");
}

static void a_session_counts_from_anywhere(void **state) {
    (void)state;
    static const char *const names[] = {
        "conv2d.weight", "conv2d_1.weight", "batch_normalization.running_var"};
    mien_archive *archive = NULL;
    /* published.h5 has conv2d_7 and conv2d_12: the order is that of numbers */
    assert_good(mien_archive_open(support_source(KERAS "published.h5"), &archive));
    for (int i = 0; i < 3; i++) {
        assert_true(mien_archive_find(archive, names[i]) >= 0);
    }
    assert_int_equal(mien_archive_find(archive, "conv2d_7.weight"), -1);
    mien_archive_close(&archive);
}

/* load_model() and another save number the weights' names, not the groups'. */
static void files_saved_again_have_the_same_names(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{KERAS "published.h5", KERAS "again.h5"},
        {KERAS "whole.h5", KERAS "whole_again.h5"}};
    for (int p = 0; p < 2; p++) {
        mien_archive *one = NULL, *two = NULL;
        assert_good(mien_archive_open(support_source(pairs[p][0]), &one));
        assert_good(mien_archive_open(support_source(pairs[p][1]), &two));
        assert_int_equal(mien_archive_count(one), mien_archive_count(two));
        for (int64_t i = 0; i < mien_archive_count(one); i++) {
            mien_tensor *a = NULL, *b = NULL;
            int64_t at = mien_archive_find(two, mien_archive_name(one, i));
            assert_true(at >= 0);
            assert_good(mien_archive_load(one, i, &a));
            assert_good(mien_archive_load(two, at, &b));
            assert_int_equal(mien_tensor_bytes(a), mien_tensor_bytes(b));
            assert_memory_equal(a->data, b->data, mien_tensor_bytes(a));
            mien_tensor_free(&a);
            mien_tensor_free(&b);
        }
        mien_archive_close(&one);
        mien_archive_close(&two);
    }
}

/* Published by O. Arriaga (MIT): "conv2d_1_1/kernel:0" in the group conv2d_1. */
static void a_published_emotion_model_has_its_layers_names(void **state) {
    (void)state;
    static const char *const names[] = {"conv2d.weight", "conv2d_1.weight",
        "batch_normalization.running_var", "separable_conv2d.pointwise.weight"};
    mien_archive *archive = NULL;
    assert_good(mien_archive_open(
        support_shared("data/mini_xception/fer2013_mini_XCEPTION.102-0.66.hdf5"),
        &archive));
    for (int i = 0; i < 4; i++) {
        assert_true(mien_archive_find(archive, names[i]) >= 0);
    }
    mien_archive_close(&archive);
}

static mien_status open_archive(void *context) {
    mien_archive *archive = NULL;
    mien_status status = mien_archive_open(context, &archive);
    mien_archive_close(&archive);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    mien_hdf5_probe_leave_out(true); /* a child a time would take minutes */
    support_each_allocation_fails(
        open_archive, (void *)support_source(KERAS "whole_again.h5"), 2000);
    mien_hdf5_probe_leave_out(false);
}

static void a_file_cut_off_is_refused(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    assert_good(
        mien_file_read(support_source(KERAS "published.h5"), 100000, &bytes, &count));
    for (size_t n = 8; n < count; n += 997) {
        mien_archive *archive = NULL;
        assert_fails(mien_archive_open_memory("part.h5", bytes, n, &archive),
            MIEN_EFORMAT, "part.h5");
    }
    mien_free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_other_file_keeps_its_paths_and_shapes),
        cmocka_unit_test(a_listed_weight_that_is_not_there_is_named),
        cmocka_unit_test(a_listed_layer_that_is_not_there_is_named),
        cmocka_unit_test(a_session_counts_from_anywhere),
        cmocka_unit_test(files_saved_again_have_the_same_names),
        cmocka_unit_test(a_published_emotion_model_has_its_layers_names),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_file_cut_off_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
