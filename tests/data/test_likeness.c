/* SPDX-License-Identifier: MIT */
/* Pictures mirrored, cropped, framed and turned are found again; others are not. */
#include "support/support.h"

#include "data/doctor/likeness.h"
#include "mien/io.h"
#include "mien/media.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEAR_R 0.94
#define ROUGH_BITS 14

/* Where the pixel at (x, y) of the new picture, both in [0, 1), was in the old one;
 * false: outside, where the frame is. */
typedef bool change(double x, double y, double aspect, double *from_x, double *from_y);

static bool is_inside(double x, double y) {
    return x >= 0 && x < 1 && y >= 0 && y < 1;
}

static bool mirror(double x, double y, double aspect, double *from_x, double *from_y) {
    (void)aspect;
    *from_x = 0.9999 - x;
    *from_y = y;
    return is_inside(*from_x, *from_y);
}

static bool scale(double x, double y, double by, double *from_x, double *from_y) {
    *from_x = 0.5 + (x - 0.5) * by;
    *from_y = 0.5 + (y - 0.5) * by;
    return is_inside(*from_x, *from_y);
}

static bool crop_5(double x, double y, double aspect, double *from_x, double *from_y) {
    (void)aspect;
    return scale(x, y, 0.9, from_x, from_y);
}

static bool crop_10(double x, double y, double aspect, double *from_x, double *from_y) {
    (void)aspect;
    return scale(x, y, 0.8, from_x, from_y);
}

static bool frame(double x, double y, double aspect, double *from_x, double *from_y) {
    (void)aspect;
    return scale(x, y, 1 / 0.9, from_x, from_y);
}

static bool turn(double x, double y, double aspect, double *from_x, double *from_y) {
    double c = cos(5 * 3.14159265 / 180), s = sin(5 * 3.14159265 / 180);
    double u = (x - 0.5) * aspect, v = y - 0.5;
    *from_x = 0.5 + (c * u - s * v) / aspect;
    *from_y = 0.5 + s * u + c * v;
    return is_inside(*from_x, *from_y);
}

static change *const changes[] = {mirror, crop_5, crop_10, frame, turn};
enum { CHANGES = 5 };

static mien_tensor *changed(const mien_tensor *image, change *how) {
    mien_tensor *made = NULL;
    int64_t height = image->shape[0], width = image->shape[1];
    const uint8_t *from = image->data;
    assert_good(mien_tensor_new(MIEN_U8, 3, image->shape, &made));
    uint8_t *to = made->data;
    for (int64_t i = 0; i < height * width; i++, to += 3) {
        double x, y, aspect = (double)width / (double)height;
        if (how(((double)(i % width) + 0.5) / (double)width,
                ((double)(i / width) + 0.5) / (double)height, aspect, &x, &y)) {
            int64_t at =
                (int64_t)(y * (double)height) * width + (int64_t)(x * (double)width);
            memcpy(to, from + 3 * at, 3);
        }
    }
    return made;
}

static bool are_near(const mien_thumb *a, const mien_thumb *b) {
    int variant = 0;
    bool swapped = false;
    if (mien_thumb_distance(a, b, &variant, &swapped) > ROUGH_BITS) {
        return false;
    }
    return (swapped ? mien_thumb_align(b, a, variant)
                    : mien_thumb_align(a, b, variant)) >= NEAR_R;
}

/* How often the picture is found again after each change. */
static void count_found(const mien_tensor *image, const mien_thumb *thumb, int *found) {
    static mien_thumb other;
    for (int c = 0; c < CHANGES; c++) {
        mien_tensor *made = changed(image, changes[c]);
        mien_thumb_take(made, &other);
        found[c] += are_near(thumb, &other);
        mien_tensor_free(&made);
    }
}

/* Twenty blobs of different greys on a slope, different for each number. */
static mien_tensor *blobs(uint32_t number) {
    static const int64_t shape[] = {96, 128, 3};
    mien_tensor *made = NULL;
    double x[20], y[20], size[20], grey[20];
    uint32_t state = number * 2654435761u + 12345;
    for (int b = 0; b < 20; b++) {
        double *values[] = {&x[b], &y[b], &size[b], &grey[b]};
        for (int v = 0; v < 4; v++) {
            state = state * 1664525u + 1013904223u;
            *values[v] = (double)(state >> 8) / (1 << 24);
        }
    }
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &made));
    uint8_t *to = made->data;
    for (int i = 0; i < 96 * 128; i++, to += 3) {
        double u = i % 128 / 128.0, v = i / 128 / 96.0, sum = 128;
        for (int b = 0; b < 20; b++) {
            double d = hypot(u - x[b], v - y[b]) / (0.05 + 0.15 * size[b]);
            sum += (grey[b] - 0.5) * 400 * exp(-d * d);
        }
        memset(to, sum < 0 ? 0 : sum > 255 ? 255 : (int)sum, 3);
    }
    return made;
}

static void changed_pictures_are_found_again(void **state) {
    (void)state;
    static mien_thumb thumb;
    int found[CHANGES] = {0};
    for (uint32_t n = 0; n < 10; n++) {
        mien_tensor *image = blobs(n);
        mien_thumb_take(image, &thumb);
        count_found(image, &thumb, found);
        mien_tensor_free(&image);
    }
    for (int c = 0; c < CHANGES; c++) {
        assert_in_range(found[c], 9, 10);
    }
}

static void other_pictures_are_not_near(void **state) {
    (void)state;
    enum { N = 30 };
    static mien_thumb thumbs[N];
    for (uint32_t n = 0; n < N; n++) {
        mien_tensor *image = blobs(n);
        mien_thumb_take(image, &thumbs[n]);
        mien_tensor_free(&image);
        for (uint32_t m = 0; m < n; m++) {
            assert_false(are_near(&thumbs[m], &thumbs[n]));
        }
    }
}

static void the_plain_variant_is_the_picture_itself(void **state) {
    (void)state;
    static mien_thumb thumb;
    int variant = -1;
    bool swapped = true;
    mien_tensor *image = blobs(3);
    mien_thumb_take(image, &thumb);
    assert_int_equal(mien_thumb_distance(&thumb, &thumb, &variant, &swapped), 0);
    assert_int_equal(variant, MIEN_VARIANT_PLAIN);
    assert_near(mien_thumb_align(&thumb, &thumb, variant), 1, 1e-9);
    mien_tensor_free(&image);
}

static void a_grey_wall_is_like_nothing(void **state) {
    (void)state;
    static mien_thumb wall, blob;
    mien_tensor *image = blobs(1);
    mien_thumb_take(image, &blob);
    memset(image->data, 99, mien_tensor_bytes(image));
    mien_thumb_take(image, &wall);
    assert_near(mien_thumb_align(&wall, &blob, MIEN_VARIANT_PLAIN), 0, 0);
    assert_near(mien_thumb_align(&wall, &wall, MIEN_VARIANT_PLAIN), 0, 0);
    mien_tensor_free(&image);
}

/* Every tenth picture of OASIS: of 50 each changed one at least four of five are found,
 * and no two of them are near. */
static void pictures_of_oasis_are_found_again(void **state) {
    (void)state;
    enum { N = 50 };
    static mien_thumb thumbs[N];
    const char *folder = support_shared("data/oasis/images");
    char **names = NULL;
    int64_t count = 0, n = 0;
    int found[CHANGES] = {0};
    assert_good(mien_directory_list(folder, &names, &count));
    for (int64_t i = 0; i < count && n < N; i += 10) {
        mien_tensor *image = NULL;
        mien_image_options options = mien_image_options_default();
        char *path = mien_path_join(folder, names[i]);
        assert_good(mien_image_read(path, &options, &image));
        mien_thumb_take(image, &thumbs[n]);
        count_found(image, &thumbs[n], found);
        for (int64_t m = 0; m < n; m++) {
            assert_false(are_near(&thumbs[m], &thumbs[n]));
        }
        mien_tensor_free(&image);
        mien_free(path);
        n++;
    }
    mien_names_free(&names, count);
    assert_int_equal(n, N);
    for (int c = 0; c < CHANGES; c++) {
        assert_in_range(found[c], 44, N);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changed_pictures_are_found_again),
        cmocka_unit_test(other_pictures_are_not_near),
        cmocka_unit_test(the_plain_variant_is_the_picture_itself),
        cmocka_unit_test(a_grey_wall_is_like_nothing),
        cmocka_unit_test(pictures_of_oasis_are_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
