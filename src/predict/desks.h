/* SPDX-License-Identifier: MIT */
/* Reading of inputs that fit into memory, by several threads at once: straight into
 * what the network reads. */
#ifndef MIEN_PREDICT_DESKS_H
#define MIEN_PREDICT_DESKS_H

#include "predict/source.h"

/** A place that is wanted at one step of a batch, and what became of it. */
typedef struct mien_wanted {
    const mien_place *place; /**< NULL: nothing is there */
    mien_status status;      /**< MIEN_END: missing */
} mien_wanted;

/** The readers of one thread. */
typedef struct mien_desk {
    mien_reader *reader[MIEN_INPUTS_MAX];
    void *kept[MIEN_INPUTS_MAX];
    mien_wanted *wanted; /**< [steps], for the caller to fill */
    float *seen;         /**< [steps] */
    struct mien_desk *next;
} mien_desk;

typedef struct mien_desks mien_desks;
/** steps: the most that a batch has. The architecture is lent. */
mien_status mien_desks_new(
    const mien_architecture *architecture, int64_t steps, mien_desks **desks);
void mien_desks_free(mien_desks **desks);
/** Lends a desk; there are as many as threads ever ask at once. */
mien_status mien_desks_take(mien_desks *desks, mien_desk **desk);
void mien_desks_give(mien_desks *desks, mien_desk *desk);

/** Told of a place that cannot be read: its text is in mien_error(). */
typedef void mien_desk_failure(void *context, int64_t step, mien_status status);
/**
 * Reads what desk->wanted [steps] says of a small input; rows of one file that follow
 * each other are read at once.
 *
 * @param values  [steps, item]; zeros where nothing is
 * @param seen    [steps, the item's steps]; NULL: not wanted
 * @return MIEN_ENOMEM, MIEN_EINTERRUPTED; other failures are told, and missing
 */
mien_status mien_desk_read(mien_desk *desk, const mien_input *input, int index,
    int64_t steps, float *values, float *seen, mien_desk_failure *failure,
    void *context);

#endif
