/* SPDX-License-Identifier: MIT */
/* Conformal intervals of numbers and conformal sets of classes: widths and thresholds
 * that hold a next truth with a wanted probability whatever the distribution, as long
 * as the calibration rows resemble it. In come truths beside predictions of models that
 * did not learn from them; out come quantiles, for the model file and for rows of
 * tables (train room). */
#include "base/need.h"
#include "mien/eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The place of the quantile q among n + 1 gaps, from 0; the next residual lies below it
 * with the probability q. */
static double place_of(double q, double n) {
    return q * (n + 1) - 1;
}

/* The value at a place between sorted ones; residuals of a row's seeds lie together:
 * the place is that among rows. */
static double value_at(const double *sorted, int64_t n, double place, double rows) {
    double position = rows > 1 ? place / (rows - 1) * (double)(n - 1) : 0;
    int64_t below = (int64_t)floor(position);
    int64_t above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (position - (double)below) * (sorted[above] - sorted[below]);
}

/* Where n residuals have no such quantile: the normal prediction interval of the next
 * one, no narrower than what was seen. */
static void beyond(
    const double *sorted, int64_t n, double tail, double *low, double *high) {
    double mean = 0, square = 0;
    *low = sorted[0];
    *high = sorted[n - 1];
    for (int64_t i = 0; i < n; i++) {
        mean += sorted[i] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        square += (sorted[i] - mean) * (sorted[i] - mean);
    }
    if (n > 1) {
        double half = mien_student_two_sided(2 * tail, (double)(n - 1)) *
                      sqrt(square / (double)(n - 1) * (1 + 1 / (double)n));
        *low = fmin(*low, mean - half);
        *high = fmax(*high, mean + half);
    }
}

/* residual [n] of rows · seeds; sorted here. */
static void quantiles(double *residual, int64_t n, int64_t seeds, double level,
    double *low, double *high) {
    double tail = (1 - level) / 2, rows = (double)n / (double)seeds;
    qsort(residual, (size_t)n, sizeof *residual, ascending);
    beyond(residual, n, tail, low, high);
    if (place_of(tail, rows) >= 0) {
        *low = value_at(residual, n, place_of(tail, rows), rows);
        *high = value_at(residual, n, place_of(1 - tail, rows), rows);
    }
}

/* Halfway between the predictions on both sides of each border. */
static void find_cuts(
    mien_conformal *c, const double *prediction, int64_t n, double *room) {
    memcpy(room, prediction, (size_t)n * sizeof *room);
    qsort(room, (size_t)n, sizeof *room, ascending);
    for (int k = 0; k + 1 < c->parts; k++) {
        int64_t at = n * (k + 1) / c->parts;
        c->cut[k] = at > 0 ? room[at - 1] + (room[at] - room[at - 1]) / 2 : room[0];
    }
}

int mien_conformal_part(const mien_conformal *conformal, double prediction) {
    MIEN_NEED_OR(0, conformal);
    int part = 0;
    while (part + 1 < conformal->parts && prediction > conformal->cut[part]) {
        part++;
    }
    return part;
}

void mien_conformal_interval(
    const mien_conformal *conformal, double prediction, double *low, double *high) {
    MIEN_NEED_OR(, conformal, low, high);
    int part = mien_conformal_part(conformal, prediction);
    *low = prediction + conformal->low[part];
    *high = prediction + conformal->high[part];
}

/* All residuals (part -1), or those of one part; how many. */
static int64_t gather(const mien_conformal *c, const double *truth,
    const double *prediction, int64_t n, int part, double *residual) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (part < 0 || mien_conformal_part(c, prediction[i]) == part) {
            residual[count++] = truth[i] - prediction[i];
        }
    }
    return count;
}

mien_status mien_conformal_fit(const double *truth, const double *prediction,
    int64_t rows, int64_t seeds, double level, int parts, mien_conformal *conformal) {
    MIEN_NEED(truth || rows < 1, prediction || rows < 1, conformal);
    const int64_t n = rows * seeds;
    if (rows < 1 || seeds < 1 || !(level > 0 && level < 1) || parts < 1 ||
        parts > MIEN_CONFORMAL_PARTS_MAX) {
        return mien_fail(MIEN_EINVAL,
            "a conformal interval needs rows, a level between 0 and 1, and 1 to %d "
            "parts",
            MIEN_CONFORMAL_PARTS_MAX);
    }
    double *room = mien_alloc((size_t)n, sizeof *room), low, high;
    if (!room) {
        return MIEN_ENOMEM;
    }
    mien_conformal c = {.level = level, .parts = parts};
    find_cuts(&c, prediction, n, room);
    gather(&c, truth, prediction, n, -1, room);
    quantiles(room, n, seeds, level, &low, &high);
    for (int k = 0; k < parts; k++) {
        int64_t count = parts > 1 ? gather(&c, truth, prediction, n, k, room) : n;
        c.rows[k] = count / seeds;
        c.low[k] = low;
        c.high[k] = high;
        if (parts > 1 && count > seeds) {
            quantiles(room, count, seeds, level, &c.low[k], &c.high[k]);
        }
    }
    mien_free(room);
    *conformal = c;
    return MIEN_OK;
}

mien_status mien_conformal_sets_fit(
    const mien_class_answers *answers, int64_t seeds, double level, double *threshold) {
    MIEN_NEED(answers, threshold);
    const mien_class_answers *a = answers;
    mien_status status = mien_class_answers_check(a);
    if (status == MIEN_OK && (a->n < 1 || seeds < 1 || a->n % seeds ||
                                 !a->probability || !(level > 0 && level < 1))) {
        status = mien_fail(MIEN_EINVAL,
            "conformal sets need rows with probabilities, and a level between 0 and 1");
    }
    double *p = status == MIEN_OK ? mien_alloc((size_t)a->n, sizeof *p) : NULL;
    if (status == MIEN_OK && !p) {
        status = MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        return status;
    }
    for (int64_t i = 0; i < a->n; i++) {
        p[i] = a->probability[i * a->classes + a->truth[i]];
    }
    qsort(p, (size_t)a->n, sizeof *p, ascending);
    double rows = (double)(a->n / seeds), place = place_of(1 - level, rows);
    *threshold = place < 0 ? 0 : value_at(p, a->n, place, rows);
    mien_free(p);
    return MIEN_OK;
}

int mien_conformal_set(double threshold, int classes, const double *probability,
    int chosen, bool *in_set) {
    MIEN_NEED_OR(0, probability, in_set);
    int count = 0;
    for (int k = 0; k < classes; k++) {
        in_set[k] = k == chosen || probability[k] >= threshold;
        count += in_set[k];
    }
    return count;
}
