/* SPDX-License-Identifier: MIT */
/* Conformal intervals over the folds, of all rows or of each value of a column. In come
 * the out-of-fold predictions of a target, from scores.c; out come widths by fold, for
 * the bounds that scores_tables.c writes, those of the model, which study_run_write.c
 * writes, and how often they hold the truth. */
#include "train/scores/conformal.h"

#include <math.h>
#include <string.h>

#include "train/numbering.h"

enum { GROUP_PARTS = 10 };

void mien_conformal_scores_clear(mien_conformal_scores *scores) {
    mien_free(scores->first);
    mien_free(scores->rows_of);
    mien_free(scores->value_of);
    mien_free(scores->value);
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

/* ---- values of a column -----------------------------------------------------------
 */

int64_t mien_conformal_rows_needed(double level) {
    return (int64_t)ceil(2 / (1 - level) - 1 - 1e-9);
}

/* Puts the rows of each value together, in their order; number [n] of row [n]. */
static mien_status list_rows(
    mien_conformal_scores *s, const int64_t *row, const int64_t *number, int64_t n) {
    s->value = mien_alloc((size_t)s->values + 1, sizeof *s->value);
    s->rows_of = mien_alloc((size_t)n + 1, sizeof *s->rows_of);
    s->first = mien_alloc((size_t)s->values + 2, sizeof *s->first);
    if (!s->value || !s->rows_of || !s->first) {
        return MIEN_ENOMEM;
    }
    int64_t *end = s->first + 1; /* of each value, while rows are counted and laid */
    for (int64_t k = 0; k < n; k++) {
        s->first[number[k] + 2]++;
    }
    for (int64_t v = 0; v < s->values; v++) {
        end[v + 1] += end[v];
    }
    for (int64_t k = 0; k < n; k++) {
        s->rows_of[end[number[k]]++] = row[k];
    }
    return MIEN_OK;
}

/* Numbers the cells of the column. */
static mien_status number_values(
    mien_conformal_scores *s, const mien_dataset *c, const char *column) {
    if (!*column) {
        return MIEN_OK;
    }
    const char **names = mien_alloc((size_t)c->rows + 1, sizeof *names);
    int64_t *row = mien_alloc((size_t)c->rows + 1, sizeof *row);
    int64_t *number = mien_alloc((size_t)c->rows + 1, sizeof *number), n = 0;
    s->value_of = mien_alloc((size_t)c->rows, sizeof *s->value_of);
    mien_status status = names && row && number && s->value_of ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        names[n] = mien_trials_cell(c->trials, c->row[i], column);
        s->value_of[i] = -1;
        row[n] = i;
        n += names[n] != NULL;
    }
    if (status == MIEN_OK && n) {
        status = mien_number_names(names, n, number, &s->values);
    }
    status = status == MIEN_OK ? list_rows(s, row, number, n) : status;
    for (int64_t k = 0; status == MIEN_OK && k < n; k++) {
        s->value_of[row[k]] = number[k];
        s->value[number[k]].name = names[k];
    }
    mien_free(number);
    mien_free(row);
    mien_free(names);
    return status;
}

/* ---- fitting ----------------------------------------------------------------------
 */

/* Rows of all seeds, the rows of a seed together. */
typedef struct pairs {
    double *truth, *prediction;
    int64_t rows;
} pairs;

/* What is fitted on: the target's out-of-fold predictions. */
typedef struct source {
    const mien_dataset *dataset;
    const mien_dataset_target *target;
    const double *predictions;
    int seeds, parts;
    double level;
    bool thirds;
} source;

static bool is_judged(const source *f, int64_t row) {
    return f->dataset->fold[row] >= 0 && mien_dataset_has(f->target, row);
}

/* All rows but those of a part (-1: all), of one value (-1: of all). */
static void gather(pairs *p, const mien_conformal_scores *s, const source *f,
    int without, int64_t value) {
    const mien_dataset *c = f->dataset;
    int64_t from = value < 0 ? 0 : s->first[value], n = 0;
    int64_t end = value < 0 ? c->rows : s->first[value + 1];
    for (int seed = 0; seed < f->seeds; seed++) {
        for (int64_t k = from; k < end; k++) {
            int64_t i = value < 0 ? k : s->rows_of[k];
            if (is_judged(f, i) && mien_conformal_part_of(c, f->parts, i) != without) {
                p->truth[n] = f->target->value[i];
                p->prediction[n++] =
                    f->predictions[(seed * c->rows + i) * c->width + f->target->place];
            }
        }
    }
    p->rows = n / f->seeds;
}

/* One width for all, with the borders of thirds kept for judging. */
static mien_status fit(const pairs *p, const source *f, mien_conformal *out) {
    mien_conformal one;
    mien_status status = mien_conformal_fit(
        p->truth, p->prediction, p->rows, f->seeds, f->level, 3, out);
    if (status == MIEN_OK && !f->thirds) {
        status = mien_conformal_fit(
            p->truth, p->prediction, p->rows, f->seeds, f->level, 1, &one);
        for (int k = 0; status == MIEN_OK && k < 3; k++) {
            out->low[k] = one.low[0];
            out->high[k] = one.high[0];
        }
    }
    return status;
}

/* Those of all rows and of the rows without each part; value -1: of all values. */
static mien_status fit_value(
    mien_conformal_scores *s, const source *f, int64_t value, pairs *room) {
    mien_conformal *without = s->without + (value + 1) * f->parts;
    int64_t least = value < 0 ? 1 : mien_conformal_rows_needed(f->level);
    mien_status status = MIEN_OK;
    for (int k = -1; status == MIEN_OK && k < f->parts; k++) {
        mien_conformal *all = value < 0 ? &s->all : &s->value[value].all;
        gather(room, s, f, k, value);
        if (room->rows >= least) {
            status = fit(room, f, k < 0 ? all : &without[k]);
        }
        if (k < 0 && value >= 0) {
            s->value[value].rows = room->rows;
        }
    }
    return status;
}

/* ---- judging ----------------------------------------------------------------------
 */

/* What holds for a row; own: it is made of rows of its value. */
static const mien_conformal *find(const mien_conformal_scores *s,
    const mien_dataset *dataset, int64_t row, bool *own) {
    int64_t value = s->value_of ? s->value_of[row] : -1;
    int part = mien_conformal_part_of(dataset, s->parts, row);
    const mien_conformal *by = &s->without[(value + 1) * s->parts + part];
    *own = value >= 0 && by->parts > 0;
    return *own ? by : &s->without[part];
}

void mien_conformal_scores_bounds(const mien_conformal_scores *scores,
    const mien_dataset *dataset, int64_t row, double prediction, double *low,
    double *high) {
    bool own;
    const mien_conformal *c = scores->parts && dataset->fold[row] >= 0
                                  ? find(scores, dataset, row, &own)
                                  : NULL;
    *low = *high = (double)NAN;
    if (c && c->parts) {
        mien_conformal_interval(c, prediction, low, high);
    }
}

/* Counts how often the intervals of all seeds' rows hold the truth; thirds are those
 * of all predictions. */
static void judge(mien_conformal_scores *s, const source *f) {
    const mien_dataset *c = f->dataset;
    double held[3] = {0}, count[3] = {0}, width = 0;
    for (int64_t k = 0; k < f->seeds * c->rows; k++) {
        int64_t i = k % c->rows;
        double p = f->predictions[k * c->width + f->target->place], low, high;
        if (!is_judged(f, i)) {
            continue;
        }
        mien_conformal_scores_bounds(s, c, i, p, &low, &high);
        int third = mien_conformal_part(&s->all, p);
        bool holds = f->target->value[i] >= low && f->target->value[i] <= high, own;
        held[third] += holds;
        count[third]++;
        width += high - low;
        if (s->value_of && s->value_of[i] >= 0) {
            mien_conformal_value *v = &s->value[s->value_of[i]];
            double all = (double)(v->rows * f->seeds);
            find(s, c, i, &own);
            v->own += own && k < c->rows;
            v->covered += holds / all;
            v->width += (high - low) / all;
        }
    }
    double all = count[0] + count[1] + count[2];
    s->covered = (held[0] + held[1] + held[2]) / all;
    s->width = width / all;
    for (int k = 0; k < 3; k++) {
        s->covered_third[k] = held[k] / count[k];
    }
}

/* Says which values do without widths of their own, in the model or when judged. */
static void tell_few(
    const mien_conformal_scores *s, const source *f, const char *column) {
    const char *few = NULL, *unjudged = NULL;
    int64_t fews = 0, rows = 0;
    for (int64_t v = 0; v < s->values; v++) {
        const mien_conformal_value *of = &s->value[v];
        bool lacks = !of->all.parts && of->rows;
        few = lacks && !few ? of->name : few;
        fews += lacks;
        bool others = of->all.parts && of->own < of->rows;
        unjudged = others && !unjudged ? of->name : unjudged;
        rows += others ? of->rows - of->own : 0;
    }
    if (fews) {
        mien_log(MIEN_LOG_WARN, "train",
            "calibration.by: %lld of %lld values of %s, \"%s\" first, have fewer than "
            "%lld trials: the intervals of %s of all trials hold for them",
            (long long)fews, (long long)s->values, column, few,
            (long long)mien_conformal_rows_needed(f->level), f->target->from->name);
    }
    if (rows) {
        mien_log(MIEN_LOG_WARN, "train",
            "calibration.by: %lld held-out trials, of \"%s\" first, are judged by the "
            "intervals of %s of all trials: the other folds hold fewer than %lld of "
            "their %s",
            (long long)rows, unjudged, f->target->from->name,
            (long long)mien_conformal_rows_needed(f->level), column);
    }
}

mien_status mien_conformal_scores_compute(mien_conformal_scores *scores,
    const mien_dataset *dataset, const mien_study *study,
    const mien_dataset_target *target, const double *predictions, int seeds) {
    mien_conformal_scores *s = scores;
    const char *rule = mien_options_text(study->options, "calibration.intervals");
    const char *column = mien_options_text(study->options, "calibration.by");
    if (strcmp(rule, "plain") == 0) {
        return MIEN_OK;
    }
    const source f = {.dataset = dataset,
        .target = target,
        .predictions = predictions,
        .seeds = seeds,
        .parts = mien_conformal_parts_of(dataset),
        .level = mien_options_number(study->options, "calibration.level"),
        .thirds = strcmp(rule, "thirds") == 0};
    size_t n = (size_t)(seeds * dataset->rows);
    pairs room = {mien_alloc(n, sizeof(double)), mien_alloc(n, sizeof(double)), 0};
    mien_status status =
        room.truth && room.prediction ? number_values(s, dataset, column) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        s->without =
            mien_alloc((size_t)f.parts * (size_t)(1 + s->values), sizeof *s->without);
        status = s->without ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int64_t v = -1; status == MIEN_OK && v < s->values; v++) {
        status = fit_value(s, &f, v, &room);
    }
    if (status == MIEN_OK) {
        s->parts = f.parts;
        judge(s, &f);
        tell_few(s, &f, column);
    }
    mien_free(room.prediction);
    mien_free(room.truth);
    return status;
}
