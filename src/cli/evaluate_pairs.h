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
    int64_t *group;      /**< [room] */
    int64_t count, groups;
    int64_t *group_of; /**< of each row of the table with the groups */
    bool *known;       /**< groups that have a pair */
} cli_pairs;

/** Room for `rows` pairs, whose groups stand in a table. Clear also after a failure. */
mien_status cli_pairs_init(
    cli_pairs *pairs, int64_t rows, int64_t seeds, const mien_table *groups);
void cli_pairs_clear(cli_pairs *pairs);
/** predictions [seeds]; row: of the table with the groups. */
void cli_pairs_add(
    cli_pairs *pairs, double truth, const double *predictions, int64_t row);
/** Every pair of two columns of a run's table, for as many seeds as it has. */
mien_status cli_pairs_of_run(
    const mien_table *table, int truth, int prediction, cli_pairs *pairs);
/** A row for each metric. */
mien_status cli_pairs_write(const mien_options *options, mien_pool *pool,
    mien_table_writer **writer, const char *target, const cli_pairs *pairs);

/** For each row the first of the same text in the column "group", or the row itself. */
mien_status cli_groups_of(const mien_table *table, int64_t *group_of);

#endif
