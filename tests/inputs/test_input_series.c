/* SPDX-License-Identifier: MIT */
/* Inputs of kind series, scanpath, gaze_map and number: as published to the pixel, what
 * is missing, parts of recordings, and how they move with a picture. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/inputs.h"

enum { ROWS = MIEN_EPOCH_ROWS, SIDE = 180, VALUES_MAX = SIDE * SIDE };

/* A reader with its memory. */
typedef struct reading {
    mien_input input;
    mien_reader *reader;
    void *kept;
    float values[VALUES_MAX], seen;
} reading;

static void reading_open(
    reading *r, const char *kind, const char *settings, const mien_augment *augment) {
    const mien_input_kind *row = NULL;
    mien_options *options = NULL;
    assert_good(mien_input_kind_find(kind, &row));
    assert_good(mien_input_init(&r->input, kind, "some"));
    assert_good(mien_settings_read(kind, row->options, settings, &options));
    assert_good(mien_input_settings(&r->input, options));
    assert_good(mien_input_measure(&r->input, NULL));
    assert_good(mien_reader_open(&r->input, augment, &r->reader));
    r->kept = mien_alloc(mien_reader_bytes(r->reader), 1);
    assert_non_null(r->kept);
    mien_options_free(&options);
}

static void reading_close(reading *r) {
    mien_free(r->kept);
    mien_reader_close(&r->reader);
}

static void reading_make(reading *r, const char *path) {
    mien_place place = mien_place_of(path);
    assert_good(mien_reader_load(r->reader, &place, r->kept));
    assert_good(mien_reader_make(r->reader, r->kept, NULL, r->values, &r->seen));
    assert_near(r->seen, 1, 0);
}

static const char *golden(const char *name, int k, const char *end) {
    char path[96];
    snprintf(path, sizeof path, "tests/golden/emoeye/%s_%d.%s", name, k, end);
    return support_source(path);
}

/* ---- as published ---------------------------------------------------------------- */

static void published_series_are_read(void **state) {
    (void)state;
    static const char *const settings[] = {
        "gaps=anchored; pupil=flags", "gaps=anchored"};
    static const char *const names[] = {"expected_xtime", "expected_xtime_fixedpupil"};
    for (int way = 0; way < 4; way++) {
        reading r;
        double want;
        reading_open(&r, "series", settings[way / 2], NULL);
        assert_int_equal(r.input.shape.rank, 2);
        assert_int_equal(r.input.shape.size[0], 5);
        assert_int_equal(r.input.shape.size[1], ROWS);
        reading_make(&r, golden("synthetic_epoch", way % 2, "csv"));
        FILE *file = fopen(golden(names[way / 2], way % 2, "csv"), "r");
        assert_non_null(file);
        for (int i = 0; i < 5 * ROWS; i++) {
            assert_int_equal(fscanf(file, i % ROWS ? ",%lf" : "%lf", &want), 1);
            assert_near(r.values[i], want, 1e-6 * fmax(1, fabs(want)));
        }
        fclose(file);
        reading_close(&r);
    }
}

static void published_scanpaths_are_drawn_to_the_pixel(void **state) {
    (void)state;
    for (int k = 0; k < 2; k++) {
        static unsigned char want[SIDE * SIDE];
        static reading r;
        reading_open(&r, "scanpath", "gaps=anchored", NULL);
        reading_make(&r, golden("synthetic_epoch", k, "csv"));
        FILE *file = fopen(golden("expected_scanpath", k, "pgm"), "rb");
        assert_non_null(file);
        assert_int_equal(fseek(file, -(long)sizeof want, SEEK_END), 0);
        assert_int_equal(fread(want, 1, sizeof want, file), sizeof want);
        fclose(file);
        for (int i = 0; i < SIDE * SIDE; i++) {
            assert_near(r.values[i], (want[i] / 255.0 - 0.5) / 0.5, 1e-6);
        }
        reading_close(&r);
    }
}

/* ---- what is missing --------------------------------------------------------------
 */

enum { GAZE = 1, PUPIL = 2, SKIN = 4, HEART = 8 };

/* An epoch of EmoEye's columns in which only some sensors are valid. */
static const char *write_epoch(const char *name, int sensors) {
    mien_string text;
    mien_string_init(&text);
    mien_string_add(&text,
        ",TIME(2023/01/31 12:00:00.000),FPOGX,FPOGY,FPOGID,FPOGV,LPMM,"
        "LPMMV,RPMM,RPMMV,GSR,GSRV,HR,HRV,Image,Arousal,Valence\n");
    for (int i = 0; i < ROWS; i++) {
        mien_string_addf(&text,
            "%d,%.5f,%.5f,%.5f,%d,%d,%.3f,%d,%.3f,%d,%d,%d,%.3f,%d,a,1,1\n", i,
            i / 61.2, 0.2 + 0.002 * i, 0.25, i / 50, !!(sensors & GAZE),
            3.0 + 0.001 * i, !!(sensors & PUPIL), 3.2 + 0.001 * i, 0, 250000 - 10 * i,
            !!(sensors & SKIN), 70.0 + 0.01 * i, !!(sensors & HEART));
    }
    assert_good(mien_string_status(&text));
    const char *path = support_write(name, text.text, text.length);
    mien_string_clear(&text);
    return path;
}

static void a_lost_sensor_is_zeros_and_said_to_be_missing(void **state) {
    (void)state;
    static reading r;
    reading_open(&r, "series", "validity=true", NULL);
    assert_int_equal(r.input.shape.size[0], 9);
    reading_make(&r, write_epoch("lost.csv", GAZE | PUPIL | HEART));
    for (int i = 0; i < ROWS; i++) {
        assert_near(r.values[i], (0.2 + 0.002 * i - 0.5) / 0.5, 1e-5);
        assert_near(r.values[3 * ROWS + i], 0, 0); /* skin */
        assert_near(
            r.values[5 * ROWS + i], 1, 0); /* validity of gaze, pupil, skin, heart */
        assert_near(r.values[6 * ROWS + i], 1, 0);
        assert_near(r.values[7 * ROWS + i], 0, 0);
        assert_near(r.values[8 * ROWS + i], 1, 0);
    }
    /* of the pupils one is valid and stands for both: 3 … 3.3 mm, over 0.4 */
    assert_near(r.values[2 * ROWS + 150], (3.15 - 0.0005 - 3) / 0.4, 1e-4);
    reading_close(&r);
}

static void nothing_at_all_is_a_missing_item(void **state) {
    (void)state;
    static reading r;
    mien_place nothing = mien_place_of(write_epoch("nothing.csv", 0));
    mien_place blind = mien_place_of(write_epoch("blind.csv", SKIN));
    reading_open(&r, "series", "", NULL);
    assert_int_equal(mien_reader_load(r.reader, &nothing, r.kept), MIEN_END);
    assert_good(mien_reader_load(r.reader, &blind, r.kept));
    reading_close(&r);
    reading_open(&r, "series", "sensors=gaze pupil", NULL);
    assert_int_equal(mien_reader_load(r.reader, &blind, r.kept), MIEN_END);
    reading_close(&r);
    reading_open(&r, "scanpath", "", NULL);
    assert_int_equal(mien_reader_load(r.reader, &blind, r.kept), MIEN_END);
    reading_close(&r);
}

static void changes_begin_at_nought(void **state) {
    (void)state;
    static reading r;
    reading_open(&r, "series", "levels=change; sensors=heart pupil", NULL);
    assert_int_equal(r.input.shape.size[0], 2);
    reading_make(&r, write_epoch("change.csv", PUPIL | HEART));
    /* 0.01 beats a row from the middle of the first 18 on, over 2.5 */
    assert_near(r.values[100], 0.01 * (100 - 8.5) / 2.5, 1e-4);
    assert_near(r.values[ROWS + 100], 0.001 * (99.5 - 8.5) / 0.25, 4e-3);
    reading_close(&r);
}

static void parts_are_the_sensors_with_their_rows(void **state) {
    (void)state;
    reading r;
    mien_input_part part[MIEN_INPUT_PARTS_MAX];
    int count = 0;
    reading_open(&r, "series", "sensors=heart gaze; validity=true", NULL);
    assert_good(mien_input_parts(&r.input, part, &count));
    assert_int_equal(count, 2);
    assert_string_equal(part[0].name, "heart");
    assert_int_equal(part[0].rows, 1 | 8); /* heart, x, y, validity of both */
    assert_string_equal(part[1].name, "gaze");
    assert_int_equal(part[1].rows, 2 | 4 | 16);
    reading_close(&r);
    reading_open(&r, "scanpath", "", NULL);
    assert_good(mien_input_parts(&r.input, part, &count));
    assert_int_equal(count, 0);
    reading_close(&r);
}

static void settings_that_cannot_be_are_refused(void **state) {
    (void)state;
    static const char *const bad[][2] = {{"sensors=gaze nose", "nose"},
        {"sensors=gaze gaze", "twice"}, {"sensors= ", "at least one"},
        {"levels=change; pupil=flags", "flags have no size"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mien_input input;
        mien_options *options = NULL;
        const mien_input_kind *row = NULL;
        assert_good(mien_input_kind_find("series", &row));
        assert_good(mien_input_init(&input, "series", "some"));
        assert_good(mien_settings_read("series", row->options, bad[i][0], &options));
        assert_good(mien_input_settings(&input, options));
        assert_fails(mien_input_measure(&input, NULL), MIEN_EINVAL, bad[i][1]);
        mien_options_free(&options);
    }
}

static void an_epoch_that_is_none_is_refused_by_name(void **state) {
    (void)state;
    static reading r;
    mien_place place = mien_place_of(support_write("odd.csv", "a,b\n1,2\n", 8));
    reading_open(&r, "series", "", NULL);
    assert_fails(mien_reader_load(r.reader, &place, r.kept), MIEN_EFORMAT, "odd.csv");
    place = mien_place_of("nowhere.csv");
    assert_true(mien_reader_load(r.reader, &place, r.kept) != MIEN_OK);
    reading_close(&r);
}

/* ---- maps of gaze -----------------------------------------------------------------
 */

/* Gaze of write_epoch(): y is 0.25, x goes from 0.2 to 0.8. */
static void a_map_of_gaze_is_shares_less_an_even_one(void **state) {
    (void)state;
    static const char *const settings[] = {"grid=4; blur=0", "grid=4; blur=0.5"};
    const char *path = write_epoch("looked.csv", GAZE);
    for (int way = 0; way < 2; way++) {
        static reading r;
        double sum = 0, row[4] = {0}, column[4] = {0};
        reading_open(&r, "gaze_map", settings[way], NULL);
        assert_int_equal(r.input.shape.rank, 1);
        assert_int_equal(r.input.shape.size[0], 16);
        reading_make(&r, path);
        for (int k = 0; k < 16; k++) {
            double share = (double)r.values[k] + 1.0 / 16;
            sum += share;
            row[k / 4] += share;
            column[k % 4] += share;
        }
        assert_near(sum, 1, 1e-6);
        if (way ==
            0) { /* rows below 0.25: the second; 25 of 301 rows before x = 0.25 */
            assert_near(row[1], 1, 1e-6);
            assert_near(column[0], 25.0 / ROWS, 1e-6);
            assert_near(column[1], 125.0 / ROWS, 1e-6);
        } else { /* y lies on the border of the first two rows: as much in either */
            assert_near(row[0], row[1], 1e-6);
            assert_true(row[2] > 0.01 && row[2] < 0.05);
        }
        reading_close(&r);
    }
}

static void an_even_map_is_zeros(void **state) {
    (void)state;
    static reading r;
    reading_open(&r, "gaze_map", "even=true", NULL);
    reading_make(&r, write_epoch("even.csv", GAZE));
    for (int k = 0; k < 64; k++) {
        assert_near(r.values[k], 0, 0);
    }
    reading_close(&r);
}

static void a_trial_without_gaze_has_no_map(void **state) {
    (void)state;
    static reading r;
    mien_place blind = mien_place_of(write_epoch("blind_map.csv", SKIN));
    reading_open(&r, "gaze_map", "", NULL);
    assert_int_equal(mien_reader_load(r.reader, &blind, r.kept), MIEN_END);
    reading_close(&r);
}

/* ---- recordings --------------------------------------------------------------------
 */

/* Ten seconds at 60 Hz as Gazepoint writes them: gaze leaps at 5 s, the heart is a
 * line. */
static const char *write_recording(void) {
    mien_string text;
    mien_string_init(&text);
    mien_string_add(&text,
        "TIME(2023/01/31 12:00:00.000),FPOGX,FPOGY,FPOGID,FPOGV,LPMM,"
        "LPMMV,RPMM,RPMMV,GSR,GSRV,HR,HRV\n");
    for (int i = 0; i < 600; i++) {
        double t = i / 60.0;
        mien_string_addf(&text, "%.5f,%.3f,0.5,1,1,3.2,1,3.4,1,%.0f,%d,%.3f,1\n", t,
            t < 5 ? 0.25 : 0.75, 200000 + 1000 * t, t < 4 || t > 8, 60 + t);
    }
    assert_good(mien_string_status(&text));
    const char *path = support_write("recording.csv", text.text, text.length);
    mien_string_clear(&text);
    return path;
}

static void a_part_of_a_recording_becomes_a_trial(void **state) {
    (void)state;
    static reading r;
    mien_place place = mien_place_of(write_recording());
    place.start_s = 3;
    place.end_s = 7;
    reading_open(&r, "series", "validity=true", NULL);
    assert_good(mien_reader_load(r.reader, &place, r.kept));
    assert_good(mien_reader_make(r.reader, r.kept, NULL, r.values, &r.seen));
    for (int i = 0; i < ROWS; i++) {
        double t = 3 + 4.0 * i / ROWS;
        bool leap = fabs(t - 5) < 0.05;
        assert_near(r.values[i], leap ? r.values[i] : t < 5 ? -0.5 : 0.5, 1e-4);
        assert_near(r.values[4 * ROWS + i], (60 + t - 80) / 15, 1e-3);
        bool skin = t < 3.98, edge = fabs(t - 4) < 0.05;
        assert_near(r.values[7 * ROWS + i], edge ? r.values[7 * ROWS + i] : skin, 0);
    }
    place.end_s = 2;
    assert_fails(
        mien_reader_load(r.reader, &place, r.kept), MIEN_EFORMAT, "from 3 s to 2 s");
    reading_close(&r);
}

/* ---- moving with a picture
 * ----------------------------------------------------------- */

static void series_and_scanpath_move_with_their_picture(void **state) {
    (void)state;
    static reading r;
    static float plain[VALUES_MAX];
    mien_augment *augment = NULL;
    mien_augment_draw draw;
    mien_stream stream;
    double points[2 * MIEN_INPUT_POINTS_MAX];
    mien_stream_init(&stream, 1, 2, 3);
    assert_good(mien_augment_new(&augment));
    assert_good(mien_augment_parse(augment, NULL, "flip p=1"));
    mien_augment_draw_make(augment, 100, 200, &stream, &draw);
    assert_true(draw.moves);
    const char *path = write_epoch("move.csv", GAZE | HEART);
    reading_open(&r, "series", "", augment);
    reading_make(&r, path);
    memcpy(plain, r.values, sizeof plain);
    assert_int_equal(mien_reader_points(r.reader, r.kept, points), ROWS);
    assert_near(points[2 * 10], 0.2 + 0.002 * 10, 1e-6);
    assert_good(mien_reader_make(r.reader, r.kept, &draw, r.values, NULL));
    for (int i = 0; i < ROWS; i++) {
        assert_near(r.values[i], -plain[i], 1e-5);
        assert_near(r.values[ROWS + i], plain[ROWS + i], 1e-6);
        assert_near(r.values[4 * ROWS + i], plain[4 * ROWS + i], 0);
    }
    reading_close(&r);
    reading_open(&r, "scanpath", "", augment);
    reading_make(&r, path);
    memcpy(plain, r.values, sizeof plain);
    assert_good(mien_reader_make(r.reader, r.kept, &draw, r.values, NULL));
    double sum[2] = {0};
    for (int i = 0; i < SIDE * SIDE; i++) {
        double x = (i % SIDE + 0.5) / SIDE;
        sum[0] += (plain[i] + 1) * x;
        sum[1] += (r.values[i] + 1) * (1 - x);
    }
    assert_true(sum[0] > 100);
    assert_near(sum[1] / sum[0], 1, 0.02); /* pixels are cut off, not rounded */
    reading_close(&r);
    mien_augment_free(&augment);
}

/* ---- numbers
 * -------------------------------------------------------------------------- */

static void a_number_is_its_cell(void **state) {
    (void)state;
    reading r;
    reading_open(&r, "number", "", NULL);
    assert_string_equal(r.input.column, "some");
    reading_make(&r, "-2.5e1");
    assert_near(r.values[0], -25, 0);
    mien_place place = mien_place_of("n/a");
    assert_int_equal(mien_reader_load(r.reader, &place, r.kept), MIEN_END);
    place = mien_place_of("much");
    assert_fails(mien_reader_load(r.reader, &place, r.kept), MIEN_ENUMBER, "much");
    reading_close(&r);
}

/* ---- made up
 * --------------------------------------------------------------------------- */

static void golden_items_are_made_up_and_differ(void **state) {
    (void)state;
    static const char *const kinds[] = {"series", "scanpath"};
    for (int k = 0; k < 2; k++) {
        static reading r;
        static float first[VALUES_MAX];
        reading_open(&r, kinds[k], "", NULL);
        assert_true(mien_reader_golden(r.reader, 0, r.kept));
        assert_good(mien_reader_make(r.reader, r.kept, NULL, first, NULL));
        assert_true(mien_reader_golden(r.reader, 1, r.kept));
        assert_good(mien_reader_make(r.reader, r.kept, NULL, r.values, NULL));
        size_t bytes = (size_t)mien_item_values(&r.input.shape) * sizeof(float);
        assert_true(memcmp(first, r.values, bytes) != 0);
        reading_close(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_series_are_read),
        cmocka_unit_test(published_scanpaths_are_drawn_to_the_pixel),
        cmocka_unit_test(a_lost_sensor_is_zeros_and_said_to_be_missing),
        cmocka_unit_test(nothing_at_all_is_a_missing_item),
        cmocka_unit_test(changes_begin_at_nought),
        cmocka_unit_test(parts_are_the_sensors_with_their_rows),
        cmocka_unit_test(a_map_of_gaze_is_shares_less_an_even_one),
        cmocka_unit_test(an_even_map_is_zeros),
        cmocka_unit_test(a_trial_without_gaze_has_no_map),
        cmocka_unit_test(settings_that_cannot_be_are_refused),
        cmocka_unit_test(an_epoch_that_is_none_is_refused_by_name),
        cmocka_unit_test(a_part_of_a_recording_becomes_a_trial),
        cmocka_unit_test(series_and_scanpath_move_with_their_picture),
        cmocka_unit_test(a_number_is_its_cell),
        cmocka_unit_test(golden_items_are_made_up_and_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
