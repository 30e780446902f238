/* SPDX-License-Identifier: MIT */
/* Judges numbers against their ratings. */
#include "cli/evaluate_pairs.h"

#include "cli/figures.h"
#include "data/trials.h"
#include "report/run.h"

#include <math.h>

mien_status cli_groups_of(const mien_table *table, int64_t *group_of) {
    int64_t count = mien_table_rows(table);
    int column = mien_table_column(table, "group");
    const char **names = mien_alloc((size_t)count, sizeof *names);
    mien_status status = names ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; names && i < count; i++) {
        const char *name = mien_table_cell(table, i, column);
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
        .truth = mien_alloc((size_t)rows, sizeof(double)),
        .prediction = mien_alloc((size_t)(seeds * rows), sizeof(double)),
        .each = mien_alloc((size_t)seeds, sizeof *p->each),
        .group = mien_alloc((size_t)rows, sizeof(int64_t)),
        .group_of = mien_alloc((size_t)count, sizeof(int64_t)),
        .known = mien_alloc((size_t)count, sizeof(bool))};
    if (!p->truth || !p->prediction || !p->each || !p->group || !p->group_of ||
        !p->known) {
        return MIEN_ENOMEM;
    }
    for (int64_t k = 0; k < seeds; k++) {
        p->each[k] = p->prediction + k * rows;
    }
    return cli_groups_of(groups, p->group_of);
}

void cli_pairs_clear(cli_pairs *pairs) {
    mien_free(pairs->truth);
    mien_free(pairs->prediction);
    mien_free((void *)pairs->each);
    mien_free(pairs->group);
    mien_free(pairs->group_of);
    mien_free(pairs->known);
}

void cli_pairs_add(
    cli_pairs *pairs, double truth, const double *predictions, int64_t row) {
    cli_pairs *p = pairs;
    bool there = isfinite(truth);
    for (int64_t k = 0; k < p->seeds; k++) {
        there = there && isfinite(predictions[k]);
    }
    if (!there) {
        return;
    }
    int64_t group = p->group_of[row];
    p->groups += !p->known[group];
    p->known[group] = true;
    p->truth[p->count] = truth;
    for (int64_t k = 0; k < p->seeds; k++) {
        p->prediction[k * p->room + p->count] = predictions[k];
    }
    p->group[p->count++] = group;
}

mien_status cli_pairs_of_run(
    const mien_table *table, int truth, int prediction, cli_pairs *pairs) {
    int64_t seeds = 1;
    mien_status status = mien_run_seeds(table, &seeds);
    if (status != MIEN_OK) {
        return status;
    }
    int64_t rows = mien_table_rows(table) / seeds;
    double *each = mien_alloc((size_t)seeds, sizeof *each);
    status = each ? cli_pairs_init(pairs, rows, seeds, table) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        double rated = NAN;
        status = mien_table_number(table, i, truth, &rated);
        for (int64_t k = 0; status == MIEN_OK && k < seeds; k++) {
            status = mien_table_number(table, k * rows + i, prediction, &each[k]);
        }
        if (status == MIEN_OK) {
            cli_pairs_add(pairs, rated, each, i);
        }
    }
    mien_free(each);
    return status;
}

mien_status cli_pairs_write(const mien_options *options, mien_pool *pool,
    mien_table_writer **writer, const char *target, const cli_pairs *pairs) {
    const cli_pairs *p = pairs;
    const mien_bootstrap_options b = cli_bootstrap_of(options);
    mien_status status = cli_figures_begin(
        options, 3, (const char *const[]){"value", "low", "high"}, writer);
    for (int m = 0; status == MIEN_OK && m < mien_metric_usual_count(); m++) {
        const mien_metric *metric = mien_metric_at(m);
        mien_interval i;
        status = mien_bootstrap_mean(
            metric, p->truth, p->each, (int)p->seeds, p->group, p->count, &b, pool, &i);
        if (status == MIEN_OK) {
            status = cli_figures_row(*writer,
                &(cli_figures_of){target, metric->name, p->count, p->groups}, 3,
                (const double[]){i.value, i.low, i.high});
        }
    }
    return status;
}
