/* SPDX-License-Identifier: MIT */
/* Figures beside the usual ones of `mien evaluate`: whether predictions and their
 * intervals mean what they say, and for whom. */
#ifndef MIEN_CLI_EVALUATE_CALIBRATION_H
#define MIEN_CLI_EVALUATE_CALIBRATION_H

#include "cli/evaluate_pairs.h"

/** Rows slope, covered, covered_low, covered_middle, covered_high (thirds of the
 * prediction) and width; those of intervals only where every pair has one. */
mien_status cli_pairs_write_calibration(const mien_options *options,
    mien_thread_pool *pool, mien_table_writer **writer, const char *target,
    const cli_pairs *pairs);
/** Rows METRIC[VALUE] of the pairs whose cell of a column is VALUE, and
 * METRIC[VALUE]-rest: less that of all others, with an interval of groups drawn for
 * both together; with --calibration also covered[VALUE] and width[VALUE] where every
 * pair has an interval. table: of the rows that pairs were read from. */
mien_status cli_pairs_write_by(const mien_options *options, mien_thread_pool *pool,
    mien_table_writer **writer, const char *target, const cli_pairs *pairs,
    const mien_table *table, const char *column);

enum { CLI_BY_VALUES_MAX = 256 };
/** Each row's value of a column, numbered in the order of their first row; -1 where the
 * cell is missing. row [rows] of the table; texts [CLI_BY_VALUES_MAX], lent by the
 * table. MIEN_ENOTFOUND without the column, MIEN_ELIMIT for more values. */
mien_status cli_by_values(const mien_table *table, const char *column,
    const int64_t *row, int64_t rows, int *value, const char **texts, int *count);
/** low and high of an interval: percentiles of x [n], which is sorted; NaN of fewer
 * than two. */
void cli_percentiles(double *x, int64_t n, double level, mien_interval *interval);

#endif
