/* SPDX-License-Identifier: MIT */
/* Norms: what other people answer to a stimulus. */
#include "train/persons/person.h"

#include <math.h>

void mien_norm_clear(mien_norm *norm) {
    mien_free(norm->sum);
    mien_free(norm->count);
    *norm = (mien_norm){0};
}

/* κ by moments: the spread of ratings about their stimulus' mean, against that of the
 * means themselves less what their own noise makes of it. With stimuli that do not
 * differ, every norm is the mean of all. */
static double kappa_of(
    const mien_norm *norm, const mien_ratings *r, double within, int64_t total) {
    double mean = 0, square = 0, inverse = 0, rated = 0;
    for (int64_t s = 0; s < r->stimuli; s++) {
        if (norm->count[s] > 0) {
            mean += norm->sum[s] / norm->count[s];
            inverse += 1 / norm->count[s];
            rated++;
        }
    }
    mean /= rated;
    for (int64_t s = 0; s < r->stimuli; s++) {
        if (norm->count[s] > 0) {
            double d = norm->sum[s] / norm->count[s] - mean;
            square += d * d;
        }
    }
    double freedom = (double)total - rated;
    double rest = freedom > 0 ? within / freedom : 0;
    double between = square / fmax(rated - 1, 1) - rest * inverse / rated;
    double least = 1e-6 * (rest + square / fmax(rated, 1));
    return rest > 0 ? rest / fmax(between, least) : 0;
}

mien_status mien_norm_fit(mien_norm *norm, const mien_ratings *ratings,
    const int64_t *people, int64_t people_count) {
    const mien_ratings *r = ratings;
    int64_t total = 0;
    double within = 0, sum = 0;
    *norm = (mien_norm){.sum = mien_alloc((size_t)r->stimuli, sizeof(double)),
        .count = mien_alloc((size_t)r->stimuli, sizeof(double))};
    if (!norm->sum || !norm->count) {
        mien_norm_clear(norm);
        return MIEN_ENOMEM;
    }
    for (int64_t k = 0; k < people_count; k++) {
        for (int64_t i = r->first[people[k]]; i < r->first[people[k] + 1]; i++) {
            norm->sum[r->stimulus[i]] += r->value[i];
            norm->count[r->stimulus[i]] += 1;
            sum += r->value[i];
            total++;
        }
    }
    if (total == 0) {
        mien_norm_clear(norm);
        return mien_fail(MIEN_EINVAL, "nobody is there to make a norm of");
    }
    for (int64_t k = 0; k < people_count; k++) {
        for (int64_t i = r->first[people[k]]; i < r->first[people[k] + 1]; i++) {
            int64_t s = r->stimulus[i];
            double d = r->value[i] - norm->sum[s] / norm->count[s];
            within += d * d;
        }
    }
    norm->mean = sum / (double)total;
    norm->kappa = kappa_of(norm, r, within, total);
    return MIEN_OK;
}

static double shrunk(const mien_norm *n, double sum, double count) {
    double weight = count + n->kappa;
    return weight > 0 ? (sum + n->kappa * n->mean) / weight : n->mean;
}

double mien_norm_of(const mien_norm *norm, int64_t stimulus) {
    return shrunk(norm, norm->sum[stimulus], norm->count[stimulus]);
}

double mien_norm_without(const mien_norm *norm, int64_t stimulus, double value) {
    return shrunk(norm, norm->sum[stimulus] - value, norm->count[stimulus] - 1);
}
