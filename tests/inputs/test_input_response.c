/* SPDX-License-Identifier: MIT */
/* Inputs of kind response and light: planted answers come out as the numbers they were
 * put in as, and what is missing is said to be. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/inputs.h"

enum { ROWS = MIEN_EPOCH_ROWS, BINS = 10, VALUES_MAX = 64 };

/* Five fixations of 0.5 s at corners of a square and back, then one that is cut off;
 * the pupil grows by 0.1 mm a second after 0.3 s, the skin answers by 0.5 µS, the heart
 * falls by 4 beats for the second half. */
static void make_epoch(mien_epoch *e) {
    static const double at[6][2] = {
        {0.2, 0.2}, {0.6, 0.2}, {0.6, 0.6}, {0.2, 0.6}, {0.2, 0.2}, {0.6, 0.6}};
    for (int i = 0; i < ROWS; i++) {
        int k = i / 30 < 5 ? i / 30 : 5;
        e->time_s[i] = 7 + i / 60.0;
        e->fixation[i] = 40 + k;
        e->x[i] = at[k][0];
        e->y[i] = at[k][1];
        e->left_mm[i] = 3 + (i > 18 ? 0.1 * (i - 18) / 60 : 0);
        e->right_mm[i] = e->left_mm[i] + 0.2;
        e->gsr_ohm[i] = i < 150 ? 250000 : 1e6 / 4.5;
        e->heart_bpm[i] = i < 150 ? 70 : 66;
        e->gaze_valid[i] = e->left_valid[i] = e->right_valid[i] = 1;
        e->gsr_valid[i] = e->heart_valid[i] = 1;
    }
}

static void answers_are_measured(void **state) {
    (void)state;
    static mien_epoch e;
    double v[VALUES_MAX];
    make_epoch(&e);
    assert_true(mien_epoch_response(&e, MIEN_EPOCH_PUPIL, BINS, v));
    assert_near(v[0], 3.1, 1e-9);
    assert_true(v[1] < 0.01);
    for (int k = 2; k < BINS; k++) { /* parts of 30.1 rows: a twentieth of a mm each */
        assert_near(v[k + 1] - v[k], 0.05, 0.002);
    }
    assert_near(v[BINS + 1], 1, 0);
    assert_true(mien_epoch_response(&e, MIEN_EPOCH_SKIN, BINS, v));
    assert_near(v[0], log(4), 1e-9);
    assert_near(v[4], 0, 1e-9);
    assert_near(v[10], log(4.5 / 4), 1e-9);
    assert_near(v[11], log(0.501), 1e-9);
    assert_true(mien_epoch_response(&e, MIEN_EPOCH_HEART, BINS, v));
    assert_near(v[0], 70, 1e-9);
    assert_near(v[10], -4, 1e-9);
    assert_true(mien_epoch_response(&e, MIEN_EPOCH_GAZE, BINS, v));
    assert_near(v[0], 6, 0);
    assert_near(v[2], log(0.5), 1e-9); /* the last one is not counted */
    assert_near(v[5], 4 * 0.4 + hypot(0.4, 0.4), 1e-9);
}

static void what_is_missing_is_nan_and_told(void **state) {
    (void)state;
    static mien_epoch e;
    double v[VALUES_MAX];
    make_epoch(&e);
    for (int i = 0; i < ROWS; i++) {
        e.gsr_valid[i] = i % 3 == 0;
        e.right_valid[i] = 0;
        e.left_valid[i] = i < 250;
    }
    assert_false(mien_epoch_response(&e, MIEN_EPOCH_SKIN, BINS, v));
    assert_true(isnan(v[0]) && isnan(v[BINS + 1]));
    assert_near(v[BINS + 2], 101.0 / ROWS, 1e-9);
    assert_true(mien_epoch_response(&e, MIEN_EPOCH_PUPIL, BINS, v));
    assert_near(v[0], 3, 1e-9); /* the left eye stands for both */
    assert_near(v[BINS + 1], 250.0 / ROWS, 1e-9);
}

/* A blink within a fixation ends nothing. */
static void blinks_do_not_cut_fixations(void **state) {
    (void)state;
    static mien_epoch e;
    double v[VALUES_MAX];
    make_epoch(&e);
    memset(e.gaze_valid + 40, 0, 10);
    assert_true(mien_epoch_response(&e, MIEN_EPOCH_GAZE, BINS, v));
    assert_near(v[0], 6, 0);
    assert_near(v[2], log(0.5), 1e-9);
}

/* ---- light ----------------------------------------------------------------------- */

/* The six numbers of a picture of 2 × 2. */
static void read_light(const unsigned char pixels[12], float values[6]) {
    mien_input input;
    mien_reader *reader = NULL;
    mien_tensor *image = NULL;
    float kept[6], seen = 0;
    const char *path = support_temp_path("light.png");
    assert_good(mien_tensor_new(MIEN_U8, 3, (int64_t[]){2, 2, 3}, &image));
    memcpy(image->data, pixels, 12);
    assert_good(mien_image_write_png(image, path));
    assert_good(mien_input_init(&input, "light", "some"));
    assert_good(mien_input_measure(&input, NULL));
    assert_good(mien_reader_open(&input, NULL, &reader));
    assert_int_equal(mien_reader_bytes(reader), sizeof kept);
    mien_place place = mien_place_of(path);
    assert_good(mien_reader_load(reader, &place, kept));
    assert_good(mien_reader_make(reader, kept, NULL, values, &seen));
    assert_near(seen, 1, 0);
    mien_tensor_free(&image);
    mien_reader_close(&reader);
}

static void light_is_that_of_the_screen(void **state) {
    (void)state;
    /* half white, half black */
    const unsigned char halves[12] = {255, 255, 255, 255, 255, 255};
    unsigned char even[12];
    float v[6];
    read_light(halves, v);
    assert_near(v[0], 0.5, 1e-6);
    assert_near(v[1], log10(0.51), 1e-6);
    assert_near(v[2], 0.5, 1e-6);
    assert_near(v[3], 0.5, 1e-6);
    assert_near(v[4], 0, 1e-6);
    memset(even, 188, sizeof even); /* half the light of white in sRGB */
    read_light(even, v);
    assert_near(v[0], 0.503, 1e-3);
    assert_near(v[2], 0, 1e-6);
    for (int i = 0; i < 12; i++) {
        even[i] = i % 3 == 0 ? 200 : 100; /* reddish */
    }
    read_light(even, v);
    assert_near(v[4], 100.0 / 255, 1e-6);
    assert_near(v[5], -50.0 / 255, 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_measured),
        cmocka_unit_test(what_is_missing_is_nan_and_told),
        cmocka_unit_test(blinks_do_not_cut_fixations),
        cmocka_unit_test(light_is_that_of_the_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
