/* SPDX-License-Identifier: MIT */
/* Two runs whose rows are paired by trial, or a run and its own baseline. */
#ifndef MIEN_CLI_COMPARE_RUNS_H
#define MIEN_CLI_COMPARE_RUNS_H

#include "cli/evaluate_labels.h"

typedef struct cli_side {
    const char *path; /**< as it was given */
    mien_table *table;
    int64_t rows, seeds; /**< rows: of one seed */
} cli_side;

typedef struct cli_comparison {
    cli_side a, b; /**< b without table: the baseline of a */
    int64_t *row_a,
        *row_b; /**< [count] rows of the first seed; row_b: not of baselines */
    int64_t count;
    int64_t other_folds; /**< pairs that were held out by folds of different numbers */
    mien_value *results; /**< of a, for its baseline */
} cli_comparison;

/** Paths are run folders or tables of predictions; b NULL: the baseline of a, which is
 * a folder then. MIEN_EFORMAT for a trial that is there twice, or none in common. Close
 * also after a failure. */
mien_status cli_comparison_open(
    cli_comparison *comparison, const char *a, const char *b);
void cli_comparison_close(cli_comparison *comparison);
/** MIEN_EFORMAT names the first trial whose truth differs. */
mien_status cli_comparison_check_truth(
    const cli_comparison *comparison, const char *target);

/** The baseline's answer to a row of a. MIEN_EFORMAT if the run does not hold it. */
mien_status cli_baseline_number(
    const cli_comparison *comparison, const char *target, int64_t row, double *value);
/** Its answers to the rows of `a`, as one seed. Clear also after a failure. */
mien_status cli_baseline_labels(const cli_comparison *comparison, const char *target,
    const cli_labels *a, cli_labels *baseline);

#endif
