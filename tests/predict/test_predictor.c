/* SPDX-License-Identifier: MIT */
/* One model over pictures, films and bad inputs; golden vectors kept and broken. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/predict.h"
#include "models/drawn.h"
#include "models/network_files.h"

enum { SIDE = 32, FEATURES = 1280, HEARD_MAX = 64 };

static char weights[4096], model_path[4096];
static float weight[2 * FEATURES], zeros[FEATURES], ones[FEATURES];
static const float bias[2] = {4, 4}, identity[4] = {1, 0, 0, 1};

static mien_network readout_of(void) {
    mien_preprocess p = mien_preprocess_imagenet();
    char hash[65];
    mien_network r = {.targets_count = 2,
        .targets = {{.name = "valence",
                        .minimum = 1,
                        .maximum = 7,
                        .interval_low = -1,
                        .interval_high = 1,
                        .construct = "evoked",
                        .perspective = "normative"},
            {.name = "arousal",
                .minimum = 1,
                .maximum = 7,
                .interval_low = -1,
                .interval_high = 1,
                .construct = "evoked",
                .perspective = "normative"}},
        .readout = {.features = FEATURES,
            .bias = bias,
            .blocks_count = 1,
            .blocks = {{.width = FEATURES,
                .vectors_count = 2,
                .mean = zeros,
                .scale = ones,
                .vectors = weight,
                .coefficient = identity}}}};
    p.fit = MIEN_FIT_SQUASH;
    p.crop_height = p.crop_width = SIDE;
    assert_good(mien_sha256_file(weights, hash));
    assert_good(mien_architecture_readout(
        &r.architecture, &p, "mobilenet_v2", "pool", false, hash));
    r.architecture.outputs = 2;
    return r;
}

/* One picture through a runner. */
static mien_status run_one(mien_runner *runner, const float *image, float *values) {
    return mien_runner_run_arrays(runner, &image, NULL, 1, values, NULL);
}

static void write_picture(const char *name, int shade) {
    const int64_t shape[3] = {20, 30, 3};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    uint8_t *p = image->data;
    for (int i = 0; i < 20 * 30 * 3; i++) {
        p[i] = (uint8_t)(shade * 30 + i * (shade + 1) % 100);
    }
    assert_good(mien_image_write_png(image, support_temp_path(name)));
    mien_tensor_free(&image);
}

static int set_up(void **state) {
    (void)state;
    const mien_backbone *backbone = NULL;
    assert_good(mien_backbone_find("mobilenet_v2", &backbone));
    snprintf(weights, sizeof weights, "%s", support_temp_path("drawn.safetensors"));
    snprintf(model_path, sizeof model_path, "%s", support_temp_path("m.safetensors"));
    assert_good(drawn_save(backbone, weights));
    uint64_t start = drawn_start("readout");
    for (int i = 0; i < 2 * FEATURES; i++) {
        weight[i] = (float)(drawn_value(start, i) * 0.02);
    }
    for (int i = 0; i < FEATURES; i++) {
        ones[i] = 1;
    }
    mien_network r = readout_of();
    assert_good(mien_network_save(model_path, &r, NULL, NULL, 0));
    assert_good(mien_directory_make(support_temp_path("set")));
    for (int i = 0; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "set/%d.png", i);
        write_picture(name, i);
    }
    return 0;
}

typedef struct heard {
    mien_prediction kept[HEARD_MAX];
    char input[HEARD_MAX][64]; /* base name */
    int64_t count, stop_at;
    int problems;
    char problem[1024]; /* the last one's text */
    bool interrupt;
} heard;

static mien_status hear(void *context, const mien_prediction *p) {
    heard *h = context;
    assert_true(h->count < HEARD_MAX);
    h->kept[h->count] = *p;
    snprintf(h->input[h->count++], 64, "%s", mien_path_base(p->input));
    if (h->interrupt) {
        mien_interrupt();
    }
    return h->count == h->stop_at ? mien_fail(MIEN_EIO, "the disk is full") : MIEN_OK;
}

static void hear_problem(void *context, const char *input, const char *text) {
    heard *h = context;
    assert_non_null(strstr(text, mien_path_base(input)));
    snprintf(h->problem, sizeof h->problem, "%s", text);
    h->problems++;
}

static mien_predictor *predictor_of(const char *path, mien_predict_options o) {
    mien_predictor *p = NULL;
    o.weights = weights;
    o.threads = 2;
    assert_good(mien_predictor_open(path, &o, &p));
    return p;
}

static mien_status run(
    mien_predict_options o, const char *const *names, int64_t count, heard *h) {
    mien_predictor *p = predictor_of(model_path, o);
    mien_status status = mien_predictor_run(p, names, count, hear, hear_problem, h);
    mien_predictor_close(&p);
    return status;
}

static void batches_of_any_size_give_the_same_values_in_order(void **state) {
    (void)state;
    const char *const names[] = {support_temp_path("set")};
    heard one = {0};
    mien_predict_options o = mien_predict_options_default();
    o.batch = 1;
    assert_good(run(o, names, 1, &one));
    assert_int_equal(one.count, 5);
    for (o.batch = 2; o.batch <= 7; o.batch++) {
        heard h = {0};
        assert_good(run(o, names, 1, &h));
        assert_int_equal(h.count, 5);
        for (int i = 0; i < 5; i++) {
            char want[16];
            snprintf(want, sizeof want, "%d.png", i);
            assert_string_equal(h.input[i], want);
            for (int t = 0; t < 2; t++) {
                assert_near(h.kept[i].value[t], one.kept[i].value[t], 1e-4);
            }
        }
    }
    assert_true(one.kept[0].value[0] != one.kept[4].value[0]); /* it looks at them */
}

static void a_bad_input_does_not_stop_the_others(void **state) {
    (void)state;
    char good[4096], broken[4096], missing[4096], film[4096];
    snprintf(good, sizeof good, "%s", support_temp_path("set/1.png"));
    snprintf(broken, sizeof broken, "%s", support_write("broken.jpg", "text", 4));
    snprintf(missing, sizeof missing, "%s", support_temp_path("missing.png"));
    snprintf(film, sizeof film, "%s", support_source("tests/golden/films/sound.mp4"));
    const char *const names[] = {broken, good, missing, film, good};
    heard h = {0};
    mien_status status = run(mien_predict_options_default(), names, 5, &h);
    assert_int_equal(status, MIEN_EFORMAT); /* that of the first */
    assert_non_null(strstr(mien_error(), "broken.jpg"));
    assert_int_equal(h.count, 2);
    assert_int_equal(h.problems, 3);
    assert_near(h.kept[0].value[0], h.kept[1].value[0], 0);
}

static void a_film_gives_rows_that_join(void **state) {
    (void)state;
    const char *const names[] = {support_source("tests/golden/films/small.mp4")};
    heard h = {0};
    mien_predict_options o = mien_predict_options_default();
    o.thumbnail_height = 8;
    assert_good(run(o, names, 1, &h));
    assert_int_equal(h.count, 10);
    for (int i = 0; i < 10; i++) {
        assert_near(h.kept[i].start_s, 0.2 * i, 1e-9);
        assert_near(h.kept[i].end_s, i < 9 ? 0.2 * (i + 1) : 2, i < 9 ? 1e-9 : 0.15);
    }
}

static void smoothing_averages_the_rows(void **state) {
    (void)state;
    const char *const names[] = {support_source("tests/golden/films/small.mp4")};
    heard raw = {0}, smooth = {0};
    mien_predict_options o = mien_predict_options_default();
    assert_good(run(o, names, 1, &raw));
    o.smooth_s = 0.4; /* one neighbour on each side */
    assert_good(run(o, names, 1, &smooth));
    assert_int_equal(smooth.count, raw.count);
    for (int i = 1; i + 1 < raw.count; i++) {
        double mean = (raw.kept[i - 1].value[0] + raw.kept[i].value[0] +
                          raw.kept[i + 1].value[0]) /
                      3;
        assert_near(smooth.kept[i].value[0], mean, 1e-5);
    }
}

static void smoothing_that_cannot_be_done_is_told(void **state) {
    (void)state;
    const char *const names[] = {support_temp_path("set/1.png")};
    heard h = {0};
    mien_predict_options o = mien_predict_options_default();
    o.smooth_s = 1;
    o.every_s = 0;
    assert_fails(run(o, names, 1, &h), MIEN_EINVAL, "every frame");
    o.every_s = 1e-9;
    assert_fails(run(o, names, 1, &h), MIEN_ELIMIT, "200000 moments");
}

static void a_listener_that_fails_ends_the_run(void **state) {
    (void)state;
    const char *const names[] = {support_temp_path("set")};
    heard h = {.stop_at = 2};
    assert_fails(run(mien_predict_options_default(), names, 1, &h), MIEN_EIO, "full");
    assert_int_equal(h.count, 2);
}

static void a_listener_that_fails_after_a_problem_is_the_failure(void **state) {
    (void)state;
    const char *const names[] = {
        support_temp_path("missing.png"), support_temp_path("set")};
    heard h = {.stop_at = 1};
    assert_fails(run(mien_predict_options_default(), names, 2, &h), MIEN_EIO, "full");
    assert_int_equal(h.problems, 1);
}

static void an_interrupt_ends_the_run(void **state) {
    (void)state;
    const char *const names[] = {support_temp_path("set"), support_temp_path("set")};
    heard h = {.interrupt = true};
    mien_predict_options o = mien_predict_options_default();
    o.batch = 1;
    mien_status status = run(o, names, 2, &h);
    mien_interrupt_clear();
    assert_int_equal(status, MIEN_EINTERRUPTED);
    assert_true(h.count >= 1 && h.count < 10);
}

/* ---- golden vectors ------------------------------------------------------------- */

static mien_tensor *golden_picture(void) {
    const int64_t shape[3] = {24, 24, 3};
    mien_tensor *picture = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &picture));
    uint8_t *p = picture->data;
    for (int i = 0; i < 24 * 24 * 3; i++) {
        p[i] = (uint8_t)(i * 7);
    }
    return picture;
}

/* What the saved model gives for the golden picture. */
static void right_output(const mien_tensor *picture, float *output) {
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    mien_runner_options o = mien_runner_options_default();
    float image[3 * SIDE * SIDE];
    o.weights = weights;
    assert_good(mien_model_open(model_path, &model));
    assert_good(mien_runner_new(model, &o, &runner));
    assert_good(
        mien_preprocess_run(mien_model_preprocess(model), picture, false, image));
    assert_good(run_one(runner, image, output));
    mien_runner_free(&runner);
    mien_model_close(&model);
}

/* Verifies a model that promises each of the outputs for the same picture. */
static mien_status verify(
    const float (*outputs)[2], int count, double tolerance, mien_verification *found) {
    mien_tensor *picture = golden_picture();
    mien_golden_input golden[4];
    mien_network r = readout_of();
    const char *path = support_temp_path("golden.safetensors");
    for (int i = 0; i < count; i++) {
        golden[i] = (mien_golden_input){.item = {picture}, .output = outputs[i]};
    }
    assert_good(mien_network_save(path, &r, NULL, golden, count));
    mien_tensor_free(&picture);
    mien_predictor *p = predictor_of(path, mien_predict_options_default());
    mien_status status = mien_predictor_verify(p, tolerance, found);
    mien_predictor_close(&p);
    return status;
}

static void golden_vectors_that_hold_are_good(void **state) {
    (void)state;
    mien_tensor *picture = golden_picture();
    mien_verification found = {0};
    float right[2][2];
    right_output(picture, right[0]);
    memcpy(right[1], right[0], sizeof right[0]);
    mien_tensor_free(&picture);
    assert_good(verify((const float(*)[2])right, 2, -1, &found));
    assert_int_equal(found.vectors, 2);
    assert_true(found.largest < 1e-5);
}

static void a_changed_golden_output_fails_with_its_share_of_the_range(void **state) {
    (void)state;
    mien_tensor *picture = golden_picture();
    mien_verification found = {0};
    float outputs[3][2];
    right_output(picture, outputs[0]);
    memcpy(outputs[1], outputs[0], sizeof outputs[0]);
    memcpy(outputs[2], outputs[0], sizeof outputs[0]);
    mien_tensor_free(&picture);
    outputs[1][1] += 0.06F; /* 1 % of 1 to 7 */
    assert_fails(
        verify((const float(*)[2])outputs, 3, -1, &found), MIEN_EVERIFY, "0.01");
    assert_near(found.largest, 0.01, 1e-4);
    assert_good(verify((const float(*)[2])outputs, 3, 0.02, &found));
    outputs[1][1] -= 0.06F;
    outputs[1][1] += 0.0001F; /* within the default, not when none is allowed */
    assert_good(verify((const float(*)[2])outputs, 3, -1, &found));
    assert_fails(
        verify((const float(*)[2])outputs, 3, 0, &found), MIEN_EVERIFY, "differ");
}

/* ---- whole networks ---- */

static const char *network_path(const mien_golden_input *golden, int64_t count) {
    const char *path = support_temp_path("network.safetensors");
    mien_network n = network_fixture();
    assert_good(network_squash(&n));
    assert_good(network_save_drawn(path, &n, golden, count));
    return path;
}

typedef struct labels_heard {
    int count;
    int choice[8][2]; /* emotion, arousal */
    double share[8], valence[8];
} labels_heard;

static mien_status hear_labels(void *context, const mien_prediction *p) {
    labels_heard *h = context;
    assert_true(h->count < 8);
    assert_int_equal(p->targets_count, 3);
    double sum = 0, largest = 0;
    for (int c = 0; c < 3; c++) {
        sum += p->probability[1][c];
        largest = fmax(largest, p->probability[1][c]);
    }
    assert_near(sum, 1, 1e-6);
    assert_near(p->probability[1][p->choice[1]], largest, 0);
    assert_true(p->value[0] >= 1 && p->value[0] <= 7);
    h->share[h->count] = largest;
    h->valence[h->count] = p->value[0];
    h->choice[h->count][0] = p->choice[1];
    h->choice[h->count++][1] = p->choice[2];
    return MIEN_OK;
}

static void a_network_predicts_without_a_backbone_s_file(void **state) {
    (void)state;
    const char *const names[] = {support_temp_path("set")};
    labels_heard first = {0};
    mien_predict_options o = mien_predict_options_default();
    o.threads = 2;
    for (int k = 0; k < 4; k++) { /* other batches, with and without Winograd */
        mien_predictor *p = NULL;
        labels_heard h = {0};
        o.batch = k + 1;
        o.exact = k % 2;
        assert_good(mien_predictor_open(network_path(NULL, 0), &o, &p));
        assert_good(mien_predictor_run(p, names, 1, hear_labels, NULL, &h));
        assert_int_equal(h.count, 5);
        first = k == 0 ? h : first;
        for (int i = 0; i < 5; i++) {
            assert_near(h.share[i], first.share[i], 1e-4);
            assert_near(h.valence[i], first.valence[i], 1e-4);
        }
        mien_predictor_close(&p);
    }
    assert_true(first.share[0] != first.share[4]);
}

static void a_network_s_golden_vectors_are_replayed(void **state) {
    (void)state;
    mien_tensor *picture = golden_picture();
    float row[NETWORK_WIDTH], image[NETWORK_PIXELS];
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    assert_good(mien_model_open(network_path(NULL, 0), &model));
    assert_good(mien_runner_new(model, NULL, &runner));
    assert_good(
        mien_preprocess_run(mien_model_preprocess(model), picture, false, image));
    assert_good(run_one(runner, image, row));
    mien_runner_free(&runner);
    mien_model_close(&model);
    for (int changed = 0; changed < 2; changed++) {
        mien_predictor *p = NULL;
        mien_verification found = {0};
        row[2] += changed ? 0.05F : 0; /* of a probability */
        const mien_golden_input golden = {.item = {picture}, .output = row};
        assert_good(mien_predictor_open(network_path(&golden, 1), NULL, &p));
        mien_status status = mien_predictor_verify(p, -1, &found);
        assert_int_equal(status, changed ? MIEN_EVERIFY : MIEN_OK);
        assert_int_equal(changed ? 1 : found.vectors, 1);
        assert_near(found.largest, changed ? 0.05 : 0, 1e-5);
        mien_predictor_close(&p);
    }
    mien_tensor_free(&picture);
}

static void a_model_without_golden_vectors_cannot_be_verified(void **state) {
    (void)state;
    mien_verification found = {0};
    assert_fails(verify(NULL, 0, -1, &found), MIEN_EVERIFY, "no golden vectors");
}

/* A picture of 20 × 30, in memory; its rows lie stride bytes apart. */
static uint8_t *pixels_of(const char *path, int64_t stride) {
    mien_tensor *image = NULL;
    assert_good(mien_image_read(path, NULL, &image));
    assert_int_equal(image->shape[0], 20);
    assert_int_equal(image->shape[1], 30);
    uint8_t *pixels = mien_alloc(20, (size_t)stride);
    assert_non_null(pixels);
    memset(pixels, 0xEE, 20 * (size_t)stride);
    for (int y = 0; y < 20; y++) {
        memcpy(pixels + y * stride, (uint8_t *)image->data + y * 90, 90);
    }
    mien_tensor_free(&image);
    return pixels;
}

static void pixels_in_memory_give_what_their_file_gives(void **state) {
    (void)state;
    const char *const names[] = {support_temp_path("set/3.png")};
    heard file = {0};
    mien_predict_options o = mien_predict_options_default();
    o.thumbnail_height = 8;
    assert_good(run(o, names, 1, &file));
    const int64_t strides[] = {0, 90, 101};
    for (int i = 0; i < 3; i++) {
        heard h = {0};
        uint8_t *pixels =
            pixels_of(support_temp_path("set/3.png"), strides[i] ? strides[i] : 90);
        mien_predictor *p = predictor_of(model_path, o);
        for (int again = 0; again < 2; again++) {
            assert_good(
                mien_predictor_run_pixels(p, pixels, 20, 30, strides[i], hear, &h));
        }
        mien_predictor_close(&p);
        mien_free(pixels);
        assert_int_equal(h.count, 2);
        assert_string_equal(h.input[1], "pixels");
        assert_true(isnan(h.kept[1].start_s) && isnan(h.kept[1].end_s));
        for (int t = 0; t < 2; t++) {
            assert_true(h.kept[1].value[t] == file.kept[0].value[t]);
            assert_true(h.kept[1].low[t] == file.kept[0].low[t]);
        }
    }
}

typedef struct seen {
    float where[2 * MIEN_WHERE * MIEN_WHERE];
    int64_t count;
} seen;

static mien_status look(void *context, const mien_prediction *p) {
    seen *s = context;
    assert_non_null(p->where);
    memcpy(s->where, p->where, sizeof s->where);
    s->count++;
    return MIEN_OK;
}

/* All is of the mean colour but a quarter: only there something can be hidden. */
static void what_counts_in_a_picture_is_where_something_is(void **state) {
    (void)state;
    static const uint8_t mean[3] = {124, 116, 104};
    mien_predict_options o = mien_predict_options_default();
    const char *path = support_temp_path("quarter.png");
    const int64_t shape[3] = {SIDE, SIDE, 3};
    mien_tensor *image = NULL;
    o.where = true;
    for (int batch = 1; batch <= 3; batch += 2) {
        for (int corner = 0; corner < 4; corner++) {
            seen s = {.count = 0};
            int top = corner / 2 * SIDE / 2, left = corner % 2 * SIDE / 2, best = 0;
            assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
            uint8_t *p = image->data;
            for (int i = 0; i < SIDE * SIDE; i++) {
                int y = i / SIDE, x = i % SIDE;
                bool in =
                    y >= top && y < top + SIDE / 2 && x >= left && x < left + SIDE / 2;
                for (int c = 0; c < 3; c++) {
                    p[3 * i + c] = in ? (uint8_t)(x * 37 + y * 91 + c * 50) : mean[c];
                }
            }
            assert_good(mien_image_write_png(image, path));
            mien_tensor_free(&image);
            o.batch = batch;
            mien_predictor *predictor = predictor_of(model_path, o);
            assert_good(mien_predictor_run(predictor, &path, 1, look, NULL, &s));
            mien_predictor_close(&predictor);
            assert_int_equal(s.count, 1);
            for (int k = 0; k < MIEN_WHERE * MIEN_WHERE; k++) {
                best = fabsf(s.where[k]) > fabsf(s.where[best]) ? k : best;
            }
            assert_int_equal(best / MIEN_WHERE >= MIEN_WHERE / 2, corner / 2);
            assert_int_equal(best % MIEN_WHERE >= MIEN_WHERE / 2, corner % 2);
            /* the corner on the other side is touched by no window that sees it */
            int far = (corner / 2 ? 0 : MIEN_WHERE - 1) * MIEN_WHERE +
                      (corner % 2 ? 0 : MIEN_WHERE - 1);
            assert_true(fabsf(s.where[far]) < 0.05f * fabsf(s.where[best]));
        }
    }
}

static void pixels_that_cannot_be_are_refused(void **state) {
    (void)state;
    static const struct {
        int64_t height, width, stride;
        const char *part;
    } cases[] = {{0, 30, 0, "30 × 0 pixels"}, {20, -1, 0, "-1 × 20"},
        {20, 65536, 0, "1 to 65535"}, {20, 30, 89, "rows of 89 bytes"},
        {20, 30, -90, "rows of -90 bytes"}};
    uint8_t pixels[20 * 90] = {0};
    heard h = {0};
    mien_predictor *p = predictor_of(model_path, mien_predict_options_default());
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_fails(mien_predictor_run_pixels(p, pixels, cases[i].height,
                         cases[i].width, cases[i].stride, hear, &h),
            MIEN_EINVAL, cases[i].part);
    }
    assert_int_equal(h.count, 0);
    mien_predictor_close(&p);
}

static mien_status stop_without_a_word(void *context, const mien_prediction *p) {
    (void)context;
    (void)p;
    return MIEN_EINTERNAL;
}

static mien_status stop_with_words(void *context, const mien_prediction *p) {
    (void)p;
    return mien_fail(MIEN_EIO, "%s", (const char *)context);
}

static void a_sink_that_fails_keeps_its_own_text(void **state) {
    (void)state;
    const char *const names[] = {support_temp_path("missing.png"),
        support_temp_path("set"), support_source("tests/golden/films/small.mp4")};
    char words[] = "the database is gone";
    mien_predictor *p = predictor_of(model_path, mien_predict_options_default());
    for (int i = 0; i < 2; i++) {
        /* what failed before it, the missing picture, is not what it says */
        assert_int_equal(
            mien_predictor_run(p, names + i, 3 - i, stop_with_words, NULL, words),
            MIEN_EIO);
        assert_string_equal(mien_error(), words);
        assert_int_equal(
            mien_predictor_run(p, names + i, 3 - i, stop_without_a_word, NULL, NULL),
            MIEN_EINTERNAL);
        assert_non_null(strstr(mien_error(), "0.png: the receiver of predictions gave "
                                             "\"internal error\""));
    }
    uint8_t pixels[3] = {1, 2, 3};
    assert_int_equal(
        mien_predictor_run_pixels(p, pixels, 1, 1, 0, stop_with_words, words),
        MIEN_EIO);
    assert_string_equal(mien_error(), words);
    mien_predictor_close(&p);
}

static void arguments_that_are_null_are_errors(void **state) {
    (void)state;
    heard h = {0};
    uint8_t pixels[3] = {0};
    const char *const names[] = {NULL};
    const mien_feature_file files[] = {{"a", NULL}};
    mien_verification found;
    mien_predictor *p = NULL;
    assert_fails(mien_predictor_open(NULL, NULL, &p), MIEN_EINVAL, "model is NULL");
    assert_fails(
        mien_predictor_open(model_path, NULL, NULL), MIEN_EINVAL, "predictor is NULL");
    assert_fails(mien_predictor_run(NULL, names, 1, hear, NULL, &h), MIEN_EINVAL,
        "mien_predictor_run(): predictor is NULL");
    assert_fails(mien_predictor_run_pixels(NULL, pixels, 1, 1, 0, hear, &h),
        MIEN_EINVAL, "predictor is NULL");
    assert_fails(mien_predictor_run_features(NULL, files, 1, hear, &h), MIEN_EINVAL,
        "predictor is NULL");
    assert_fails(
        mien_predictor_verify(NULL, 0, &found), MIEN_EINVAL, "predictor is NULL");
    assert_null(mien_predictor_model(NULL));
    mien_predictor_close(NULL);
    p = predictor_of(model_path, mien_predict_options_default());
    assert_fails(mien_predictor_run(p, NULL, 1, hear, NULL, &h), MIEN_EINVAL, "inputs");
    assert_fails(
        mien_predictor_run(p, names, 1, hear, NULL, &h), MIEN_EINVAL, "inputs[i]");
    assert_fails(
        mien_predictor_run(p, names, 1, NULL, NULL, &h), MIEN_EINVAL, "sink is NULL");
    assert_fails(
        mien_predictor_run_pixels(p, NULL, 1, 1, 0, hear, &h), MIEN_EINVAL, "pixels");
    assert_fails(
        mien_predictor_run_pixels(p, pixels, 1, 1, 0, NULL, &h), MIEN_EINVAL, "sink");
    assert_fails(
        mien_predictor_run_features(p, NULL, 1, hear, &h), MIEN_EINVAL, "files");
    assert_fails(
        mien_predictor_run_features(p, files, 1, hear, &h), MIEN_EINVAL, "path");
    assert_fails(
        mien_predictor_verify(p, 0, NULL), MIEN_EINVAL, "verification is NULL");
    mien_predictor_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_of_any_size_give_the_same_values_in_order),
        cmocka_unit_test(a_bad_input_does_not_stop_the_others),
        cmocka_unit_test(a_film_gives_rows_that_join),
        cmocka_unit_test(smoothing_averages_the_rows),
        cmocka_unit_test(smoothing_that_cannot_be_done_is_told),
        cmocka_unit_test(a_listener_that_fails_ends_the_run),
        cmocka_unit_test(a_listener_that_fails_after_a_problem_is_the_failure),
        cmocka_unit_test(an_interrupt_ends_the_run),
        cmocka_unit_test(pixels_in_memory_give_what_their_file_gives),
        cmocka_unit_test(what_counts_in_a_picture_is_where_something_is),
        cmocka_unit_test(pixels_that_cannot_be_are_refused),
        cmocka_unit_test(a_sink_that_fails_keeps_its_own_text),
        cmocka_unit_test(arguments_that_are_null_are_errors),
        cmocka_unit_test(golden_vectors_that_hold_are_good),
        cmocka_unit_test(a_changed_golden_output_fails_with_its_share_of_the_range),
        cmocka_unit_test(a_network_predicts_without_a_backbone_s_file),
        cmocka_unit_test(a_network_s_golden_vectors_are_replayed),
        cmocka_unit_test(a_model_without_golden_vectors_cannot_be_verified),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
