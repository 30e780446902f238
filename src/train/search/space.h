/* SPDX-License-Identifier: MIT */
/* What a search may choose from: keys of a study, each with a list of values or a
 * range. */
#ifndef MIEN_TRAIN_SEARCH_SPACE_H
#define MIEN_TRAIN_SEARCH_SPACE_H

#include "mien/io.h"

enum { MIEN_AXES_MAX = 32, MIEN_AXIS_VALUES_MAX = 64, MIEN_AXIS_KEY_MAX = 128 };

/** One key. */
typedef struct mien_axis {
    char key[MIEN_AXIS_KEY_MAX];
    char *value[MIEN_AXIS_VALUES_MAX]; /**< of a list: as --set takes them */
    int values;                        /**< 0: a range */
    double low, high;                  /**< of a range */
    bool log, whole;
    int when;       /**< the axis that it hangs on; -1: it always counts */
    uint64_t among; /**< bit v: it counts where that axis has its value v */
    int line;       /**< where the study says it; -1: --over */
} mien_axis;

typedef struct mien_space {
    int axes;
    mien_axis axis[MIEN_AXES_MAX];
} mien_space;

/** Adds an axis: "low..high", "low..high log", a list of values, or a map {low, high,
 * scale, whole} or {values}, either with {when: {KEY: VALUE or a list}}; an axis of the
 * same key gives way. where: names the place in messages. MIEN_EFORMAT. */
mien_status mien_space_add(
    mien_space *space, const char *key, const mien_value *said, const char *where);
/** Adds the axis of a text KEY=WHAT, WHAT in the same words: --over. MIEN_EINVAL. */
mien_status mien_space_add_text(mien_space *space, const char *text);
void mien_space_clear(mien_space *space);

/** Whether an axis counts at a point: [axes] of list places and values of ranges, NaN
 * where it does not. */
bool mien_space_active(const mien_space *space, int axis, const double *at);
/** The value of an axis at a point, as --set takes it; NULL: it does not count there.
 * room: 32, of a range. */
const char *mien_space_text(
    const mien_space *space, int axis, const double *at, char room[32]);
/** A range's value at a place from 0 to 1, and the other way round. */
double mien_axis_value(const mien_axis *axis, double place);
double mien_axis_place(const mien_axis *axis, double value);

#endif
