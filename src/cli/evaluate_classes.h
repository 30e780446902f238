/* SPDX-License-Identifier: MIT */
/* Figures of predicted classes. */
#ifndef MIEN_CLI_EVALUATE_CLASSES_H
#define MIEN_CLI_EVALUATE_CLASSES_H

#include "cli/command.h"

/** Writes a row for each metric of classes, from the columns TARGET_truth,
 * TARGET_prediction and TARGET_p_CLASS of a run's predictions. */
mien_status cli_evaluate_classes(const mien_options *options, mien_pool *pool,
    const mien_table *table, const char *target, mien_table_writer **writer);
/** For each row the first of the same text in the column "group", or the row itself. */
mien_status cli_groups_of(const mien_table *table, int64_t *group_of);
/** Begins the table of figures unless it is begun: with its first figures, so that what
 * fails before leaves an old file be. */
mien_status cli_figures_writer(const mien_options *options, mien_table_writer **writer);

#endif
