/* SPDX-License-Identifier: MIT */
/* Figures of each film and of their series, for studies on features. */
#include "train/scores/scores_groups.h"

#include "train/document.h"
#include "train/scores/scores.h"

#include <math.h>
#include <string.h>

static const char *const figures[MIEN_GROUP_FIGURES] = {"mse", "r", "ccc"};

void mien_group_scores_clear(mien_group_scores *scores) {
    mien_free(scores->each);
    mien_free(scores->lag);
    *scores = (mien_group_scores){0};
}

/* ---- rows by group ------------------------------------------------------------- */

/* Tested rows by group, in order of time where there is one. */
typedef struct films {
    int64_t groups, rows;
    int64_t *first, *group; /* [groups + 1], [groups] */
    int64_t *row;           /* [rows] */
    double *truth, *null;   /* [rows] */
    double *mean;           /* [rows] prediction over seeds, without the null's */
    double *model;          /* [rows] of one seed */
} films;

static void films_clear(films *f) {
    mien_free(f->first);
    mien_free(f->group);
    mien_free(f->row);
    mien_free(f->truth);
    mien_free(f->null);
    mien_free(f->mean);
    mien_free(f->model);
}

static mien_status films_init(films *f, const mien_dataset *c, int64_t rows) {
    size_t n = (size_t)rows, groups = (size_t)c->groups;
    *f = (films){.first = mien_alloc(groups + 1, sizeof(int64_t)),
        .group = mien_alloc(groups, sizeof(int64_t)),
        .row = mien_alloc(n, sizeof(int64_t)),
        .truth = mien_alloc(n, sizeof(double)),
        .null = mien_alloc(n, sizeof(double)),
        .mean = mien_alloc(n, sizeof(double)),
        .model = mien_alloc(n, sizeof(double))};
    return f->first && f->group && f->row && f->truth && f->null && f->mean && f->model
               ? MIEN_OK
               : MIEN_ENOMEM;
}

/* Rows of every group, counted, then laid behind each other. */
static mien_status sort_rows(
    films *f, const mien_dataset *c, const int64_t *row, int64_t rows) {
    int64_t *next = mien_alloc((size_t)c->groups + 1, sizeof *next);
    bool *tested = mien_alloc((size_t)c->rows, sizeof *tested);
    mien_status status = next && tested ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        next[c->group[row[i]] + 1]++;
        tested[row[i]] = true;
    }
    for (int64_t g = 0; status == MIEN_OK && g < c->groups; g++) {
        int64_t size = next[g + 1];
        next[g + 1] = next[g] + size;
        if (size > 0) {
            f->group[f->groups] = g;
            f->first[f->groups++] = next[g];
        }
    }
    f->first[f->groups] = f->rows = rows;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        int64_t at = c->order ? c->order[i] : i;
        if (tested[at]) {
            f->row[next[c->group[at]]++] = at;
        }
    }
    mien_free(tested);
    mien_free(next);
    return status;
}

static double prediction_of(const mien_dataset *c, const mien_dataset_target *target,
    const double *predictions, int seed, int64_t row) {
    return predictions[(seed * c->rows + row) * c->width + target->place];
}

static void fill_rows(films *f, const mien_dataset *c,
    const mien_dataset_target *target, int seeds, const double *predictions,
    const double *usual) {
    for (int64_t i = 0; i < f->rows; i++) {
        f->truth[i] = target->value[f->row[i]];
        f->null[i] = usual[c->fold[f->row[i]]];
        f->mean[i] = -f->null[i];
        for (int k = 0; k < seeds; k++) {
            f->mean[i] += prediction_of(c, target, predictions, k, f->row[i]) / seeds;
        }
    }
}

/* ---- each group ---------------------------------------------------------------- */

static void add_figures(mien_group_scores *s, const films *f, int seeds) {
    for (int64_t g = 0; g < f->groups; g++) {
        int64_t first = f->first[g], n = f->first[g + 1] - first;
        for (int m = 0; m < MIEN_GROUP_FIGURES; m++) {
            const mien_pairs pairs = {
                n, f->truth + first, f->model + first, f->null + first};
            s->each[g].figure[m] +=
                mien_metric_value(mien_metric_find(figures[m]), &pairs) / seeds;
        }
    }
}

static mien_status judge_series(
    mien_group_score *g, const films *f, int64_t index, const mien_study *study) {
    int64_t begin = f->first[index], bounds[2] = {0, f->first[index + 1] - begin};
    const mien_series series = {f->truth + begin, f->mean + begin, 1, bounds};
    mien_shift_test test;
    g->effective = mien_series_effective(&series);
    g->p = mien_correlation_p(mien_series_r(&series), g->effective - 2);
    mien_status status = mien_series_shift_test(&series,
        (int)mien_options_int(study->options, "bootstrap.repeats"),
        (uint64_t)mien_options_int(study->options, "bootstrap.seed"), NULL, &test);
    g->shift_p = test.p;
    return status;
}

static mien_status judge_groups(mien_group_scores *s, films *f, const mien_dataset *c,
    const mien_study *study, const mien_dataset_target *target, int seeds,
    const double *predictions) {
    mien_status status = MIEN_OK;
    for (int64_t g = 0; g < f->groups; g++) {
        s->each[g] = (mien_group_score){.group = f->group[g],
            .rows = f->first[g + 1] - f->first[g],
            .effective = (double)NAN,
            .p = (double)NAN,
            .shift_p = (double)NAN};
    }
    for (int k = 0; k < seeds; k++) {
        for (int64_t i = 0; i < f->rows; i++) {
            f->model[i] = prediction_of(c, target, predictions, k, f->row[i]);
        }
        add_figures(s, f, seeds);
    }
    for (int64_t g = 0; status == MIEN_OK && s->ordered && g < f->groups; g++) {
        status = judge_series(&s->each[g], f, g, study);
    }
    return status;
}

/* ---- all of them --------------------------------------------------------------- */

/* Mean over groups in which the figure is defined, each as heavy as the others. */
static mien_status average(
    mien_group_scores *s, int figure, const mien_study *study, mien_thread_pool *pool) {
    const mien_interval_options o = mien_scores_intervals(study);
    double *x = mien_alloc((size_t)s->groups, sizeof *x);
    int64_t n = 0;
    for (int64_t g = 0; x && g < s->groups; g++) {
        if (isfinite(s->each[g].figure[figure])) {
            x[n++] = s->each[g].figure[figure];
        }
    }
    mien_status status = x ? MIEN_OK : MIEN_ENOMEM;
    s->mean[figure] = (mien_interval){(double)NAN, (double)NAN, (double)NAN};
    if (status == MIEN_OK && n > 0) {
        status = mien_interval_of_mean(x, n, &o, pool, &s->mean[figure]);
    }
    mien_free(x);
    return status;
}

/* "Time in film": at each place the mean of what films of other folds have there; the
 * null prediction where none is so long. Films may share a course that this already
 * meets. */
static mien_status judge_time(
    mien_group_scores *s, const films *f, const mien_dataset *c) {
    int64_t longest = 0;
    for (int64_t g = 0; g < f->groups; g++) {
        int64_t n = f->first[g + 1] - f->first[g];
        longest = n > longest ? n : longest;
    }
    size_t cells = (size_t)longest * (size_t)(c->folds + 1);
    double *sum = mien_alloc(cells, sizeof *sum); /* [folds + all, places] */
    double *count = mien_alloc(cells, sizeof *count);
    double *course = mien_alloc((size_t)f->rows, sizeof *course);
    mien_status status = sum && count && course ? MIEN_OK : MIEN_ENOMEM;
    for (int pass = 0; status == MIEN_OK && pass < 2; pass++) {
        for (int64_t g = 0; g < f->groups; g++) {
            for (int64_t i = f->first[g]; i < f->first[g + 1]; i++) {
                int64_t place = i - f->first[g], all = c->folds * longest + place;
                int64_t own = c->fold[f->row[i]] * longest + place;
                if (pass == 0) {
                    sum[own] += f->truth[i];
                    sum[all] += f->truth[i];
                    count[own]++;
                    count[all]++;
                } else {
                    double others = count[all] - count[own];
                    course[i] =
                        others > 0 ? (sum[all] - sum[own]) / others : f->null[i];
                }
            }
        }
    }
    if (status == MIEN_OK) {
        const mien_series series = {f->truth, course, f->groups, f->first};
        const mien_pairs pairs = {f->rows, f->truth, course, f->null};
        s->time_r = mien_series_r(&series);
        s->time_mse = mien_metric_value(mien_metric_find("mse"), &pairs);
    }
    mien_free(course);
    mien_free(count);
    mien_free(sum);
    return status;
}

static mien_status judge_all(mien_group_scores *s, const films *f,
    const mien_study *study, mien_thread_pool *pool) {
    const mien_series series = {f->truth, f->mean, f->groups, f->first};
    const int repeats = (int)mien_options_int(study->options, "bootstrap.repeats");
    const uint64_t seed = (uint64_t)mien_options_int(study->options, "bootstrap.seed");
    s->lags = mien_options_int(study->options, "series.lags");
    s->lag = mien_alloc((size_t)(2 * s->lags + 1), sizeof *s->lag);
    if (!s->lag) {
        return MIEN_ENOMEM;
    }
    s->best = mien_series_lags(&series, s->lags, s->lag);
    s->effective = mien_series_effective(&series);
    s->p = mien_correlation_p(
        mien_series_r(&series), s->effective - (double)f->groups - 1);
    mien_status status =
        mien_series_shift_test(&series, repeats, seed, pool, &s->shift);
    return status == MIEN_OK
               ? mien_series_film_test(&series, repeats, seed, pool, &s->film_p)
               : status;
}

mien_status mien_group_scores_compute(mien_group_scores *scores,
    const mien_dataset *dataset, const mien_study *study,
    const mien_dataset_target *target, const int64_t *row, int64_t rows, int seeds,
    const double *predictions, const double *usual, mien_thread_pool *pool) {
    mien_group_scores *s = scores;
    films f;
    *s = (mien_group_scores){.ordered = dataset->order != NULL};
    mien_status status = films_init(&f, dataset, rows);
    if (status == MIEN_OK) {
        status = sort_rows(&f, dataset, row, rows);
    }
    if (status == MIEN_OK) {
        fill_rows(&f, dataset, target, seeds, predictions, usual);
        s->groups = f.groups;
        s->each = mien_alloc((size_t)f.groups, sizeof *s->each);
        status = s->each
                     ? judge_groups(s, &f, dataset, study, target, seeds, predictions)
                     : MIEN_ENOMEM;
    }
    for (int m = 0; status == MIEN_OK && m < MIEN_GROUP_FIGURES; m++) {
        status = average(s, m, study, pool);
    }
    if (status == MIEN_OK && s->ordered) {
        status = judge_all(s, &f, study, pool);
    }
    if (status == MIEN_OK && s->ordered) {
        status = judge_time(s, &f, dataset);
    }
    films_clear(&f);
    return status;
}

/* ---- results.json -------------------------------------------------------------- */

static void put_number(
    mien_value *map, const char *key, double x, mien_status *status) {
    mien_document_put(map, key, mien_document_number(x), status);
}

static mien_value *group_value(const mien_group_scores *s, const mien_dataset *c,
    int64_t index, mien_status *status) {
    const mien_group_score *g = &s->each[index];
    mien_value *map = mien_value_new_map();
    int64_t i = 0;
    while (c->group[i] != g->group) {
        i++;
    }
    mien_document_put(map, "group",
        mien_value_new_text(
            c->group_name[i] ? c->group_name[i] : mien_trials_id(c->trials, c->row[i])),
        status);
    mien_document_put(map, "rows", mien_value_new_int(g->rows), status);
    for (int m = 0; m < MIEN_GROUP_FIGURES; m++) {
        put_number(map, figures[m], g->figure[m], status);
    }
    if (s->ordered) {
        put_number(map, "effective_rows", g->effective, status);
        put_number(map, "p", g->p, status);
        put_number(map, "shift_p", g->shift_p, status);
    }
    return map;
}

static mien_value *groups_value(const mien_group_scores *s, const mien_dataset *c,
    const mien_study *study, mien_status *status) {
    mien_value *map = mien_value_new_map(), *mean = mien_value_new_map();
    mien_value *each = mien_value_new_list();
    for (int m = 0; m < MIEN_GROUP_FIGURES; m++) {
        mien_value *one = mien_value_new_map();
        put_number(one, "value", s->mean[m].value, status);
        put_number(one, "low", s->mean[m].low, status);
        put_number(one, "high", s->mean[m].high, status);
        mien_document_put(mean, figures[m], one, status);
    }
    for (int64_t g = 0; g < s->groups; g++) {
        mien_document_add(each, group_value(s, c, g, status), status);
    }
    mien_document_put(map, "by",
        mien_value_new_text(mien_options_text(study->options, "folds.by")), status);
    mien_document_put(map, "mean", mean, status);
    mien_document_put(map, "each", each, status);
    return map;
}

static mien_value *series_value(const mien_group_scores *s, mien_status *status) {
    mien_value *map = mien_value_new_map(), *lag = mien_value_new_map();
    mien_value *time = mien_value_new_map();
    put_number(map, "r", s->shift.r, status);
    put_number(map, "effective_rows", s->effective, status);
    put_number(map, "p", s->p, status);
    put_number(map, "shift_p", s->shift.p, status);
    mien_document_put(map, "shifts", mien_value_new_int(s->shift.shifts), status);
    put_number(map, "film_p", s->film_p, status);
    put_number(time, "r", s->time_r, status);
    put_number(time, "mse", s->time_mse, status);
    mien_document_put(map, "time", time, status);
    mien_document_put(lag, "most", mien_value_new_int(s->lags), status);
    mien_document_put(lag, "best", mien_value_new_int(s->best), status);
    put_number(lag, "r", s->lag[s->best + s->lags], status);
    mien_document_put(map, "lag", lag, status);
    return map;
}

mien_status mien_group_scores_put(const mien_group_scores *scores,
    const mien_dataset *dataset, const mien_study *study, mien_value *target) {
    mien_status status = MIEN_OK;
    mien_document_put(
        target, "groups", groups_value(scores, dataset, study, &status), &status);
    if (scores->ordered) {
        mien_document_put(target, "series", series_value(scores, &status), &status);
    }
    return status;
}
