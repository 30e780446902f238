/* SPDX-License-Identifier: MIT */
/* Pictures at a glance: colours of known pictures, known shifts, cuts of made films. */
#include "support/support.h"

#include "mien/signal.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 128, HEIGHT = 72 };

static mien_tensor *new_picture(void) {
    static const int64_t shape[] = {HEIGHT, WIDTH, 3};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    return image;
}

static void fill(mien_tensor *image, int r, int g, int b) {
    uint8_t *p = image->data;
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        p[3 * i] = (uint8_t)r;
        p[3 * i + 1] = (uint8_t)g;
        p[3 * i + 2] = (uint8_t)b;
    }
}

/* Smooth waves of a period of the picture, moved. */
static void wave(mien_tensor *image, double across, double down) {
    uint8_t *p = image->data;
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const double a = 6.283185307179586 * (x - across) / WIDTH,
                         b = 6.283185307179586 * (y - down) / HEIGHT;
            const double grey = 128 + 50 * sin(2 * a) + 40 * sin(b + 1);
            memset(p + 3 * (y * WIDTH + x), (int)lrint(grey), 3);
        }
    }
}

static void colours_of_a_plain_picture_are_its_own(void **state) {
    (void)state;
    mien_tensor *image = new_picture();
    mien_glance g;
    const mien_glance *const one[] = {&g};
    float v[MIEN_COLOUR_VALUES];
    fill(image, 255, 51, 0);
    assert_good(mien_glance_take(image, &g));
    mien_colour_values(one, 1, v);
    const float want[MIEN_COLOUR_VALUES] = {0.299f + 0.587f * 0.2f, 0, 0, 0, 1, 0.2f, 0,
        1, 1, 0.3f * sqrtf(0.8f * 0.8f + 0.6f * 0.6f), 0, 0};
    assert_close(v, want, MIEN_COLOUR_VALUES, 1e-5, 1e-6);
    fill(image, 20, 20, 20);
    memset(image->data, 250, WIDTH * HEIGHT * 3 / 4);
    assert_good(mien_glance_take(image, &g));
    mien_colour_values(one, 1, v);
    assert_float_equal(v[2], 0.75f, 1e-6f);
    assert_float_equal(v[3], 0.25f, 1e-6f);
    assert_float_equal(v[8], 0, 1e-6f);
    mien_tensor_free(&image);
}

static void a_picture_that_moves_tells_how_far(void **state) {
    (void)state;
    mien_tensor *image = new_picture();
    mien_glance g[5];
    const mien_glance *all[5];
    float v[MIEN_MOTION_VALUES];
    for (int i = 0; i < 5; i++) {
        wave(image, 1.5 * i, -0.75 * i);
        assert_good(mien_glance_take(image, &g[i]));
        all[i] = &g[i];
    }
    mien_motion_values(all, 5, v);
    assert_float_equal(v[4], 1.5 / WIDTH, 0.02 * 1.5 / WIDTH);
    assert_float_equal(v[5], 0.75 / HEIGHT, 0.02 * 0.75 / HEIGHT);
    assert_float_equal(v[6], hypot(1.5 / WIDTH, 0.75 / HEIGHT), 3e-4);
    assert_true(v[7] < 0.15f * v[0]); /* the shift explains the change */
    assert_float_equal(v[8], 0, 0);
    mien_motion_values((const mien_glance *const[]){&g[0], &g[0]}, 2, v);
    for (int i = 0; i < MIEN_MOTION_VALUES; i++) {
        assert_float_equal(v[i], 0, 0);
    }
    mien_tensor_free(&image);
}

/* Times of cuts of a film of plain pictures, one level a frame, 40 ms each. */
static int cuts_of(const int *levels, int n, int64_t *at) {
    mien_tensor *image = new_picture();
    mien_glance g[2];
    mien_shots shots = {0};
    int count = 0;
    for (int i = 0; i < n + 2; i++) {
        double difference = 0;
        int64_t us;
        if (i < n) {
            fill(image, levels[i], levels[i] / 2, 40);
            assert_good(mien_glance_take(image, &g[i % 2]));
            difference = i ? mien_glance_difference(&g[i % 2], &g[(i + 1) % 2]) : 0;
        }
        if (mien_shots_next(&shots, difference, i * INT64_C(40000), &us)) {
            at[count++] = us;
        }
    }
    mien_tensor_free(&image);
    return count;
}

static void a_cut_is_found_at_its_first_frame(void **state) {
    (void)state;
    int64_t at[16];
    const int film[] = {30, 30, 30, 30, 200, 200, 200, 200, 90, 90, 90, 90, 90, 30};
    assert_int_equal(cuts_of(film, 14, at), 3);
    assert_int_equal(at[0], 4 * 40000);
    assert_int_equal(at[1], 8 * 40000);
    assert_int_equal(at[2], 13 * 40000);
}

static void flashes_and_stills_are_no_cuts(void **state) {
    (void)state;
    int64_t at[16];
    const int flash[] = {30, 30, 30, 30, 250, 30, 30, 30, 30};
    const int strobe[] = {30, 250, 30, 250, 30, 250, 30, 250, 30};
    const int still[] = {30, 31, 30, 31, 30, 31, 30, 31, 30};
    assert_int_equal(cuts_of(flash, 9, at), 0);
    assert_int_equal(cuts_of(strobe, 9, at), 0);
    assert_int_equal(cuts_of(still, 9, at), 0);
}

static void a_dissolve_is_no_cut(void **state) {
    (void)state;
    mien_tensor *image = new_picture();
    mien_glance g[2];
    mien_shots shots = {0};
    for (int i = 0; i < 30; i++) {
        int64_t us;
        uint8_t *p = image->data;
        for (int k = 0; k < WIDTH * HEIGHT; k++) { /* from one ramp to its reverse */
            const double from = 255.0 * (k % WIDTH) / WIDTH, to = 255 - from;
            memset(p + 3 * k, (int)(from + (to - from) * i / 29), 3);
        }
        assert_good(mien_glance_take(image, &g[i % 2]));
        const double d = i ? mien_glance_difference(&g[i % 2], &g[(i + 1) % 2]) : 0;
        assert_false(mien_shots_next(&shots, d, i, &us));
    }
    mien_tensor_free(&image);
}

static void what_is_no_picture_is_refused(void **state) {
    (void)state;
    static const int64_t shape[] = {4, 4, 1};
    mien_tensor *image = NULL;
    mien_glance g;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    assert_int_equal(mien_glance_take(image, &g), MIEN_ESHAPE);
    mien_tensor_free(&image);
}

static void a_picture_of_one_pixel_has_values(void **state) {
    (void)state;
    static const int64_t shape[] = {1, 1, 3};
    mien_tensor *image = NULL;
    mien_glance g;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    memset(image->data, 255, 3);
    assert_good(mien_glance_take(image, &g));
    assert_float_equal(g.grey[0], 1, 1e-6);
    assert_float_equal(g.grey[MIEN_GLANCE_ROWS * MIEN_GLANCE_COLUMNS - 1], 1, 1e-6);
    mien_tensor_free(&image);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_of_a_plain_picture_are_its_own),
        cmocka_unit_test(a_picture_that_moves_tells_how_far),
        cmocka_unit_test(a_cut_is_found_at_its_first_frame),
        cmocka_unit_test(flashes_and_stills_are_no_cuts),
        cmocka_unit_test(a_dissolve_is_no_cut),
        cmocka_unit_test(what_is_no_picture_is_refused),
        cmocka_unit_test(a_picture_of_one_pixel_has_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
