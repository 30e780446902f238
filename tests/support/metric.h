/* SPDX-License-Identifier: MIT */
/* A metric of arrays. */
#ifndef MIEN_TESTS_SUPPORT_METRIC_H
#define MIEN_TESTS_SUPPORT_METRIC_H

#include "mien/eval.h"

static inline double metric_against(const mien_metric *metric, const double *truth,
    const double *prediction, const double *null, int64_t n) {
    const mien_pairs pairs = {n, truth, prediction, null};
    return mien_metric_value(metric, &pairs);
}

static inline double metric_of(const mien_metric *metric, const double *truth,
    const double *prediction, int64_t n) {
    return metric_against(metric, truth, prediction, NULL, n);
}

#endif
