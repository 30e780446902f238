/* SPDX-License-Identifier: MIT */
/* Every face of pictures and films becomes a row where and when it is seen, by a model
 * with drawn weights. Golden values of the film: python/golden/faces.py. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mien/predict.h"
#include "models/face_files.h"

enum { ROWS_MAX = 4096, CLASSES = 3 };

typedef struct kept_row {
    char input[256];
    double start_s, end_s, box[4], score, shares[CLASSES];
    int number, choice;
} kept_row;

static kept_row rows[ROWS_MAX];
static int64_t rows_count, problems;

static mien_status keep(void *context, const mien_face_row *row) {
    (void)context;
    const mien_prediction *p = &row->prediction;
    assert_true(rows_count < ROWS_MAX);
    kept_row *k = &rows[rows_count++];
    memset(k, 0, sizeof *k);
    strncpy(k->input, mien_path_base(p->input), sizeof k->input - 1);
    k->start_s = p->start_s;
    k->end_s = p->end_s;
    k->number = row->number;
    k->choice = p->choice[0];
    for (int c = 0; c < CLASSES && p->probability[0]; c++) {
        k->shares[c] = p->probability[0][c];
    }
    for (int i = 0; i < 4 && row->face; i++) {
        k->box[i] = row->face->box[i];
        k->score = row->face->score;
    }
    assert_true((row->number > 0) == (row->face != NULL));
    return MIEN_OK;
}

static void note(void *context, const char *input, const char *text) {
    (void)context;
    (void)input;
    (void)text;
    problems++;
}

static const char *save_model(void) {
    const char *path = support_temp_path("faces.safetensors");
    assert_good(face_save_drawn(path, "resnet_small", "pool"));
    return path;
}

static mien_status predict(const char *const *names, int64_t count,
    const mien_predict_options *options, const mien_faces_options *faces) {
    mien_predictor *predictor = NULL;
    rows_count = problems = 0;
    assert_good(mien_predictor_open(save_model(), options, &predictor));
    mien_status status =
        mien_predictor_run_faces(predictor, names, count, faces, keep, note, NULL);
    mien_predictor_close(&predictor);
    return status;
}

/* ---- pictures ---- */

static void a_picture_has_a_row_a_face_by_falling_area(void **state) {
    (void)state;
    const char *const names[] = {support_shared("data/pictures/face.jpg"),
        support_shared("data/pictures/cat.bmp")};
    assert_good(predict(names, 2, NULL, NULL));
    assert_int_equal(rows_count, 5);
    for (int64_t i = 0; i < 4; i++) {
        assert_int_equal(rows[i].number, i + 1);
        assert_true(isnan(rows[i].start_s));
        assert_near(rows[i].shares[0] + rows[i].shares[1] + rows[i].shares[2], 1, 1e-6);
        assert_true(i == 0 || rows[i].box[2] * rows[i].box[3] <=
                                  rows[i - 1].box[2] * rows[i - 1].box[3]);
    }
    assert_string_equal(rows[4].input, "cat.bmp");
    assert_int_equal(rows[4].number, 0);
    assert_int_equal(rows[4].choice, -1);
}

static void one_row_a_picture_is_the_largest_or_the_mean(void **state) {
    (void)state;
    const char *const names[] = {support_shared("data/pictures/face.jpg")};
    double mean[CLASSES] = {0};
    assert_good(predict(names, 1, NULL, NULL));
    kept_row first = rows[0];
    for (int i = 0; i < 4; i++) {
        for (int c = 0; c < CLASSES; c++) {
            mean[c] += rows[i].shares[c] / 4;
        }
    }
    mien_faces_options o = mien_faces_options_default();
    o.rule = MIEN_FACES_LARGEST;
    assert_good(predict(names, 1, NULL, &o));
    assert_int_equal(rows_count, 1);
    assert_memory_equal(&rows[0], &first, sizeof first);
    o.rule = MIEN_FACES_POOL;
    assert_good(predict(names, 1, NULL, &o));
    assert_int_equal(rows_count, 1);
    for (int c = 0; c < CLASSES; c++) {
        assert_near(rows[0].shares[c], mean[c], 1e-12);
    }
}

static void what_cannot_be_read_is_told_and_the_rest_goes_on(void **state) {
    (void)state;
    const char *broken = support_write("broken.jpg", "\xff\xd8\xff", 3);
    const char *const names[] = {broken, support_shared("data/pictures/cat.bmp")};
    assert_true(predict(names, 2, NULL, NULL) != MIEN_OK);
    assert_int_equal(problems, 1);
    assert_int_equal(rows_count, 1);
}

/* ---- films ---- */

static mien_table *golden(void) {
    mien_table *t = NULL;
    assert_good(
        mien_table_read(support_shared("golden/faces/film_carphone.csv"), NULL, &t));
    return t;
}

static double number(const mien_table *t, int64_t row, const char *column) {
    double value = NAN;
    assert_true(mien_parse_number(
        mien_table_cell(t, row, mien_table_column(t, column)), &value));
    return value;
}

static void golden_box(const mien_table *t, int64_t row, double box[4]) {
    static const char *const names[] = {"x", "y", "w", "h"};
    for (int i = 0; i < 4; i++) {
        box[i] = number(t, row, names[i]);
    }
}

static mien_predict_options every_frame(int threads) {
    mien_predict_options o = mien_predict_options_default();
    o.every_s = 0;
    o.threads = threads;
    return o;
}

static void each_frame_of_a_film_is_as_the_reference_has_it(void **state) {
    (void)state;
    const char *const names[] = {support_shared("data/video/carphone_pristine.mp4")};
    mien_table *t = golden();
    mien_predict_options p = every_frame(1);
    mien_faces_options o = mien_faces_options_default();
    o.every = 1;
    o.finder.size = 0;
    assert_good(predict(names, 1, &p, &o));
    assert_int_equal(rows_count, mien_table_rows(t));
    for (int64_t i = 0; i < rows_count; i++) {
        double box[4];
        golden_box(t, i, box);
        assert_int_equal(rows[i].number, 1);
        assert_near(rows[i].start_s, number(t, i, "time_s"), 1e-6);
        assert_near(rows[i].score, number(t, i, "score"), 0.02);
        for (int k = 0; k < 4; k++) {
            assert_near(rows[i].box[k], box[k], 1);
        }
        if (i > 0) {
            assert_true(rows[i].start_s == rows[i - 1].end_s);
        }
    }
    mien_table_free(&t);
}

static int by_size(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Published for every 5th frame: median .972, 5 % .916. */
static void between_detections_boxes_are_where_they_would_be_found(void **state) {
    (void)state;
    const char *const names[] = {support_shared("data/video/carphone_pristine.mp4")};
    mien_table *t = golden();
    mien_predict_options p = every_frame(1);
    mien_faces_options o = mien_faces_options_default();
    static double overlap[ROWS_MAX];
    o.finder.size = 0;
    assert_good(predict(names, 1, &p, &o));
    assert_int_equal(rows_count, mien_table_rows(t));
    for (int64_t i = 0; i < rows_count; i++) {
        double box[4];
        golden_box(t, i, box);
        overlap[i] = mien_face_overlap(rows[i].box, box);
    }
    qsort(overlap, (size_t)rows_count, sizeof *overlap, by_size);
    assert_true(overlap[rows_count / 2] > 0.965);
    assert_true(overlap[rows_count / 20] > 0.90);
    mien_table_free(&t);
}

static void threads_do_not_change_a_row(void **state) {
    (void)state;
    const char *const names[] = {support_shared("data/video/carphone_pristine.mp4")};
    static kept_row one[ROWS_MAX];
    for (int threads = 1; threads <= 2; threads++) {
        mien_predict_options p = mien_predict_options_default();
        p.every_s = 0.1;
        p.smooth_s = 0.3;
        p.threads = threads;
        assert_good(predict(names, 1, &p, NULL));
        assert_true(rows_count > 20);
        if (threads == 1) {
            memcpy(one, rows, sizeof one);
        } else {
            assert_memory_equal(one, rows, (size_t)rows_count * sizeof *rows);
        }
    }
}

static void a_film_without_a_face_has_a_row_a_moment(void **state) {
    (void)state;
    const char *const names[] = {support_source("tests/golden/films/small.mp4")};
    mien_predict_options p = mien_predict_options_default();
    assert_good(predict(names, 1, &p, NULL));
    assert_true(rows_count >= 1);
    for (int64_t i = 0; i < rows_count; i++) {
        assert_int_equal(rows[i].number, 0);
        assert_true(rows[i].end_s > rows[i].start_s);
    }
}

static mien_status stop(void *context, const mien_face_row *row) {
    (void)context;
    (void)row;
    return mien_fail(MIEN_EIO, "no room on the disk");
}

/* Copies the part [170, 150] of a picture to column `to` of a frame [176, 320]. */
static void paste(
    const mien_tensor *picture, int64_t left, int64_t top, mien_tensor *frame, int to) {
    const uint8_t *from = picture->data;
    uint8_t *pixels = frame->data;
    for (int64_t y = 0; y < 170; y++) {
        memcpy(pixels + 3 * ((y + 3) * 320 + to),
            from + 3 * ((top + y) * picture->shape[1] + left), 3 * 150);
    }
}

/* Two people of one picture, a cut, and the same two with their places changed. */
static const char *write_shots(void) {
    const char *path = support_temp_path("shots.mp4");
    mien_film_writer_options o = mien_film_writer_options_default();
    mien_film_writer *writer = NULL;
    mien_tensor *picture = NULL, *frame = NULL;
    o.width = 320;
    o.height = 176;
    o.rate_hz = 10;
    o.sound_rate_hz = 0;
    assert_good(
        mien_image_read(support_shared("data/pictures/face.jpg"), NULL, &picture));
    assert_good(mien_tensor_new(MIEN_U8, 3, (const int64_t[]){176, 320, 3}, &frame));
    assert_good(mien_film_writer_open(path, &o, &writer));
    for (int k = 0; k < 40; k++) {
        memset(frame->data, k < 20 ? 60 : 220, mien_tensor_bytes(frame));
        paste(picture, 96, 55, frame, k < 20 ? 5 : 165);
        paste(picture, 225, 22, frame, k < 20 ? 165 : 5);
        assert_good(mien_film_writer_picture(writer, frame));
    }
    assert_good(mien_film_writer_close(&writer));
    mien_tensor_free(&frame);
    mien_tensor_free(&picture);
    return path;
}

/* Whether the face of number n is on the left in the first and in the last rows. */
static void sides(int n, bool *first, bool *last) {
    bool seen = false;
    for (int64_t i = 0; i < rows_count; i++) {
        if (rows[i].number == n) {
            *last = rows[i].box[0] < 160;
            *first = seen ? *first : *last;
            seen = true;
        }
    }
    assert_true(seen);
}

static void people_keep_their_numbers_across_a_cut_only_where_it_is_asked_for(
    void **state) {
    (void)state;
    const char *const names[] = {write_shots()};
    mien_predict_options p = mien_predict_options_default();
    mien_faces_options o = mien_faces_options_default();
    bool first = false, last = false;
    p.every_s = 0.2;
    assert_good(predict(names, 1, &p, &o));
    int most = 0;
    for (int64_t i = 0; i < rows_count; i++) {
        most = rows[i].number > most ? rows[i].number : most;
    }
    assert_int_equal(most, 4);
    o.identity = support_source("tests/golden/identity/look.onnx");
    for (int threads = 1; threads <= 2; threads++) {
        p.threads = threads;
        assert_good(predict(names, 1, &p, &o));
        for (int64_t i = 0; i < rows_count; i++) {
            assert_in_range(rows[i].number, 1, 2);
        }
        for (int n = 1; n <= 2; n++) {
            sides(n, &first, &last);
            assert_true(first != last);
        }
    }
    o.identity_least = 1;
    assert_good(predict(names, 1, &p, &o));
    assert_true(rows[rows_count - 1].number > 2);
    o.identity = support_source("README.md");
    assert_fails(predict(names, 1, &p, &o), MIEN_EFORMAT, "is no ONNX file");
}

static void a_sink_that_stops_is_heard(void **state) {
    (void)state;
    const char *const names[] = {support_source("tests/golden/films/small.mp4")};
    mien_predictor *predictor = NULL;
    assert_good(mien_predictor_open(save_model(), NULL, &predictor));
    assert_fails(mien_predictor_run_faces(predictor, names, 1, NULL, stop, note, NULL),
        MIEN_EIO, "no room");
    mien_predictor_close(&predictor);
}

static mien_status keep_whole(void *context, const mien_prediction *prediction) {
    (void)context;
    assert_true(prediction->choice[0] >= 0);
    rows_count++;
    return MIEN_OK;
}

/* A whole film squashed into a face's crop would look like an answer. */
static void whole_pictures_do_not_go_into_a_model_on_faces(void **state) {
    (void)state;
    const char *const names[] = {support_source("tests/golden/films/small.mp4")};
    static const uint8_t crop[48 * 48 * 3];
    mien_predictor *predictor = NULL;
    rows_count = 0;
    assert_good(mien_predictor_open(save_model(), NULL, &predictor));
    assert_fails(mien_predictor_run(predictor, names, 1, keep_whole, note, NULL),
        MIEN_EINVAL, "reads faces");
    assert_good(
        mien_predictor_run_pixels(predictor, crop, 48, 48, 0, keep_whole, NULL));
    assert_int_equal(rows_count, 1);
    mien_predictor_close(&predictor);
}

static void a_model_over_whole_pictures_is_refused(void **state) {
    (void)state;
    const char *const names[] = {support_source("tests/golden/films/small.mp4")};
    const char *path = support_temp_path("whole.safetensors");
    mien_network n = network_fixture();
    mien_predictor *predictor = NULL;
    assert_good(network_save_drawn(path, &n, NULL, 0));
    assert_good(mien_predictor_open(path, NULL, &predictor));
    assert_fails(mien_predictor_run_faces(predictor, names, 1, NULL, keep, note, NULL),
        MIEN_EINVAL, "model on faces");
    mien_predictor_close(&predictor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_has_a_row_a_face_by_falling_area),
        cmocka_unit_test(one_row_a_picture_is_the_largest_or_the_mean),
        cmocka_unit_test(what_cannot_be_read_is_told_and_the_rest_goes_on),
        cmocka_unit_test(each_frame_of_a_film_is_as_the_reference_has_it),
        cmocka_unit_test(between_detections_boxes_are_where_they_would_be_found),
        cmocka_unit_test(threads_do_not_change_a_row),
        cmocka_unit_test(a_film_without_a_face_has_a_row_a_moment),
        cmocka_unit_test(
            people_keep_their_numbers_across_a_cut_only_where_it_is_asked_for),
        cmocka_unit_test(a_sink_that_stops_is_heard),
        cmocka_unit_test(a_model_over_whole_pictures_is_refused),
        cmocka_unit_test(whole_pictures_do_not_go_into_a_model_on_faces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
