/* SPDX-License-Identifier: MIT */
/* Finding the targets in somebody's table of labels. */
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

/* Fewer different whole numbers may be classes as well as ratings: it is asked. */
#define MIEN_LABEL_FEW 12

/* The columns that the option `targets` names (default: valence, arousal, emotion,
 * where they are there), with `range`, `construct` and `perspective`. Those that the
 * option `classes` names are classes, which lie in the table and are sorted; others are
 * numbers where all their cells are, and classes where none is. MIEN_EFORMAT with
 * file:line for a cell that is no number where others are, and for a few whole numbers
 * where neither `classes` nor `range` is given. Zeroed before;
 * mien_label_targets_clear() in any case. */
mien_status mien_label_targets_find(
    const mien_table *from, const mien_options *options, mien_label_targets *targets);
void mien_label_targets_clear(mien_label_targets *targets);

#endif
