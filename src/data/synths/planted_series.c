/* SPDX-License-Identifier: MIT */
/* Slow random series for synthetic data. */
#include "data/synths/synth.h"

#include <math.h>

#define TWO_PI 6.283185307179586

double mien_synth_normal(mien_stream *s) {
    double u = 1 - mien_stream_uniform(s), v = mien_stream_uniform(s);
    return sqrt(-2 * log(u)) * cos(TWO_PI * v);
}

void mien_synth_autoregress(mien_stream *s, int64_t count, double *x) {
    double keep = MIEN_SYNTH_AUTOCORRELATION, fresh = sqrt(1 - keep * keep);
    for (int64_t i = 0; i < count; i++) {
        x[i] =
            i ? keep * x[i - 1] + fresh * mien_synth_normal(s) : mien_synth_normal(s);
    }
}

static double dot(int64_t count, const double *x, const double *y) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        sum += x[i] * y[i];
    }
    return sum;
}

/* Brings a series to mean 0 and variance 1, orthogonal to the series before it: so
 * every film holds the correlations that were asked for, however short. */
void mien_synth_orthonormalise(
    int64_t count, double *const *before, int many, double *x) {
    double mean = 0;
    for (int64_t i = 0; i < count; i++) {
        mean += x[i] / (double)count;
    }
    for (int64_t i = 0; i < count; i++) {
        x[i] -= mean;
    }
    for (int k = 0; k < many; k++) {
        double common = dot(count, x, before[k]) / (double)count;
        for (int64_t i = 0; i < count; i++) {
            x[i] -= common * before[k][i];
        }
    }
    double sd = sqrt(dot(count, x, x) / (double)count);
    for (int64_t i = 0; i < count; i++) {
        x[i] /= sd;
    }
}
