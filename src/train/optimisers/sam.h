/* SPDX-License-Identifier: MIT */
/* Sharpness-aware minimisation: the gradient is taken where the loss is worst nearby,
 * and the step, by any optimiser, from where the weights were. */
#ifndef MIEN_TRAIN_SAM_H
#define MIEN_TRAIN_SAM_H

#include "train/optimisers/optim.h"

typedef struct mien_sam mien_sam;

typedef struct mien_sam_options {
    double rho;    /**< how far away, > 0; 0.05, or 2 with adaptive */
    bool adaptive; /**< distances in units of each weight (Kwon et al. 2021) */
} mien_sam_options;

/** trainables are lent, and must be those of the optimiser. Keeps one copy of the
 * weights. MIEN_EINVAL, MIEN_ENOMEM. */
mien_status mien_sam_new(
    mien_trainables *trainables, const mien_sam_options *options, mien_sam **sam);
void mien_sam_free(mien_sam **sam);

/** After the first gradient: p += rho g / (|g| + 1e-12); with adaptive p += rho p² g /
 * (|p g| + 1e-12). Then the caller computes the gradient anew, on the same batch.
 * MIEN_ENUMBER as mien_trainables_norm(), nothing changed; MIEN_EINVAL if it has been
 * done already. */
mien_status mien_sam_perturb(mien_sam *sam);
/** Puts the weights back, to the bit. Does nothing if they were not moved. */
void mien_sam_restore(mien_sam *sam);
/** Puts the weights back and steps with the second gradient; MIEN_EINVAL without
 * mien_sam_perturb() before, else as mien_optimiser_step(). */
mien_status mien_sam_step(
    mien_sam *sam, mien_optimiser *optimiser, const mien_pace *pace);

#endif
