/* SPDX-License-Identifier: MIT */
/* Conversions between dtypes (half-precision values: numpy 2.4 and PyTorch 2). */
#include "support/support.h"

#include "mien/tensor.h"

#include <float.h>
#include <math.h>
#include <string.h>

static mien_tensor *convert(
    mien_dtype from, const void *data, int64_t n, mien_dtype to) {
    mien_tensor *t = NULL, *converted = NULL;
    assert_good(mien_tensor_over(from, 1, &n, (void *)(uintptr_t)data, &t));
    assert_good(mien_tensor_convert(t, to, &converted));
    assert_int_equal(converted->dtype, to);
    assert_int_equal(mien_tensor_count(converted), n);
    mien_tensor_free(&t);
    return converted;
}

static void doubles_round_once_to_half(void **state) {
    (void)state;
    const double x[] = {1.0, 0.1, 65504, 65520, 1e-8, 6e-8, 5.96e-8, 0x1.8p-24, 0x1p-25,
        3.0e-5, 1.0 / 3, -2.5, 2049, 2051, 0, -0.0, 65519.999, 1e300};
    const uint16_t want[] = {0x3c00, 0x2e66, 0x7bff, 0x7c00, 0, 1, 1, 2, 0, 0x1f7,
        0x3555, 0xc100, 0x6800, 0x6802, 0, 0x8000, 0x7bff, 0x7c00};
    int n = (int)(sizeof x / sizeof *x);
    mien_tensor *t = convert(MIEN_F64, x, n, MIEN_F16);
    for (int i = 0; i < n; i++) {
        assert_int_equal(((uint16_t *)t->data)[i], want[i]);
    }
    mien_tensor_free(&t);
}

static void floats_round_to_bfloat(void **state) {
    (void)state;
    const float x[] = {1, 0.1F, 3.4e38F, 3.39e38F, 1e-40F, 1.0F / 3, -2.5F, 257, 259};
    const uint16_t want[] = {
        0x3f80, 0x3dcd, 0x7f80, 0x7f7f, 1, 0x3eab, 0xc020, 0x4380, 0x4382};
    mien_tensor *t = convert(MIEN_F32, x, 9, MIEN_BF16);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(((uint16_t *)t->data)[i], want[i]);
    }
    mien_tensor_free(&t);
}

/* Both small formats: every pattern, to float and back. */
static void every_small_float_survives_the_way_through_float(void **state) {
    (void)state;
    static uint16_t all[65536];
    for (int i = 0; i < 65536; i++) {
        all[i] = (uint16_t)i;
    }
    for (int f = 0; f < 2; f++) {
        mien_dtype small = f ? MIEN_BF16 : MIEN_F16;
        mien_tensor *wide = convert(small, all, 65536, MIEN_F32);
        mien_tensor *back = convert(MIEN_F32, wide->data, 65536, small);
        for (int i = 0; i < 65536; i++) {
            float x = ((float *)wide->data)[i];
            uint16_t got = ((uint16_t *)back->data)[i];
            if (isnan(x)) {
                uint16_t infinity = f ? 0x7f80 : 0x7c00;
                assert_true((got & 0x7fff) > infinity);
            } else {
                assert_int_equal(got, i);
            }
        }
        mien_tensor_free(&wide);
        mien_tensor_free(&back);
    }
}

static void half_patterns_mean_what_the_standard_says(void **state) {
    (void)state;
    const uint16_t h[] = {0x0001, 0x03ff, 0x0400, 0x3c01, 0x7bff, 0xfc00, 0x8000};
    const float want[] = {
        0x1p-24F, 0x1.ff8p-15F, 0x1p-14F, 0x1.004p0F, 65504, -INFINITY, 0};
    mien_tensor *t = convert(MIEN_F16, h, 7, MIEN_F32);
    for (int i = 0; i < 7; i++) {
        assert_true(((float *)t->data)[i] == want[i]);
    }
    mien_tensor_free(&t);
}

static void floats_become_the_nearest_integer_they_can(void **state) {
    (void)state;
    const float x[] = {0.5F, 1.5F, 2.5F, -0.6F, 300, -300, NAN, INFINITY, -INFINITY};
    const uint8_t u8[] = {0, 2, 2, 0, 255, 0, 0, 255, 0};
    const int8_t i8[] = {0, 2, 2, -1, 127, -128, 0, 127, -128};
    mien_tensor *t = convert(MIEN_F32, x, 9, MIEN_U8);
    assert_memory_equal(t->data, u8, 9);
    mien_tensor_free(&t);
    t = convert(MIEN_F32, x, 9, MIEN_I8);
    assert_memory_equal(t->data, i8, 9);
    mien_tensor_free(&t);
    const double big[] = {1e30, -1e30, 0x1p63, -0x1p63};
    t = convert(MIEN_F64, big, 4, MIEN_I64);
    assert_true(((int64_t *)t->data)[0] == INT64_MAX);
    assert_true(((int64_t *)t->data)[1] == INT64_MIN);
    assert_true(((int64_t *)t->data)[2] == INT64_MAX);
    assert_true(((int64_t *)t->data)[3] == INT64_MIN);
    mien_tensor_free(&t);
    const double far[] = {1e300};
    t = convert(MIEN_F64, far, 1, MIEN_F32);
    assert_true(isinf(((float *)t->data)[0]));
    mien_tensor_free(&t);
}

static void large_integers_stay_exact(void **state) {
    (void)state;
    const int64_t x[] = {(INT64_C(1) << 53) + 1, 70000, -1, 0};
    mien_tensor *t = convert(MIEN_I64, x, 4, MIEN_I64);
    assert_memory_equal(t->data, x, sizeof x);
    mien_tensor_free(&t);
    t = convert(MIEN_I64, x, 4, MIEN_U16);
    const uint16_t want[] = {65535, 65535, 0, 0};
    assert_memory_equal(t->data, want, sizeof want);
    mien_tensor_free(&t);
    t = convert(MIEN_I64, x, 4, MIEN_BOOL);
    const uint8_t truth[] = {1, 1, 1, 0};
    assert_memory_equal(t->data, truth, sizeof truth);
    mien_tensor_free(&t);
}

static void every_pair_of_types_keeps_small_whole_numbers(void **state) {
    (void)state;
    enum { N = 1300 }; /* more than one chunk */
    static float x[N];
    for (int i = 0; i < N; i++) {
        x[i] = (float)(i * 7 % 128);
    }
    for (int from = 0; from < MIEN_BOOL; from++) {
        for (int to = 0; to < MIEN_BOOL; to++) {
            mien_tensor *a = convert(MIEN_F32, x, N, (mien_dtype)from);
            mien_tensor *b = convert((mien_dtype)from, a->data, N, (mien_dtype)to);
            mien_tensor *c = convert((mien_dtype)to, b->data, N, MIEN_F32);
            assert_memory_equal(c->data, x, sizeof x);
            mien_tensor_free(&a);
            mien_tensor_free(&b);
            mien_tensor_free(&c);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_round_once_to_half),
        cmocka_unit_test(floats_round_to_bfloat),
        cmocka_unit_test(every_small_float_survives_the_way_through_float),
        cmocka_unit_test(half_patterns_mean_what_the_standard_says),
        cmocka_unit_test(floats_become_the_nearest_integer_they_can),
        cmocka_unit_test(large_integers_stay_exact),
        cmocka_unit_test(every_pair_of_types_keeps_small_whole_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
