/* SPDX-License-Identifier: MIT */
/* How good answers are when the least sure of them are left out. scores.c calls it,
 * the report draws it. */
#include "train/scores/abstention.h"

#include <math.h>

#include "train/document.h"

static void begin(mien_abstention *curve) {
    *curve = (mien_abstention){.count = MIEN_ABSTENTION_POINTS};
    for (int k = 0; k < MIEN_ABSTENTION_POINTS; k++) {
        curve->share[k] = (k + 1) / (double)MIEN_ABSTENTION_POINTS;
    }
}

mien_status mien_abstention_classes(
    mien_abstention *curve, const mien_class_answers *each, int seeds) {
    mien_status status = MIEN_OK;
    begin(curve);
    for (int s = 0; status == MIEN_OK && s < seeds; s++) {
        double value[MIEN_ABSTENTION_POINTS];
        status = mien_abstention_of(&each[s], curve->share, curve->count, value);
        for (int k = 0; status == MIEN_OK && k < curve->count; k++) {
            curve->value[k] += value[k] / seeds;
        }
    }
    return status;
}

/* Errors of a seed's rows and the widths of their intervals; how many. */
static int64_t list_errors(const mien_conformal_scores *scores, const mien_dataset *c,
    const mien_dataset_target *t, const double *predictions, double *error,
    double *width) {
    int64_t n = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        double p = predictions[i * c->width + t->place], low, high;
        if (c->fold[i] >= 0 && mien_dataset_has(t, i)) {
            mien_conformal_scores_bounds(scores, c, i, p, &low, &high);
            error[n] = t->value[i] - p;
            width[n++] = high - low;
        }
    }
    return n;
}

mien_status mien_abstention_numbers(mien_abstention *curve,
    const mien_conformal_scores *scores, const mien_dataset *dataset,
    const mien_dataset_target *target, const double *predictions, int seeds) {
    const mien_dataset *c = dataset;
    *curve = (mien_abstention){0};
    if (!scores->parts) {
        return MIEN_OK;
    }
    double *error = mien_alloc((size_t)c->rows, sizeof *error);
    double *width = mien_alloc((size_t)c->rows, sizeof *width);
    mien_status status = error && width ? MIEN_OK : MIEN_ENOMEM;
    begin(curve);
    for (int s = 0; status == MIEN_OK && s < seeds; s++) {
        double value[MIEN_ABSTENTION_POINTS];
        int64_t n = list_errors(
            scores, c, target, predictions + s * c->rows * c->width, error, width);
        status = mien_narrowest_of(error, width, n, curve->share, curve->count, value);
        for (int k = 0; status == MIEN_OK && k < curve->count; k++) {
            curve->value[k] += value[k] / seeds;
        }
    }
    if (!isfinite(curve->value[0])) {
        curve->count = 0;
    }
    mien_free(width);
    mien_free(error);
    return status;
}

void mien_abstention_put(
    const mien_abstention *curve, bool classes, mien_value *map, mien_status *status) {
    if (!curve->count) {
        return;
    }
    mien_value *one = mien_value_new_map(), *share = mien_value_new_list(),
               *value = mien_value_new_list();
    for (int k = 0; k < curve->count; k++) {
        mien_document_add(share, mien_value_new_number(curve->share[k]), status);
        mien_document_add(value, mien_document_number(curve->value[k]), status);
    }
    mien_document_text(one, "metric", classes ? "accuracy" : "rmse", status);
    mien_document_text(one, "by", classes ? "probability" : "width", status);
    mien_document_put(one, "share", share, status);
    mien_document_put(one, "value", value, status);
    mien_document_put(map, "abstention", one, status);
}
