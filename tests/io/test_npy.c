/* SPDX-License-Identifier: MIT */
/* NumPy files: all types there and back, and every mistake in a header. */
#include "support/support.h"

#include "mien/io.h"

#include <stdlib.h>
#include <string.h>

/* A file of version 1 with this header and these values. */
static const char *npy(const char *header, const void *values, size_t count) {
    static unsigned char bytes[2000];
    size_t length = strlen(header);
    memcpy(bytes, "\x93NUMPY\x01\0", 8);
    bytes[8] = (unsigned char)(length & 255);
    bytes[9] = (unsigned char)(length >> 8);
    memcpy(bytes + 10, header, length);
    if (count > 0) {
        memcpy(bytes + 10 + length, values, count);
    }
    return support_write("x.npy", bytes, 10 + length + count);
}

static void assert_refused(
    const char *header, size_t count, mien_status status, const char *part) {
    static const char zeros[64];
    mien_tensor *tensor = NULL;
    assert_fails(mien_npy_read(npy(header, zeros, count), &tensor), status, part);
    assert_null(tensor);
}

static void every_type_reads_back_the_same(void **state) {
    (void)state;
    static const mien_dtype types[] = {MIEN_F32, MIEN_F64, MIEN_F16, MIEN_I8, MIEN_U8,
        MIEN_I16, MIEN_U16, MIEN_I32, MIEN_I64, MIEN_BOOL};
    static const int64_t shape[] = {2, 3};
    const char *path = support_temp_path("t.npy");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        for (int rank = 0; rank <= 2; rank++) {
            mien_tensor *tensor = NULL, *back = NULL;
            assert_good(mien_tensor_new(types[i], rank, shape, &tensor));
            memset(tensor->data, 1, mien_tensor_bytes(tensor));
            assert_good(mien_npy_write(path, tensor));
            assert_good(mien_npy_read(path, &back));
            assert_int_equal(back->dtype, types[i]);
            assert_int_equal(back->rank, rank);
            assert_memory_equal(
                back->shape, tensor->shape, sizeof shape[0] * (size_t)rank);
            assert_memory_equal(back->data, tensor->data, mien_tensor_bytes(tensor));
            mien_tensor_free(&tensor);
            mien_tensor_free(&back);
        }
    }
}

static void a_file_is_written_as_numpy_does(void **state) {
    (void)state;
    static const int64_t shape[] = {1};
    mien_tensor *tensor = NULL;
    char *bytes = NULL;
    size_t count = 0;
    const char *path = support_temp_path("n.npy");
    assert_good(mien_tensor_new(MIEN_F32, 1, shape, &tensor));
    assert_good(mien_npy_write(path, tensor));
    assert_good(mien_file_read(path, 1000, &bytes, &count));
    assert_int_equal(count, 128 + 4);
    assert_memory_equal(bytes, "\x93NUMPY\x01\0\x76\0", 10);
    assert_memory_equal(
        bytes + 10, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 57);
    assert_int_equal(bytes[127], '\n');
    mien_free(bytes);
    mien_tensor_free(&tensor);
}

static void headers_of_other_writers_read(void **state) {
    (void)state;
    static const float values[] = {1, 2};
    mien_tensor *tensor = NULL;
    assert_good(mien_npy_read(
        npy("{\"shape\":(2,),\"fortran_order\":True,\"descr\":\"<f4\"}", values, 8),
        &tensor));
    assert_close(tensor->data, values, 2, 0, 0);
    mien_tensor_free(&tensor);
    assert_good(mien_npy_read(
        npy("{'descr': '<u1', 'fortran_order': False, 'shape': (0, 3), }", NULL, 0),
        &tensor));
    assert_int_equal(mien_tensor_count(tensor), 0);
    mien_tensor_free(&tensor);
}

static void assert_reads(const char *header, const void *values, size_t count,
    mien_dtype dtype, const void *want, int64_t rows, int64_t columns) {
    mien_tensor *tensor = NULL;
    assert_good(mien_npy_read(npy(header, values, count), &tensor));
    assert_int_equal(tensor->dtype, dtype);
    assert_int_equal(tensor->rank, 2);
    assert_int_equal(tensor->shape[0], rows);
    assert_int_equal(tensor->shape[1], columns);
    assert_memory_equal(tensor->data, want, mien_tensor_bytes(tensor));
    mien_tensor_free(&tensor);
}

/* [[0, 1, 2], [3, 4, 5]] in Fortran order is 0 3 1 4 2 5. */
static void fortran_order_reads_in_c_order(void **state) {
    (void)state;
    static const float stored[] = {0, 3, 1, 4, 2, 5}, want[] = {0, 1, 2, 3, 4, 5};
    static const unsigned char bools[] = {0, 0, 1, 1, 1, 0},
                               flags[] = {0, 1, 1, 0, 1, 0};
    assert_reads("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", stored,
        sizeof stored, MIEN_F32, want, 2, 3);
    assert_reads("{'descr': '|b1', 'fortran_order': True, 'shape': (2, 3), }", bools,
        sizeof bools, MIEN_BOOL, flags, 2, 3);
}

/* x[i][j][k] = 100 i + 10 j + k, first index fastest. */
static void fortran_order_of_three_dimensions_reads(void **state) {
    (void)state;
    int16_t stored[2 * 3 * 4];
    for (int16_t n = 0; n < 24; n++) {
        stored[n] = (int16_t)(100 * (n % 2) + 10 * (n / 2 % 3) + n / 6);
    }
    mien_tensor *tensor = NULL;
    assert_good(mien_npy_read(
        npy("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3, 4), }", stored,
            sizeof stored),
        &tensor));
    const int16_t *got = tensor->data;
    for (int n = 0; n < 24; n++) {
        assert_int_equal(got[n], 100 * (n / 12) + 10 * (n / 4 % 3) + n % 4);
    }
    mien_tensor_free(&tensor);
}

static void either_byte_order_reads(void **state) {
    (void)state;
    static const unsigned char f4[] = {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0},
                               i8[] = {255, 255, 255, 255, 255, 255, 255, 254},
                               u2[] = {1, 2, 0xff, 0xfe}, i1[] = {255, 1},
                               both[] = {0, 1, 0, 2, 0, 3, 0, 4};
    static const float ones[] = {1, -2};
    static const int64_t minus_two[] = {-2};
    static const uint16_t small[] = {0x102, 0xfffe};
    static const int16_t turned[] = {1, 3, 2, 4};
    assert_reads("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 1), }", f4, 8,
        MIEN_F32, ones, 2, 1);
    assert_reads("{'descr': '>i8', 'fortran_order': False, 'shape': (1, 1), }", i8, 8,
        MIEN_I64, minus_two, 1, 1);
    assert_reads("{'descr': '>u2', 'fortran_order': False, 'shape': (1, 2), }", u2, 4,
        MIEN_U16, small, 1, 2);
    assert_reads("{'descr': '>i1', 'fortran_order': False, 'shape': (1, 2), }", i1, 2,
        MIEN_I8, i1, 1, 2);
    assert_reads("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 2), }", both, 8,
        MIEN_I16, turned, 2, 2);
}

static void wide_unsigned_integers_read_as_i64(void **state) {
    (void)state;
    static const uint32_t u4[] = {0, 4294967295u};
    static const uint64_t u8[] = {5, INT64_MAX}, large[] = {1, (uint64_t)1 << 63};
    static const int64_t from_u4[] = {0, 4294967295}, from_u8[] = {5, INT64_MAX};
    assert_reads("{'descr': '<u4', 'fortran_order': False, 'shape': (1, 2), }", u4, 8,
        MIEN_I64, from_u4, 1, 2);
    assert_reads("{'descr': '<u8', 'fortran_order': False, 'shape': (2, 1), }", u8, 16,
        MIEN_I64, from_u8, 2, 1);
    mien_tensor *tensor = NULL;
    assert_fails(
        mien_npy_read(
            npy("{'descr': '<u8', 'fortran_order': False, 'shape': (2,), }", large, 16),
            &tensor),
        MIEN_ELIMIT, "2^63");
    assert_null(tensor);
}

static void headers_of_python_2_read(void **state) {
    (void)state;
    static const float values[] = {1, 2, 3, 4, 5, 6};
    assert_reads("{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }",
        values, sizeof values, MIEN_F32, values, 2, 3);
    assert_refused("{'descr': '<f4', 'fortran_order': False, 'shape': (L,), }", 0,
        MIEN_EFORMAT, "not a number");
    assert_refused("{'descr': '<f4', 'fortran_order': False, 'shape': (1LL,), }", 0,
        MIEN_EFORMAT, "does not end");
}

static void what_is_not_supported_is_named(void **state) {
    (void)state;
    assert_refused("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 4,
        MIEN_EUNSUPPORTED, "'|O'");
    assert_refused("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8,
        MIEN_EUNSUPPORTED, "'<c8'");
    assert_refused("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
        4, MIEN_EUNSUPPORTED, "records");
    assert_refused("{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }", 16,
        MIEN_EUNSUPPORTED, "long type '<f16'");
    assert_refused("{'descr': '<U2', 'fortran_order': False, 'shape': (1,), }", 8,
        MIEN_EUNSUPPORTED, "text type '<U2'");
    assert_refused("{'descr': '', 'fortran_order': False, 'shape': (1,), }", 4,
        MIEN_EUNSUPPORTED, "''");
    assert_refused(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", 4,
        MIEN_EUNSUPPORTED, "more than 8");
}

static void bad_headers_are_refused(void **state) {
    (void)state;
    assert_refused("", 0, MIEN_EFORMAT, "not a dictionary");
    assert_refused("{'descr': '<f4'}", 0, MIEN_EFORMAT, "missing");
    assert_refused(
        "{'descr': '<f4', 'descr': '<f4'}", 0, MIEN_EFORMAT, "unexpected key");
    assert_refused("{'x': 1}", 0, MIEN_EFORMAT, "unexpected key \"x\"");
    assert_refused("{'descr' '<f4'}", 0, MIEN_EFORMAT, "no :");
    assert_refused("{'descr': '<f4", 0, MIEN_EFORMAT, "without end");
    assert_refused("{'shape': (1", 0, MIEN_EFORMAT, "does not end");
    assert_refused("{'shape': (-1,)", 0, MIEN_EFORMAT, "not a number");
    assert_refused("{'shape': 3", 0, MIEN_EFORMAT, "tuple");
    assert_refused("{'fortran_order': 0", 0, MIEN_EFORMAT, "neither True nor False");
    assert_refused("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x", 4,
        MIEN_EFORMAT, "text after");
    assert_refused(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999,), }", 4,
        MIEN_ELIMIT, "too large");
    assert_refused("{'descr': '<f4', 'fortran_order': False, "
                   "'shape': (9999999999,9999999999,9999999999), }",
        4, MIEN_ELIMIT, "16 GiB");
    assert_refused("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 4,
        MIEN_EFORMAT, "truncated");
    assert_refused("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 5,
        MIEN_EFORMAT, "5 bytes of values where the shape needs 4");
    mien_tensor *tensor = NULL;
    assert_fails(
        mien_npy_read(
            npy("{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }", "\2", 1),
            &tensor),
        MIEN_EFORMAT, "bool with value 2");
    assert_fails(mien_npy_read(support_write("no.npy", "hello, world", 12), &tensor),
        MIEN_EFORMAT, "not a .npy");
    assert_fails(
        mien_npy_read(support_write("v9.npy", "\x93NUMPY\x09\0\0\0", 10), &tensor),
        MIEN_EUNSUPPORTED, "version 9");
}

static void a_file_cut_anywhere_is_refused(void **state) {
    (void)state;
    static const float values[] = {1, 2};
    static const char header[] =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";
    char *bytes = NULL;
    size_t count = 0;
    assert_good(mien_file_read(npy(header, values, 8), 1000, &bytes, &count));
    for (size_t n = 0; n < count; n++) {
        mien_tensor *tensor = NULL;
        assert_fails(mien_npy_read(support_write("cut.npy", bytes, n), &tensor),
            MIEN_EFORMAT, "cut.npy");
    }
    mien_free(bytes);
}

static void a_full_disk_is_an_error(void **state) {
    (void)state;
    mien_tensor *tensor = NULL;
    static const int64_t shape[] = {1 << 20};
    assert_good(mien_tensor_new(MIEN_F32, 1, shape, &tensor));
    assert_fails(mien_npy_write("/dev/full", tensor), MIEN_EIO, "/dev/full");
    mien_tensor_free(&tensor);
    assert_good(mien_tensor_new(MIEN_BF16, 1, shape, &tensor));
    assert_fails(
        mien_npy_write(support_temp_path("b"), tensor), MIEN_EUNSUPPORTED, "bf16");
    mien_tensor_free(&tensor);
}

static mien_status write_and_read(void *context) {
    static const int64_t shape[] = {3};
    mien_tensor *tensor = NULL, *back = NULL;
    mien_status status = mien_tensor_new(MIEN_I16, 1, shape, &tensor);
    if (status == MIEN_OK) {
        status = mien_npy_write(context, tensor);
    }
    if (status == MIEN_OK) {
        status = mien_npy_read(context, &back);
    }
    mien_tensor_free(&tensor);
    mien_tensor_free(&back);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(
        write_and_read, (void *)support_temp_path("alloc"), 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_reads_back_the_same),
        cmocka_unit_test(a_file_is_written_as_numpy_does),
        cmocka_unit_test(headers_of_other_writers_read),
        cmocka_unit_test(fortran_order_reads_in_c_order),
        cmocka_unit_test(fortran_order_of_three_dimensions_reads),
        cmocka_unit_test(either_byte_order_reads),
        cmocka_unit_test(wide_unsigned_integers_read_as_i64),
        cmocka_unit_test(headers_of_python_2_read),
        cmocka_unit_test(what_is_not_supported_is_named),
        cmocka_unit_test(bad_headers_are_refused),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
