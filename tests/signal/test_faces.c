/* SPDX-License-Identifier: MIT */
/* Faces are aligned as Umeyama's formula does, and cut out of the picture where they
 * stand. Golden values: python/golden/faces.py. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "mien/faces.h"

static const double shown[10] = {30, 40, 70, 38, 52, 60, 36, 82, 68, 80};

static void arcface(double scale, double target[10]) {
    assert_good(mien_face_template("arcface", NULL, target));
    for (int i = 0; i < 10; i++) {
        target[i] *= scale;
    }
}

static void the_published_vector_is_reached(void **state) {
    (void)state;
    double target[10];
    mien_similarity s;
    arcface(112, target);
    assert_good(mien_similarity_fit(shown, target, &s));
    assert_near(s.a, 0.934015702801, 1e-12);
    assert_near(s.b, 0.042024221992, 1e-12);
    assert_near(s.tx, 10.726009336100, 1e-9);
    assert_near(s.ty, 13.708197665975, 1e-9);
}

/* Three rows of the golden alignment.csv, their points those of detections.csv. */
static void real_faces_are_aligned_as_the_reference_does(void **state) {
    (void)state;
    static const struct {
        double points[10], scale, a, b, tx, ty, residual;
    } faces[] = {
        {{158.4869, 133.2656, 200.4695, 126.9670, 186.9372, 150.9128, 168.1545,
             173.9095, 205.9711, 168.5832},
            112, 0.875298976, 0.141642452, -83.682773581, -86.093706249, 2.7027},
        {{158.4869, 133.2656, 200.4695, 126.9670, 186.9372, 150.9128, 168.1545,
             173.9095, 205.9711, 168.5832},
            224, 1.750597951, 0.283284904, -167.365547162, -172.187412498, 5.4053},
        {{279.2281, 100.6821, 321.1937, 96.9767, 301.7560, 123.5682, 287.4515, 139.6428,
             324.0783, 136.2874},
            112, 0.910513602, 0.103055923, -207.315982587, -68.042476144, 3.4083}};
    for (size_t i = 0; i < sizeof faces / sizeof *faces; i++) {
        double target[10];
        mien_similarity s;
        arcface(faces[i].scale, target);
        assert_good(mien_similarity_fit(faces[i].points, target, &s));
        assert_near(s.a, faces[i].a, 1e-5);
        assert_near(s.b, faces[i].b, 1e-5);
        assert_near(s.tx, faces[i].tx, 1e-3);
        assert_near(s.ty, faces[i].ty, 1e-3);
        assert_near(s.residual, faces[i].residual, 1e-3);
    }
}

static mien_tensor *ramp(int64_t height, int64_t width) {
    const int64_t shape[3] = {height, width, 3};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    for (int64_t y = 0; y < height; y++) {
        for (int64_t x = 0; x < width; x++) {
            uint8_t *p = (uint8_t *)image->data + 3 * (y * width + x);
            p[0] = (uint8_t)x;
            p[1] = (uint8_t)y;
            p[2] = 100;
        }
    }
    return image;
}

static void impossible_points_are_refused(void **state) {
    (void)state;
    mien_tensor *image = ramp(120, 120);
    static float out[48 * 48 * 3];
    const double region[4] = {20, 20, 60, 80};
    double points[10];
    mien_face_frame frame = mien_face_frame_fer();
    frame.crop = MIEN_FACE_ALIGNED;
    for (int i = 0; i < 10; i++) {
        points[i] = 50;
    }
    assert_fails(
        mien_face_cut(&frame, image, region, points, out), MIEN_EFORMAT, "all equal");
    points[3] = (double)NAN;
    assert_fails(
        mien_face_cut(&frame, image, region, points, out), MIEN_EFORMAT, "missing");
    assert_fails(
        mien_face_cut(&frame, image, region, NULL, out), MIEN_EFORMAT, "five points");
    for (int i = 0; i < 10; i++) { /* as in a mirror, left and right not exchanged */
        points[i] = i % 2 ? shown[i] : 100 - shown[i];
    }
    strcpy(frame.reference, "arcface");
    assert_fails(
        mien_face_cut(&frame, image, region, points, out), MIEN_EFORMAT, "mirrored");
    assert_good(mien_face_cut(&frame, image, region, shown, out));
    mien_tensor_free(&image);
}

static void a_box_without_area_is_refused(void **state) {
    (void)state;
    mien_tensor *image = ramp(60, 60);
    static float out[48 * 48 * 3];
    mien_face_frame frame = mien_face_frame_fer();
    double region[4] = {10, 10, 0, 20};
    assert_fails(
        mien_face_cut(&frame, image, region, NULL, out), MIEN_EFORMAT, "no area");
    region[2] = (double)INFINITY;
    assert_fails(
        mien_face_cut(&frame, image, region, NULL, out), MIEN_EFORMAT, "not known");
    frame.margin = 20;
    assert_fails(
        mien_face_cut(&frame, image, region, NULL, out), MIEN_EINVAL, "margin");
    mien_tensor_free(&image);
}

/* On a ramp every interpolated value is its place. */
static void a_crop_shows_what_lies_at_its_place(void **state) {
    (void)state;
    mien_tensor *image = ramp(200, 220);
    static float out[64 * 64 * 3];
    const double region[4] = {40, 50, 96, 80};
    for (int antialias = 0; antialias < 2; antialias++) {
        mien_face_frame frame = mien_face_frame_fer();
        frame.margin = 1;
        frame.shift_x = frame.shift_y = 0;
        frame.antialias = antialias;
        frame.height = frame.width = 16; /* six pixels of the picture each */
        assert_good(mien_face_cut(&frame, image, region, NULL, out));
        for (int j = 0; j < 16; j++) {
            for (int i = 0; i < 16; i++) {
                const float *p = out + 3 * (16 * j + i);
                assert_near((double)p[0], 40 + (i + 0.5) * 6 - 0.5, 1e-3);
                assert_near((double)p[1], 42 + (j + 0.5) * 6 - 0.5, 1e-3);
                assert_near((double)p[2], 100, 1e-3);
            }
        }
    }
    mien_tensor_free(&image);
}

static void outside_the_picture_is_as_it_is_filled(void **state) {
    (void)state;
    static const double want[] = {
        [MIEN_FACE_EDGE] = 100, [MIEN_FACE_ZERO] = 0, [MIEN_FACE_MEAN] = 100};
    mien_tensor *image = ramp(40, 40);
    static float out[8 * 8 * 3];
    const double region[4] = {-18, -18, 20, 20}, away[4] = {-100, -100, 20, 20};
    const mien_face_frame usual = mien_face_frame_fer();
    assert_fails(mien_face_cut(&usual, image, away, NULL, out), MIEN_EFORMAT,
        "outside of its picture of 40 x 40");
    for (int fill = MIEN_FACE_EDGE; fill <= MIEN_FACE_MEAN; fill++) {
        mien_face_frame frame = mien_face_frame_fer();
        frame.height = frame.width = 8;
        frame.fill = (mien_face_fill)fill;
        assert_good(mien_face_cut(&frame, image, region, NULL, out));
        assert_near((double)out[2], want[fill], 1e-4);
        assert_near((double)out[0], fill == MIEN_FACE_MEAN ? 19.5 : 0, 1e-4);
    }
    mien_tensor_free(&image);
}

static void of_five_poses_the_nearest_is_taken(void **state) {
    (void)state;
    static const double frontal[10] = {
        33.566, 40.559, 78.321, 40.559, 55.338, 64.967, 38.479, 90.276, 73.591, 90.276};
    double target[10];
    assert_good(mien_face_template("ddamfn", frontal, target));
    for (int i = 0; i < 10; i++) {
        assert_near(target[i], frontal[i] / 112, 1e-12);
    }
    assert_fails(mien_face_template("vggface", frontal, target), MIEN_ENOTFOUND,
        "arcface, ddamfn, fer");
}

static void boxes_overlap_by_their_union(void **state) {
    (void)state;
    const double a[4] = {0, 0, 10, 10}, b[4] = {5, 0, 10, 10}, c[4] = {50, 0, 1, 1};
    assert_near(mien_face_overlap(a, b), 50.0 / 150, 1e-12);
    assert_near(mien_face_overlap(a, a), 1, 1e-12);
    assert_near(mien_face_overlap(a, c), 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vector_is_reached),
        cmocka_unit_test(real_faces_are_aligned_as_the_reference_does),
        cmocka_unit_test(impossible_points_are_refused),
        cmocka_unit_test(a_box_without_area_is_refused),
        cmocka_unit_test(a_crop_shows_what_lies_at_its_place),
        cmocka_unit_test(outside_the_picture_is_as_it_is_filled),
        cmocka_unit_test(of_five_poses_the_nearest_is_taken),
        cmocka_unit_test(boxes_overlap_by_their_union),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
