/* SPDX-License-Identifier: MIT */
/* Judges numbers against their ratings. */
#include "cli/evaluate_pairs.h"

#include "cli/figures.h"
#include "data/trials.h"
#include "report/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { METRICS_MAX = 32 };

const mien_metric *const *cli_usual_metrics(int *count) {
    static const mien_metric *metrics[METRICS_MAX];
    *count = mien_metric_usual_count();
    for (int i = 0; i < *count && i < METRICS_MAX; i++) {
        metrics[i] = mien_metric_at(i);
    }
    return metrics;
}

int cli_column_of(const mien_table *table, const char *target, const char *part) {
    char column[128];
    snprintf(column, sizeof column, "%s_%s", target, part);
    return mien_table_column(table, column);
}

mien_status cli_number_at(
    const mien_table *table, int64_t row, int column, double *value) {
    *value = (double)NAN;
    mien_status status =
        column < 0 ? MIEN_OK : mien_table_number(table, row, column, value);
    if (status == MIEN_OK && isinf(*value)) {
        status = mien_fail(MIEN_EFORMAT,
            "%s:%lld: column \"%s\": an infinite number cannot be judged",
            mien_table_file(table), (long long)mien_table_line(table, row),
            mien_table_name(table, column));
    }
    return status;
}

mien_status cli_groups_of(
    const mien_table *table, const char *column, int64_t *group_of) {
    int64_t count = mien_table_rows(table);
    int at = mien_table_column(table, column);
    const char **names = mien_alloc((size_t)count, sizeof *names);
    mien_status status = names ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; names && i < count; i++) {
        const char *name = mien_table_cell(table, i, at);
        names[i] = name && !mien_cell_missing(name) ? name : NULL;
    }
    if (status == MIEN_OK) {
        status = mien_names_first(count, names, group_of);
    }
    mien_free(names);
    return status;
}

mien_status cli_pairs_init(
    cli_pairs *pairs, int64_t rows, int64_t seeds, const mien_table *groups) {
    cli_pairs *p = pairs;
    int64_t count = mien_table_rows(groups);
    *p = (cli_pairs){.room = rows,
        .seeds = seeds,
        .has_null = {true, true},
        .group_rows = count,
        .group_of = mien_alloc((size_t)count, sizeof(int64_t))};
    /* First, so that what it takes meanwhile can be taken again. */
    mien_status status =
        p->group_of ? cli_groups_of(groups, "group", p->group_of) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        return status;
    }
    p->truth = mien_alloc((size_t)rows, sizeof(double));
    p->prediction = mien_alloc((size_t)(seeds * rows), sizeof(double));
    p->null = mien_alloc(2 * (size_t)rows, sizeof(double));
    p->each = mien_alloc((size_t)seeds, sizeof *p->each);
    p->low = mien_alloc((size_t)rows, sizeof(double));
    p->high = mien_alloc((size_t)rows, sizeof(double));
    p->row = mien_alloc((size_t)rows, sizeof(int64_t));
    p->group = mien_alloc((size_t)rows, sizeof(int64_t));
    p->known = mien_alloc((size_t)count, sizeof(bool));
    if (!p->truth || !p->prediction || !p->null || !p->each || !p->group || !p->known ||
        !p->low || !p->high || !p->row) {
        return MIEN_ENOMEM;
    }
    for (int64_t k = 0; k < seeds; k++) {
        p->each[k] = p->prediction + k * rows;
    }
    return MIEN_OK;
}

void cli_pairs_clear(cli_pairs *pairs) {
    mien_free(pairs->truth);
    mien_free(pairs->prediction);
    mien_free(pairs->null);
    mien_free((void *)pairs->each);
    mien_free(pairs->low);
    mien_free(pairs->high);
    mien_free(pairs->row);
    mien_free(pairs->group);
    mien_free(pairs->across);
    mien_free(pairs->group_of);
    mien_free(pairs->known);
    *pairs = (cli_pairs){0};
}

void cli_pairs_add(cli_pairs *pairs, double truth, const double *predictions,
    const double *null, int64_t row) {
    cli_pairs *p = pairs;
    bool there = true;
    if (!isfinite(truth)) {
        return;
    }
    for (int64_t k = 0; k < p->seeds; k++) {
        there = there && isfinite(predictions[k]);
    }
    if (!there) {
        p->first_missing = p->missing++ ? p->first_missing : row;
        return;
    }
    int64_t group = p->group_of[row];
    p->groups += !p->known[group];
    p->known[group] = true;
    p->truth[p->count] = truth;
    for (int64_t k = 0; k < p->seeds; k++) {
        p->prediction[k * p->room + p->count] = predictions[k];
    }
    for (int k = 0; k < 2; k++) {
        p->has_null[k] = p->has_null[k] && isfinite(null[k]);
        if (p->has_null[k]) { /* Else its pages stay untouched, and take no memory. */
            p->null[k * p->room + p->count] = null[k];
        }
    }
    p->row[p->count] = row;
    p->group[p->count++] = group;
}

void cli_pairs_bound(cli_pairs *pairs, int64_t before, double low, double high) {
    if (pairs->count == before) {
        return;
    }
    pairs->has_bounds =
        (before == 0 || pairs->has_bounds) && isfinite(low) && isfinite(high);
    if (pairs->has_bounds) {
        pairs->low[before] = low;
        pairs->high[before] = high;
    }
}

mien_status cli_pairs_of_run(
    const mien_table *table, const char *target, cli_pairs *pairs) {
    int64_t seeds = 1;
    int truth = cli_column_of(table, target, "truth");
    int prediction = cli_column_of(table, target, "prediction");
    mien_status status = mien_run_seeds(table, &seeds);
    if (status != MIEN_OK) {
        return status;
    }
    int64_t rows = mien_table_rows(table) / seeds;
    double *each = mien_alloc((size_t)seeds, sizeof *each);
    status = each ? cli_pairs_init(pairs, rows, seeds, table) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        double rated, null[2] = {(double)NAN, (double)NAN}, low, high;
        int64_t before = pairs->count;
        status = cli_number_at(table, i, truth, &rated);
        if (status == MIEN_OK) {
            status =
                cli_number_at(table, i, cli_column_of(table, target, "null"), null);
        }
        for (int64_t k = 0; status == MIEN_OK && k < seeds; k++) {
            status = cli_number_at(table, k * rows + i, prediction, &each[k]);
        }
        if (status == MIEN_OK) {
            status = cli_number_at(table, i, cli_column_of(table, target, "low"), &low);
        }
        if (status == MIEN_OK) {
            status =
                cli_number_at(table, i, cli_column_of(table, target, "high"), &high);
        }
        if (status == MIEN_OK) {
            cli_pairs_add(pairs, rated, each, null, i);
            cli_pairs_bound(pairs, before, low, high);
        }
    }
    mien_free(each);
    return status;
}

/* Whether a table's rows were held out by several folds. */
static bool has_folds(const mien_table *table) {
    int fold = mien_table_column(table, "fold");
    for (int64_t i = 1; fold >= 0 && i < mien_table_rows(table); i++) {
        const char *one = mien_table_cell(table, i, fold);
        const char *first = mien_table_cell(table, 0, fold);
        if (one && first && strcmp(one, first) != 0) {
            return true;
        }
    }
    return false;
}

void cli_pairs_tell(
    const cli_pairs *pairs, const mien_table *table, const char *target) {
    if (pairs->missing) {
        mien_log(MIEN_LOG_WARN, "cli",
            "%s:%lld: %lld of %lld rated rows have no prediction of %s, this one "
            "first: "
            "they are left out",
            mien_table_file(table),
            (long long)mien_table_line(table, pairs->first_missing),
            (long long)pairs->missing, (long long)(pairs->count + pairs->missing),
            target);
    }
    if (pairs->count && !pairs->has_null[0] && has_folds(table)) {
        mien_log(MIEN_LOG_WARN, "cli",
            "%s: without a column %s_null (the mean of each fold's training rows) r "
            "over "
            "several folds is too low, and R² is against the mean of these rows",
            mien_table_file(table), target);
    }
}

mien_sample cli_pairs_sample(
    const cli_pairs *pairs, int64_t first, int64_t count, int side) {
    return (mien_sample){.n = pairs->count,
        .truth = pairs->truth,
        .predictions = pairs->each + first,
        .count = (int)count,
        .null = pairs->has_null[side] ? pairs->null + side * pairs->room : NULL,
        .group = pairs->group,
        .across = pairs->across};
}

mien_status cli_pairs_write(const mien_options *options, mien_thread_pool *pool,
    mien_table_writer **writer, const char *target, const cli_pairs *pairs) {
    const cli_pairs *p = pairs;
    const mien_interval_options o = cli_intervals_of(options);
    const mien_sample sample = cli_pairs_sample(p, 0, p->seeds, 0);
    mien_interval intervals[METRICS_MAX];
    int count;
    const mien_metric *const *metrics = cli_usual_metrics(&count);
    mien_status status =
        mien_intervals(metrics, count, &sample, NULL, &o, pool, intervals);
    for (int m = 0; status == MIEN_OK && m < count; m++) {
        const cli_figures_of of = {target, metrics[m]->name, p->count, p->groups};
        status = cli_figures_interval(options, writer, &of, &intervals[m]);
    }
    return status;
}
