/* SPDX-License-Identifier: MIT */
/* Replays the golden vectors of a model. */
#include <math.h>
#include <string.h>

#include "base/need.h"
#include "predict/predictor.h"

/* Largest difference between two rows of the model, each as a share of its range. */
static double difference(const mien_model *model, const float *got, const float *want) {
    double largest = 0;
    const mien_target *targets = mien_model_targets(model);
    for (int t = 0; t < mien_model_targets_count(model); t++) {
        const mien_target *target = &targets[t];
        double range =
            target->link == MIEN_LINK_VALUE ? target->maximum - target->minimum : 1;
        for (int64_t k = 0; k < mien_target_width(target); k++, got++, want++) {
            double share = fabs((double)*got - (double)*want) / range;
            largest = fmax(largest, isnan(share) ? INFINITY : share);
        }
    }
    return largest;
}

/* The vectors' pictures as the network reads them. */
typedef struct replay {
    mien_predictor *p;
    float *images; /* of all inputs that are pictures, one after the other */
    float *row;
} replay;

static int64_t image_values(const mien_architecture *a) {
    int64_t sum = 0;
    for (int i = 0; i < a->inputs_count; i++) {
        sum += mien_input_is_picture(&a->inputs[i])
                   ? mien_item_values(&a->inputs[i].shape)
                   : 0;
    }
    return sum;
}

static mien_status replay_one(const replay *r, int64_t index, double *largest) {
    const mien_architecture *a = &mien_model_network(r->p->model)->architecture;
    const float *inputs[MIEN_INPUTS_MAX];
    float *image = r->images;
    mien_golden_input golden;
    mien_preprocess pre;
    mien_status status = mien_model_golden(r->p->model, index, &golden);
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        inputs[i] = golden.item[i]->data;
        if (!mien_input_is_picture(&a->inputs[i])) {
            continue;
        }
        status = mien_input_preprocess(&a->inputs[i], &pre);
        if (status == MIEN_OK) {
            status = mien_preprocess_run(&pre, golden.item[i], false, image);
        }
        inputs[i] = image;
        image += mien_item_values(&a->inputs[i].shape);
    }
    if (status == MIEN_OK) {
        status =
            mien_runner_run_arrays(r->p->runner, inputs, golden.mask, 1, r->row, NULL);
    }
    if (status == MIEN_OK) {
        *largest = fmax(*largest, difference(r->p->model, r->row, golden.output));
    }
    return status;
}

mien_status mien_predictor_verify(
    mien_predictor *predictor, double tolerance, mien_verification *verification) {
    MIEN_NEED(predictor);
    MIEN_NEED(verification);
    const mien_model *model = predictor->model;
    const mien_architecture *a = &mien_model_network(model)->architecture;
    mien_verification found = {.vectors = mien_model_golden_count(model)};
    double allowed = tolerance >= 0 ? tolerance : 1e-3;
    mien_status status = mien_predictor_need(predictor, 1);
    replay r = {.p = predictor,
        .images = mien_alloc((size_t)image_values(a) + 1, sizeof(float)),
        .row = mien_alloc((size_t)mien_model_width(model), sizeof(float))};
    if (status == MIEN_OK && (!r.images || !r.row)) {
        status = MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < found.vectors; i++) {
        status = replay_one(&r, i, &found.largest);
    }
    mien_free(r.row);
    mien_free(r.images);
    if (status != MIEN_OK) {
        return status;
    }
    *verification = found;
    if (found.vectors == 0) {
        return mien_fail(MIEN_EVERIFY, "%s: the contract has no golden vectors",
            mien_model_path(model));
    }
    return found.largest <= allowed
               ? MIEN_OK
               : mien_fail(MIEN_EVERIFY,
                     "%s: golden vectors differ by up to %.3g of the target's range "
                     "(allowed %.3g)",
                     mien_model_path(model), found.largest, allowed);
}
