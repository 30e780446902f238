/* SPDX-License-Identifier: MIT */
/* EmoEye's series and scanpaths against tests/golden/emoeye (python/golden/emoeye.py):
 * series to 1e-6, pictures to the pixel. */
#include "signal/goldens.h"

#include "mien/gaze.h"

enum { ROWS = MIEN_EPOCH_ROWS, SIDE = 180 };

static void take_column(const golden *g, const char *name, double *to) {
    memcpy(to, golden_column(g, name), ROWS * sizeof *to);
}

static void take_flags(const golden *g, const char *name, unsigned char *to) {
    for (int i = 0; i < ROWS; i++) {
        to[i] = golden_column(g, name)[i] > 0;
    }
}

static void read_epoch(const char *path, mien_epoch *e) {
    golden g;
    golden_read(&g, path, false);
    assert_int_equal(g.n, ROWS);
    take_column(&g, "FPOGX", e->x);
    take_column(&g, "FPOGY", e->y);
    take_column(&g, "FPOGID", e->fixation);
    take_column(&g, "LPMM", e->left_mm);
    take_column(&g, "RPMM", e->right_mm);
    take_column(&g, "GSR", e->gsr_ohm);
    take_column(&g, "HR", e->heart_bpm);
    take_flags(&g, "FPOGV", e->gaze_valid);
    take_flags(&g, "LPMMV", e->left_valid);
    take_flags(&g, "RPMMV", e->right_valid);
    take_flags(&g, "GSRV", e->gsr_valid);
    take_flags(&g, "HRV", e->heart_valid);
    golden_clear(&g);
}

static void assert_five(const char *path, const mien_epoch *e, bool flags) {
    float series[MIEN_EPOCH_CHANNELS * ROWS];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    mien_epoch_series(e, flags, series);
    for (int i = 0; i < MIEN_EPOCH_CHANNELS * ROWS; i++) {
        double want;
        assert_int_equal(fscanf(file, i % ROWS ? ",%lf" : "%lf", &want), 1);
        assert_near(series[i], want, 1e-6 * fmax(1, fabs(want)));
    }
    fclose(file);
}

static void series_are_those_of_the_study(void **state) {
    (void)state;
    for (int k = 0; k < 2; k++) {
        char name[64];
        mien_epoch e;
        snprintf(name, sizeof name, "tests/golden/emoeye/synthetic_epoch_%d.csv", k);
        read_epoch(support_source(name), &e);
        assert_good(mien_epoch_fill(&e, &e));
        snprintf(name, sizeof name, "tests/golden/emoeye/expected_xtime_%d.csv", k);
        assert_five(support_source(name), &e, true);
        snprintf(name, sizeof name,
            "tests/golden/emoeye/expected_xtime_fixedpupil_%d.csv", k);
        assert_five(support_source(name), &e, false);
    }
}

static void scanpaths_have_opencvs_pixels(void **state) {
    (void)state;
    for (int k = 0; k < 2; k++) {
        static unsigned char got[SIDE * SIDE], want[SIDE * SIDE];
        char name[64];
        int width = 0, height = 0, different = 0;
        mien_epoch e;
        snprintf(name, sizeof name, "tests/golden/emoeye/synthetic_epoch_%d.csv", k);
        read_epoch(support_source(name), &e);
        assert_good(mien_epoch_fill(&e, &e));
        assert_good(mien_scanpath_draw(e.x, e.y, e.fixation, ROWS, SIDE, got));
        snprintf(name, sizeof name, "tests/golden/emoeye/expected_scanpath_%d.pgm", k);
        FILE *file = fopen(support_source(name), "rb");
        assert_non_null(file);
        assert_int_equal(fscanf(file, "P5 %d %d 255", &width, &height), 2);
        assert_int_equal(fgetc(file), '\n');
        assert_int_equal(fread(want, 1, sizeof want, file), sizeof want);
        fclose(file);
        for (int i = 0; i < SIDE * SIDE; i++) {
            different += got[i] != want[i];
        }
        assert_int_equal(different, 0);
    }
}

/* Two fixations: a line of 11 pixels, a disc of radius 2, and a line back. */
static void a_small_path_is_drawn_by_hand(void **state) {
    (void)state;
    const double x[] = {0.1, 0.6, 0.6, 0.1, 0.1}, y[] = {0.5, 0.5, 0.5, 0.5, 0.5};
    const double id[] = {1, 2, 3, 3, 3};
    unsigned char picture[20 * 20];
    assert_good(mien_scanpath_draw(x, y, id, 5, 20, picture));
    assert_int_equal(picture[10 * 20 + 2], 255);
    assert_int_equal(picture[10 * 20 + 12], 255);
    assert_int_equal(picture[10 * 20 + 13], 128); /* of the disc at (12, 10) */
    assert_int_equal(picture[8 * 20 + 12], 128);
    assert_int_equal(picture[7 * 20 + 12], 0);
    assert_int_equal(picture[8 * 20 + 14], 0); /* a corner of its square */
    assert_int_equal(picture[10 * 20 + 16], 0);
}

static void gaze_outside_is_clipped(void **state) {
    (void)state;
    const double x[] = {-0.5, 1.5, 1.5, 0.5}, y[] = {-0.5, 1.5, 1e9, 0.5};
    const double id[] = {1, 2, 3, 4};
    unsigned char picture[10 * 10];
    assert_good(mien_scanpath_draw(x, y, id, 4, 10, picture));
    assert_int_equal(picture[0], 255);
    assert_int_equal(picture[9 * 10 + 9], 255);
    const double gap[] = {0.5, NAN};
    assert_fails(
        mien_scanpath_draw(gap, gap, id, 2, 10, picture), MIEN_EINVAL, "point 1");
    assert_fails(mien_scanpath_draw(x, y, id, 1, 10, picture), MIEN_EINVAL, "1 points");
    assert_fails(mien_scanpath_draw(x, y, id, 4, 0, picture), MIEN_EINVAL, "0");
}

static void a_channel_without_any_value_is_refused(void **state) {
    (void)state;
    mien_epoch e = {.time_s = {0}};
    for (int i = 0; i < ROWS; i++) {
        e.gsr_ohm[i] = NAN;
    }
    assert_fails(mien_epoch_fill(&e, &e), MIEN_EFORMAT, "GSR");
    e.gsr_ohm[7] = 1000;
    assert_fails(mien_epoch_fill(&e, &e), MIEN_EFORMAT, "GSR");
    e.gsr_valid[7] = 1;
    assert_good(mien_epoch_fill(&e, &e));
    assert_near(e.gsr_ohm[300], 1000, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_are_those_of_the_study),
        cmocka_unit_test(scanpaths_have_opencvs_pixels),
        cmocka_unit_test(a_small_path_is_drawn_by_hand),
        cmocka_unit_test(gaze_outside_is_clipped),
        cmocka_unit_test(a_channel_without_any_value_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
