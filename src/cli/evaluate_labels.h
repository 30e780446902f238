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
    double *probability;         /**< [seeds, rows, classes]; NULL: there are none */
    double *null;    /**< [rows, classes] shares where each was learnt; NULL: unknown */
    int64_t rounded; /**< rows whose probabilities were divided by their sum */
    int64_t first_rounded; /**< row of the table */
    int64_t *group;        /**< [rows] */
    int64_t *across;       /**< [rows] what else they share; NULL: nothing */
    int64_t *row;          /**< [rows] of the table */
} cli_labels;

/** Rows of the columns TARGET_truth, TARGET_prediction, TARGET_p_CLASS that have a
 * truth, of those given (of the first seed; NULL: all), in their order. Clear also
 * after a failure. */
mien_status cli_labels_read(cli_labels *labels, const mien_table *table,
    const char *target, const int64_t *given, int64_t count);
void cli_labels_clear(cli_labels *labels);
/** Divides a row's probabilities by their sum where that differs from 1 by rounding
 * alone (to two digits or more), and counts it; MIEN_EFORMAT with file, line and target
 * for those that are none. row: of the table; at: [seeds, rows] */
mien_status cli_labels_settle(cli_labels *labels, const mien_table *table, int64_t row,
    int64_t at, const char *target);
/** Gives each row listed its group, of those of all rows of the table (below rows), and
 * counts how many differ. */
mien_status cli_labels_group(cli_labels *labels, const int64_t *group, int64_t rows);
/** Notes what was rounded. */
void cli_labels_tell(
    const cli_labels *labels, const mien_table *table, const char *target);
/** Of one seed, lent. */
mien_class_answers cli_labels_answers(const cli_labels *labels, int64_t seed);

#endif
