/* SPDX-License-Identifier: MIT */
/* The registry of class metrics, and what is counted for them. */
#include "eval/class_metric.h"
#include "base/need.h"

#include <math.h>
#include <string.h>

static const mien_class_metric *const metrics[] = {
#define X(name) &mien_class_metric_##name,
#include "eval/class_metrics.def"
#undef X
};

int mien_class_metric_count(void) {
    return (int)(sizeof metrics / sizeof metrics[0]);
}

const mien_class_metric *mien_class_metric_at(int index) {
    return index >= 0 && index < mien_class_metric_count() ? metrics[index] : NULL;
}

const mien_class_metric *mien_class_metric_find(const char *name) {
    MIEN_NEED_OR(NULL, name);
    for (int i = 0; i < mien_class_metric_count(); i++) {
        if (strcmp(metrics[i]->name, name) == 0) {
            return metrics[i];
        }
    }
    return NULL;
}

/* ---- answers ------------------------------------------------------------------ */

/* How far the sum of a row's probabilities, which may be floats, may be from 1. */
#define SUM_TOLERANCE 1e-3

static mien_status check_probability(const mien_class_answers *a, int64_t row) {
    double sum = 0;
    for (int c = 0; c < a->classes; c++) {
        double p = a->probability[row * a->classes + c];
        if (!(p >= 0 && p <= 1)) {
            return mien_fail(MIEN_EINVAL,
                "row %lld: the probability of class %d is %g; 0 to 1 is possible",
                (long long)row, c, p);
        }
        sum += p;
    }
    if (!(fabs(sum - 1) <= SUM_TOLERANCE)) {
        return mien_fail(MIEN_EINVAL, "row %lld: its probabilities sum to %g, not 1",
            (long long)row, sum);
    }
    return MIEN_OK;
}

static mien_status check_class(
    const mien_class_answers *a, int64_t row, const char *what, int class) {
    if (class >= 0 && class < a->classes) {
        return MIEN_OK;
    }
    return mien_fail(MIEN_EINVAL, "row %lld: its %s is class %d of %d", (long long)row,
        what, class, a->classes);
}

mien_status mien_class_answers_check(const mien_class_answers *a) {
    MIEN_NEED(a);
    if (a->n < 0 || a->classes < 1 || a->classes > MIEN_CLASSES_MAX) {
        return mien_fail(MIEN_EINVAL,
            "%lld answers of %d classes: 1 to %d are possible", (long long)a->n,
            a->classes, MIEN_CLASSES_MAX);
    }
    if (!a->truth || (!a->prediction && !a->probability)) {
        return mien_fail(
            MIEN_EINVAL, "answers need the truth, and predictions or probabilities");
    }
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < a->n; i++) {
        status = check_class(a, i, "truth", a->truth[i]);
        if (status == MIEN_OK && a->prediction) {
            status = check_class(a, i, "prediction", a->prediction[i]);
        }
        if (status == MIEN_OK && a->probability) {
            status = check_probability(a, i);
        }
    }
    return status;
}

int mien_answer_of(const mien_class_answers *a, int64_t row) {
    if (a->prediction) {
        return a->prediction[row];
    }
    const double *p = a->probability + row * a->classes;
    int best = 0;
    for (int c = 1; c < a->classes; c++) {
        best = p[c] > p[best] ? c : best;
    }
    return best;
}

/* Classes that are more probable than the true one, or as probable and before it. */
static int rank_of_truth(const mien_class_answers *a, int64_t row) {
    const double *p = a->probability + row * a->classes;
    int truth = a->truth[row], before = 0;
    for (int c = 0; c < a->classes; c++) {
        before += p[c] > p[truth] || (p[c] == p[truth] && c < truth);
    }
    return before;
}

/* The smallest probability that counts, the double after 1 minus 1: a certain answer
 * that is wrong costs 36, not infinity. */
#define SMALLEST 2.220446049250313e-16

void mien_class_sums_add(
    mien_class_sums *sums, const mien_class_answers *a, int64_t row) {
    sums->n++;
    if (!a->probability) {
        sums->log_loss = sums->brier = sums->top2 = sums->top3 = (double)NAN;
        return;
    }
    const double *p = a->probability + row * a->classes;
    int truth = a->truth[row], rank = rank_of_truth(a, row);
    sums->log_loss -= log(p[truth] > SMALLEST ? p[truth] : SMALLEST);
    for (int c = 0; c < a->classes; c++) {
        double d = p[c] - (truth == c);
        sums->brier += d * d;
    }
    sums->top2 += rank < 2;
    sums->top3 += rank < 3;
}

void mien_class_count(const mien_class_answers *a, mien_class_counts *counts) {
    memset(counts, 0, sizeof *counts);
    counts->classes = a->classes;
    for (int64_t i = 0; i < a->n; i++) {
        int truth = a->truth[i], answer = mien_answer_of(a, i);
        counts->truth[truth]++;
        counts->predicted[answer]++;
        counts->right[truth] += truth == answer;
        mien_class_sums_add(&counts->sums, a, i);
    }
}

double mien_class_metric_value(
    const mien_class_metric *metric, const mien_class_answers *answers) {
    MIEN_NEED_OR((double)NAN, metric, answers);
    mien_class_counts counts;
    mien_class_count(answers, &counts);
    return counts.sums.n > 0 ? metric->of(&counts) : (double)NAN;
}

double mien_class_top(const mien_class_answers *a, int k) {
    MIEN_NEED_OR((double)NAN, a);
    int64_t within = 0;
    for (int64_t i = 0; a->probability && i < a->n; i++) {
        within += rank_of_truth(a, i) < k;
    }
    return a->probability && a->n > 0 ? (double)within / (double)a->n : (double)NAN;
}
