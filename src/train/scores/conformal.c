/* SPDX-License-Identifier: MIT */
/* Conformal intervals over the folds. scores.c calls it with the out-of-fold
 * predictions of a target; scores_tables.c writes the bounds, study_run_write.c the
 * model's. */
#include "train/scores/conformal.h"

#include <math.h>
#include <string.h>

enum { GROUP_PARTS = 10 };

void mien_conformal_scores_clear(mien_conformal_scores *scores) {
    mien_free(scores->without);
    *scores = (mien_conformal_scores){0};
}

int mien_conformal_part_of(const mien_dataset *dataset, int parts, int64_t row) {
    const mien_dataset *c = dataset;
    return c->folds > 1 ? c->fold[row] : (int)(c->group[row] % parts);
}

int mien_conformal_parts_of(const mien_dataset *dataset) {
    const mien_dataset *c = dataset;
    int most = c->groups < GROUP_PARTS ? (int)c->groups : GROUP_PARTS;
    return c->folds > 1 ? c->folds : most;
}

/* Rows of all seeds but those of one part (-1: all), the rows of a seed together. */
typedef struct pairs {
    double *truth, *prediction;
    int64_t rows;
} pairs;

static void gather(pairs *p, const mien_dataset *c, const mien_dataset_target *t,
    const double *predictions, int seeds, int parts, int without) {
    int64_t n = 0;
    for (int s = 0; s < seeds; s++) {
        for (int64_t i = 0; i < c->rows; i++) {
            if (c->fold[i] >= 0 && mien_dataset_has(t, i) &&
                mien_conformal_part_of(c, parts, i) != without) {
                p->truth[n] = t->value[i];
                p->prediction[n++] =
                    predictions[(s * c->rows + i) * c->width + t->place];
            }
        }
    }
    p->rows = n / seeds;
}

void mien_conformal_scores_bounds(const mien_conformal_scores *scores,
    const mien_dataset *dataset, int64_t row, double prediction, double *low,
    double *high) {
    const mien_conformal *c =
        scores->parts && dataset->fold[row] >= 0
            ? &scores->without[mien_conformal_part_of(dataset, scores->parts, row)]
            : NULL;
    *low = *high = (double)NAN;
    if (c && c->parts) {
        mien_conformal_interval(c, prediction, low, high);
    }
}

/* Counts how often the intervals of all seeds' rows hold the truth; thirds are those
 * of all predictions. */
static void judge(mien_conformal_scores *s, const mien_dataset *c,
    const mien_dataset_target *t, const double *predictions, int seeds) {
    const mien_conformal *thirds = &s->all;
    double held[3] = {0}, count[3] = {0}, width = 0;
    for (int64_t k = 0; k < seeds * c->rows; k++) {
        int64_t i = k % c->rows;
        double p = predictions[k * c->width + t->place], low, high;
        if (c->fold[i] < 0 || !mien_dataset_has(t, i)) {
            continue;
        }
        mien_conformal_scores_bounds(s, c, i, p, &low, &high);
        int third = mien_conformal_part(thirds, p);
        held[third] += t->value[i] >= low && t->value[i] <= high;
        count[third]++;
        width += high - low;
    }
    double all = count[0] + count[1] + count[2];
    s->covered = (held[0] + held[1] + held[2]) / all;
    s->width = width / all;
    for (int k = 0; k < 3; k++) {
        s->covered_third[k] = held[k] / count[k];
    }
}

/* One width for all, with the borders of thirds kept for judging. */
static mien_status fit(
    const pairs *p, int seeds, double level, bool thirds, mien_conformal *out) {
    mien_conformal one;
    mien_status status =
        mien_conformal_fit(p->truth, p->prediction, p->rows, seeds, level, 3, out);
    if (status == MIEN_OK && !thirds) {
        status =
            mien_conformal_fit(p->truth, p->prediction, p->rows, seeds, level, 1, &one);
        for (int k = 0; status == MIEN_OK && k < 3; k++) {
            out->low[k] = one.low[0];
            out->high[k] = one.high[0];
        }
    }
    return status;
}

mien_status mien_conformal_scores_compute(mien_conformal_scores *scores,
    const mien_dataset *dataset, const mien_study *study,
    const mien_dataset_target *target, const double *predictions, int seeds) {
    const char *rule = mien_options_text(study->options, "calibration.intervals");
    double level = mien_options_number(study->options, "calibration.level");
    bool thirds = strcmp(rule, "thirds") == 0;
    if (strcmp(rule, "plain") == 0) {
        return MIEN_OK;
    }
    int parts = mien_conformal_parts_of(dataset);
    size_t n = (size_t)(seeds * dataset->rows);
    pairs p = {mien_alloc(n, sizeof(double)), mien_alloc(n, sizeof(double)), 0};
    scores->without = mien_alloc((size_t)parts, sizeof *scores->without);
    mien_status status =
        p.truth && p.prediction && scores->without ? MIEN_OK : MIEN_ENOMEM;
    for (int k = -1; status == MIEN_OK && k < parts; k++) {
        gather(&p, dataset, target, predictions, seeds, parts, k);
        if (p.rows) {
            status = fit(
                &p, seeds, level, thirds, k < 0 ? &scores->all : &scores->without[k]);
        }
    }
    if (status == MIEN_OK) {
        scores->parts = parts;
        judge(scores, dataset, target, predictions, seeds);
    }
    mien_free(p.prediction);
    mien_free(p.truth);
    return status;
}
