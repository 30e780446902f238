/* SPDX-License-Identifier: MIT */
/* Trees out of a model that XGBoost saved. */
#ifndef MIEN_TRAIN_FOREST_READ_H
#define MIEN_TRAIN_FOREST_READ_H

#include "train/trainers/learner.h"

/** text [length]: JSON as XGBoosterSaveModelToBuffer() writes it. outputs: what trees
 * may count for. MIEN_EFORMAT for a tree that does not hang together; MIEN_ELIMIT for
 * more nodes than a model file numbers. Clear the forest also after a failure. */
mien_status mien_forest_read(
    const char *text, size_t length, int outputs, mien_forest *forest);

#endif
