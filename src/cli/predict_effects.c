/* SPDX-License-Identifier: MIT */
/* What each input of a model adds to its predictions of one film. */
#include "cli/predict_effects.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mien/io.h"
#include "predict/predictor.h"

typedef struct values {
    const mien_target *targets;
    int64_t rows;
    double *of; /* [targets, rows] */
} values;

static mien_status take(void *context, const mien_prediction *p) {
    values *v = context;
    for (int t = 0; t < p->targets_count; t++) {
        if (p->row >= 0 && p->row < v->rows) {
            v->of[t * v->rows + p->row] =
                v->targets[t].link == MIEN_LINK_VALUE ? p->value[t] : (double)NAN;
        }
    }
    return MIEN_OK;
}

/* The mean of the rows that are there; whether row r is, in there[r]. */
static void mean_of(
    const float *x, int64_t rows, int64_t width, float *mean, bool *there) {
    for (int64_t k = 0; k < width; k++) {
        double sum = 0;
        int64_t count = 0;
        for (int64_t r = 0; r < rows; r++) {
            const float value = x[r * width + k];
            there[r] = (k > 0 && there[r]) || isfinite(value);
            sum += isfinite(value) ? (double)value : 0;
            count += isfinite(value);
        }
        mean[k] = count > 0 ? (float)(sum / (double)count) : NAN;
    }
}

/* A file of the input's rows with nothing, or the mean, in all of them. */
static mien_status write_hidden(
    const char *from, const char *to, bool none, int64_t rows, bool *there) {
    mien_array *array = NULL;
    mien_tensor *all = NULL;
    mien_status status = mien_array_open(from, &array);
    const int64_t width = status == MIEN_OK ? mien_array_width(array) : 0;
    const int64_t shape[2] = {rows, width};
    status = status ? status : mien_tensor_new(MIEN_F32, 2, shape, &all);
    float *mean = mien_alloc((size_t)(width ? width : 1), sizeof *mean);
    status = status == MIEN_OK && !mean ? MIEN_ENOMEM : status;
    for (int64_t r = 0; status == MIEN_OK && r < rows; r++) {
        status = mien_array_read(array, r, 1, (float *)all->data + r * width);
    }
    if (status == MIEN_OK) {
        float *x = all->data;
        mean_of(x, rows, width, mean, there);
        for (int64_t i = 0; i < rows * width; i++) {
            x[i] = none ? NAN : mean[i % width];
        }
        status = mien_npy_write(to, all);
    }
    mien_free(mean);
    mien_tensor_free(&all);
    mien_array_close(&array);
    return status;
}

/* A name in the cache that no other process has. */
static mien_status hidden_path(char **path) {
    char name[64], *cache = NULL;
    snprintf(name, sizeof name, "hidden-%ld.npy", (long)getpid());
    mien_status status = mien_cache_directory(&cache);
    status = status ? status : mien_directory_make(cache);
    *path = status == MIEN_OK ? mien_path_join(cache, name) : NULL;
    mien_free(cache);
    return status ? status : *path ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status hide_each(mien_predictor *predictor, const mien_feature_file *files,
    int inputs, const char *path, bool *there, const values *whole, values *without,
    double *effect) {
    const mien_network *network = mien_model_network(mien_predictor_model(predictor));
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < inputs; i++) {
        mien_feature_file changed[MIEN_INPUTS_MAX];
        memcpy(changed, files, (size_t)inputs * sizeof *files);
        changed[i].path = path;
        status = write_hidden(files[i].path, path,
            network->architecture.inputs[i].optional, whole->rows, there);
        status = status ? status
                        : mien_predictor_run_features(
                              predictor, changed, inputs, take, without);
        for (int64_t k = 0;
             status == MIEN_OK && k < network->targets_count * whole->rows; k++) {
            effect[k * inputs + i] =
                there[k % whole->rows] ? whole->of[k] - without->of[k] : (double)NAN;
        }
    }
    return status;
}

mien_status cli_predict_effects(mien_predictor *predictor,
    const mien_feature_file *files, int inputs, int64_t rows, double *effect) {
    const mien_model *model = mien_predictor_model(predictor);
    const size_t numbers = (size_t)mien_model_targets_count(model) * (size_t)rows;
    values whole = {mien_model_targets(model), rows, NULL}, without = whole;
    char *path = NULL;
    bool *there = mien_alloc((size_t)rows, sizeof *there);
    whole.of = mien_alloc(numbers, sizeof *whole.of);
    without.of = mien_alloc(numbers, sizeof *without.of);
    mien_status status =
        there && whole.of && without.of ? hidden_path(&path) : MIEN_ENOMEM;
    status = status
                 ? status
                 : mien_predictor_run_features(predictor, files, inputs, take, &whole);
    status = status ? status
                    : hide_each(predictor, files, inputs, path, there, &whole, &without,
                          effect);
    if (path) {
        unlink(path);
    }
    mien_free(path);
    mien_free(without.of);
    mien_free(whole.of);
    mien_free(there);
    return status;
}
