/* SPDX-License-Identifier: MIT */
/* Resizes against Pillow (exact) and torch (float), and against themselves. */
#include "support/support.h"

#include "mien/signal.h"
#include "signal/resize_kernels.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The formula of python/golden/resize.py. */
static uint8_t pixel_of(uint64_t i) {
    return (uint8_t)((uint32_t)(i * UINT64_C(2654435761) + 12345) >> 13);
}

static mien_tensor *picture(int64_t height, int64_t width, int64_t channels) {
    int64_t shape[3] = {height, width, channels};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    for (int64_t i = 0; i < height * width * channels; i++) {
        ((uint8_t *)image->data)[i] = pixel_of((uint64_t)i);
    }
    return image;
}

static void hash_of(const mien_tensor *image, char text[17]) {
    uint64_t value = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < mien_tensor_bytes(image); i++) {
        value = (value ^ ((const uint8_t *)image->data)[i]) * UINT64_C(0x100000001b3);
    }
    snprintf(text, 17, "%016" PRIx64, value);
}

static void check_samples(
    const char *line, const mien_tensor *got, const char *samples) {
    int64_t count = mien_tensor_count(got);
    char *end = NULL;
    for (int64_t k = 0; *samples > ' '; k++) {
        float want = strtof(samples, &end);
        float value = ((const float *)got->data)[k * 7919 % count];
        /* of a range of 255; torch itself rounds positions to float */
        if (!(fabsf(value - want) <= 0.01f)) {
            fail_msg("%s: sample %d: got %.7g, want %.7g", line, (int)k, (double)value,
                (double)want);
        }
        samples = *end == ' ' ? end + 1 : end;
    }
}

static void check_row(char *line, mien_thread_pool *pool) {
    char kernel[32], hash[17];
    int h, w, c, height, width, used = 0;
    mien_resize resize;
    assert_int_equal(sscanf(line, "%31[^,],%d,%d,%d,%d,%d,%n", kernel, &h, &w, &c,
                         &height, &width, &used),
        6);
    assert_good(mien_resize_parse(kernel, &resize));
    mien_tensor *image = picture(h, w, c), *got = NULL;
    assert_good(mien_image_resize(image, height, width, resize, pool, &got));
    assert_int_equal(got->shape[0], height);
    assert_int_equal(got->shape[1], width);
    assert_int_equal(got->shape[2], c);
    if (line[used] != ',') {
        assert_int_equal(got->dtype, MIEN_U8);
        hash_of(got, hash);
        if (strncmp(hash, line + used, 16) != 0) {
            fail_msg("%s: got %s", line, hash);
        }
    } else {
        assert_int_equal(got->dtype, MIEN_F32);
        check_samples(line, got, line + used + 1);
    }
    mien_tensor_free(&got);
    mien_tensor_free(&image);
}

static void check_golden(mien_thread_pool *pool) {
    char line[1024];
    int rows = 0;
    FILE *file = fopen(support_source("tests/golden/resize.csv"), "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        check_row(line, pool);
        rows++;
    }
    fclose(file);
    assert_true(rows > 100);
}

static void resizes_equal_those_of_pillow_and_torch(void **state) {
    (void)state;
    check_golden(NULL);
}

static void a_pool_changes_nothing(void **state) {
    (void)state;
    mien_thread_pool *pool = NULL;
    assert_good(mien_thread_pool_new(2, &pool));
    check_golden(pool);
    mien_thread_pool_free(&pool);
}

static void names_are_read_back(void **state) {
    (void)state;
    for (int i = 0; i <= MIEN_RESIZE_BICUBIC_AA_TORCH; i++) {
        mien_resize resize = MIEN_RESIZE_NEAREST;
        assert_good(mien_resize_parse(mien_resize_name((mien_resize)i), &resize));
        assert_int_equal(resize, i);
    }
    mien_resize resize = MIEN_RESIZE_NEAREST;
    assert_fails(mien_resize_parse("lanczos", &resize), MIEN_EINVAL, "lanczos");
    assert_fails(mien_resize_parse(NULL, &resize), MIEN_EINVAL, "name is NULL");
    assert_string_equal(mien_resize_name((mien_resize)99), "unknown");
}

static void a_flat_picture_stays_flat(void **state) {
    (void)state;
    mien_tensor *image = picture(31, 17, 3), *got = NULL;
    memset(image->data, 201, mien_tensor_bytes(image));
    for (int i = 0; i <= MIEN_RESIZE_BICUBIC_AA_TORCH; i++) {
        assert_good(mien_image_resize(image, 9, 40, (mien_resize)i, NULL, &got));
        for (int64_t k = 0; k < mien_tensor_count(got); k++) {
            double value = got->dtype == MIEN_U8 ? (double)((uint8_t *)got->data)[k]
                                                 : (double)((float *)got->data)[k];
            assert_near(value, 201.0, 1e-3);
        }
        mien_tensor_free(&got);
    }
    mien_tensor_free(&image);
}

static void wrong_input_is_refused(void **state) {
    (void)state;
    mien_tensor *image = picture(4, 4, 3), *got = NULL, *other = NULL;
    const mien_resize b = MIEN_RESIZE_BILINEAR;
    assert_fails(mien_image_resize(image, 0, 4, b, NULL, &got), MIEN_EINVAL, "0 x 4");
    assert_fails(mien_image_resize(image, 4, -1, b, NULL, &got), MIEN_EINVAL, "-1");
    assert_fails(
        mien_image_resize(image, 4, 4, (mien_resize)77, NULL, &got), MIEN_EINVAL, "77");
    assert_fails(mien_image_resize(image, 1000000, 1000000, b, NULL, &got), MIEN_ELIMIT,
        "too large");
    int64_t flat[2] = {4, 4}, many[3] = {4, 4, 5}, none[3] = {0, 4, 3};
    assert_good(mien_tensor_new(MIEN_U8, 2, flat, &other));
    assert_fails(mien_image_resize(other, 4, 4, b, NULL, &got), MIEN_ESHAPE, "[4, 4]");
    mien_tensor_free(&other);
    assert_good(mien_tensor_new(MIEN_U8, 3, many, &other));
    assert_fails(mien_image_resize(other, 4, 4, b, NULL, &got), MIEN_ESHAPE, "5]");
    mien_tensor_free(&other);
    assert_good(mien_tensor_new(MIEN_F32, 3, image->shape, &other));
    assert_fails(mien_image_resize(other, 4, 4, b, NULL, &got), MIEN_ESHAPE, "f32");
    mien_tensor_free(&other);
    assert_good(mien_tensor_new(MIEN_U8, 3, none, &other));
    assert_fails(mien_image_resize(other, 4, 4, b, NULL, &got), MIEN_ESHAPE, "without");
    mien_tensor_free(&other);
    assert_null(got);
    mien_tensor_free(&image);
}

static mien_status resize_once(void *context) {
    mien_tensor *got = NULL;
    mien_status status =
        mien_image_resize(context, 20, 11, MIEN_RESIZE_BICUBIC, NULL, &got);
    mien_tensor_free(&got);
    return status;
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    mien_tensor *image = picture(14, 15, 3);
    support_each_allocation_fails(resize_once, image, 40);
    mien_tensor_free(&image);
}

#if defined(__x86_64__)
static void across_both_ways(int from, int to, mien_resize kernel) {
    mien_taps taps;
    uint8_t pixels[3 * 64 + 16], plain[3 * 64 + 64] = {0}, wide[3 * 64 + 64] = {0};
    float plain_f32[3 * 64 + 64], wide_f32[3 * 64 + 64];
    for (size_t i = 0; i < sizeof pixels; i++) {
        pixels[i] = pixel_of(i);
    }
    assert_good(mien_taps_init(&taps, from, to, 0, to, kernel));
    if (mien_resize_is_fixed(kernel)) {
        mien_resize_across_u8_3_plain(&taps, pixels, plain);
        mien_resize_across_u8_3_avx2(&taps, pixels, wide);
        assert_memory_equal(plain, wide, (size_t)to * 3);
    } else {
        mien_resize_across_f32_3_plain(&taps, pixels, plain_f32);
        mien_resize_across_f32_3_avx2(&taps, pixels, wide_f32);
        assert_close(wide_f32, plain_f32, to * 3, 1e-6, 1e-4);
    }
    mien_taps_clear(&taps);
}

static void down_both_ways(int length) {
    enum { STRIDE = 256, VALUES = 50 };
    static uint8_t rows[9 * STRIDE], plain[STRIDE], wide[STRIDE];
    static float rows_f32[9 * STRIDE], plain_f32[STRIDE], wide_f32[STRIDE];
    int32_t weight[9];
    float weight_f32[9];
    for (int i = 0; i < 9 * STRIDE; i++) {
        rows[i] = pixel_of((uint64_t)i);
        rows_f32[i] = (float)rows[i];
    }
    for (int k = 0; k < length; k++) {
        /* they overshoot, but stay within 32 bits */
        weight_f32[k] =
            (k % 2 ? -0.4f : 1.5f) / (length > 1 ? (float)length / 2 : 1.0f);
        weight[k] = (int32_t)(weight_f32[k] * (1 << MIEN_RESIZE_BITS));
    }
    mien_resize_down_u8_plain(weight, length, rows, STRIDE, VALUES, plain);
    mien_resize_down_u8_avx2(weight, length, rows, STRIDE, VALUES, wide);
    assert_memory_equal(plain, wide, VALUES);
    mien_resize_down_f32_plain(
        weight_f32, length, rows_f32, STRIDE * sizeof(float), VALUES, plain_f32);
    mien_resize_down_f32_avx2(
        weight_f32, length, rows_f32, STRIDE * sizeof(float), VALUES, wide_f32);
    assert_close(wide_f32, plain_f32, VALUES, 1e-6, 1e-4);
}

static void wide_kernels_equal_plain_ones(void **state) {
    (void)state;
    if (!__builtin_cpu_supports("avx2")) {
        print_message("SKIPPED: this processor has no AVX2\n");
        skip();
    }
    for (int to = 1; to <= 64; to += 7) {
        for (int from = 1; from <= 64; from += 9) {
            for (int kernel = 0; kernel <= MIEN_RESIZE_BICUBIC_AA_TORCH; kernel++) {
                across_both_ways(from, to, (mien_resize)kernel);
            }
        }
    }
    for (int length = 1; length <= 9; length++) {
        down_both_ways(length);
    }
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resizes_equal_those_of_pillow_and_torch),
        cmocka_unit_test(a_pool_changes_nothing),
        cmocka_unit_test(names_are_read_back),
        cmocka_unit_test(a_flat_picture_stays_flat),
        cmocka_unit_test(wrong_input_is_refused),
        cmocka_unit_test(every_failing_allocation_is_reported),
#if defined(__x86_64__)
        cmocka_unit_test(wide_kernels_equal_plain_ones),
#endif
    };
    return cmocka_run_group_tests_name("signal/resize", tests, NULL, NULL);
}
