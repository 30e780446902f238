/* SPDX-License-Identifier: MIT */
/* Weights and pictures from an integer hash, the same as python/golden/backbones.py
 * draws. */
#ifndef MIEN_TESTS_MODELS_DRAWN_H
#define MIEN_TESTS_MODELS_DRAWN_H

#include <math.h>
#include <string.h>

#include "mien/models.h"

/** Value i in [−1, 1) of the stream called name (hash: drawn_start(name)). */
static inline uint64_t drawn_start(const char *name) {
    uint64_t h = 0xCBF29CE484222325u;
    for (; *name; name++) {
        h = (h ^ (unsigned char)*name) * 0x100000001B3u;
    }
    return h;
}

static inline double drawn_value(uint64_t start, int64_t i) {
    uint64_t z = start + (uint64_t)(i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return (double)(z >> 40) / 8388608 - 1;
}

static inline bool drawn_ends(const char *name, const char *end) {
    size_t a = strlen(name), b = strlen(end);
    return a >= b && strcmp(name + a - b, end) == 0;
}

static inline void drawn_parameter(const char *name, mien_tensor *tensor) {
    double scale = 0.1, shift = 0;
    if (drawn_ends(name, "running_var")) {
        scale = 0.5, shift = 1;
    } else if (drawn_ends(name, "weight") && tensor->rank > 1) {
        scale = sqrt(6 / (double)(mien_tensor_count(tensor) / tensor->shape[0]));
    } else if (drawn_ends(name, "weight")) {
        scale = 0.25, shift = 1;
    }
    uint64_t start = drawn_start(name);
    float *values = tensor->data;
    int64_t count = mien_tensor_count(tensor);
    bool tenth = scale == 0.1;
    for (int64_t i = 0; i < count; i++) {
        double v = drawn_value(start, i);
        values[i] = (float)(tenth ? v / 10 : shift + v * scale);
    }
}

static inline void drawn_parameters(mien_parameters *parameters) {
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        drawn_parameter(
            mien_parameters_name(parameters, i), mien_parameters_at(parameters, i));
    }
}

static inline void drawn_picture(float *values, int64_t count) {
    uint64_t start = drawn_start("input");
    for (int64_t i = 0; i < count; i++) {
        values[i] = (float)(2 * drawn_value(start, i));
    }
}

/** The row's graph on pictures of size × size. */
static inline mien_status drawn_graph(const mien_backbone *backbone, int size,
    mien_graph **graph, mien_node *input, mien_node *logits) {
    const int64_t shape[] = {MIEN_BATCH, 3, size, size};
    mien_status status = mien_graph_new(graph);
    if (status == MIEN_OK) {
        status = mien_graph_input(*graph, "input", 4, shape, input);
    }
    return status == MIEN_OK ? backbone->build(*graph, *input, logits) : status;
}

/** Saves drawn weights of a backbone as safetensors. */
static inline mien_status drawn_save(const mien_backbone *backbone, const char *path) {
    enum { MOST = 1024 };
    static const char *names[MOST];
    static const mien_tensor *tensors[MOST];
    mien_graph *graph = NULL;
    mien_parameters *parameters = NULL;
    mien_node input, logits;
    mien_status status = drawn_graph(backbone, 64, &graph, &input, &logits);
    if (status == MIEN_OK) {
        status = mien_parameters_new(graph, &parameters);
    }
    if (status == MIEN_OK) {
        drawn_parameters(parameters);
        int64_t count = mien_parameters_count(parameters);
        for (int64_t i = 0; i < count; i++) {
            names[i] = mien_parameters_name(parameters, i);
            tensors[i] = mien_parameters_at(parameters, i);
        }
        const char *const metadata[] = {NULL};
        status = mien_safetensors_write(path, count, names, tensors, metadata);
    }
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
    return status;
}

#endif
