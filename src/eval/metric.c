/* SPDX-License-Identifier: MIT */
/* The registry of metrics and their common moments. */
#include "eval/metric.h"

#include <string.h>

static const mien_metric *const metrics[] = {
#define X(name) &mien_metric_##name,
#include "eval/metrics.def"
#undef X
};

int mien_metric_count(void) {
    return (int)(sizeof metrics / sizeof metrics[0]);
}

int mien_metric_usual_count(void) {
    int count = 0;
    while (count < mien_metric_count() && !metrics[count]->on_request) {
        count++;
    }
    return count;
}

const mien_metric *mien_metric_at(int index) {
    return index >= 0 && index < mien_metric_count() ? metrics[index] : NULL;
}

const mien_metric *mien_metric_find(const char *name) {
    for (int i = 0; i < mien_metric_count(); i++) {
        if (strcmp(metrics[i]->name, name) == 0) {
            return metrics[i];
        }
    }
    return NULL;
}

mien_pair_moments mien_pair_moments_of(
    const double *truth, const double *prediction, int64_t n) {
    mien_pair_moments m = {0};
    for (int64_t i = 0; i < n; i++) {
        m.mean_truth += truth[i];
        m.mean_prediction += prediction[i];
    }
    m.mean_truth /= (double)n;
    m.mean_prediction /= (double)n;
    for (int64_t i = 0; i < n; i++) {
        double t = truth[i] - m.mean_truth, p = prediction[i] - m.mean_prediction;
        m.var_truth += t * t;
        m.var_prediction += p * p;
        m.covariance += t * p;
    }
    m.var_truth /= (double)n;
    m.var_prediction /= (double)n;
    m.covariance /= (double)n;
    return m;
}
