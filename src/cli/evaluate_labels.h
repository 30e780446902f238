/* SPDX-License-Identifier: MIT */
/* Classes with their predictions, read from a table. */
#ifndef MIEN_CLI_EVALUATE_LABELS_H
#define MIEN_CLI_EVALUATE_LABELS_H

#include "cli/command.h"

typedef struct cli_labels {
    int classes, first;          /**< their columns stand together */
    size_t skip;                 /**< of a column's name before the class */
    int64_t rows, seeds, groups; /**< rows, groups: of one seed */
    int *truth, *prediction;     /**< [seeds, rows] */
    double *probability;         /**< [seeds, rows, classes] */
    int64_t *group;              /**< [rows] */
    int64_t *row;                /**< [rows] of the table */
} cli_labels;

/** Rows of the columns TARGET_truth, TARGET_prediction, TARGET_p_CLASS that have a
 * truth, of those given (of the first seed; NULL: all), in their order. Clear also
 * after a failure. */
mien_status cli_labels_read(cli_labels *labels, const mien_table *table,
    const char *target, const int64_t *given, int64_t count);
void cli_labels_clear(cli_labels *labels);
/** Of one seed, lent. */
mien_class_answers cli_labels_answers(const cli_labels *labels, int64_t seed);

#endif
