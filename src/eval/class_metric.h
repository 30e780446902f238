/* SPDX-License-Identifier: MIT */
/* The rows of class_metrics.def, and the counts that several of them need.
 */
#ifndef MIEN_EVAL_CLASS_METRIC_H
#define MIEN_EVAL_CLASS_METRIC_H

#include "mien/eval.h"

#define X(name) extern const mien_class_metric mien_class_metric_##name;
#include "eval/class_metrics.def"
#undef X

/* Which row the i-th answer is. */
static inline int64_t mien_answer_row(const mien_class_answers *a, int64_t i) {
    return a->row ? a->row[i] : i;
}

/* The class that a row is taken for. */
int mien_answer_of(const mien_class_answers *answers, int64_t row);

/* The margins and the diagonal of the confusion matrix: all that figures of the whole
 * need. */
typedef struct mien_class_counts {
    double truth[MIEN_CLASSES_MAX], predicted[MIEN_CLASSES_MAX];
    double right[MIEN_CLASSES_MAX];
} mien_class_counts;
void mien_class_count(const mien_class_answers *answers, mien_class_counts *counts);

#endif
