/* SPDX-License-Identifier: MIT */
/* Which rows of a table stand on two sides: one is tested by a fit that learns from the
 * other. The doctor has its own folds and the column split; the audit has a study's. */
#ifndef MIEN_DATA_SIDES_H
#define MIEN_DATA_SIDES_H

#include "data/trials.h"

typedef struct mien_sides {
    const mien_trials *trials;
    const int *fold;     /* [rows of the table] as mien_folds_deal(); NULL: no folds */
    const int64_t *each; /* [rows] whose model a row belongs to; NULL: one for all */
    const int64_t *next; /* [rows] the next row of the same picture, or -1; NULL: each
                            picture has one row */
    int across;  /* of crossed folds: folds of stimuli; 0: folds are not crossed */
    bool split;  /* the column split divides before folds do */
    bool strict; /* only what stands on two sides is looked for */
} mien_sides;

/** Whether a fit tests one of the rows and learns from, or is chosen by, the other. */
bool mien_sides_part(const mien_sides *sides, int64_t one, int64_t two);
/** The same of any row of two pictures, each named by its first row; text says where
 * they are: "; they are in folds 2 and 7", or is empty. */
bool mien_sides_part_pictures(
    const mien_sides *sides, int64_t one, int64_t two, char text[64]);

#endif
