/* SPDX-License-Identifier: MIT */
/* mien evaluate: how good predictions are, with intervals, from a run or any table:
 * reads pairs (evaluate_pairs.c, evaluate_labels.c, or evaluate_trials.c where ratings
 * stand in another table), then writes figures. */
#include "cli/evaluate_by_classes.h"
#include "cli/evaluate_calibration.h"
#include "cli/evaluate_classes.h"
#include "cli/evaluate_reliability.h"
#include "cli/evaluate_trials.h"
#include "cli/figures.h"
#include "cli/figures_over.h"
#include "cli/train_axes.h"

#include <stdio.h>
#include <string.h>

static const mien_option options[] = {
    {.name = "trials",
        .type = MIEN_OPTION_TEXT,
        .metavar = "TRIALS.tsv",
        .help = "Ratings for predictions made by `mien predict`"},
    {.name = "raters",
        .type = MIEN_OPTION_CHOICE,
        .initial = "each",
        .choices = (const char *const[]){"each", "mean", NULL},
        .help =
            "With --trials: several ratings of one stimulus count each, or as their "
            "mean (of numbers)"},
    {.name = "in-sample",
        .type = MIEN_OPTION_FLAG,
        .help =
            "With --trials: rows that the model was trained on count, too; else they "
            "are left out"},
    {.name = "calibration",
        .type = MIEN_OPTION_FLAG,
        .help = "Also of numbers the calibration slope and what intervals hold, of "
                "classes the calibration error, what leaving unsure answers out gains "
                "and what "
                "sets of classes hold"},
    {.name = "variance",
        .type = MIEN_OPTION_FLAG,
        .help =
            "Of numbers also the variance between persons, between stimuli and else, "
            "of the truth and of what predictions leave of it, each with its interval"},
    {.name = "by",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help = "Also figures for each value of this column, and its gap to the rest"},
    CLI_OVER_OPTION,
    CLI_FIGURE_OPTIONS,
    {0},
};

/* The rows of one target that are judged: all are read before the first figure is
 * written. */
typedef struct judged {
    char target[CLI_TARGET_NAME];
    bool classes;
    cli_pairs pairs;
    cli_labels labels;
} judged;

typedef struct all {
    judged *of;
    int count;
} all;

static void all_clear(all *a) {
    for (int k = 0; k < a->count; k++) {
        cli_pairs_clear(&a->of[k].pairs);
        cli_labels_clear(&a->of[k].labels);
    }
    mien_free(a->of);
}

static mien_status no_pairs(const mien_table *table, const char *target) {
    return mien_fail(MIEN_EFORMAT,
        "%s: no row has both a rating and a prediction of %s", mien_table_file(table),
        target);
}

/* rows: the table that warnings name lines of */
static mien_status check(
    const judged *j, const mien_table *predictions, const mien_table *rows) {
    if (j->classes) {
        cli_labels_tell(&j->labels, predictions, j->target);
    } else {
        cli_pairs_tell(&j->pairs, rows, j->target);
    }
    return (j->classes ? j->labels.rows : j->pairs.count)
               ? MIEN_OK
               : no_pairs(predictions, j->target);
}

/* Every NAME_prediction column. */
static mien_status read_run(const mien_table *table, all *a) {
    mien_status status = MIEN_OK;
    for (int c = 0; status == MIEN_OK && c < mien_table_columns(table); c++) {
        judged *j = &a->of[a->count];
        if (!cli_target_of_column(table, c, j->target)) {
            continue;
        }
        a->count++;
        j->classes = cli_has_classes(table, j->target);
        status = j->classes ? cli_labels_read(&j->labels, table, j->target, NULL, 0)
                            : cli_pairs_of_run(table, j->target, &j->pairs);
        if (status == MIEN_OK) {
            status = check(j, table, table);
        }
    }
    if (status == MIEN_OK && !a->count) {
        return mien_fail(MIEN_EFORMAT,
            "%s: no pair of columns NAME_truth, NAME_prediction; for the output of "
            "`mien predict` give the ratings with --trials",
            mien_table_file(table));
    }
    return status;
}

/* The output of `mien predict` against a trial table. */
static mien_status read_trials(const mien_options *o, const mien_table *table,
    const mien_trials *trials, const cli_match *match, all *a) {
    bool mean = strcmp(mien_options_text(o, "raters"), "mean") == 0;
    mien_status status = MIEN_OK;
    for (int t = 0; status == MIEN_OK && t < mien_trials_targets(trials); t++) {
        const mien_trials_target *target = mien_trials_target_at(trials, t);
        judged *j = &a->of[a->count];
        if (mien_table_column(table, target->name) < 0) {
            continue;
        }
        a->count++;
        snprintf(j->target, sizeof j->target, "%s", target->name);
        j->classes = target->kind == MIEN_TARGET_CLASS;
        status =
            j->classes
                ? cli_labels_of_trials(table, trials, match, target, &j->labels)
                : cli_pairs_of_trials(table, trials, match, target, mean, &j->pairs);
        if (status == MIEN_OK) {
            status = check(j, table, mien_trials_table(trials));
        }
    }
    if (status == MIEN_OK && !a->count) {
        status = mien_fail(MIEN_EFORMAT, "%s has no column named as a target of %s",
            mien_table_file(table), mien_table_file(mien_trials_table(trials)));
    }
    return status;
}

/* Gives all pairs and labels what --over or crossed folds say that they share. */
static mien_status find_shared(
    const mien_options *o, const char *path, const mien_table *table, all *a) {
    cli_over over = {0};
    mien_status status = cli_over_read(&over, o, path, table);
    for (int k = 0; status == MIEN_OK && k < a->count; k++) {
        status = a->of[k].classes ? cli_over_labels(&over, &a->of[k].labels)
                                  : cli_over_pairs(&over, &a->of[k].pairs);
    }
    cli_over_clear(&over);
    return status;
}

static mien_status match_trials(
    const mien_options *o, const mien_table *table, const mien_trials *trials, all *a) {
    cli_match match = {0};
    mien_status status = cli_match_make(&match, table, trials);
    if (status == MIEN_OK) {
        cli_match_tell(&match, table);
        status = cli_match_leave_out(&match, table, mien_options_flag(o, "in-sample"));
    }
    if (status == MIEN_OK) {
        status = read_trials(o, table, trials, &match, a);
    }
    cli_match_clear(&match);
    return status;
}

static mien_status write_more(const mien_options *o, mien_thread_pool *pool,
    const judged *j, const mien_table *rows, mien_table_writer **writer) {
    const char *by = mien_options_text(o, "by");
    mien_status status = MIEN_OK;
    if (mien_options_flag(o, "calibration")) {
        status =
            j->classes
                ? cli_labels_write_calibration(o, writer, j->target,
                      mien_options_text(o, "trials") ? NULL : rows, &j->labels)
                : cli_pairs_write_calibration(o, pool, writer, j->target, &j->pairs);
    }
    if (status == MIEN_OK && !j->classes && mien_options_flag(o, "variance")) {
        status = cli_pairs_write_variance(o, writer, j->target, &j->pairs, rows);
    }
    if (status == MIEN_OK && by) {
        status =
            j->classes
                ? cli_labels_write_by(o, pool, writer, j->target, &j->labels, rows, by)
                : cli_pairs_write_by(o, pool, writer, j->target, &j->pairs, rows, by);
    }
    return status;
}

/* rows: of the table that has the groups, while it is read for a column */
static mien_status write(const mien_options *o, mien_thread_pool *pool, const all *a,
    const mien_table *rows, mien_table_writer **writer) {
    mien_status status = MIEN_OK;
    int64_t fewest = MIEN_GROUPS_FEW;
    for (int k = 0; k < a->count; k++) {
        const judged *j = &a->of[k];
        int64_t groups = j->classes ? j->labels.groups : j->pairs.groups;
        fewest = groups < fewest ? groups : fewest;
    }
    cli_figures_few(fewest);
    for (int k = 0; status == MIEN_OK && k < a->count; k++) {
        const judged *j = &a->of[k];
        status = j->classes ? cli_labels_write(o, pool, writer, j->target, &j->labels)
                            : cli_pairs_write(o, pool, writer, j->target, &j->pairs);
        if (status == MIEN_OK) {
            status = write_more(o, pool, j, rows, writer);
        }
    }
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    (void)count;
    const char *ratings = mien_options_text(o, "trials");
    mien_trials *trials = NULL;
    char *path = mien_file_is_directory(positional[0])
                     ? mien_path_join(positional[0], "predictions.csv")
                     : mien_strdup(positional[0]);
    mien_table *table = NULL;
    mien_table_writer *writer = NULL;
    mien_thread_pool *pool = NULL;
    all a = {0};
    mien_status status = path ? cli_axes_refuse(positional[0]) : MIEN_ENOMEM;
    status = status ? status : mien_table_read(path, NULL, &table);
    if (status == MIEN_OK) {
        status = mien_thread_pool_new(c->threads, &pool);
    }
    if (status == MIEN_OK && ratings) {
        status = mien_trials_open(ratings, &trials);
    }
    if (status == MIEN_OK) {
        a.of = mien_alloc((size_t)mien_table_columns(table) + 1, sizeof *a.of);
        status = !a.of    ? MIEN_ENOMEM
                 : trials ? match_trials(o, table, trials, &a)
                          : read_run(table, &a);
    }
    if (status == MIEN_OK) {
        status = find_shared(
            o, positional[0], trials ? mien_trials_table(trials) : table, &a);
    }
    bool sets = mien_options_flag(o, "calibration") && !trials;
    if (!mien_options_text(o, "by") && !mien_options_flag(o, "variance") && !sets) {
        mien_trials_close(&trials);
        mien_table_free(
            &table); /* millions of rows: the pairs are all that is needed */
    }
    if (status == MIEN_OK) {
        const mien_table *rows = trials ? mien_trials_table(trials) : table;
        status = write(o, pool, &a, rows, &writer);
    }
    status = cli_close_rows(&writer, status);
    all_clear(&a);
    mien_thread_pool_free(&pool);
    mien_trials_close(&trials);
    mien_table_free(&table);
    mien_free(path);
    return status;
}

const cli_command cli_command_evaluate = {
    .name = "evaluate",
    .summary = "Judge predictions, with intervals",
    .synopsis = "RUN | PREDICTIONS [--trials TRIALS.tsv]",
    .text = "RUN is a run folder, PREDICTIONS a table with columns NAME_truth, "
            "NAME_prediction and (for the\n"
            "intervals) group; or, with --trials, the output of `mien predict`. Its "
            "rows are paired with\n"
            "the trials by trial id (a column trial), by file name and time (input, "
            "start_s, end_s) or, of\n"
            "features, by row. A trial that several rows are about has their mean, "
            "weighted by the time\n"
            "they share; a row may belong to several trials. What belongs to none is "
            "told. Rows that the\n"
            "model was trained on (column trained_on: yes) are left out, and told.\n\n"
            "Correlations are of prediction - NAME_null, R² is against NAME_null, the "
            "mean of the training\n"
            "rows (see docs/numerics.md). Intervals come from groups. Of a run with "
            "several seeds each\n"
            "figure is the mean over the seeds' own. TSV is rounded for people, CSV "
            "and JSON Lines have all\n"
            "digits.",
    .examples =
        "  mien evaluate runs/oasis\n"
        "  mien predict image-va pictures/ -o p.csv && mien evaluate p.csv --trials "
        "mine.tsv\n",
    .options = options,
    .positional_min = 1,
    .positional_max = 1,
    .run = run,
};
