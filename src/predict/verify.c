/* SPDX-License-Identifier: MIT */
/* Replays the golden vectors of a model. */
#include <math.h>

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

/* Of a network over features: the rows themselves. */
static mien_status replay_features(
    mien_predictor *p, int64_t i, float *row, double *largest) {
    const mien_design *d = &mien_model_network(p->model)->design;
    const float *features, *mask, *want, *inputs[MIEN_INPUTS_MAX];
    mien_status status =
        mien_model_golden_features(p->model, i, &features, &mask, &want);
    for (int k = 0; status == MIEN_OK && k < d->inputs_count; k++) {
        inputs[k] = features;
        features += mien_design_segments(d) * d->inputs[k].width;
    }
    if (status == MIEN_OK) {
        status = mien_runner_run_features(p->runner, inputs, mask, 1, row);
    }
    if (status == MIEN_OK) {
        *largest = fmax(*largest, difference(p->model, row, want));
    }
    return status;
}

/* Replays golden vector i. image and row are scratch. */
static mien_status replay(
    mien_predictor *p, int64_t i, float *image, float *row, double *largest) {
    if (mien_model_reads_features(p->model)) {
        return replay_features(p, i, row, largest);
    }
    mien_tensor *picture = NULL;
    const float *want = NULL;
    mien_status status = mien_model_golden(p->model, i, &picture, &want);
    if (status == MIEN_OK) {
        status =
            mien_preprocess_run(mien_model_preprocess(p->model), picture, false, image);
    }
    if (status == MIEN_OK) {
        status = mien_runner_run(p->runner, image, 1, row);
    }
    if (status == MIEN_OK) {
        *largest = fmax(*largest, difference(p->model, row, want));
    }
    mien_tensor_free(&picture);
    return status;
}

mien_status mien_predictor_verify(
    mien_predictor *predictor, double tolerance, mien_verification *verification) {
    const mien_model *model = predictor->model;
    const mien_preprocess *pre = mien_model_preprocess(model);
    mien_verification found = {.vectors = mien_model_golden_count(model)};
    double allowed = tolerance >= 0 ? tolerance : 1e-3;
    mien_status status = mien_predictor_need(predictor, 1);
    float *image = mien_alloc(
        3 * (size_t)pre->crop_height * (size_t)pre->crop_width, sizeof *image);
    float *row = mien_alloc((size_t)mien_model_width(model), sizeof *row);
    if (status == MIEN_OK && (!image || !row)) {
        status = MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < found.vectors; i++) {
        status = replay(predictor, i, image, row, &found.largest);
    }
    mien_free(row);
    mien_free(image);
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
