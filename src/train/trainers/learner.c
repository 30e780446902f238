/* SPDX-License-Identifier: MIT */
/* Shared by learners: memory of what is learnt, and running it in double. */
#include "train/trainers/learner.h"

#include <string.h>

mien_status mien_learned_init(mien_learned *learned, int64_t width, int64_t outputs) {
    *learned = (mien_learned){.width = width,
        .outputs = outputs,
        .weight = mien_alloc((size_t)(width * outputs), sizeof(double)),
        .bias = mien_alloc((size_t)outputs, sizeof(double))};
    return learned->weight && learned->bias ? MIEN_OK : MIEN_ENOMEM;
}

void mien_learned_clear(mien_learned *learned) {
    mien_free(learned->weight);
    mien_free(learned->bias);
    mien_free(learned->forest.feature);
    mien_free(learned->forest.threshold);
    mien_free(learned->forest.child);
    mien_free(learned->forest.root);
    mien_free(learned->forest.output);
    *learned = (mien_learned){0};
}

int64_t mien_learned_count(const mien_learned *learned) {
    return learned->forest.trees ? learned->forest.nodes
                                 : learned->outputs * (learned->width + 1);
}

/* The leaf of a tree that a row is led to; nodes come from a learner, so that they are
 * whole numbers within the arrays. */
static double leaf_of(const mien_forest *f, int64_t tree, const float *x) {
    int64_t node = (int64_t)f->root[tree];
    while (f->child[node] > 0) {
        bool below = x[(int64_t)f->feature[node]] < f->threshold[node];
        node = (int64_t)f->child[node] + !below;
    }
    return (double)f->threshold[node];
}

void mien_learned_run(
    const mien_learned *learned, const float *x, int64_t rows, double *outputs) {
    const mien_learned *l = learned;
    for (int64_t i = 0; i < rows; i++, x += l->width, outputs += l->outputs) {
        memcpy(outputs, l->bias, (size_t)l->outputs * sizeof *outputs);
        for (int64_t t = 0; t < l->forest.trees; t++) {
            outputs[(int64_t)l->forest.output[t]] += leaf_of(&l->forest, t, x);
        }
        for (int64_t k = 0; l->weight && k < l->outputs; k++) {
            const double *w = l->weight + k * l->width;
            double sum = 0;
            for (int64_t f = 0; f < l->width; f++) {
                sum += w[f] * (double)x[f];
            }
            outputs[k] += sum;
        }
    }
}
