/* SPDX-License-Identifier: MIT */
/* The one preprocessing against torchvision's, and its own promises. */
#include "support/support.h"

#include "mien/signal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The formula of python/golden/preprocess.py. */
static mien_tensor *picture(int64_t height, int64_t width) {
    int64_t shape[3] = {height, width, 3};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    for (uint64_t i = 0; i < (uint64_t)(height * width * 3); i++) {
        ((uint8_t *)image->data)[i] =
            (uint8_t)((uint32_t)(i * UINT64_C(2654435761) + 12345) >> 13);
    }
    return image;
}

static mien_preprocess plain(mien_picture_fit fit, int height, int width) {
    mien_preprocess p = {.fit = fit,
        .size = 8,
        .crop_height = height,
        .crop_width = width,
        .resize = MIEN_RESIZE_NEAREST,
        .scale = 1.0,
        .deviation = {1, 1, 1}};
    return p;
}

static float *run(const mien_preprocess *p, const mien_tensor *image, bool mirror) {
    int64_t h = p->crop_height ? p->crop_height : image->shape[0];
    int64_t w = p->crop_width ? p->crop_width : image->shape[1];
    float *out = mien_alloc((size_t)(3 * h * w), sizeof *out);
    assert_non_null(out);
    assert_good(mien_preprocess_run(p, image, mirror, out));
    return out;
}

static void check_row(const char *line) {
    char path[16], *end = NULL;
    int h, w, used = 0;
    mien_preprocess p = mien_preprocess_imagenet();
    assert_int_equal(sscanf(line, "%15[^,],%d,%d,%d,%d,%d,%n", path, &h, &w, &p.size,
                         &p.crop_height, &p.crop_width, &used),
        6);
    if (strcmp(path, "tensor") == 0) {
        p.resize = MIEN_RESIZE_BILINEAR_TORCH;
        for (int c = 0; c < 3; c++) {
            p.mean[c] = 0.0;
            p.deviation[c] = 1.0;
        }
    }
    mien_tensor *image = picture(h, w);
    float *out = run(&p, image, false);
    int64_t count = 3 * (int64_t)p.crop_height * p.crop_width;
    const char *at = line + used;
    for (int64_t k = 0; *at > ' '; k++) {
        float want = strtof(at, &end);
        if (!(fabsf(out[k * 7919 % count] - want) <= 2e-5f)) {
            fail_msg("%s: sample %d: got %.7g, want %.7g", line, (int)k,
                (double)out[k * 7919 % count], (double)want);
        }
        at = *end == ' ' ? end + 1 : end;
    }
    mien_free(out);
    mien_tensor_free(&image);
}

static void results_equal_those_of_torchvision(void **state) {
    (void)state;
    char line[1024];
    int rows = 0;
    FILE *file = fopen(support_source("tests/golden/preprocess.csv"), "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        check_row(line);
        rows++;
    }
    fclose(file);
    assert_true(rows > 30);
}

static void mirror_flips_after_the_crop(void **state) {
    (void)state;
    const int h = 5, w = 6;
    mien_preprocess p = plain(MIEN_FIT_SHORT, h, w);
    mien_tensor *image = picture(9, 13);
    for (int fixed = 0; fixed < 2; fixed++) {
        p.resize = fixed ? MIEN_RESIZE_BILINEAR : MIEN_RESIZE_BILINEAR_AA_TORCH;
        float *out = run(&p, image, false), *mirrored = run(&p, image, true);
        for (int row = 0; row < 3 * h; row++) {
            for (int x = 0; x < w; x++) {
                assert_near((double)mirrored[row * w + x],
                    (double)out[row * w + w - 1 - x], 0.0);
            }
        }
        mien_free(out);
        mien_free(mirrored);
    }
    mien_tensor_free(&image);
}

static void none_hands_the_pixels_on(void **state) {
    (void)state;
    mien_preprocess p = plain(MIEN_FIT_NONE, 0, 0);
    mien_tensor *image = picture(7, 4);
    const uint8_t *pixels = image->data;
    p.bgr = true;
    p.scale = 2.0;
    p.mean[0] = 1.0;
    p.deviation[0] = 4.0;
    float *out = run(&p, image, false);
    for (int i = 0; i < 28; i++) {
        assert_near((double)out[i], (2.0 * pixels[3 * i + 2] - 1.0) / 4.0, 1e-5);
        assert_near((double)out[28 + i], 2.0 * pixels[3 * i + 1], 1e-5);
        assert_near((double)out[56 + i], 2.0 * pixels[3 * i], 1e-5);
    }
    mien_free(out);
    p.crop_height = 7;
    p.crop_width = 5;
    float small[3 * 7 * 5];
    assert_fails(mien_preprocess_run(&p, image, false, small), MIEN_ESHAPE, "4 x 7");
    mien_tensor_free(&image);
}

/* Kernels that give bytes round the luma as Pillow's "L" does; the others do not. */
static void grey_is_three_times_the_luma(void **state) {
    (void)state;
    for (int fixed = 0; fixed < 2; fixed++) {
        mien_preprocess p = plain(MIEN_FIT_SQUASH, 7, 4);
        mien_tensor *image = picture(7, 4);
        const uint8_t *pixels = image->data;
        p.grey = true;
        p.resize = fixed ? MIEN_RESIZE_BILINEAR : MIEN_RESIZE_BILINEAR_AA_TORCH;
        float *out = run(&p, image, false);
        for (int i = 0; i < 28; i++) {
            const uint8_t *q = pixels + 3 * i;
            double luma = (19595 * q[0] + 38470 * q[1] + 7471 * q[2]) / 65536.0;
            for (int c = 0; c < 3; c++) {
                assert_near((double)out[28 * c + i],
                    p.scale * (fixed ? floor(luma + 0.5) : luma), 1e-4);
            }
        }
        mien_free(out);
        p.bgr = true;
        assert_fails(mien_preprocess_check(&p), MIEN_EINVAL, "grey has no order");
        mien_tensor_free(&image);
    }
}

static void squash_ignores_the_aspect(void **state) {
    (void)state;
    mien_preprocess p = plain(MIEN_FIT_SQUASH, 3, 10);
    mien_tensor *image = picture(6, 5);
    const uint8_t *pixels = image->data;
    float *out = run(&p, image, false);
    for (int y = 0; y < 3; y++) {
        for (int x = 0; x < 10; x++) {
            assert_near((double)out[y * 10 + x],
                (double)pixels[((2 * y + 1) * 5 + x / 2) * 3], 0.0);
        }
    }
    mien_free(out);
    mien_tensor_free(&image);
}

static void pad_keeps_the_aspect_and_fills_with_the_mean(void **state) {
    (void)state;
    mien_preprocess p = plain(MIEN_FIT_PAD, 8, 8);
    p.mean[1] = 100.0;
    mien_tensor *image = picture(8, 16);
    memset(image->data, 60, mien_tensor_bytes(image));
    float *out = run(&p, image, false);
    for (int y = 0; y < 8; y++) {
        bool inside = y >= 2 && y < 6;
        assert_near((double)out[y * 8], inside ? 60.0 : 0.0, 0.0);
        assert_near((double)out[64 + y * 8], inside ? -40.0 : 0.0, 0.0);
    }
    mien_free(out);
    mien_tensor_free(&image);
}

static void kept_scratch_changes_nothing_and_allocates_nothing(void **state) {
    (void)state;
    const int sizes[][2] = {{40, 50}, {40, 50}, {50, 40}, {3, 3}, {40, 50}};
    mien_preprocess p = mien_preprocess_imagenet();
    p.size = 20;
    p.crop_height = p.crop_width = 16;
    mien_preprocessor *kept = NULL;
    assert_good(mien_preprocessor_new(&p, &kept));
    float out[3 * 16 * 16];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        mien_tensor *image = picture(sizes[i][0], sizes[i][1]);
        float *want = run(&p, image, false);
        uint64_t before = mien_alloc_count();
        assert_good(mien_preprocessor_run(kept, image, false, out));
        if (i == 1) {
            assert_int_equal(mien_alloc_count(), before);
        }
        assert_memory_equal(out, want, sizeof out);
        mien_free(want);
        mien_tensor_free(&image);
    }
    mien_preprocessor_free(&kept);
    assert_null(kept);
    mien_preprocessor_free(&kept);
}

static void kept_and_spread_is_the_same_to_the_bit(void **state) {
    (void)state;
    const int sizes[][2] = {{40, 50}, {9, 50}, {3, 3}, {64, 20}};
    static uint8_t kept[3 * 20 * 16];
    static float whole[3 * 20 * 16], halves[3 * 20 * 16];
    for (int trial = 0; trial < 32; trial++) {
        mien_preprocess p = mien_preprocess_imagenet();
        p.size = 18;
        p.crop_height = 20;
        p.crop_width = 16;
        p.fit = trial % 2 ? MIEN_FIT_SHORT : MIEN_FIT_SQUASH;
        p.bgr = trial / 2 % 2;
        p.resize = trial / 4 % 2 ? MIEN_RESIZE_NEAREST : MIEN_RESIZE_BICUBIC;
        mien_tensor *image = picture(sizes[trial / 8][0], sizes[trial / 8][1]);
        mien_preprocessor *t = NULL;
        assert_true(mien_preprocess_keeps(&p));
        assert_good(mien_preprocessor_new(&p, &t));
        memset(kept, 77, sizeof kept);
        assert_good(mien_preprocessor_keep(t, image, kept));
        for (int mirror = 0; mirror < 2; mirror++) {
            assert_good(mien_preprocessor_run(t, image, mirror, whole));
            mien_preprocessor_spread(t, kept, mirror, halves);
            assert_memory_equal(whole, halves, sizeof whole);
        }
        mien_preprocessor_free(&t);
        mien_tensor_free(&image);
    }
}

static void what_is_no_bytes_between_is_not_kept(void **state) {
    (void)state;
    uint8_t kept[3];
    mien_preprocess p = mien_preprocess_imagenet();
    mien_tensor *image = picture(9, 9);
    p.fit = MIEN_FIT_PAD;
    assert_false(mien_preprocess_keeps(&p));
    p.fit = MIEN_FIT_NONE;
    p.crop_height = p.crop_width = 0;
    assert_false(mien_preprocess_keeps(&p));
    p = mien_preprocess_imagenet();
    p.resize = MIEN_RESIZE_BILINEAR_AA_TORCH;
    assert_false(mien_preprocess_keeps(&p));
    mien_preprocessor *t = NULL;
    assert_good(mien_preprocessor_new(&p, &t));
    assert_fails(mien_preprocessor_keep(t, image, kept), MIEN_EINVAL, "bytes");
    mien_preprocessor_free(&t);
    mien_tensor_free(&image);
}

static void an_extreme_aspect_costs_only_its_crop(void **state) {
    (void)state;
    mien_preprocess p = mien_preprocess_imagenet();
    mien_tensor *image = picture(1, 30000);
    float *out = run(&p, image, false);
    for (int i = 0; i < 3 * 224 * 224; i++) {
        assert_true(isfinite(out[i]));
    }
    mien_free(out);
    mien_tensor_free(&image);
}

static void bad_options_are_refused(void **state) {
    (void)state;
    mien_preprocess p = mien_preprocess_imagenet();
    assert_good(mien_preprocess_check(&p));
    p.size = 0;
    assert_fails(mien_preprocess_check(&p), MIEN_EINVAL, "size 0");
    p = mien_preprocess_imagenet();
    p.crop_width = 5000;
    assert_fails(mien_preprocess_check(&p), MIEN_EINVAL, "5000");
    p = mien_preprocess_imagenet();
    p.scale = 0.0;
    assert_fails(mien_preprocess_check(&p), MIEN_EINVAL, "scale");
    p = mien_preprocess_imagenet();
    p.deviation[2] = -1.0;
    assert_fails(mien_preprocess_check(&p), MIEN_EINVAL, "channel 2");
    p = mien_preprocess_imagenet();
    p.mean[1] = NAN;
    assert_fails(mien_preprocess_check(&p), MIEN_EINVAL, "channel 1");
    p = mien_preprocess_imagenet();
    p.fit = (mien_picture_fit)9;
    assert_fails(mien_preprocess_check(&p), MIEN_EINVAL, "fit 9");
    p = mien_preprocess_imagenet();
    p.resize = (mien_resize)-1;
    assert_fails(mien_preprocess_check(&p), MIEN_EINVAL, "kernel -1");
    p = plain(MIEN_FIT_NONE, 0, 4);
    assert_fails(mien_preprocess_check(&p), MIEN_EINVAL, "0 x 4");
}

static void wrong_pictures_are_refused(void **state) {
    (void)state;
    mien_preprocess p = mien_preprocess_imagenet();
    int64_t grey[3] = {4, 4, 1};
    mien_tensor *image = NULL;
    float out[1];
    assert_good(mien_tensor_new(MIEN_U8, 3, grey, &image));
    assert_fails(mien_preprocess_run(&p, image, false, out), MIEN_ESHAPE, "[4, 4, 1]");
    mien_tensor_free(&image);
}

static void decoders_may_halve_only_for_kernels_that_average(void **state) {
    (void)state;
    mien_preprocess p = mien_preprocess_imagenet();
    assert_int_equal(mien_preprocess_short_side(&p), 512);
    p.resize = MIEN_RESIZE_BILINEAR_TORCH;
    assert_int_equal(mien_preprocess_short_side(&p), 0);
    p = plain(MIEN_FIT_SQUASH, 100, 200);
    assert_int_equal(mien_preprocess_short_side(&p), 0);
    p.resize = MIEN_RESIZE_BICUBIC;
    assert_int_equal(mien_preprocess_short_side(&p), 400);
    p.fit = MIEN_FIT_NONE;
    assert_int_equal(mien_preprocess_short_side(&p), 0);
}

static mien_status run_once(void *context) {
    static float out[3 * 224 * 224];
    mien_preprocess p = mien_preprocess_imagenet();
    return mien_preprocess_run(&p, context, false, out);
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    mien_tensor *image = picture(30, 40);
    support_each_allocation_fails(run_once, image, 40);
    mien_tensor_free(&image);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_equal_those_of_torchvision),
        cmocka_unit_test(mirror_flips_after_the_crop),
        cmocka_unit_test(none_hands_the_pixels_on),
        cmocka_unit_test(grey_is_three_times_the_luma),
        cmocka_unit_test(squash_ignores_the_aspect),
        cmocka_unit_test(pad_keeps_the_aspect_and_fills_with_the_mean),
        cmocka_unit_test(kept_scratch_changes_nothing_and_allocates_nothing),
        cmocka_unit_test(kept_and_spread_is_the_same_to_the_bit),
        cmocka_unit_test(what_is_no_bytes_between_is_not_kept),
        cmocka_unit_test(an_extreme_aspect_costs_only_its_crop),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(wrong_pictures_are_refused),
        cmocka_unit_test(decoders_may_halve_only_for_kernels_that_average),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests_name("signal/preprocess", tests, NULL, NULL);
}
