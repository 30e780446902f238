/* SPDX-License-Identifier: MIT */
/* Rows by the group that they come and go with. */
#ifndef MIEN_EVAL_ROW_GROUPS_H
#define MIEN_EVAL_ROW_GROUPS_H

#include "mien/base.h"

/** Rows of group g are row[first[g]] … row[first[g + 1] − 1], rising. */
typedef struct mien_row_groups {
    int64_t count;
    int64_t *first; /* [count + 1] */
    int64_t *row;   /* [n] */
} mien_row_groups;

/** group [n] in any numbering; NULL: every row its own. Groups come in the order of
 * their numbers. Clear also after a failure. */
mien_status mien_row_groups_init(
    mien_row_groups *groups, const int64_t *group, int64_t n);
void mien_row_groups_clear(mien_row_groups *groups);

#endif
