/* SPDX-License-Identifier: MIT */
/* How each class is answered: scores, confusion, and what needs no picture. */
#include "eval/class_metric.h"
#include "base/need.h"

#include <math.h>
#include <string.h>

static double ratio(double part, double whole) {
    return whole > 0 ? part / whole : (double)NAN;
}

void mien_class_scores(const mien_class_answers *answers, mien_class_score *scores) {
    MIEN_NEED_OR(, answers, scores);
    mien_class_counts n;
    mien_class_count(answers, &n);
    for (int c = 0; c < answers->classes; c++) {
        scores[c] = (mien_class_score){
            .support = (int64_t)n.truth[c],
            .predicted = (int64_t)n.predicted[c],
            .precision = ratio(n.right[c], n.predicted[c]),
            .recall = ratio(n.right[c], n.truth[c]),
            .f1 = ratio(2 * n.right[c], n.truth[c] + n.predicted[c]),
        };
    }
}

void mien_confusion(const mien_class_answers *a, int64_t *counts) {
    MIEN_NEED_OR(, a, counts);
    memset(counts, 0, (size_t)a->classes * (size_t)a->classes * sizeof *counts);
    for (int64_t i = 0; i < a->n; i++) {
        counts[a->truth[i] * a->classes + mien_answer_of(a, i)]++;
    }
}

void mien_confusion_shares(const int64_t *counts, int classes, double *shares) {
    MIEN_NEED_OR(, counts, shares);
    for (int t = 0; t < classes; t++) {
        double sum = 0;
        for (int p = 0; p < classes; p++) {
            sum += (double)counts[t * classes + p];
        }
        for (int p = 0; p < classes; p++) {
            shares[t * classes + p] = ratio((double)counts[t * classes + p], sum);
        }
    }
}

mien_status mien_class_prior(
    const int *label, int64_t n, int classes, double *prior, int *majority) {
    MIEN_NEED(label || n < 1, prior || n < 1, majority);
    if (n < 1 || classes < 1) {
        return mien_fail(MIEN_EINVAL, "class prior: %lld labels of %d classes",
            (long long)n, classes);
    }
    for (int64_t i = 0; i < n; i++) {
        if (label[i] < 0 || label[i] >= classes) {
            return mien_fail(MIEN_EINVAL, "class prior: row %lld has class %d of %d",
                (long long)i, label[i], classes);
        }
    }
    memset(prior, 0, (size_t)classes * sizeof *prior);
    for (int64_t i = 0; i < n; i++) {
        prior[label[i]]++;
    }
    int most = 0;
    for (int c = 0; c < classes; c++) {
        prior[c] /= (double)n;
        most = prior[c] > prior[most] ? c : most;
    }
    *majority = most;
    return MIEN_OK;
}
