/* SPDX-License-Identifier: MIT */
/* Figures of predicted classes. */
#ifndef MIEN_CLI_EVALUATE_CLASSES_H
#define MIEN_CLI_EVALUATE_CLASSES_H

#include "cli/command.h"

/** Writes a row for each metric of classes, from the columns TARGET_truth,
 * TARGET_prediction and TARGET_p_CLASS of a run's predictions. */
mien_status cli_evaluate_classes(const mien_options *options, mien_pool *pool,
    const mien_table *table, const char *target, mien_table_writer **writer);

#endif
