/* SPDX-License-Identifier: MIT */
/* The model that is kept: the read-out fitted on all rows, as the contract stores it.
 */
#ifndef MIEN_TRAIN_FINAL_MODEL_H
#define MIEN_TRAIN_FINAL_MODEL_H

#include "train/choice.h"

struct mien_golden_shared;

typedef struct mien_final_model {
    mien_choice choice;
    mien_network network;                   /* its head is a read-out */
    float *memory[4 * MIEN_BLOCKS_MAX + 1]; /* what the readout's blocks point to */
    int memories;
} mien_final_model;

/** The rows of the feature set that it is fitted on. */
typedef struct mien_final_model_rows {
    const int64_t *rows;
    int64_t count;
} mien_final_model_rows;
/** Chooses and fits. interval[t]: residual quantiles for target t. */
mien_status mien_final_model_fit(mien_final_model *final,
    const mien_feature_set *feature_set, const mien_dataset *dataset,
    const mien_study *study, const mien_final_model_rows *fitted,
    const double (*interval)[2], mien_thread_pool *pool);
void mien_final_model_clear(mien_final_model *final);

/** Saves the model with golden vectors: small pictures made by formula, run through the
 * saved read-out. training is lent to the contract. shared: see golden.h, or NULL. */
mien_status mien_final_model_save(mien_final_model *final, const mien_study *study,
    const mien_value *training, const mien_train_options *options, const char *path,
    struct mien_golden_shared *shared);

#endif
