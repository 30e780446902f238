/* SPDX-License-Identifier: MIT */
/* Calibration of classes, and variances between persons and stimuli. */
#ifndef MIEN_CLI_EVALUATE_RELIABILITY_H
#define MIEN_CLI_EVALUATE_RELIABILITY_H

#include "cli/evaluate_labels.h"
#include "cli/evaluate_pairs.h"

/** Expected calibration error beside that of chance, the largest error, and accuracies
 * when the least sure answers are left out; of several groups also what conformal sets
 * of classes hold and how many classes they have: those in the table's column
 * TARGET_set, or, without one (or table NULL), sets made here. Nothing without
 * probabilities. */
mien_status cli_labels_write_calibration(const mien_options *options,
    mien_table_writer **writer, const char *target, const mien_table *table,
    const cli_labels *labels);
/** Root mean squared errors when the rows with the widest intervals are left out (of
 * the first seed). Nothing where all are as wide; pairs need bounds and rows. */
mien_status cli_pairs_write_narrowest(const mien_options *options,
    mien_table_writer **writer, const char *target, const cli_pairs *pairs);
/** Variance between persons, between stimuli and else, of the truth and of truth -
 * prediction, with intervals over both; by columns person and stimulus of the table.
 * MIEN_ENOTFOUND without them.
 */
mien_status cli_pairs_write_variance(const mien_options *options,
    mien_table_writer **writer, const char *target, const cli_pairs *pairs,
    const mien_table *table);

#endif
