/* SPDX-License-Identifier: MIT */
/* Fingerprints of the rows that a model was trained on. */
#ifndef MIEN_TRAIN_TRAINED_ON_H
#define MIEN_TRAIN_TRAINED_ON_H

#include "train/dataset/dataset.h"

/** {"rows": N, "inputs": M, "fingerprints": "…"} of a fold's rows for training and
 * validation, as docs/model-file.md says. No fingerprints where there are more than a
 * million. The caller frees it. */
mien_status mien_trained_on(
    const mien_dataset *dataset, const mien_study *study, int fold, mien_value **map);

#endif
