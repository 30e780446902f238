/* SPDX-License-Identifier: MIT */
/* How far probabilities can be believed: reliability by bins, the expected calibration
 * error, and what is gained by leaving the least sure answers out. Used by scores of
 * runs (train room) and `mien evaluate --calibration`. */
#include "mien/eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/need.h"
#include "eval/class_metric.h"

static double confidence_of(const mien_class_answers *a, int64_t row) {
    return a->probability[row * a->classes + mien_answer_of(a, row)];
}

/* The bin (low, high] of equal width that a confidence lies in; 0 is in the first. */
static int bin_of(double confidence, int bins) {
    int bin = (int)ceil(confidence * bins) - 1;
    return bin < 0 ? 0 : bin >= bins ? bins - 1 : bin;
}

static void sum_up(mien_reliability *r, int64_t n) {
    r->ece = r->mce = 0;
    for (int b = 0; b < r->bins; b++) {
        mien_reliability_bin *bin = &r->bin[b];
        if (bin->rows == 0) {
            bin->confidence = bin->accuracy = (double)NAN;
            continue;
        }
        bin->confidence /= (double)bin->rows;
        bin->accuracy /= (double)bin->rows;
        double gap = fabs(bin->accuracy - bin->confidence);
        r->ece += gap * (double)bin->rows / (double)n;
        r->mce = fmax(r->mce, gap);
    }
}

static void clear_bins(mien_reliability *r) {
    for (int b = 0; b < r->bins; b++) {
        r->bin[b] = (mien_reliability_bin){
            .low = (double)b / r->bins, .high = (double)(b + 1) / r->bins};
    }
}

/* Whether the answer would be right if the probabilities were: drawn. */
static bool drawn_right(const mien_class_answers *a, int64_t row, mien_stream *s) {
    return mien_stream_uniform(s) < confidence_of(a, row);
}

/* The error that probabilities without any fault would show on as many rows. */
static double chance_of(
    const mien_class_answers *a, int bins, int repeats, uint64_t seed) {
    double sum = 0;
    for (int r = 0; r < repeats; r++) {
        mien_reliability drawn = {.bins = bins};
        mien_stream s;
        mien_stream_init(&s, seed, (uint64_t)r, 0);
        clear_bins(&drawn);
        for (int64_t i = 0; i < a->n; i++) {
            double confidence = confidence_of(a, i);
            mien_reliability_bin *bin = &drawn.bin[bin_of(confidence, bins)];
            bin->rows++;
            bin->confidence += confidence;
            bin->accuracy += drawn_right(a, i, &s);
        }
        sum_up(&drawn, a->n);
        sum += drawn.ece / repeats;
    }
    return sum;
}

mien_status mien_reliability_of(const mien_class_answers *answers, int bins,
    int repeats, uint64_t seed, mien_reliability *reliability) {
    MIEN_NEED(answers, reliability);
    const mien_class_answers *a = answers;
    mien_status status = mien_class_answers_check(a);
    if (status != MIEN_OK) {
        return status;
    }
    if (bins < 1 || bins > MIEN_RELIABILITY_BINS_MAX || repeats < 0 || a->n < 1 ||
        !a->probability) {
        return mien_fail(MIEN_EINVAL,
            "reliability needs rows with probabilities, and 1 to %d bins",
            MIEN_RELIABILITY_BINS_MAX);
    }
    mien_reliability r = {.bins = bins};
    clear_bins(&r);
    for (int64_t i = 0; i < a->n; i++) {
        double confidence = confidence_of(a, i);
        mien_reliability_bin *bin = &r.bin[bin_of(confidence, bins)];
        bin->rows++;
        bin->confidence += confidence;
        bin->accuracy += mien_answer_of(a, i) == a->truth[i];
    }
    sum_up(&r, a->n);
    r.ece_by_chance = repeats ? chance_of(a, bins, repeats, seed) : (double)NAN;
    *reliability = r;
    return MIEN_OK;
}

/* ---- abstention ------------------------------------------------------------------ */

typedef struct ranked {
    double confidence;
    bool right;
} ranked;

static int surest_first(const void *x, const void *y) {
    const ranked *a = x, *b = y;
    return (a->confidence < b->confidence) - (a->confidence > b->confidence);
}

/* Rows that are as sure as each other share what is right among them. */
static double right_among(const ranked *row, int64_t n, int64_t kept) {
    double right = 0;
    int64_t i = 0;
    while (i < kept) {
        int64_t end = i, hits = 0;
        while (end < n && row[end].confidence == row[i].confidence) {
            hits += row[end++].right;
        }
        int64_t taken = end < kept ? end : kept;
        right += (double)hits * (double)(taken - i) / (double)(end - i);
        i = end;
    }
    return right;
}

mien_status mien_abstention_of(const mien_class_answers *answers, const double *share,
    int count, double *accuracy) {
    MIEN_NEED(answers, share || count < 1, accuracy || count < 1);
    const mien_class_answers *a = answers;
    mien_status status = mien_class_answers_check(a);
    if (status == MIEN_OK && (a->n < 1 || !a->probability)) {
        status = mien_fail(MIEN_EINVAL, "abstention needs rows with probabilities");
    }
    for (int k = 0; status == MIEN_OK && k < count; k++) {
        if (!(share[k] > 0 && share[k] <= 1)) {
            status = mien_fail(
                MIEN_EINVAL, "a share of %g cannot be kept; above 0 to 1", share[k]);
        }
    }
    ranked *row = status == MIEN_OK ? mien_alloc((size_t)a->n, sizeof *row) : NULL;
    if (status == MIEN_OK && !row) {
        status = MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        return status;
    }
    for (int64_t i = 0; i < a->n; i++) {
        row[i] = (ranked){confidence_of(a, i), mien_answer_of(a, i) == a->truth[i]};
    }
    qsort(row, (size_t)a->n, sizeof *row, surest_first);
    for (int k = 0; k < count; k++) {
        int64_t kept = (int64_t)ceil(share[k] * (double)a->n - 1e-9);
        kept = kept < 1 ? 1 : kept;
        accuracy[k] = right_among(row, a->n, kept) / (double)kept;
    }
    mien_free(row);
    return MIEN_OK;
}
