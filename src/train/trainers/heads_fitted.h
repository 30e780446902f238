/* SPDX-License-Identifier: MIT */
/* The keys of a study for heads that are fitted at once: their candidates, and how
 * each fold chooses among them. */
#ifndef MIEN_TRAIN_HEADS_FITTED_H
#define MIEN_TRAIN_HEADS_FITTED_H

#include "mien/base.h"

enum {
    MIEN_FITTED_C_MAX = 64,
    MIEN_TREES_VALUES_MAX = 16,
    MIEN_TREES_DEPTH_MAX = 64,
    MIEN_CANDIDATES_MAX = 4096,
    MIEN_BEST_MAX = 3
};

/** Settings of trees that a study lists values of. */
enum {
    MIEN_TREES_COUNT,
    MIEN_TREES_DEPTH,
    MIEN_TREES_RATE,
    MIEN_TREES_L1,
    MIEN_TREES_L2,
    MIEN_TREES_GAIN,
    MIEN_TREES_LEAF,
    MIEN_TREES_ROWS,
    MIEN_TREES_COLUMNS,
    MIEN_TREES_SETTINGS
};
/** Their keys, behind "trees.". */
extern const char *const mien_trees_keys[MIEN_TREES_SETTINGS];

/** The score by which the best candidate is chosen, on rows that a fit inside the
 * fold has not seen. */
typedef enum mien_inner_score {
    MIEN_INNER_LOSS, /* log loss of classes, squared error of numbers */
    MIEN_INNER_ACCURACY,
    MIEN_INNER_BALANCED,
    MIEN_INNER_AUC
} mien_inner_score;

struct mien_learner;

typedef struct mien_heads_fitted {
    const struct mien_learner *of[MIEN_BEST_MAX]; /* that method best chooses among */
    const char *of_name[MIEN_BEST_MAX];           /* what a study calls them */
    int of_count;
    double c[MIEN_FITTED_C_MAX];
    int c_count;
    bool forest[2]; /* kinds in the order of the study: a forest, else boosted */
    int kinds;
    double trees[MIEN_TREES_SETTINGS][MIEN_TREES_VALUES_MAX];
    int trees_count[MIEN_TREES_SETTINGS]; /* 0: the kind's own */
    mien_inner_score score;
} mien_heads_fitted;

/** The values of one candidate, the kind's own filled in; returns whether it is a
 * forest. Columns 0: the square root of how many there are. */
bool mien_trees_candidate(
    const mien_heads_fitted *heads, int candidate, double value[MIEN_TREES_SETTINGS]);
/** All combinations; candidates are numbered with the last setting running fastest. */
int64_t mien_trees_candidates(const mien_heads_fitted *heads);

#endif
