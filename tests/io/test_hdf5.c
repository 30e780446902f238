/* SPDX-License-Identifier: MIT */
/* HDF5 files: every type and layout, attributes, and nothing outside the file. */
#include "support/support.h"

#include "io/hdf5.h"
#include "io/hdf5_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOLDEN "tests/golden/hdf5/"

static mien_hdf5 *opened(const char *name) {
    char path[200] = GOLDEN;
    mien_hdf5 *file = NULL;
    strcat(path, name);
    assert_good(mien_hdf5_open(support_source(path), &file));
    return file;
}

static void assert_set(
    mien_hdf5 *file, const char *name, mien_dtype dtype, int64_t n, const float *want) {
    int64_t index = -1;
    mien_tensor *tensor = NULL, *values = NULL;
    assert_good(mien_hdf5_find(file, name, &index));
    assert_good(mien_hdf5_load(file, index, &tensor));
    assert_int_equal(tensor->dtype, dtype);
    const mien_tensor *info = mien_hdf5_info(file, index);
    assert_int_equal(info->dtype, dtype);
    assert_int_equal(info->rank, tensor->rank);
    assert_memory_equal(
        info->shape, tensor->shape, (size_t)tensor->rank * sizeof *info->shape);
    assert_int_equal(mien_tensor_count(tensor), n);
    assert_good(mien_tensor_convert(tensor, MIEN_F32, &values));
    assert_close(values->data, want, n, 0, 0);
    mien_tensor_free(&values);
    mien_tensor_free(&tensor);
}

static void assert_refused(
    mien_hdf5 *file, const char *name, mien_status status, const char *part) {
    int64_t index = -1;
    mien_tensor *tensor = NULL;
    assert_good(mien_hdf5_find(file, name, &index));
    assert_fails(mien_hdf5_load(file, index, &tensor), status, part);
    assert_null(tensor);
}

static void a_feature_file_is_read_without_its_name(void **state) {
    (void)state;
    mien_tensor *tensor = NULL;
    assert_good(mien_hdf5_read(support_source(GOLDEN "default.h5"), NULL, &tensor));
    assert_int_equal(tensor->rank, 2);
    assert_int_equal(tensor->shape[0], 3);
    assert_int_equal(tensor->shape[1], 4);
    for (int i = 0; i < 12; i++) {
        assert_true(((float *)tensor->data)[i] == (float)i / 8);
    }
    mien_tensor_free(&tensor);
    assert_good(mien_hdf5_read(support_source(GOLDEN "data.h5"), NULL, &tensor));
    assert_int_equal(tensor->dtype, MIEN_F64);
    assert_int_equal(tensor->shape[1], 3);
    mien_tensor_free(&tensor);
    assert_good(mien_hdf5_read(support_source(GOLDEN "data.h5"), "/rows", &tensor));
    assert_int_equal(tensor->dtype, MIEN_I32);
    mien_tensor_free(&tensor);
}

static void every_type_is_read(void **state) {
    (void)state;
    static const float want[] = {0, 1, 100}, big[] = {1.5f, -2};
    static const struct {
        const char *name;
        mien_dtype dtype;
    } types[] = {{"f2", MIEN_F32}, {"f4", MIEN_F32}, {"f8", MIEN_F64}, {"i1", MIEN_I8},
        {"i2", MIEN_I16}, {"i4", MIEN_I32}, {"i8", MIEN_I64}, {"u1", MIEN_U8},
        {"u2", MIEN_U16}, {"u4", MIEN_I64}, {"u8", MIEN_I64}};
    mien_hdf5 *file = opened("many.h5");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char name[32] = "/types/";
        strcat(name, types[i].name);
        assert_set(file, name, types[i].dtype, 3, want);
    }
    assert_set(file, "types/big", MIEN_F32, 2, big);
    assert_refused(file, "types/large", MIEN_ELIMIT, "2^63");
    mien_hdf5_close(&file);
}

static void bools_enumerations_and_bit_fields_are_read(void **state) {
    (void)state;
    static const float flags[] = {1, 0, 0, 1}, moods[] = {300, -1, 300},
                       answers[] = {0, 1, 1}, bits[] = {0, 1, 255};
    mien_hdf5 *file = opened("kinds.h5");
    assert_set(file, "bool", MIEN_BOOL, 4, flags);
    assert_set(file, "enum", MIEN_I16, 3, moods);
    assert_set(file, "yes_no", MIEN_I8, 3, answers);
    assert_set(file, "bits", MIEN_U8, 3, bits);
    mien_tensor *tensor = NULL;
    assert_good(mien_hdf5_numbers(file, "", "flags", &tensor));
    assert_int_equal(tensor->dtype, MIEN_BOOL);
    assert_memory_equal(tensor->data, "\1\0", 2);
    mien_tensor_free(&tensor);
    mien_hdf5_close(&file);
}

/* Value i / 7 % 11 at place i; the noise is h5py's, whose chunk stays as it is. */
static void chunks_packed_with_lzf_are_read(void **state) {
    (void)state;
    static float want[40 * 30];
    for (int i = 0; i < 40 * 30; i++) {
        want[i] = (float)(i / 7 % 11);
    }
    mien_hdf5 *file = opened("kinds.h5");
    assert_set(file, "lzf", MIEN_F32, 40 * 30, want);
    assert_set(file, "lzf_shuffle", MIEN_F32, 40 * 30, want);
    int64_t index = 0;
    mien_tensor *noise = NULL;
    assert_good(mien_hdf5_find(file, "lzf_noise", &index));
    assert_good(mien_hdf5_load(file, index, &noise));
    assert_memory_equal(noise->data, "\x79\x83\xc1\xf3\x08\x24\xd2\xf2", 8);
    mien_tensor_free(&noise);
    mien_hdf5_close(&file);
}

static void every_layout_gives_the_same_values(void **state) {
    (void)state;
    float want[120];
    for (int i = 0; i < 120; i++) {
        want[i] = (float)i;
    }
    mien_hdf5 *file = opened("many.h5");
    assert_set(file, "layouts/contiguous", MIEN_F32, 120, want);
    assert_set(file, "layouts/chunked", MIEN_F32, 120, want);
    assert_set(file, "layouts/packed", MIEN_F32, 120, want);
    want[0] = 2.5f;
    assert_set(file, "scalar", MIEN_F32, 1, want);
    assert_set(file, "none", MIEN_F32, 0, want);
    mien_hdf5_close(&file);
}

static void what_is_not_read_says_why(void **state) {
    (void)state;
    mien_hdf5 *file = opened("many.h5");
    int64_t index = 0;
    assert_refused(file, "texts", MIEN_EUNSUPPORTED, "\"texts\": it holds texts");
    assert_refused(file, "records", MIEN_EUNSUPPORTED, "records");
    assert_refused(file, "nine", MIEN_EUNSUPPORTED, "more than 8 dimensions");
    assert_refused(file, "never", MIEN_EUNSUPPORTED, "empty");
    assert_fails(mien_hdf5_find(file, "no", &index), MIEN_ENOTFOUND,
        "no data set \"no\"; there are: layouts/chunked, layouts/contiguous");
    assert_fails(mien_hdf5_find(file, NULL, &index), MIEN_ENOTFOUND, "name one of");
    assert_fails(
        mien_hdf5_find(file, "layouts", &index), MIEN_ENOTFOUND, "no data set");
    assert_good(mien_hdf5_find(file, "texts", &index));
    assert_null(mien_hdf5_info(file, index));
    assert_null(mien_hdf5_name(file, -1));
    assert_null(mien_hdf5_name(file, mien_hdf5_count(file)));
    mien_tensor *tensor = NULL;
    assert_fails(mien_hdf5_load(file, -1, &tensor), MIEN_EINVAL, "number -1");
    mien_hdf5_close(&file);
}

static void attributes_are_listed_and_read(void **state) {
    (void)state;
    mien_hdf5 *file = opened("many.h5");
    char **names = NULL;
    int64_t count = 0;
    mien_tensor *tensor = NULL;
    assert_good(mien_hdf5_attributes(file, "", &names, &count));
    assert_int_equal(count, 4);
    assert_string_equal(names[0], "fixed");
    assert_string_equal(names[3], "version");
    mien_names_free(&names, count);
    assert_good(mien_hdf5_texts(file, "", "title", &names, &count));
    assert_int_equal(count, 1);
    assert_string_equal(names[0], "\xc3\xa4 title");
    mien_names_free(&names, count);
    assert_good(mien_hdf5_texts(file, "", "fixed", &names, &count));
    assert_int_equal(count, 2);
    assert_string_equal(names[0], "one");
    assert_string_equal(names[1], "three");
    mien_names_free(&names, count);
    assert_good(mien_hdf5_texts(file, "", "variable", &names, &count));
    assert_int_equal(count, 3);
    assert_string_equal(names[1], "");
    assert_string_equal(names[2], "yy");
    mien_names_free(&names, count);
    assert_good(mien_hdf5_numbers(file, "", "version", &tensor));
    assert_int_equal(((int32_t *)tensor->data)[1], 2);
    mien_tensor_free(&tensor);
    assert_good(mien_hdf5_numbers(file, "layouts", "half", &tensor));
    assert_true(((double *)tensor->data)[0] == 0.5);
    mien_tensor_free(&tensor);
    assert_fails(mien_hdf5_texts(file, "", "version", &names, &count),
        MIEN_EUNSUPPORTED, "no texts");
    assert_fails(mien_hdf5_numbers(file, "", "title", &tensor), MIEN_EUNSUPPORTED,
        "texts, not numbers");
    assert_fails(
        mien_hdf5_texts(file, "", "x", &names, &count), MIEN_ENOTFOUND, "\"x\"");
    assert_fails(mien_hdf5_attributes(file, "no", &names, &count), MIEN_ENOTFOUND,
        "no group or data set \"no\"");
    assert_true(mien_hdf5_has_group(file, "layouts"));
    assert_false(mien_hdf5_has_group(file, "scalar"));
    mien_hdf5_close(&file);
}

static void nothing_outside_the_file_is_opened(void **state) {
    (void)state;
    mien_hdf5 *file = opened("outside.h5");
    char **names = NULL;
    int64_t count = 0;
    static const float one[] = {1};
    assert_int_equal(mien_hdf5_count(file), 5);
    assert_set(file, "inside", MIEN_F32, 1, one);
    assert_refused(file, "link", MIEN_EUNSUPPORTED, "link to another file");
    assert_refused(file, "soft", MIEN_EUNSUPPORTED, "symbolic link");
    assert_refused(file, "external", MIEN_EUNSUPPORTED, "in another file");
    assert_refused(file, "virtual", MIEN_EUNSUPPORTED, "virtual");
    assert_fails(mien_hdf5_attributes(file, "link", &names, &count), MIEN_EUNSUPPORTED,
        "link to another file");
    assert_good(mien_hdf5_attributes(file, "external", &names, &count));
    mien_names_free(&names, count);
    mien_hdf5_close(&file);
}

static void claimed_shapes_without_values_are_refused(void **state) {
    (void)state;
    mien_hdf5 *file = opened("huge.h5");
    int64_t before = mien_peak_memory();
    assert_refused(file, "never", MIEN_ELIMIT, "claims 2147483648 bytes in a file of");
    assert_refused(file, "one_chunk", MIEN_ELIMIT, "claims 2147483648 bytes");
    assert_refused(file, "over", MIEN_EUNSUPPORTED, "more than 16 GiB");
    assert_refused(file, "small", MIEN_EFORMAT, "never written");
    assert_refused(file, "chunk", MIEN_EUNSUPPORTED, "chunk of it is too large");
    assert_true(mien_peak_memory() - before < 64 << 20);
    mien_hdf5_close(&file);
    assert_fails(mien_hdf5_open(support_source(GOLDEN "loop.h5"), &file), MIEN_ELIMIT,
        "deeper than 32");
}

/* Opens the first n bytes and loads all. */
static mien_status open_part(const char *bytes, size_t n) {
    char *exact = malloc(n ? n : 1);
    mien_hdf5 *file = NULL;
    memcpy(exact, bytes, n);
    mien_status status = mien_hdf5_open_memory("part.h5", exact, n, &file);
    for (int64_t i = 0; status == MIEN_OK && i < mien_hdf5_count(file); i++) {
        mien_tensor *tensor = NULL;
        status = mien_hdf5_load(file, i, &tensor);
        mien_tensor_free(&tensor);
    }
    mien_hdf5_close(&file);
    free(exact);
    return status;
}

static void a_file_cut_anywhere_is_refused_in_silence(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    assert_good(
        mien_file_read(support_source(GOLDEN "data.h5"), 100000, &bytes, &count));
    /* libhdf5 prints its stack to stderr unless it is told not to */
    const char *path = support_temp_path("stderr");
    int kept = dup(2);
    fflush(stderr);
    assert_non_null(freopen(path, "w", stderr));
    for (size_t n = 0; n < count; n += 7) {
        assert_fails(open_part(bytes, n), MIEN_EFORMAT, "part.h5");
    }
    fflush(stderr);
    dup2(kept, 2);
    close(kept);
    assert_int_equal(mien_file_size(path), 0);
    assert_good(open_part(bytes, count));
    mien_free(bytes);
}

/* libhdf5 forgets memory of its own on damaged files */
MIEN_API const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5\n";
}

/* libhdf5 1.10 crashes on some of these: the child does, we do not. */
static void a_file_with_one_byte_changed_stays_harmless(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    int refused = 0;
    assert_good(
        mien_file_read(support_source(GOLDEN "data.h5"), 100000, &bytes, &count));
    for (size_t n = 0; n < count; n += n >= 960 && n < 992 ? 1 : 61) {
        bytes[n] = (char)~bytes[n];
        refused += open_part(bytes, count) != MIEN_OK;
        bytes[n] = (char)~bytes[n];
    }
    assert_true(refused > 5);
    mien_free(bytes);
}

static void what_is_no_hdf5_is_refused(void **state) {
    (void)state;
    mien_hdf5 *file = NULL;
    assert_fails(mien_hdf5_open_memory("x.h5", "", 0, &file), MIEN_EFORMAT, "empty");
    assert_fails(mien_hdf5_open_memory("x.h5", "hello", 5, &file), MIEN_EFORMAT,
        "not a good HDF5 file");
    assert_fails(mien_hdf5_open("no/such.h5", &file), MIEN_EIO, "no/such.h5");
    assert_null(file);
}

static void two_files_are_open_at_once(void **state) {
    (void)state;
    mien_hdf5 *one = opened("default.h5"), *two = opened("data.h5");
    assert_string_equal(mien_hdf5_name(one, 0), "default");
    assert_string_equal(mien_hdf5_name(two, 0), "data");
    static const float want[] = {0, 1};
    assert_set(two, "rows", MIEN_I32, 2, want);
    mien_hdf5_close(&one);
    assert_set(two, "rows", MIEN_I32, 2, want);
    mien_hdf5_close(&two);
}

/* ---- other people's files ---- */

static void features_of_attend_affect_net_are_read(void **state) {
    (void)state;
    mien_tensor *tensor = NULL;
    assert_good(mien_hdf5_read(
        support_shared("data/attendaffectnet/vggish_sample.h5"), NULL, &tensor));
    assert_int_equal(tensor->shape[0], 10);
    assert_int_equal(tensor->shape[1], 128);
    float largest = 0;
    int64_t zeros = 0;
    for (int64_t i = 0; i < 1280; i++) {
        float v = ((float *)tensor->data)[i];
        largest = v > largest ? v : largest;
        zeros += v == 0;
    }
    assert_near((double)largest, 1.27168, 1e-5);
    assert_int_equal(zeros, 507);
    mien_tensor_free(&tensor);
}

static mien_status read_all(void *context) {
    mien_hdf5 *file = NULL;
    char **names = NULL;
    int64_t count = 0;
    mien_tensor *tensor = NULL;
    mien_status status = mien_hdf5_open(context, &file);
    if (status == MIEN_OK) {
        status = mien_hdf5_attributes(file, "", &names, &count);
        mien_names_free(&names, count);
    }
    if (status == MIEN_OK) {
        status = mien_hdf5_texts(file, "", "fixed", &names, &count);
        mien_names_free(&names, count);
    }
    if (status == MIEN_OK) {
        status = mien_hdf5_texts(file, "", "variable", &names, &count);
        mien_names_free(&names, count);
    }
    if (status == MIEN_OK) {
        status = mien_hdf5_numbers(file, "", "version", &tensor);
        mien_tensor_free(&tensor);
    }
    if (status == MIEN_OK) {
        int64_t index = 0;
        status = mien_hdf5_find(file, "layouts/packed", &index);
        status = status == MIEN_OK ? mien_hdf5_load(file, index, &tensor) : status;
        mien_tensor_free(&tensor);
    }
    mien_hdf5_close(&file);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(
        read_all, (void *)support_source(GOLDEN "many.h5"), 200);
}

/* A golden file as support_temp()/state.h5. */
static const char *copied(const char *golden) {
    char path[200] = GOLDEN, *bytes = NULL;
    size_t count = 0;
    strcat(path, golden);
    assert_good(mien_file_read(support_source(path), 1 << 20, &bytes, &count));
    const char *to = support_write("state.h5", bytes, count);
    mien_free(bytes);
    return to;
}

static void open_once(const char *path) {
    mien_hdf5 *file = NULL;
    assert_good(mien_hdf5_open(path, &file));
    mien_hdf5_close(&file);
}

static void a_file_is_read_by_a_child_once_for_each_state_of_it(void **state) {
    (void)state;
    const char *path = copied("default.h5");
    int64_t before = mien_hdf5_probe_children();
    open_once(path);
    open_once(path);
    assert_int_equal(mien_hdf5_probe_children() - before, 2); /* it is a second young */
    usleep(1100000);
    open_once(path);
    open_once(path);
    open_once(path);
    assert_int_equal(mien_hdf5_probe_children() - before, 3);
    copied("many.h5");
    open_once(path);
    assert_int_equal(mien_hdf5_probe_children() - before, 4);
    assert_int_equal(unlink(path), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_feature_file_is_read_without_its_name),
        cmocka_unit_test(every_type_is_read),
        cmocka_unit_test(bools_enumerations_and_bit_fields_are_read),
        cmocka_unit_test(chunks_packed_with_lzf_are_read),
        cmocka_unit_test(every_layout_gives_the_same_values),
        cmocka_unit_test(what_is_not_read_says_why),
        cmocka_unit_test(attributes_are_listed_and_read),
        cmocka_unit_test(nothing_outside_the_file_is_opened),
        cmocka_unit_test(claimed_shapes_without_values_are_refused),
        cmocka_unit_test(a_file_cut_anywhere_is_refused_in_silence),
        cmocka_unit_test(a_file_with_one_byte_changed_stays_harmless),
        cmocka_unit_test(what_is_no_hdf5_is_refused),
        cmocka_unit_test(two_files_are_open_at_once),
        cmocka_unit_test(features_of_attend_affect_net_are_read),
        cmocka_unit_test(a_file_is_read_by_a_child_once_for_each_state_of_it),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
