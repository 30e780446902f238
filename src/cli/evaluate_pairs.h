/* SPDX-License-Identifier: MIT */
/* Ratings with their predictions, and the figures of them. */
#ifndef MIEN_CLI_EVALUATE_PAIRS_H
#define MIEN_CLI_EVALUATE_PAIRS_H

#include "cli/command.h"

/** Pairs of one target: only rows where the rating and every seed's prediction are
 * there. */
typedef struct cli_pairs {
    int64_t room, seeds;
    double *truth;       /**< [room] */
    double *prediction;  /**< [seeds, room] */
    const double **each; /**< [seeds] where each one's begin */
    double *null;     /**< [2, room] null predictions, of either side of a comparison */
    bool has_null[2]; /**< every pair has one */
    int64_t *group;   /**< [room] */
    int64_t *across;  /**< [count] what else pairs share; NULL: nothing */
    double *low, *high; /**< [room] the prediction's interval */
    bool has_bounds;    /**< every pair has one */
    int64_t *row;       /**< [room] of the table with the groups */
    int64_t count, groups;
    int64_t group_rows;    /**< of the table with the groups */
    int64_t *group_of;     /**< of each row of the table with the groups */
    bool *known;           /**< groups that have a pair */
    int64_t missing;       /**< rated rows left out because a prediction is missing */
    int64_t first_missing; /**< the first of them, row of the table with the groups */
} cli_pairs;

/** Room for `rows` pairs, whose groups stand in a table. Clear also after a failure. */
mien_status cli_pairs_init(
    cli_pairs *pairs, int64_t rows, int64_t seeds, const mien_table *groups);
void cli_pairs_clear(cli_pairs *pairs);
/** predictions [seeds]; null [2]: NaN where unknown; row: of the table with the groups.
 */
void cli_pairs_add(cli_pairs *pairs, double truth, const double *predictions,
    const double *null, int64_t row);
/** The interval of the pair that was added last, if it was (count before the call
 * tells); NaN where there is none. */
void cli_pairs_bound(cli_pairs *pairs, int64_t before, double low, double high);
/** Every pair of a target of a run's table, for as many seeds as it has. */
mien_status cli_pairs_of_run(
    const mien_table *table, const char *target, cli_pairs *pairs);
/** Warns of what was left out, and of correlations over folds without null predictions.
 */
void cli_pairs_tell(
    const cli_pairs *pairs, const mien_table *table, const char *target);
/** Predictions first … first + count − 1, with the null predictions of a side. Lent. */
mien_sample cli_pairs_sample(
    const cli_pairs *pairs, int64_t first, int64_t count, int side);
/** A row for each metric. */
mien_status cli_pairs_write(const mien_options *options, mien_thread_pool *pool,
    mien_table_writer **writer, const char *target, const cli_pairs *pairs);

/** The same as mien_table_number(), but MIEN_EFORMAT with file and line for an
 * infinite number; NaN without such a column. */
mien_status cli_number_at(
    const mien_table *table, int64_t row, int column, double *value);
/** The column "TARGET_PART", −1 if absent. */
int cli_column_of(const mien_table *table, const char *target, const char *part);
/** The metrics that are told: count is their number. */
const mien_metric *const *cli_usual_metrics(int *count);
/** For each row the first of the same text in a column, or the row itself. */
mien_status cli_groups_of(
    const mien_table *table, const char *column, int64_t *group_of);

#endif
