/* SPDX-License-Identifier: MIT */
/* Settings of a batch-norm, which the packing of weights reads too. */
#ifndef MIEN_NN_BATCH_NORM_H
#define MIEN_NN_BATCH_NORM_H

typedef struct mien_batch_norm_settings {
    double epsilon, momentum;
} mien_batch_norm_settings;

#endif
