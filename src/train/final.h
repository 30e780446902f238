/* SPDX-License-Identifier: MIT */
/* The model that is kept: the read-out fitted on all rows, as the contract stores it.
 */
#ifndef MIEN_TRAIN_FINAL_H
#define MIEN_TRAIN_FINAL_H

#include "train/judge.h"

typedef struct mien_final {
    mien_choice choice;
    mien_network network;                   /* its head is a read-out */
    float *memory[4 * MIEN_BLOCKS_MAX + 1]; /* what the readout's blocks point to */
    int memories;
} mien_final;

/** The rows of the material that it is fitted on. */
typedef struct mien_final_rows {
    const int64_t *rows;
    int64_t count;
} mien_final_rows;
/** Chooses and fits. interval[t]: residual quantiles for target t. */
mien_status mien_final_fit(mien_final *final, const mien_material *material,
    const mien_corpus *corpus, const mien_study *study, const mien_final_rows *fitted,
    const double (*interval)[2], mien_pool *pool);
void mien_final_clear(mien_final *final);

/** Saves the model with golden vectors: small pictures made by formula, run through the
 * saved read-out. training is lent to the contract. */
mien_status mien_final_save(mien_final *final, const mien_study *study,
    const mien_value *training, const mien_train_options *options, const char *path);

#endif
