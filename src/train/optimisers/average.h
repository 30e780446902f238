/* SPDX-License-Identifier: MIT */
/* Weights averaged over steps or epochs, to be judged and kept in the place of the last
 * ones. */
#ifndef MIEN_TRAIN_AVERAGE_H
#define MIEN_TRAIN_AVERAGE_H

#include "train/fit/trainables.h"
#include "train/run/checkpoint_state.h"

typedef struct mien_average mien_average;

typedef enum mien_average_kind {
    MIEN_AVERAGE_DECAYING, /**< a = decay a + (1 − decay) p, from the first p on (EMA)
                            */
    MIEN_AVERAGE_MEAN      /**< of all that were added (SWA; Izmailov et al. 2018) */
} mien_average_kind;

/** trainables are lent. decay in [0, 1), for MIEN_AVERAGE_DECAYING. Running statistics
 * of batch-norm are no trainables: they are the caller's to compute anew. */
mien_status mien_average_new(mien_average_kind kind, double decay,
    mien_trainables *trainables, mien_average **average);
void mien_average_free(mien_average **average);
/** Adds the weights as they are. MIEN_EINVAL while they are swapped. */
mien_status mien_average_add(mien_average *average);
/** Puts the averages in the place of the weights; again: back, to the bit. MIEN_EINVAL
 * before the first mien_average_add(). */
mien_status mien_average_swap(mien_average *average);
/** Adds PREFIX.added and PREFIX.PARAMETER to what a checkpoint keeps; not while
 * swapped.
 */
mien_status mien_average_state(
    mien_average *average, const char *prefix, mien_checkpoint_state *state);

#endif
