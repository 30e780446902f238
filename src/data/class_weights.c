/* SPDX-License-Identifier: MIT */
/* Weights of classes in a loss, by three rules. */
#include "base/need.h"
#include "mien/data.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static mien_status check_given(int classes, const double *given) {
    double sum = 0;
    for (int c = 0; c < classes; c++) {
        if (!given || !isfinite(given[c]) || given[c] < 0) {
            return mien_fail(MIEN_EINVAL,
                "class weights: the weight of class %d is %g; 0 or more is needed", c,
                given ? given[c] : (double)NAN);
        }
        sum += given[c];
    }
    if (!(sum > 0)) {
        return mien_fail(MIEN_EINVAL, "class weights: all are 0");
    }
    return MIEN_OK;
}

static mien_status count_classes(
    int64_t rows, const int *label, int classes, double *count) {
    memset(count, 0, (size_t)classes * sizeof *count);
    for (int64_t i = 0; i < rows; i++) {
        if (label[i] < 0 || label[i] >= classes) {
            return mien_fail(MIEN_EINVAL,
                "class weights: row %" PRId64 " has class %d of %d", i, label[i],
                classes);
        }
        count[label[i]]++;
    }
    for (int c = 0; c < classes; c++) {
        if (!(count[c] > 0)) {
            return mien_fail(MIEN_EINVAL,
                "class weights: class %d has no rows: leave it out, or give the "
                "weights",
                c);
        }
    }
    return MIEN_OK;
}

mien_status mien_class_weights(mien_class_weight_rule rule, int64_t rows,
    const int *label, int classes, const double *given, double *weight) {
    MIEN_NEED(weight || rows < 1);
    if (classes < 1) {
        return mien_fail(MIEN_EINVAL, "class weights: %d classes", classes);
    }
    if (rule == MIEN_CLASS_WEIGHTS_GIVEN) {
        mien_status status = check_given(classes, given);
        if (status == MIEN_OK) {
            memcpy(weight, given, (size_t)classes * sizeof *weight);
        }
        return status;
    }
    double *count = mien_alloc((size_t)classes, sizeof *count);
    mien_status status =
        count ? count_classes(rows, label, classes, count) : MIEN_ENOMEM;
    for (int c = 0; status == MIEN_OK && c < classes; c++) {
        weight[c] = rule == MIEN_CLASS_WEIGHTS_SHARE
                        ? 1 - count[c] / (double)rows
                        : (double)rows / (classes * count[c]);
    }
    mien_free(count);
    return status;
}
