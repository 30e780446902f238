/* SPDX-License-Identifier: MIT */
/* Paints golden pictures, or picks golden rows, and runs the saved model on them. */
#include "train/golden.h"

enum { HEIGHT = 96, WIDTH = 128 };

/* A picture by formula: waves of a different period and colour for each index. */
static void paint(uint8_t *pixels, int64_t index) {
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            uint8_t *p = pixels + 3 * (y * WIDTH + x);
            int wave = (int)((x * (index + 1) + y * (2 * index + 1)) % 256);
            p[0] = (uint8_t)(wave < 128 ? 2 * wave : 511 - 2 * wave);
            p[1] = (uint8_t)((x / (8 + 4 * index) + y / 8) % 2 ? 220 : 40);
            p[2] = (uint8_t)((7 * x * (index + 2) ^ 5 * y) & 255);
        }
    }
}

static mien_status paint_all(mien_golden *golden) {
    const int64_t shape[3] = {HEIGHT, WIDTH, 3};
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < golden->count; i++) {
        status = mien_tensor_new(MIEN_U8, 3, shape, &golden->item[i][0]);
        if (status == MIEN_OK) {
            paint(golden->item[i][0]->data, i);
        }
    }
    return status;
}

static mien_status run_all(mien_golden *golden, const mien_preprocess *preprocess,
    mien_runner *runner, int64_t width) {
    float *image =
        mien_alloc(3 * (size_t)preprocess->crop_height * (size_t)preprocess->crop_width,
            sizeof *image);
    golden->outputs =
        mien_alloc((size_t)(golden->count * width), sizeof *golden->outputs);
    mien_status status = image && golden->outputs ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < golden->count; i++) {
        float *output = golden->outputs + i * width;
        status = mien_preprocess_run(preprocess, golden->item[i][0], false, image);
        if (status == MIEN_OK) {
            status = mien_runner_run_arrays(
                runner, (const float *const[]){image}, NULL, 1, output, NULL);
        }
        golden->input[i] =
            (mien_golden_input){.item = {golden->item[i][0]}, .output = output};
    }
    mien_free(image);
    return status;
}

mien_status mien_golden_make(mien_golden *golden, int64_t count, const char *path,
    const char *weights, bool exact, int threads) {
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    mien_runner_options o = mien_runner_options_default();
    o.weights = weights;
    o.threads = threads;
    o.exact = exact;
    *golden = (mien_golden){.count = count};
    mien_status status = paint_all(golden);
    if (status == MIEN_OK) {
        status = mien_model_open(path, &model);
    }
    if (status == MIEN_OK) {
        status = mien_runner_new(model, &o, &runner);
    }
    if (status == MIEN_OK) {
        status = run_all(
            golden, mien_model_preprocess(model), runner, mien_model_width(model));
    }
    mien_runner_free(&runner);
    mien_model_close(&model);
    return status;
}

/* ---- features ------------------------------------------------------------------ */

/* Values of one row's windows, all inputs. */
static int64_t values_of(const mien_corpus *corpus) {
    int64_t sum = 0;
    for (int m = 0; m < corpus->inputs; m++) {
        sum += corpus->segments * corpus->input[m].width;
    }
    return sum;
}

static mien_status run_row(mien_golden *golden, int64_t index,
    const mien_corpus *corpus, const mien_network *network, mien_runner *runner,
    int64_t width) {
    const mien_columns measured = {.corpus = corpus};
    int64_t row = index * corpus->rows / golden->count, masks = corpus->segments;
    float *at = golden->features + index * values_of(corpus);
    float *mask = golden->masks + index * masks * corpus->inputs;
    float *output = golden->outputs + index * width, *values[MIEN_INPUTS_MAX];
    bool masked = mien_architecture_masked(&network->architecture);
    mien_status status = MIEN_OK;
    mien_golden_input *input = &golden->input[index];
    *input = (mien_golden_input){.mask = masked ? mask : NULL, .output = output};
    for (int m = 0; status == MIEN_OK && m < corpus->inputs; m++) {
        const int64_t shape[] = {corpus->segments, corpus->input[m].width};
        values[m] = at;
        status = mien_tensor_over(MIEN_F32, 2, shape, at, &golden->item[index][m]);
        input->item[m] = golden->item[index][m];
        at += shape[0] * shape[1];
    }
    if (status != MIEN_OK) {
        return status;
    }
    mien_columns_fill(&measured, &row, 1, -1, values, mask);
    return mien_runner_run_arrays(
        runner, (const float *const *)values, masked ? mask : NULL, 1, output, NULL);
}

mien_status mien_golden_make_features(mien_golden *golden, int64_t count,
    const char *path, const mien_corpus *corpus, bool exact) {
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    mien_runner_options o = mien_runner_options_default();
    o.threads = 1;
    o.exact = exact;
    *golden = (mien_golden){.count = count};
    mien_status status = mien_model_open(path, &model);
    if (status == MIEN_OK) {
        status = mien_runner_new(model, &o, &runner);
    }
    if (status == MIEN_OK) {
        size_t n = (size_t)count;
        golden->features = mien_alloc(n * (size_t)values_of(corpus), sizeof(float));
        golden->masks =
            mien_alloc(n * (size_t)(corpus->segments * corpus->inputs), sizeof(float));
        golden->outputs =
            mien_alloc(n * (size_t)mien_model_width(model), sizeof(float));
        status = golden->features && golden->masks && golden->outputs ? MIEN_OK
                                                                      : MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = run_row(golden, i, corpus, mien_model_network(model), runner,
            mien_model_width(model));
    }
    mien_runner_free(&runner);
    mien_model_close(&model);
    return status;
}

void mien_golden_clear(mien_golden *golden) {
    for (int64_t i = 0; i < golden->count; i++) {
        for (int m = 0; m < MIEN_INPUTS_MAX; m++) {
            mien_tensor_free(&golden->item[i][m]);
        }
    }
    mien_free(golden->features);
    mien_free(golden->masks);
    mien_free(golden->outputs);
    *golden = (mien_golden){0};
}
