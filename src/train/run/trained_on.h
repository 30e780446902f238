/* SPDX-License-Identifier: MIT */
/* Fingerprints of the rows that a model was trained on. */
#ifndef MIEN_TRAIN_TRAINED_ON_H
#define MIEN_TRAIN_TRAINED_ON_H

#include "mien/inputs.h"
#include "train/dataset/dataset.h"

/** Opens what knows the inputs of a dataset. Files are hashed once, so models of one
 * run share it. The caller frees it with mien_fingerprints_free(). */
mien_status mien_trained_on_open(
    const mien_dataset *dataset, mien_fingerprints **prints);
/** {"rows": N, "inputs": M, "fingerprints": "…"} of a fold's rows for training and
 * validation, as docs/model-file.md says. No fingerprints where there are more than a
 * million. The caller frees it. */
mien_status mien_trained_on(const mien_dataset *dataset, const mien_study *study,
    int fold, mien_fingerprints *prints, mien_value **map);

#endif
