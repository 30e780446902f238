/* SPDX-License-Identifier: MIT */
/* What is drawn: within range, spread over it, and gaze that goes along. */
#include "support/support.h"

#include "mien/signal.h"

#include <math.h>
#include <string.h>

static mien_augment *parsed(const char *text) {
    mien_augment *a = NULL;
    assert_good(mien_augment_new(&a));
    assert_good(mien_augment_parse(a, NULL, text));
    return a;
}

static mien_augment_draw drawn(const mien_augment *a, int h, int w, uint64_t trial) {
    mien_augment_draw draw;
    mien_stream stream;
    mien_stream_init(&stream, 42, trial, 0);
    mien_augment_draw_make(a, h, w, &stream, &draw);
    return draw;
}

static void drawn_numbers_fill_their_range_evenly(void **state) {
    (void)state;
    enum { TIMES = 20000, BINS = 10 };
    static const struct {
        const char *text;
        int values;
        double low, high;
    } cases[] = {{"rotate 45", 1, -45, 45}, {"zoom 0.7,1.3", 2, 0.7, 1.3},
        {"shear 20", 1, -20, 20}, {"shift 0.3", 2, -0.3, 0.3},
        {"brightness 1.5,2.2", 1, 1.5, 2.2}, {"contrast 0.5", 1, 0.5, 1.5},
        {"saturation 0,3", 1, 0, 3}, {"hue 0.1", 1, -0.1, 0.1},
        {"noise 0.2", 1, 0, 0.2}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        mien_augment *a = parsed(cases[k].text);
        int counts[2][BINS] = {{0}};
        double width = cases[k].high - cases[k].low;
        for (uint64_t t = 0; t < TIMES; t++) {
            mien_augment_draw draw = drawn(a, 30, 40, t);
            for (int v = 0; v < cases[k].values; v++) {
                double at = (draw.value[0][v] - cases[k].low) / width;
                assert_true(draw.does[0] && at >= 0.0 && at <= 1.0);
                counts[v][at >= 1.0 ? BINS - 1 : (int)(at * BINS)]++;
            }
        }
        for (int v = 0; v < cases[k].values; v++) {
            double chi = 0, each = (double)TIMES / BINS;
            for (int b = 0; b < BINS; b++) {
                chi += (counts[v][b] - each) * (counts[v][b] - each) / each;
            }
            assert_true(chi < 33.7); /* of 9 degrees of freedom: 1 in 10,000 */
        }
        mien_augment_free(&a);
    }
}

static void steps_are_done_as_often_as_p_says(void **state) {
    (void)state;
    enum { TIMES = 20000 };
    mien_augment *a = parsed("flip; vflip 0.1; rotate90; erase 0.25; brightness p=0");
    const double want[] = {0.5, 0.1, 0.75, 0.25, 0.0};
    int done[5] = {0}, turns[4] = {0};
    for (uint64_t t = 0; t < TIMES; t++) {
        mien_augment_draw draw = drawn(a, 64, 64, t);
        for (int s = 0; s < 5; s++) {
            done[s] += draw.does[s];
        }
        turns[(int)draw.value[2][0]]++;
        if (draw.does[3]) {
            const double *r = draw.value[3];
            double part = r[2] * r[3] / 4096.0;
            assert_true(
                r[0] >= 0 && r[1] >= 0 && r[0] + r[2] <= 64 && r[1] + r[3] <= 64);
            assert_true(part > 0.01 && part < 0.35);
            assert_true(r[3] / r[2] > 0.25 && r[3] / r[2] < 4.0);
        }
    }
    for (int s = 0; s < 5; s++) {
        double sd = sqrt(want[s] * (1 - want[s]) / TIMES);
        assert_near((double)done[s] / TIMES, want[s], 4 * sd);
    }
    for (int k = 0; k < 4; k++) {
        assert_near((double)turns[k] / TIMES, 0.25, 0.013);
    }
    mien_augment_free(&a);
}

static void a_step_more_changes_nothing_of_those_before(void **state) {
    (void)state;
    mien_augment *few = parsed("flip; erase; rotate 30");
    mien_augment *more = parsed("flip; erase; rotate 30; zoom; noise; hue");
    bool differs = false;
    for (uint64_t t = 0; t < 50; t++) {
        mien_augment_draw a = drawn(few, 20, 20, t), b = drawn(more, 20, 20, t);
        assert_memory_equal(a.does, b.does, 3 * sizeof *a.does);
        assert_memory_equal(a.value, b.value, 3 * sizeof *a.value);
        differs = differs || a.value[2][0] != drawn(few, 20, 20, t + 1).value[2][0];
    }
    assert_true(differs);
    mien_augment_free(&few);
    mien_augment_free(&more);
}

static void points_go_where_the_pixels_go(void **state) {
    (void)state;
    const double in[] = {0.25, 0.1, (double)NAN, 0.5, 0.5, 0.5};
    double out[6];
    mien_augment *a = parsed("flip 1");
    mien_augment_draw draw = drawn(a, 30, 40, 1);
    assert_int_equal(mien_augment_draw_points(&draw, 3, in, out), 0);
    assert_near(out[0], 0.75, 1e-15);
    assert_near(out[1], 0.1, 1e-15);
    assert_true(isnan(out[2]));
    mien_augment_free(&a);
    a = parsed("rotate 90,90"); /* counter-clockwise: what was right is now up */
    draw = drawn(a, 40, 40, 1);
    assert_int_equal(mien_augment_draw_points(&draw, 1, (double[]){1.0, 0.5}, out), 0);
    assert_near(out[0], 0.5, 1e-15);
    assert_near(out[1], 0.0, 1e-15);
    mien_augment_free(&a);
    a = parsed("shift across=0.5,0.5 down=0; zoom 2,2");
    draw = drawn(a, 10, 20, 1);
    assert_int_equal(mien_augment_draw_points(&draw, 1, (double[]){0.5, 0.75}, out), 1);
    assert_near(out[0], 1.5, 1e-15);
    assert_near(out[1], 1.0, 1e-15);
    mien_augment_free(&a);
}

static void a_pixel_and_its_point_stay_together(void **state) {
    (void)state;
    enum { SIDE = 41 };
    static float in[3 * SIDE * SIDE], out[3 * SIDE * SIDE];
    mien_preprocess p = {.fit = MIEN_FIT_NONE,
        .crop_height = SIDE,
        .crop_width = SIDE,
        .scale = 1.0 / 255.0,
        .deviation = {1, 1, 1}};
    mien_augment *a = parsed("flip; rotate 60; shear 10; zoom 1,1.5 joint=yes");
    mien_augmenter *augmenter = NULL;
    assert_good(mien_augmenter_new(a, &p, &augmenter));
    int seen = 0;
    for (uint64_t t = 0; t < 40; t++) {
        const int x = 14 + (int)(t % 13), y = 15 + (int)(t % 7);
        memset(in, 0, sizeof in);
        in[y * SIDE + x] = 1.0f;
        mien_augment_draw draw = drawn(a, SIDE, SIDE, t);
        assert_good(mien_augmenter_run(augmenter, &draw, in, out));
        double sum = 0, mean_x = 0, mean_y = 0;
        for (int i = 0; i < SIDE * SIDE; i++) {
            sum += (double)out[i];
            mean_x += (double)out[i] * (i % SIDE + 0.5);
            mean_y += (double)out[i] * (i / SIDE + 0.5);
        }
        double point[2] = {(x + 0.5) / SIDE, (y + 0.5) / SIDE};
        if (mien_augment_draw_points(&draw, 1, point, point) == 0 && sum > 0) {
            assert_near(mean_x / sum, point[0] * SIDE, 0.5);
            assert_near(mean_y / sum, point[1] * SIDE, 0.5);
            seen++;
        }
    }
    assert_true(seen > 30);
    mien_augmenter_free(&augmenter);
    mien_augment_free(&a);
}

static void gaze_that_would_leave_softens_the_draw(void **state) {
    (void)state;
    mien_augment *a = parsed("flip 1; rotate 45,45; brightness 2,2; rotate90 1,1");
    const double corner[] = {0.0, 0.0, 0.5, 0.5, 1.4, -3.0}, centre[] = {0.5, 0.5};
    double moved[6];
    mien_augment_draw draw = drawn(a, 32, 32, 1);
    assert_false(mien_augment_draw_gaze(a, &draw, 1, centre, moved));
    assert_true(draw.does[1]);
    assert_true(mien_augment_draw_gaze(a, &draw, 3, corner, moved));
    assert_true(draw.does[0] && !draw.does[1] && draw.does[2] && draw.does[3]);
    const double want[] = {0.0, 0.0, 0.5, 0.5, 0.0, 1.0}; /* flipped, then turned */
    for (int i = 0; i < 6; i++) {
        assert_near(moved[i], want[i], 1e-15);
    }
    draw = drawn(a, 32, 40, 1); /* no square: a turn could lose points */
    assert_true(mien_augment_draw_gaze(a, &draw, 3, corner, moved));
    assert_true(draw.does[0] && !draw.does[1] && !draw.does[3]);
    mien_augment_free(&a);
}

static void maps_undo_and_flat_ones_are_refused(void **state) {
    (void)state;
    mien_affine map = {1.5, 0.25, 3, -0.5, 2, -7}, back, flat = {1, 2, 0, 2, 4, 0};
    assert_good(mien_affine_inverse(&map, &back));
    mien_affine both = mien_affine_then(&map, &back);
    const double got[] = {both.xx, both.xy, both.x0, both.yx, both.yy, both.y0};
    const double want[] = {1, 0, 0, 0, 1, 0};
    for (int i = 0; i < 6; i++) {
        assert_near(got[i], want[i], 1e-14);
    }
    assert_fails(mien_affine_inverse(&flat, &back), MIEN_EINVAL, "flattens");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_numbers_fill_their_range_evenly),
        cmocka_unit_test(steps_are_done_as_often_as_p_says),
        cmocka_unit_test(a_step_more_changes_nothing_of_those_before),
        cmocka_unit_test(points_go_where_the_pixels_go),
        cmocka_unit_test(a_pixel_and_its_point_stay_together),
        cmocka_unit_test(gaze_that_would_leave_softens_the_draw),
        cmocka_unit_test(maps_undo_and_flat_ones_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
