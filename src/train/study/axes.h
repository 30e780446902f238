/* SPDX-License-Identifier: MIT */
/* The axes of a study: keys that have a list where one value is expected. */
#ifndef MIEN_TRAIN_AXES_H
#define MIEN_TRAIN_AXES_H

#include "mien/train.h"

enum {
    MIEN_STUDY_AXES_MAX = 4,
    MIEN_STUDY_AXIS_VALUES_MAX = 32,
    MIEN_STUDY_POINTS_MAX = 64,
    MIEN_STUDY_AXIS_KEY_MAX = 256
};

typedef struct mien_study_axis {
    char key[MIEN_STUDY_AXIS_KEY_MAX];       /**< "backbone.name" */
    char *value[MIEN_STUDY_AXIS_VALUES_MAX]; /**< "keras_vgg19" */
    char *set[MIEN_STUDY_AXIS_VALUES_MAX];   /**< "backbone.name=keras_vgg19" */
    int values;
} mien_study_axis;

/** A point is one value of each axis; the last axis moves fastest. */
typedef struct mien_study_axes {
    mien_study_axis axis[MIEN_STUDY_AXES_MAX];
    int axes;                          /**< 0: the study has none */
    int points;                        /**< 1 without axes */
    char *name[MIEN_STUDY_POINTS_MAX]; /**< of each point's run, fit for a folder */
    const char **set;                  /**< [sets] what is set beside, without axes */
    int sets;
} mien_study_axes;

/**
 * Finds the axes of a study: keys of one value that the file, or what is set beside it
 * ("KEY=[a, b]"), gives a list of; "backbone: [a, b]" is short for backbone.name. What
 * is set to one value is none.
 *
 * @param set  as mien_study_open() takes it; lent until mien_study_axes_clear()
 * @return MIEN_EFORMAT (MIEN_EINVAL: of what is set) for a list with fewer than two
 * values, one that stands twice or is none, and for a key that no runs could be
 * compared by (name, trials); MIEN_ELIMIT above the limits. Clear also after a failure.
 */
mien_status mien_study_axes_read(
    mien_study_axes *axes, const char *path, const char *const *set, int sets);
void mien_study_axes_clear(mien_study_axes *axes);

/** What mien_study_open() sets for a point's study: lent. to [sets + axes] */
void mien_study_axes_sets(const mien_study_axes *axes, int point, const char **to);
/** The place of a point's value on an axis. */
int mien_study_axes_place(const mien_study_axes *axes, int point, int axis);

/** Empties, in a study's tree, the lists of keys that are set to a single value beside
 * it. */
mien_status mien_study_axes_settle(mien_value *tree, const char *const *set, int sets);

#endif
