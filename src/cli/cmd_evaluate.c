/* SPDX-License-Identifier: MIT */
/* mien evaluate: how good predictions are, with intervals, from a run or any table. */
#include "cli/evaluate_classes.h"
#include "cli/evaluate_pairs.h"
#include "cli/figures.h"

#include "data/trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const mien_option options[] = {
    {.name = "trials",
        .type = MIEN_OPTION_TEXT,
        .metavar = "TRIALS.tsv",
        .help = "Ratings for predictions made by `mien predict`, paired by file name"},
    CLI_FIGURE_OPTIONS,
    {0},
};

/* Cell 2 · row + (0: image, 1: film) of a trial. */
static const char *stimulus_at(const mien_trials *trials, int64_t index) {
    return mien_trials_cell(trials, index / 2, index % 2 ? "film" : "image");
}

/* The first trial of the same file name as each input, −1: none. names: room for the
 * stimuli and then the inputs, first and other too. */
static mien_status pair_names(const mien_table *table, const mien_trials *trials,
    const char **names, int64_t *first, int64_t *other, int64_t *trial) {
    int input = mien_table_column(table, "input");
    int64_t rows = mien_table_rows(table), stimuli = 2 * mien_trials_rows(trials);
    for (int64_t i = 0; i < stimuli + rows; i++) {
        const char *path = i < stimuli ? stimulus_at(trials, i)
                                       : mien_table_cell(table, i - stimuli, input);
        names[i] = path ? mien_path_base(path) : NULL;
    }
    mien_status status = mien_names_first(stimuli + rows, names, first);
    for (int64_t i = 0; status == MIEN_OK && i < stimuli; i++) {
        if (names[i] &&
            strcmp(stimulus_at(trials, i), stimulus_at(trials, first[i])) != 0) {
            other[first[i]] = i;
        }
    }
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        int64_t at = first[stimuli + i];
        trial[i] = at < stimuli ? at / 2 : -1;
        if (at < stimuli && other[at]) {
            status = mien_fail(MIEN_EFORMAT,
                "%s:%lld: %s may be %s or %s of the trials: pairing by file name needs "
                "names that differ",
                mien_table_file(table), (long long)mien_table_line(table, i), names[at],
                stimulus_at(trials, at), stimulus_at(trials, other[at]));
        }
    }
    return status;
}

static mien_status pair_inputs(
    const mien_table *table, const mien_trials *trials, int64_t *trial) {
    size_t count = (size_t)(2 * mien_trials_rows(trials) + mien_table_rows(table));
    const char **names = mien_alloc(count, sizeof *names);
    int64_t *first = mien_alloc(count, sizeof *first);
    int64_t *other = mien_alloc(count, sizeof *other);
    mien_status status = names && first && other
                             ? pair_names(table, trials, names, first, other, trial)
                             : MIEN_ENOMEM;
    mien_free(names);
    mien_free(first);
    mien_free(other);
    return status;
}

static mien_status from_trials(const mien_table *table, const mien_trials *trials,
    const int64_t *trial, const char *target, int prediction, cli_pairs *p) {
    double *rated = mien_alloc((size_t)mien_trials_rows(trials), sizeof *rated);
    mien_status status =
        cli_pairs_init(p, mien_table_rows(table), 1, mien_trials_table(trials));
    if (status == MIEN_OK) {
        status = rated ? mien_trials_numbers(trials, target, rated) : MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(table); i++) {
        double y = NAN;
        status = mien_table_number(table, i, prediction, &y);
        if (status == MIEN_OK && trial[i] >= 0) {
            cli_pairs_add(p, rated[trial[i]], &y, trial[i]);
        }
    }
    mien_free(rated);
    return status;
}

static mien_status no_pairs(const mien_table *table, const char *target) {
    return mien_fail(MIEN_EFORMAT,
        "%s: no row has both a rating and a prediction of %s", mien_table_file(table),
        target);
}

/* Figures of every NAME_prediction column. */
static mien_status evaluate_run(const mien_options *o, mien_pool *pool,
    const mien_table *table, mien_table_writer **writer) {
    mien_status status = MIEN_OK;
    int found = 0;
    for (int c = 0; status == MIEN_OK && c < mien_table_columns(table); c++) {
        char target[CLI_TARGET_NAME], truth[CLI_TARGET_NAME + 16];
        if (!cli_target_of_column(table, c, target)) {
            continue;
        }
        snprintf(truth, sizeof truth, "%s_truth", target);
        found++;
        if (cli_has_classes(table, target)) {
            status = cli_evaluate_classes(o, pool, table, target, writer);
            continue;
        }
        cli_pairs p = {0};
        status = cli_pairs_of_run(table, mien_table_column(table, truth), c, &p);
        if (status == MIEN_OK) {
            status = p.count ? cli_pairs_write(o, pool, writer, target, &p)
                             : no_pairs(table, target);
        }
        cli_pairs_clear(&p);
    }
    if (status == MIEN_OK && !found) {
        return mien_fail(MIEN_EFORMAT,
            "%s: no pair of columns NAME_truth, NAME_prediction; for the output of "
            "`mien "
            "predict` give the ratings with --trials",
            mien_table_file(table));
    }
    return status;
}

/* Figures of the output of `mien predict` against a trial table. */
static mien_status evaluate_trials(const mien_options *o, mien_pool *pool,
    const mien_table *table, const char *path, mien_table_writer **writer) {
    mien_trials *trials = NULL;
    if (mien_table_column(table, "input") < 0) {
        return mien_fail(
            MIEN_EFORMAT, "%s: no column \"input\" to pair by", mien_table_file(table));
    }
    int64_t *trial = mien_alloc((size_t)mien_table_rows(table), sizeof *trial);
    mien_status status = trial ? mien_trials_open(path, &trials) : MIEN_ENOMEM;
    int found = 0;
    if (status == MIEN_OK) {
        status = pair_inputs(table, trials, trial);
    }
    for (int t = 0; status == MIEN_OK && t < mien_trials_targets(trials); t++) {
        const char *target = mien_trials_target_at(trials, t)->name;
        int column = mien_table_column(table, target);
        if (column < 0 ||
            mien_trials_target_at(trials, t)->kind != MIEN_TARGET_NUMBER) {
            continue;
        }
        cli_pairs p = {0};
        status = from_trials(table, trials, trial, target, column, &p);
        if (status == MIEN_OK) {
            status = p.count ? cli_pairs_write(o, pool, writer, target, &p)
                             : no_pairs(table, target);
        }
        cli_pairs_clear(&p);
        found++;
    }
    if (status == MIEN_OK && !found) {
        status = mien_fail(MIEN_EFORMAT, "%s has no column named as a target of %s",
            mien_table_file(table), path);
    }
    mien_trials_close(&trials);
    mien_free(trial);
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    (void)count;
    const char *trials = mien_options_text(o, "trials");
    char *path = mien_file_is_directory(positional[0])
                     ? mien_path_join(positional[0], "predictions.csv")
                     : mien_strdup(positional[0]);
    mien_table *table = NULL;
    mien_table_writer *writer = NULL;
    mien_pool *pool = NULL;
    mien_status status = path ? mien_table_read(path, NULL, &table) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_pool_new(c->threads, &pool);
    }
    if (status == MIEN_OK) {
        status = trials ? evaluate_trials(o, pool, table, trials, &writer)
                        : evaluate_run(o, pool, table, &writer);
    }
    status = cli_close_rows(&writer, status);
    mien_pool_free(&pool);
    mien_table_free(&table);
    mien_free(path);
    return status;
}

const cli_command cli_command_evaluate = {
    .name = "evaluate",
    .summary = "Judge predictions, with intervals",
    .synopsis = "RUN | PREDICTIONS [--trials TRIALS.tsv]",
    .text =
        "RUN is a run folder, PREDICTIONS a table with columns NAME_truth, "
        "NAME_prediction and "
        "(for the\nbootstrap) group; or, with --trials, the output of `mien "
        "predict`, whose "
        "inputs are paired with\nthe trials by file name. Intervals are percentile "
        "bootstrap "
        "over groups. Of a run with\nseveral seeds each figure is the mean over the "
        "seeds' own.",
    .examples =
        "  mien evaluate runs/oasis\n"
        "  mien predict image-va pictures/ -o p.csv && mien evaluate p.csv --trials "
        "oasis.tsv\n",
    .options = options,
    .positional_min = 1,
    .positional_max = 1,
    .run = run,
};
