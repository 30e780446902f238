/* SPDX-License-Identifier: MIT */
/* Softmax, targets of classes with their weights, and cross-entropy of rows. */
#include "train/losses/class_loss.h"

#include <math.h>

void mien_loss_softmax(int64_t n, const double *z, double *p, double *log_p) {
    double most = z[0], sum = 0;
    for (int64_t c = 1; c < n; c++) {
        most = z[c] > most ? z[c] : most;
    }
    for (int64_t c = 0; c < n; c++) {
        sum += exp(z[c] - most);
    }
    double log_sum = log(sum);
    for (int64_t c = 0; c < n; c++) {
        double l = z[c] - most - log_sum;
        if (p) {
            p[c] = exp(l);
        }
        if (log_p) {
            log_p[c] = l;
        }
    }
}

double mien_loss_shares(
    const mien_loss_work *work, int64_t row, double smoothing, double *q) {
    int64_t k = work->classes;
    for (int64_t c = 0; c < k; c++) {
        double share =
            work->labels ? work->labels[row] == c : work->values[row * k + c];
        q[c] =
            work->class_weights[c] * ((1 - smoothing) * share + smoothing / (double)k);
    }
    return work->labels ? work->class_weights[work->labels[row]] : 1;
}

double mien_loss_entropy(int64_t n, const double *q, const double *log_p) {
    double sum = 0;
    for (int64_t c = 0; c < n; c++) {
        sum -= q[c] > 0 ? q[c] * log_p[c] : 0;
    }
    return sum;
}

void mien_loss_cross_entropy_rows(
    mien_loss_work *work, double smoothing, const double *offset) {
    int64_t k = work->classes;
    double *z = work->scratch, *p = z + k, *log_p = p + k, *q = log_p + k;
    for (int64_t i = 0; i < work->rows; i++) {
        double r = work->row_weights[i], total = 0;
        if (r == 0) {
            continue;
        }
        for (int64_t c = 0; c < k; c++) {
            z[c] = work->prediction[i * k + c] + (offset ? offset[c] : 0);
        }
        mien_loss_softmax(k, z, p, log_p);
        double weight = mien_loss_shares(work, i, smoothing, q);
        mien_loss_add(work, i, r * mien_loss_entropy(k, q, log_p), r * weight);
        for (int64_t c = 0; c < k; c++) {
            total += q[c];
        }
        for (int64_t c = 0; c < k; c++) {
            work->gradient[i * k + c] = r * (total * p[c] - q[c]);
        }
    }
}

int32_t mien_loss_softmax_predict(
    int64_t classes, const double *prediction, double *shares) {
    int64_t best = 0;
    mien_loss_softmax(classes, prediction, shares, NULL);
    for (int64_t c = 1; c < classes; c++) {
        best = prediction[c] > prediction[best] ? c : best;
    }
    return (int32_t)best;
}
