/* SPDX-License-Identifier: MIT */
/* Faces keep their track while they move, cross and are missed for a moment, and lose
 * it at a cut and after a second. */
#include "predict/tracks.h"

#include <string.h>

#include "support/support.h"

static mien_face face_at(double x, double y, double side) {
    return (mien_face){.box = {x, y, side, side}, .score = 0.9};
}

static mien_tracks five_a_second(void) {
    return (mien_tracks){.rules = mien_track_rules_of(0.2, false)};
}

static void two_who_cross_keep_their_tracks(void **state) {
    (void)state;
    mien_tracks t = five_a_second();
    for (int i = 0; i < 20; i++) {
        /* one above the other while they pass */
        mien_face faces[2] = {
            face_at(10 + 15 * i, 100, 60), face_at(295 - 15 * i, 130, 60)};
        mien_face turned[2] = {faces[1], faces[0]};
        int64_t id[2];
        assert_good(mien_tracks_take(&t, 0.2 * i, i % 2 ? turned : faces, 2, id));
        assert_int_equal(id[i % 2], 0);
        assert_int_equal(id[1 - i % 2], 1);
    }
    mien_tracks_clear(&t);
}

static void a_face_missed_for_less_than_a_second_goes_on(void **state) {
    (void)state;
    mien_tracks t = five_a_second();
    mien_face face = face_at(50, 50, 80);
    int64_t id = -1;
    assert_good(mien_tracks_take(&t, 0, &face, 1, &id));
    assert_int_equal(id, 0);
    assert_good(mien_tracks_take(&t, 0.2, NULL, 0, NULL));
    assert_good(mien_tracks_take(&t, 0.8, &face, 1, &id));
    assert_int_equal(id, 0);
    assert_good(mien_tracks_take(&t, 2.0, &face, 1, &id));
    assert_int_equal(id, 1);
    mien_tracks_clear(&t);
}

static void a_fast_face_is_taken_up_by_its_nearness(void **state) {
    (void)state;
    mien_tracks t = five_a_second();
    mien_face first = face_at(0, 0, 100), moved = face_at(52, 26, 60);
    mien_face tiny = face_at(40, 40, 20);
    int64_t id = -1;
    assert_true(mien_face_overlap(first.box, moved.box) < 0.3);
    assert_good(mien_tracks_take(&t, 0, &first, 1, &id));
    assert_good(mien_tracks_take(&t, 0.2, &moved, 1, &id));
    assert_int_equal(id, 0);
    assert_good(mien_tracks_take(&t, 0.4, &tiny, 1, &id)); /* less than half the size */
    assert_int_equal(id, 1);
    mien_tracks_clear(&t);
}

static void a_cut_ends_all(void **state) {
    (void)state;
    mien_tracks t = five_a_second();
    mien_face face = face_at(50, 50, 80);
    int64_t id = -1;
    assert_good(mien_tracks_take(&t, 0, &face, 1, &id));
    mien_tracks_end(&t);
    assert_good(mien_tracks_take(&t, 0.2, &face, 1, &id));
    assert_int_equal(id, 1);
    mien_tracks_forget(&t, 0.1);
    assert_null(mien_tracks_find(&t, 0));
    assert_non_null(mien_tracks_find(&t, 1));
    mien_tracks_clear(&t);
}

static void a_track_is_kept_after_three_sure_detections(void **state) {
    (void)state;
    mien_tracks t = five_a_second();
    mien_face faces[2] = {face_at(0, 0, 50), face_at(200, 0, 50)};
    faces[1].score = 0.75; /* never sure */
    int64_t id[2];
    for (int i = 0; i < 12; i++) {
        double now_s = 0.2 * i;
        assert_good(mien_tracks_take(&t, now_s, faces, 2, id));
        assert_true(mien_tracks_find(&t, 0)->kept == (i >= 2));
        assert_false(mien_tracks_find(&t, 1)->kept);
        assert_true(
            mien_track_pending(&t, mien_tracks_find(&t, 1), now_s) == (now_s <= 2.0));
    }
    mien_tracks_clear(&t);
    t.rules = mien_track_rules_of(0.2, true);
    assert_good(mien_tracks_take(&t, 0, faces, 2, id));
    assert_true(mien_tracks_find(&t, id[1])->kept);
    mien_tracks_clear(&t);
}

static mien_tensor *grey(uint8_t value, int noise) {
    const int64_t shape[3] = {72, 128, 3};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    for (int64_t i = 0; i < mien_tensor_count(image); i++) {
        ((uint8_t *)image->data)[i] = (uint8_t)(value + i * 7 % (noise + 1));
    }
    return image;
}

static void a_change_of_the_whole_picture_is_a_cut(void **state) {
    (void)state;
    mien_cuts cuts = {0};
    mien_tensor *dark = grey(40, 3), *light = grey(120, 3), *near = grey(60, 3);
    assert_false(mien_cuts_take(&cuts, dark)); /* nothing before it */
    assert_false(mien_cuts_take(&cuts, near));
    assert_false(mien_cuts_take(&cuts, dark));
    assert_true(mien_cuts_take(&cuts, light));
    assert_false(mien_cuts_take(&cuts, light));
    /* where all pictures differ so much, none is a cut */
    mien_cuts flicker = {0};
    assert_false(mien_cuts_take(&flicker, dark));
    assert_true(mien_cuts_take(&flicker, light));
    assert_false(mien_cuts_take(&flicker, dark));
    assert_false(mien_cuts_take(&flicker, light));
    mien_tensor_free(&near);
    mien_tensor_free(&light);
    mien_tensor_free(&dark);
}

static mien_status follow(void *context) {
    (void)context;
    mien_tracks t = five_a_second();
    mien_face faces[2] = {face_at(0, 0, 50), face_at(200, 0, 50)};
    int64_t id[2];
    mien_status status = mien_tracks_take(&t, 0, faces, 2, id);
    if (status == MIEN_OK) {
        status = mien_tracks_take(&t, 0.2, faces, 2, id);
    }
    mien_tracks_clear(&t);
    return status;
}

static void any_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(follow, NULL, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_who_cross_keep_their_tracks),
        cmocka_unit_test(a_face_missed_for_less_than_a_second_goes_on),
        cmocka_unit_test(a_fast_face_is_taken_up_by_its_nearness),
        cmocka_unit_test(a_cut_ends_all),
        cmocka_unit_test(a_track_is_kept_after_three_sure_detections),
        cmocka_unit_test(a_change_of_the_whole_picture_is_a_cut),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
