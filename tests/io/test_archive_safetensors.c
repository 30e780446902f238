/* SPDX-License-Identifier: MIT */
/* safetensors: written files read back, those of others too, and no bad header passes.
 */
#include "support/support.h"

#include "io/archive.h"

#include <stdlib.h>
#include <string.h>

/* A file in memory from its header and `count` zeros of values. */
static mien_status open_header(
    const char *header, size_t count, mien_archive **archive) {
    static unsigned char bytes[4096];
    size_t length = strlen(header);
    memset(bytes, 0, sizeof bytes);
    bytes[0] = (unsigned char)(length & 255);
    bytes[1] = (unsigned char)(length >> 8);
    memcpy(bytes + 8, header, length);
    return mien_archive_open_memory(
        "x.safetensors", bytes, 8 + length + count, archive);
}

static void assert_refused(
    const char *header, size_t count, mien_status status, const char *part) {
    mien_archive *archive = NULL;
    assert_fails(open_header(header, count, &archive), status, part);
    assert_null(archive);
}

#define X(shape, from, to)                                                             \
    "{\"dtype\":\"F32\",\"shape\":[" shape "],\"data_offsets\":[" from "," to "]}"

static void a_written_file_reads_back(void **state) {
    (void)state;
    static const int64_t shape[] = {2, 3};
    static const char *const names[] = {"b", "a \"\xc3\xa4\"", "none"};
    static const char *const metadata[] = {"mien", "{\"x\": 1}", "note", "\n", NULL};
    mien_tensor *t[3] = {NULL}, *back = NULL;
    static const int64_t empty[] = {0, 4};
    assert_good(mien_tensor_new(MIEN_F32, 2, shape, &t[0]));
    assert_good(mien_tensor_new(MIEN_I64, 0, shape, &t[1]));
    assert_good(mien_tensor_new(MIEN_BF16, 2, empty, &t[2]));
    for (int i = 0; i < 6; i++) {
        ((float *)t[0]->data)[i] = (float)i / 3;
    }
    ((int64_t *)t[1]->data)[0] = -7;
    const char *path = support_temp_path("w.safetensors");
    assert_good(mien_safetensors_write(
        path, 3, names, (const mien_tensor *const *)t, metadata));
    mien_archive *archive = NULL;
    assert_good(mien_archive_open(path, &archive));
    assert_string_equal(mien_archive_format(archive), "safetensors");
    assert_int_equal(mien_archive_count(archive), 3);
    assert_string_equal(mien_archive_name(archive, 0), "b");
    assert_int_equal(mien_archive_find(archive, names[1]), 1);
    assert_int_equal(mien_archive_find(archive, "c"), -1);
    assert_int_equal(mien_archive_info(archive, 0)->shape[1], 3);
    assert_null(mien_archive_info(archive, 0)->data);
    assert_string_equal(mien_archive_metadata(archive, "mien"), "{\"x\": 1}");
    assert_string_equal(mien_archive_metadata(archive, "note"), "\n");
    assert_null(mien_archive_metadata(archive, "other"));
    assert_good(mien_archive_load(archive, 0, &back));
    assert_memory_equal(back->data, t[0]->data, 24);
    mien_tensor_free(&back);
    assert_good(mien_archive_load(archive, 1, &back));
    assert_int_equal(((int64_t *)back->data)[0], -7);
    mien_tensor_free(&back);
    assert_good(mien_archive_load(archive, 2, &back));
    assert_int_equal(back->dtype, MIEN_BF16);
    mien_tensor_free(&back);
    assert_fails(mien_archive_load(archive, 3, &back), MIEN_EINVAL, "number 3");
    mien_archive_close(&archive);
    for (int i = 0; i < 3; i++) {
        mien_tensor_free(&t[i]);
    }
}

static void the_values_start_at_a_multiple_of_64(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    const char *path = support_temp_path("e.safetensors");
    assert_good(mien_safetensors_write(path, 0, NULL, NULL, NULL));
    assert_good(mien_file_read(path, 1000, &bytes, &count));
    assert_int_equal(count, 64);
    assert_memory_equal(bytes, "\x38\0\0\0\0\0\0\0{} ", 11);
    mien_free(bytes);
}

static void bad_headers_are_refused(void **state) {
    (void)state;
    assert_refused("{\"a\":" X("2", "0", "8") "}", 4, MIEN_EFORMAT, "truncated");
    assert_refused("{\"a\":" X("2", "0", "8") "}", 9, MIEN_EFORMAT, "1 bytes after");
    assert_refused("{\"a\":" X("2", "4", "12") "}", 12, MIEN_EFORMAT, "gap before");
    assert_refused("{\"a\":" X("2", "0", "8") ",\"b\":" X("2", "4", "12") "}", 12,
        MIEN_EFORMAT, "\"b\" overlaps");
    assert_refused(
        "{\"a\":" X("3", "0", "8") "}", 8, MIEN_EFORMAT, "do not hold f32 [3]");
    assert_refused("{\"a\":" X("-1", "0", "8") "}", 8, MIEN_EFORMAT, "no count");
    assert_refused("{\"a\":" X("1.0", "0", "4") "}", 4, MIEN_EFORMAT, "no count");
    assert_refused("{\"a\":" X("4611686018427387904,4", "0", "8") "}", 8, MIEN_EFORMAT,
        "do not hold");
    assert_refused("{\"a\":" X("2", "8", "0") "}", 8, MIEN_EFORMAT, "backwards");
    assert_refused("{\"a\":" X("2", "-8", "0") "}", 8, MIEN_EFORMAT, "backwards");
    assert_refused(
        "{\"a\":" X("2", "0", "9223372036854775807") "}", 8, MIEN_EFORMAT, "truncated");
    assert_refused("{\"a\":" X("1", "0", "4") ",\"a\":" X("1", "4", "8") "}", 8,
        MIEN_EFORMAT, "duplicate");
    assert_refused("{\"a\":1}", 0, MIEN_EFORMAT, "not described");
    assert_refused("{\"a\":{}}", 0, MIEN_EFORMAT, "no dtype");
    assert_refused("{\"a\":{\"dtype\":\"F32\"}}", 0, MIEN_EFORMAT, "no shape");
    assert_refused(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 0, MIEN_EFORMAT, "data_offsets");
    assert_refused(
        "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[],\"data_offsets\":[0,1]}}", 1,
        MIEN_EUNSUPPORTED, "F8_E4M3");
    assert_refused("{\"a\":" X("1,1,1,1,1,1,1,1,1", "0", "4") "}", 4, MIEN_EUNSUPPORTED,
        "9 dimensions");
    assert_refused("{\"__metadata__\":{\"a\":1}}", 0, MIEN_EFORMAT, "\"a\" is no text");
    assert_refused("{\"__metadata__\":1}", 0, MIEN_EFORMAT, "no object");
    assert_refused("{\"a\xff\":1}", 0, MIEN_EFORMAT, "header");
    assert_refused("{", 0, MIEN_EFORMAT, "header");
    assert_refused("[]", 0, MIEN_EFORMAT, "no weights");
}

static void an_empty_tensor_may_have_other_sizes_that_fit(void **state) {
    (void)state;
    mien_archive *archive = NULL;
    mien_tensor *tensor = NULL;
    assert_good(
        open_header("{\"a\":" X("0,4611686018427387904", "0", "0") "}", 0, &archive));
    assert_good(mien_archive_load(archive, 0, &tensor));
    assert_int_equal(mien_tensor_count(tensor), 0);
    mien_tensor_free(&tensor);
    mien_archive_close(&archive);
    assert_refused(
        "{\"a\":" X("0,4611686018427387904,4611686018427387904", "0", "0") "}", 0,
        MIEN_EFORMAT, "0 bytes do not hold");
}

static void an_enormous_header_length_is_no_allocation(void **state) {
    (void)state;
    mien_archive *archive = NULL;
    assert_fails(mien_archive_open_memory(
                     "x", "\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10, &archive),
        MIEN_EFORMAT, "no weights");
    assert_fails(mien_archive_open_memory("x", "\0\0\0\1\0\0\0\0{}", 10, &archive),
        MIEN_EFORMAT, "cut off");
}

static void what_is_no_archive_is_told_by_name(void **state) {
    (void)state;
    mien_archive *archive = NULL;
    assert_fails(mien_archive_open_memory("x", "", 0, &archive), MIEN_EFORMAT, "empty");
    assert_fails(mien_archive_open_memory("x", "<!DOCTYPE html>", 15, &archive),
        MIEN_EFORMAT, "web page");
    assert_fails(mien_archive_open_memory(
                     "x", "version https://git-lfs.github.com/spec/v1", 42, &archive),
        MIEN_EFORMAT, "Git LFS");
    assert_fails(mien_archive_open(support_temp(), &archive), MIEN_EIO, "directory");
    assert_fails(mien_archive_open("no/such", &archive), MIEN_EIO, "no/such");
}

static void a_file_of_the_reference_library_reads(void **state) {
    (void)state;
    mien_archive *archive = NULL;
    assert_good(mien_archive_open(
        support_source("tests/golden/torch/plain.safetensors"), &archive));
    assert_int_equal(mien_archive_count(archive), 12);
    assert_string_equal(mien_archive_metadata(archive, "note"), "\xc3\xa4 \"quoted\"");
    mien_archive_close(&archive);
}

static void names_must_be_unique_texts(void **state) {
    (void)state;
    static const char *const twice[] = {"a", "a"}, *const reserved[] = {"__metadata__"};
    static const char *const bytes[] = {"\xff"};
    static const char *const metadata[] = {"a", "\xff", NULL};
    mien_tensor *tensor = NULL;
    assert_good(mien_tensor_new(MIEN_F32, 0, NULL, &tensor));
    const mien_tensor *t[] = {tensor, tensor};
    const char *path = support_temp_path("names");
    assert_fails(
        mien_safetensors_write(path, 2, twice, t, NULL), MIEN_EINVAL, "called \"a\"");
    assert_fails(
        mien_safetensors_write(path, 1, reserved, t, NULL), MIEN_EINVAL, "reserved");
    assert_fails(mien_safetensors_write(path, 1, bytes, t, NULL), MIEN_EINVAL, "UTF-8");
    assert_fails(
        mien_safetensors_write(path, 1, twice, t, metadata), MIEN_EINVAL, "metadata");
    assert_false(mien_file_exists(path));
    assert_fails(
        mien_safetensors_write("/dev/full", 1, twice, t, NULL), MIEN_EIO, "/dev/full");
    mien_tensor_free(&tensor);
}

static mien_status write_and_open(void *context) {
    static const int64_t shape[] = {2};
    static const char *const names[] = {"a"}, *const metadata[] = {"k", "v", NULL};
    mien_tensor *tensor = NULL, *back = NULL;
    mien_archive *archive = NULL;
    mien_status status = mien_tensor_new(MIEN_F32, 1, shape, &tensor);
    if (status == MIEN_OK) {
        status = mien_safetensors_write(
            context, 1, names, (const mien_tensor *const *)&tensor, metadata);
    }
    if (status == MIEN_OK) {
        status = mien_archive_open(context, &archive);
    }
    if (status == MIEN_OK) {
        status = mien_archive_load(archive, 0, &back);
    }
    mien_archive_close(&archive);
    mien_tensor_free(&tensor);
    mien_tensor_free(&back);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(
        write_and_open, (void *)support_temp_path("alloc"), 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_written_file_reads_back),
        cmocka_unit_test(the_values_start_at_a_multiple_of_64),
        cmocka_unit_test(bad_headers_are_refused),
        cmocka_unit_test(an_empty_tensor_may_have_other_sizes_that_fit),
        cmocka_unit_test(an_enormous_header_length_is_no_allocation),
        cmocka_unit_test(what_is_no_archive_is_told_by_name),
        cmocka_unit_test(a_file_of_the_reference_library_reads),
        cmocka_unit_test(names_must_be_unique_texts),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
