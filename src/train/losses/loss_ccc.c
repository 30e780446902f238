/* SPDX-License-Identifier: MIT */
/* One minus the concordance correlation of the batch, mean over columns. */
#include "train/losses/value_loss.h"

typedef struct moments {
    double weight, mean_t, mean_p, var_t, var_p, covariance;
} moments;

/* Weighted, divided by the weight; two passes, so that a large mean costs no digits. */
static moments moments_of(const mien_loss_work *w, int64_t column) {
    moments m = {0};
    for (int64_t i = 0; i < w->rows; i++) {
        double r = w->row_weights[i];
        if (r > 0) {
            m.weight += r;
            m.mean_t += r * w->values[i * w->width + column];
            m.mean_p += r * w->prediction[i * w->width + column];
        }
    }
    m.mean_t /= m.weight;
    m.mean_p /= m.weight;
    for (int64_t i = 0; i < w->rows; i++) {
        double r = w->row_weights[i];
        if (r > 0) {
            double t = w->values[i * w->width + column] - m.mean_t;
            double p = w->prediction[i * w->width + column] - m.mean_p;
            m.var_t += r * t * t / m.weight;
            m.var_p += r * p * p / m.weight;
            m.covariance += r * t * p / m.weight;
        }
    }
    return m;
}

/* C = 2s/D with s the covariance and D = var(t) + var(p) + (mean(p) − mean(t))²:
 * dC/dp_i = 2 r_i / (R D) · ((t_i − mean t) − C ((p_i − mean p) + mean p − mean t)) */
static double column_ccc(mien_loss_work *w, int64_t column, double share) {
    moments m = moments_of(w, column);
    double shift = m.mean_p - m.mean_t;
    double scale = m.var_t + m.var_p + shift * shift;
    if (!(scale > 0)) {
        return scale == 0 ? 0 : scale; /* nothing to learn from; NaN goes on */
    }
    double ccc = 2 * m.covariance / scale;
    for (int64_t i = 0; i < w->rows; i++) {
        double r = w->row_weights[i];
        if (r > 0) {
            int64_t at = i * w->width + column;
            double t = w->values[at] - m.mean_t, p = w->prediction[at] - m.mean_t;
            /* of the loss times the weight, so R is not divided by */
            w->gradient[at] += -2 * share * r * (t - ccc * p) / scale;
        }
    }
    return ccc;
}

double mien_ccc_loss(mien_loss_work *work, double factor) {
    double sum = 0, weight = 0, share = factor / (double)work->width;
    for (int64_t i = 0; i < work->rows; i++) {
        weight += work->row_weights[i];
    }
    if (weight == 0) {
        return 0;
    }
    for (int64_t c = 0; c < work->width; c++) {
        sum += column_ccc(work, c, share);
    }
    work->sum += weight * (factor - share * sum);
    return weight;
}

static void compute(const void *settings, mien_loss_work *work) {
    (void)settings;
    work->weight = mien_ccc_loss(work, 1);
}

const mien_loss mien_loss_ccc = {
    .name = "ccc",
    .summary = "1 - 2 cov(t, p) / (var(t) + var(p) + (mean(t) - mean(p))^2) over the "
               "batch, moments divided by n, mean over columns; 1 without slope where "
               "the batch has one row or does not vary; Lin 1989",
    .classes_min = 1,
    .compute = compute,
};
