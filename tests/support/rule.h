/* SPDX-License-Identifier: MIT */
/* Weights made by a rule from the names of tensors, the same as
 * python/golden/film_networks.py makes, for networks whose trained ones are not at
 * hand. */
#ifndef MIEN_TESTS_SUPPORT_RULE_H
#define MIEN_TESTS_SUPPORT_RULE_H

#include <math.h>
#include <string.h>

#include "mien/models.h"

/** Value i in [-1, 1) of the stream called name (start: rule_start(name)). */
static inline uint64_t rule_start(const char *name) {
    uint64_t h = 0xCBF29CE484222325u;
    for (; *name; name++) {
        h = (h ^ (unsigned char)*name) * 0x100000001B3u;
    }
    return h;
}

static inline double rule_value(uint64_t start, int64_t i) {
    uint64_t z = start + (uint64_t)(i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return (double)(z >> 40) / 8388608 - 1;
}

static inline bool rule_ends(const char *name, const char *end) {
    const size_t a = strlen(name), b = strlen(end);
    return a >= b && strcmp(name + a - b, end) == 0;
}

static inline void rule_fill(const char *name, mien_tensor *tensor) {
    const int64_t count = mien_tensor_count(tensor);
    const uint64_t start = rule_start(name);
    float *values = tensor->data;
    double scale = 0.1, shift = 0;
    if (tensor->rank > 1) {
        scale = sqrt(6 / ((double)count / (double)tensor->shape[0]));
    } else if (rule_ends(name, "weight")) {
        scale = 0.2;
        shift = 1;
    } else if (rule_ends(name, "running_var")) {
        scale = 0.3;
        shift = 1;
    }
    for (int64_t i = 0; i < count; i++) {
        values[i] = (float)(shift + scale * rule_value(start, i));
    }
}

static inline void rule_parameters(mien_parameters *parameters) {
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        rule_fill(
            mien_parameters_name(parameters, i), mien_parameters_at(parameters, i));
    }
}

#endif
