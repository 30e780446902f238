/* SPDX-License-Identifier: MIT */
/* What to learn in somebody's table of labels. */
#ifndef MIEN_DATA_LABEL_TARGETS_H
#define MIEN_DATA_LABEL_TARGETS_H

#include "data/trials.h"

#define MIEN_LABEL_TARGETS_MAX 16

typedef struct mien_label_targets {
    mien_trials_target items[MIEN_LABEL_TARGETS_MAX];
    int column[MIEN_LABEL_TARGETS_MAX]; /* of the table */
    const char **classes[MIEN_LABEL_TARGETS_MAX];
    int count;
} mien_label_targets;

/* The columns that the option `targets` names (default: valence, arousal, emotion,
 * where they are there), with `range`, `construct` and `perspective`. A column with a
 * cell that is no number is one of classes, which lie in the table and are sorted.
 * Zeroed before; mien_label_targets_clear() in any case. */
mien_status mien_label_targets_find(
    const mien_table *from, const mien_options *options, mien_label_targets *targets);
void mien_label_targets_clear(mien_label_targets *targets);

#endif
