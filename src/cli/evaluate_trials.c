/* SPDX-License-Identifier: MIT */
/* Makes pairs of what evaluate_match.c has matched: a trial's prediction is the mean of
 * its rows, weighted by the time that they share. */
#include "cli/evaluate_trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/figures.h"

/* Groups of the table, or else files: ratings of one picture are not independent. */
static void group_by_files(
    const mien_trials *trials, const cli_match *match, int64_t *group_of) {
    if (mien_table_column(mien_trials_table(trials), "group") < 0) {
        memcpy(group_of, match->file, (size_t)match->trials * sizeof *group_of);
    }
}

/* ---- numbers ------------------------------------------------------------------- */

/* The prediction of a trial; NaN where its rows have none. */
static mien_status predicted(const mien_table *table, const cli_match *match,
    int64_t trial, int column, double *value) {
    double sum = 0, weight = 0;
    mien_status status = MIEN_OK;
    for (int64_t i = match->first[trial];
         status == MIEN_OK && i < match->first[trial + 1]; i++) {
        const cli_matched *m = &match->matched[i];
        double x;
        status = cli_number_at(table, m->row, column, &x);
        if (status == MIEN_OK && isfinite(x)) {
            sum += m->weight * x;
            weight += m->weight;
        }
    }
    *value = sum / weight;
    return status;
}

/* Ratings of one stimulus become their mean, at its first trial that has one. */
static mien_status average(const cli_match *match, double *rated) {
    int64_t *count = mien_alloc((size_t)match->trials, sizeof *count);
    int64_t *at = mien_alloc((size_t)match->trials, sizeof *at);
    mien_status status = count && at ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < match->trials; i++) {
        int64_t s = match->stimulus[i];
        if (!isfinite(rated[i])) {
            continue;
        }
        if (count[s]++ == 0) {
            at[s] = i;
        } else {
            rated[at[s]] += (rated[i] - rated[at[s]]) / (double)count[s];
            rated[i] = (double)NAN;
        }
    }
    mien_free(at);
    mien_free(count);
    return status;
}

mien_status cli_pairs_of_trials(const mien_table *predictions,
    const mien_trials *trials, const cli_match *match, const mien_trials_target *target,
    bool mean_raters, cli_pairs *pairs) {
    static const double none[2] = {(double)NAN, (double)NAN};
    int column = mien_table_column(predictions, target->name);
    double *rated = mien_alloc((size_t)match->trials, sizeof *rated);
    mien_status status =
        cli_pairs_init(pairs, match->trials, 1, mien_trials_table(trials));
    if (status == MIEN_OK) {
        group_by_files(trials, match, pairs->group_of);
        status = rated ? mien_trials_numbers(trials, target->name, rated) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK && mean_raters) {
        status = average(match, rated);
    }
    for (int64_t i = 0; status == MIEN_OK && i < match->trials; i++) {
        double y = (double)NAN, low = (double)NAN, high = (double)NAN;
        int64_t before = pairs->count;
        if (match->first[i] == match->first[i + 1]) {
            continue;
        }
        status = predicted(predictions, match, i, column, &y);
        if (status == MIEN_OK) {
            status = predicted(predictions, match, i,
                cli_column_of(predictions, target->name, "low"), &low);
        }
        if (status == MIEN_OK) {
            status = predicted(predictions, match, i,
                cli_column_of(predictions, target->name, "high"), &high);
        }
        if (status == MIEN_OK) {
            cli_pairs_add(pairs, rated[i], &y, none, i);
            cli_pairs_bound(pairs, before, low, high);
        }
    }
    mien_free(rated);
    return status;
}

/* ---- classes ------------------------------------------------------------------- */

typedef struct answers {
    const mien_table *table;
    const mien_trials_target *target;
    int label;   /* column */
    int *column; /* [classes] of probabilities */
    bool has_probability;
    double *one; /* [classes] scratch */
} answers;

/* "emotion_p_sad", or "p_sad" as tables of faces with one target of classes have it. */
static void find_columns(answers *a) {
    for (int own = 1; own >= 0 && !a->has_probability; own--) {
        a->has_probability = true;
        for (int k = 0; k < a->target->classes; k++) {
            char part[300];
            snprintf(part, sizeof part, "%s%sp_%s", own ? a->target->name : "",
                own ? "_" : "", a->target->class_name[k]);
            a->column[k] = mien_table_column(a->table, part);
            a->has_probability = a->has_probability && a->column[k] >= 0;
        }
    }
}

static mien_status class_of(const answers *a, int64_t row, int *class) {
    const char *cell = mien_table_cell(a->table, row, a->label);
    *class = -1;
    if (!cell || mien_cell_missing(cell)) {
        return MIEN_OK;
    }
    for (int k = 0; k < a->target->classes; k++) {
        if (strcmp(a->target->class_name[k], cell) == 0) {
            *class = k;
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_EFORMAT, "%s:%lld: column \"%s\": \"%s\" is no class of it",
        mien_table_file(a->table), (long long)mien_table_line(a->table, row),
        a->target->name, cell);
}

/* Adds weight to what a row says: its probabilities, or all to its label. */
static mien_status add_row(const answers *a, cli_labels *l, const cli_matched *m,
    double *shares, double *weight, int *class) {
    double *p = l->probability + l->rows * l->classes; /* room, used as scratch */
    mien_status status = class_of(a, m->row, class);
    if (status != MIEN_OK || *class < 0) {
        return status;
    }
    for (int k = 0; k < l->classes; k++) {
        p[k] = k == *class;
    }
    for (int k = 0; status == MIEN_OK && a->has_probability && k < l->classes; k++) {
        status = cli_number_at(a->table, m->row, a->column[k], &p[k]);
    }
    if (status == MIEN_OK) {
        status = cli_labels_settle(l, a->table, m->row, l->rows, a->target->name);
    }
    for (int k = 0; status == MIEN_OK && k < l->classes; k++) {
        shares[k] += m->weight * p[k];
    }
    *weight += m->weight;
    return status;
}

static int largest(const double *x, int n) {
    int best = 0;
    for (int k = 1; k < n; k++) {
        best = x[k] > x[best] ? k : best;
    }
    return best;
}

/* One row's own label stands; several are decided by the mean of their shares. */
static mien_status add_trial(
    const answers *a, cli_labels *l, const cli_match *match, int64_t trial, int truth) {
    double weight = 0;
    int class = -1;
    int64_t first = match->first[trial], end = match->first[trial + 1];
    mien_status status = MIEN_OK;
    memset(a->one, 0, (size_t)l->classes * sizeof *a->one);
    for (int64_t i = first; status == MIEN_OK && i < end; i++) {
        status = add_row(a, l, &match->matched[i], a->one, &weight, &class);
    }
    if (status != MIEN_OK || !(weight > 0)) {
        return status;
    }
    for (int k = 0; k < l->classes; k++) {
        l->probability[l->rows * l->classes + k] = a->one[k] / weight;
    }
    l->truth[l->rows] = truth;
    l->prediction[l->rows] = end - first == 1 ? class : largest(a->one, l->classes);
    l->row[l->rows++] = trial;
    return MIEN_OK;
}

static mien_status set_groups(
    cli_labels *l, const mien_trials *trials, const cli_match *match) {
    int64_t *group = mien_alloc((size_t)match->trials, sizeof *group);
    mien_status status =
        group ? cli_groups_of(mien_trials_table(trials), "group", group) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        group_by_files(trials, match, group);
        status = cli_labels_group(l, group, match->trials);
    }
    mien_free(group);
    return status;
}

mien_status cli_labels_of_trials(const mien_table *predictions,
    const mien_trials *trials, const cli_match *match, const mien_trials_target *target,
    cli_labels *labels) {
    cli_labels *l = labels;
    size_t n = (size_t)match->trials, classes = (size_t)target->classes;
    answers a = {.table = predictions,
        .target = target,
        .label = mien_table_column(predictions, target->name),
        .column = mien_alloc(classes, sizeof *a.column),
        .one = mien_alloc(classes, sizeof *a.one)};
    int *truth = mien_alloc(n, sizeof *truth);
    *l = (cli_labels){.classes = target->classes,
        .seeds = 1,
        .truth = mien_alloc(n, sizeof *l->truth),
        .prediction = mien_alloc(n, sizeof *l->prediction),
        .probability = mien_alloc((n + 1) * classes, sizeof *l->probability),
        .group = mien_alloc(n, sizeof *l->group),
        .row = mien_alloc(n, sizeof *l->row)};
    bool good = a.column && a.one && truth && l->truth && l->prediction &&
                l->probability && l->group && l->row;
    mien_status status =
        good ? mien_trials_classes(trials, target->name, truth) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        find_columns(&a);
    }
    for (int64_t i = 0; status == MIEN_OK && i < match->trials; i++) {
        if (truth[i] >= 0 && match->first[i] < match->first[i + 1]) {
            status = add_trial(&a, l, match, i, truth[i]);
        }
    }
    if (status == MIEN_OK) {
        status = set_groups(l, trials, match);
    }
    if (!a.has_probability) {
        mien_free(l->probability);
        l->probability = NULL;
    }
    mien_free(truth);
    mien_free(a.one);
    mien_free(a.column);
    return status;
}
