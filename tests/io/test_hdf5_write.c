/* SPDX-License-Identifier: MIT */
/* HDF5 files that are written: read back the same, the same bytes each time, or not at
 * all. */
#include "support/support.h"

#include "mien/io.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static float values[24];

static mien_tensor over(mien_dtype dtype, int rank, int64_t a, int64_t b, void *data) {
    return (mien_tensor){
        .dtype = dtype, .rank = rank, .shape = {a, b}, .data = data, .borrowed = true};
}

static void assert_back(const char *path, const char *name, const mien_tensor *want) {
    mien_tensor *got = NULL;
    assert_good(mien_hdf5_read(path, name, &got));
    assert_int_equal(got->dtype, want->dtype);
    assert_int_equal(got->rank, want->rank);
    assert_memory_equal(
        got->shape, want->shape, (size_t)want->rank * sizeof *want->shape);
    if (mien_tensor_count(want) > 0) {
        assert_memory_equal(got->data, want->data, mien_tensor_bytes(want));
    }
    mien_tensor_free(&got);
}

static void every_type_and_rank_reads_back_the_same(void **state) {
    (void)state;
    static const mien_dtype types[] = {
        MIEN_F32, MIEN_F64, MIEN_I8, MIEN_U8, MIEN_I16, MIEN_U16, MIEN_I32, MIEN_I64};
    enum { TYPES = sizeof types / sizeof types[0] };
    const char *path = support_temp_path("types.h5");
    mien_tensor tensors[TYPES + 2];
    const mien_tensor *pointers[TYPES + 2];
    char name[TYPES + 2][32];
    const char *names[TYPES + 2];
    for (int i = 0; i < 24; i++) {
        values[i] = (float)i / 8;
    }
    for (int i = 0; i < TYPES; i++) {
        tensors[i] = over(types[i], 2, 3, 4, values);
        snprintf(name[i], sizeof name[i], "%s", mien_dtype_name(types[i]));
    }
    tensors[TYPES] = over(MIEN_F32, 0, 0, 0, values);
    strcpy(name[TYPES], "deep/er/scalar");
    tensors[TYPES + 1] = over(MIEN_F32, 2, 0, 4, values);
    strcpy(name[TYPES + 1], "deep/none");
    for (int i = 0; i < TYPES + 2; i++) {
        names[i] = name[i];
        pointers[i] = &tensors[i];
    }
    assert_good(mien_hdf5_write(path, TYPES + 2, names, pointers));
    for (int i = 0; i < TYPES + 2; i++) {
        assert_back(path, names[i], pointers[i]);
    }
}

static void the_same_values_give_the_same_bytes(void **state) {
    (void)state;
    char *bytes[2] = {NULL, NULL};
    size_t count[2];
    static const char *const names[] = {"default"};
    mien_tensor tensor = over(MIEN_F32, 2, 6, 4, values);
    const mien_tensor *one[] = {&tensor};
    const char *path = support_temp_path("same.h5");
    for (int i = 0; i < 2; i++) {
        assert_good(mien_hdf5_write(path, 1, names, one));
        assert_good(mien_file_read(path, 1 << 20, &bytes[i], &count[i]));
        sleep(i == 0); /* the format knows times of seconds */
    }
    assert_int_equal(count[0], count[1]);
    assert_memory_equal(bytes[0], bytes[1], count[0]);
    assert_true(count[0] < 4096);
    mien_free(bytes[0]);
    mien_free(bytes[1]);
}

static void assert_refused(int64_t count, const char *const *names,
    const mien_tensor *const *tensors, mien_status status, const char *part) {
    const char *path = support_temp_path("refused.h5");
    assert_fails(mien_hdf5_write(path, count, names, tensors), status, part);
    assert_false(mien_file_exists(path));
}

static void what_cannot_be_written_leaves_no_file(void **state) {
    (void)state;
    mien_tensor tensor = over(MIEN_F32, 2, 6, 4, values);
    mien_tensor half = over(MIEN_F16, 2, 6, 4, values);
    const mien_tensor *two[] = {&tensor, &tensor}, *odd[] = {&half};
    static const char *const bad[] = {"", "/a", "a/", "a//b", ".", "a/../b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_refused(1, &bad[i], two, MIEN_EINVAL, "no name");
    }
    assert_refused(2, (const char *const[]){"a", "a"}, two, MIEN_EINVAL, "two data");
    assert_refused(2, (const char *const[]){"a/b", "a"}, two, MIEN_EINVAL, "group");
    assert_refused(1, (const char *const[]){"a"}, odd, MIEN_EUNSUPPORTED, "f16");
    static const char *const name[] = {"a"};
    assert_fails(mien_hdf5_write("/dev/full", 1, name, two), MIEN_EIO, "/dev/full");
    assert_fails(mien_hdf5_write("no/such/x.h5", 1, name, two), MIEN_EIO, "no/such");
}

static const char *const words[] = {"one", "zwei Wörter", ""};
static const char *many[1582];
static const mien_hdf5_attribute said[] = {
    {.object = "", .name = "about", .texts = words + 1, .count = 1},
    {.object = "b/c", .name = "columns", .texts = words, .count = 3, .list = true},
    {.object = "b/c", .name = "names", .texts = many, .count = 1582, .list = true},
    {.object = "b", .name = "rate_hz", .number = 16000.5},
    {.object = "a", .name = "none", .texts = words, .count = 0, .list = true}};

static mien_status write_said(const char *path) {
    mien_tensor tensor = over(MIEN_F32, 2, 6, 4, values);
    const mien_tensor *two[] = {&tensor, &tensor};
    for (int i = 0; i < 1582; i++) {
        many[i] = "a name of a column that is rather long, as some are";
    }
    return mien_hdf5_write_with(
        path, 2, (const char *const[]){"a", "b/c"}, two, 5, said);
}

static void attributes_read_back_the_same(void **state) {
    (void)state;
    const char *path = support_temp_path("said.h5");
    mien_hdf5 *file = NULL;
    mien_tensor *number = NULL;
    char **texts = NULL;
    int64_t count = 0;
    assert_good(write_said(path));
    assert_good(mien_hdf5_open(path, &file));
    for (int i = 0; i < 5; i++) {
        const mien_hdf5_attribute *a = &said[i];
        if (!a->texts) {
            assert_good(mien_hdf5_numbers(file, a->object, a->name, &number));
            assert_near(((const double *)number->data)[0], a->number, 0);
            mien_tensor_free(&number);
            continue;
        }
        assert_good(mien_hdf5_texts(file, a->object, a->name, &texts, &count));
        assert_int_equal(count, a->count);
        for (int64_t t = 0; t < count; t++) {
            assert_string_equal(texts[t], a->texts[t]);
        }
        mien_names_free(&texts, count);
    }
    mien_hdf5_close(&file);
    char first[65], again[65];
    assert_good(mien_sha256_file(path, first));
    assert_good(write_said(path));
    assert_good(mien_sha256_file(path, again));
    assert_string_equal(first, again);
}

static void attributes_that_cannot_be_are_refused(void **state) {
    (void)state;
    mien_tensor tensor = over(MIEN_F32, 2, 6, 4, values);
    const mien_tensor *one[] = {&tensor};
    const char *const name[] = {"a"};
    const char *path = support_temp_path("refused.h5");
    const mien_hdf5_attribute bad[] = {{.object = "z", .name = "x"},
        {.object = "a", .name = ""},
        {.object = "a", .name = "x", .texts = words, .count = 2},
        {.object = "a", .name = "x", .texts = many, .count = 4001, .list = true}};
    const mien_status want[] = {MIEN_ENOTFOUND, MIEN_EINVAL, MIEN_EINVAL, MIEN_ELIMIT};
    for (int i = 0; i < 4; i++) {
        assert_fails(mien_hdf5_write_with(path, 1, name, one, 1, &bad[i]), want[i],
            "refused.h5");
        assert_false(mien_file_exists(path));
    }
}

static mien_status write_two(void *context) {
    mien_tensor tensor = over(MIEN_F32, 2, 6, 4, values);
    const mien_tensor *two[] = {&tensor, &tensor};
    return mien_hdf5_write(context, 2, (const char *const[]){"a", "b/c"}, two);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(write_two, (void *)support_temp_path("alloc.h5"), 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_and_rank_reads_back_the_same),
        cmocka_unit_test(the_same_values_give_the_same_bytes),
        cmocka_unit_test(what_cannot_be_written_leaves_no_file),
        cmocka_unit_test(attributes_read_back_the_same),
        cmocka_unit_test(attributes_that_cannot_be_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
