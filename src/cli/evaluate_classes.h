/* SPDX-License-Identifier: MIT */
/* Figures of predicted classes. */
#ifndef MIEN_CLI_EVALUATE_CLASSES_H
#define MIEN_CLI_EVALUATE_CLASSES_H

#include "cli/evaluate_labels.h"

/** Writes a row for each metric of classes. */
mien_status cli_labels_write(const mien_options *options, mien_thread_pool *pool,
    mien_table_writer **writer, const char *target, const cli_labels *labels);
/** The metrics that are told: count is their number. */
const mien_class_metric *const *cli_class_metrics(int *count);

#endif
