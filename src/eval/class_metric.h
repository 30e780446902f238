/* SPDX-License-Identifier: MIT */
/* The rows of class_metrics.def, and the counts that all of them are made of. Counts
 * are sums over rows, so those of groups add up: a resample of groups costs no rows. */
#ifndef MIEN_EVAL_CLASS_METRIC_H
#define MIEN_EVAL_CLASS_METRIC_H

#include "mien/eval.h"

#define X(name) extern const mien_class_metric mien_class_metric_##name;
#include "eval/class_metrics.def"
#undef X

/* The class that a row is taken for. */
int mien_answer_of(const mien_class_answers *answers, int64_t row);

/** Sums over probabilities. */
typedef struct mien_class_sums {
    double n;
    double log_loss, brier, top2, top3; /* NaN: there are no probabilities */
} mien_class_sums;
enum { MIEN_CLASS_SUMS = sizeof(mien_class_sums) / sizeof(double) };
void mien_class_sums_add(
    mien_class_sums *sums, const mien_class_answers *answers, int64_t row);

/** Sums, and the margins and the diagonal of the confusion matrix. */
typedef struct mien_class_counts {
    int classes;
    mien_class_sums sums;
    double truth[MIEN_CLASSES_MAX], predicted[MIEN_CLASSES_MAX];
    double right[MIEN_CLASSES_MAX];
} mien_class_counts;
void mien_class_count(const mien_class_answers *answers, mien_class_counts *counts);

#endif
