/* SPDX-License-Identifier: MIT */
/* Figures of predicted classes by the values of a column. */
#ifndef MIEN_CLI_EVALUATE_BY_CLASSES_H
#define MIEN_CLI_EVALUATE_BY_CLASSES_H

#include "cli/evaluate_labels.h"

/** Rows METRIC[VALUE] (accuracy, balanced_accuracy, macro_f1) of the rows whose cell of
 * a column is VALUE, and METRIC[VALUE]-rest: less that of all others, with an interval
 * of groups drawn for both together. table: that the labels were read from.
 * MIEN_ENOTFOUND without the column, MIEN_ELIMIT for too many values. */
mien_status cli_labels_write_by(const mien_options *options, mien_thread_pool *pool,
    mien_table_writer **writer, const char *target, const cli_labels *labels,
    const mien_table *table, const char *column);

#endif
