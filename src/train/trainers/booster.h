/* SPDX-License-Identifier: MIT */
/* The door to XGBoost, which grows trees: loaded when a study asks for them, so that
 * nothing else pays for it. Builds without its header say so (MIEN_XGBOOST in
 * CMakeLists.txt). */
#ifndef MIEN_TRAIN_BOOSTER_H
#define MIEN_TRAIN_BOOSTER_H

#include "train/trainers/learner.h"

/** One way to grow trees. */
typedef struct mien_booster_setup {
    int64_t rows, width;
    const float *x, *label, *weight; /* label: numbers, or classes from 0 */
    int classes;                     /* 0: numbers */
    double base;                     /* prediction that the trees begin with */
    bool forest;                     /* all trees of a class at once, not in turn */
    int trees;                       /* of each class; boosted: rounds */
    uint32_t seed;
    const char *const (*set)[2]; /* further settings in XGBoost's own words */
    int sets;
} mien_booster_setup;

/** MIEN_EUNSUPPORTED: this build has no XGBoost, or the library is not there. */
mien_status mien_booster_check(void);
/** Grows trees on one thread; the same bits for the same setup. Clear the forest also
 * after a failure. predictions (NULL: not wanted) [rows, classes or 1]: what XGBoost
 * itself gives for x, margins without the link. */
mien_status mien_booster_grow(
    const mien_booster_setup *setup, mien_forest *forest, float *predictions);

#endif
