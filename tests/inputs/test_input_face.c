/* SPDX-License-Identifier: MIT */
/* Faces are cut out of files as the reference cuts them, and whole pictures are
 * squashed. Golden values: python/golden/faces.py. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/inputs.h"

enum { SIDE = 112, VALUES = SIDE * SIDE * 3 };

/* The points of the best face, as detections.csv has them. */
static const struct {
    const char *picture, *array;
    double points[10], tolerance; /* grey levels */
} aligned[] = {{"data/pictures/grace_hopper.bmp", "grace_hopper", {0}, 1e-3},
    {"data/pictures/face.jpg", "face", {0}, 2}};

static void read_points(const char *picture, double points[10]) {
    static const char *const columns[] = {"right_eye_x", "right_eye_y", "left_eye_x",
        "left_eye_y", "nose_x", "nose_y", "right_mouth_x", "right_mouth_y",
        "left_mouth_x", "left_mouth_y"};
    mien_table *t = NULL;
    assert_good(
        mien_table_read(support_shared("golden/faces/detections.csv"), NULL, &t));
    int64_t row = 0;
    while (strstr(picture, mien_table_cell(t, row, 0)) == NULL) {
        row++;
    }
    for (int i = 0; i < 10; i++) {
        assert_true(mien_parse_number(
            mien_table_cell(t, row, mien_table_column(t, columns[i])), &points[i]));
    }
    mien_table_free(&t);
}

static void aligned_crops_are_those_of_the_reference(void **state) {
    (void)state;
    static float want[VALUES], got[VALUES];
    for (size_t i = 0; i < sizeof aligned / sizeof *aligned; i++) {
        const double region[4] = {0, 0, 1, 1};
        double points[10];
        char path[4200];
        mien_tensor *image = NULL;
        mien_array *array = NULL;
        mien_face_frame frame = mien_face_frame_fer();
        frame.crop = MIEN_FACE_ALIGNED;
        strcpy(frame.reference, "arcface");
        frame.antialias = false;
        frame.fill = MIEN_FACE_ZERO;
        frame.height = frame.width = SIDE;
        read_points(aligned[i].picture, points);
        snprintf(path, sizeof path, "%s#%s",
            support_shared("golden/faces/alignment_crops.npz"), aligned[i].array);
        assert_good(mien_array_open(path, &array));
        assert_good(mien_array_read(array, 0, SIDE, want));
        assert_good(mien_image_read(support_shared(aligned[i].picture), NULL, &image));
        assert_good(mien_face_cut(&frame, image, region, points, got));
        double most = 0;
        for (int k = 0; k < VALUES; k++) {
            most = fmax(most, fabs((double)(got[k] - want[k])));
        }
        /* points are printed with four decimals, which moves a pixel by that much */
        assert_true(most <= aligned[i].tolerance + 0.02);
        mien_tensor_free(&image);
        mien_array_close(&array);
    }
}

static mien_tensor *paint(int64_t height, int64_t width) {
    const int64_t shape[] = {height, width, 3};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    for (int64_t i = 0; i < height * width * 3; i++) {
        ((uint8_t *)image->data)[i] = (uint8_t)(i * 31 % 251);
    }
    return image;
}

/* Grey by Pillow's weights, then (x / 255 - mean) / deviation. */
static void a_crop_without_a_region_is_only_brought_to_size(void **state) {
    (void)state;
    mien_input input;
    mien_reader *reader = NULL;
    mien_tensor *image = paint(48, 48);
    static uint8_t kept[48 * 48 * 3];
    static float values[3 * 48 * 48];
    assert_good(mien_input_init(&input, "face", "face"));
    assert_good(mien_input_measure(&input, NULL));
    assert_true(mien_input_is_picture(&input));
    assert_int_equal(input.shape.size[1], 48);
    assert_good(mien_reader_open(&input, NULL, &reader));
    assert_int_equal(mien_reader_bytes(reader), sizeof kept);
    assert_good(mien_reader_load_image(reader, image, kept));
    assert_memory_equal(kept, image->data, sizeof kept);
    assert_good(mien_reader_make(reader, kept, NULL, values, NULL));
    for (int i = 0; i < 48 * 48; i++) {
        const uint8_t *p = kept + 3 * i;
        int luma = (19595 * p[0] + 38470 * p[1] + 7471 * p[2] + 0x8000) >> 16;
        float want = (float)((luma / 255.0 - 0.5) / 0.25);
        for (int c = 0; c < 3; c++) {
            assert_near((double)values[c * 48 * 48 + i], (double)want, 1e-6);
        }
    }
    mien_reader_close(&reader);
    mien_tensor_free(&image);
}

static void a_place_cuts_its_own_face_out(void **state) {
    (void)state;
    mien_input input;
    mien_face_frame frame;
    mien_reader *reader = NULL;
    mien_tensor *image = paint(200, 160);
    static uint8_t kept[48 * 48 * 3];
    static float want[48 * 48 * 3];
    mien_place place = mien_place_of(NULL);
    const double region[4] = {30, 40, 70, 90};
    memcpy(place.region, region, sizeof region);
    assert_good(mien_input_init(&input, "face", "face"));
    assert_good(mien_input_measure(&input, NULL));
    assert_good(mien_input_face(&input, &frame));
    assert_near(frame.margin, 0.969, 1e-12);
    assert_good(mien_reader_open(&input, NULL, &reader));
    assert_good(mien_reader_load_region(reader, image, &place, kept));
    assert_good(mien_face_cut(&frame, image, region, NULL, want));
    for (size_t i = 0; i < sizeof kept; i++) {
        assert_near((double)kept[i], (double)want[i], 0.5001);
    }
    place.region[2] = 0;
    assert_fails(
        mien_reader_load_region(reader, image, &place, kept), MIEN_EFORMAT, "no area");
    mien_reader_close(&reader);
    mien_tensor_free(&image);
}

static void other_kinds_have_no_frame(void **state) {
    (void)state;
    mien_input input;
    mien_face_frame frame;
    assert_good(mien_input_init(&input, "picture", "scene"));
    assert_fails(mien_input_face(&input, &frame), MIEN_EINVAL, "not face");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aligned_crops_are_those_of_the_reference),
        cmocka_unit_test(a_crop_without_a_region_is_only_brought_to_size),
        cmocka_unit_test(a_place_cuts_its_own_face_out),
        cmocka_unit_test(other_kinds_have_no_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
