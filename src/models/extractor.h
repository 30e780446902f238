/* SPDX-License-Identifier: MIT */
/* An extractor whose pictures are fetched when they are needed. */
#ifndef MIEN_MODELS_EXTRACTOR_H
#define MIEN_MODELS_EXTRACTOR_H

#include "mien/models.h"

/** Fills pictures [first, first + count) of the call; several threads call it at once.
 */
typedef mien_status mien_extractor_fill(
    void *context, int64_t first, int64_t count, float *images);
/** The same as mien_extractor_run(), straight into the network's memory. */
mien_status mien_extractor_run_filled(mien_extractor *extractor, int64_t n,
    mien_extractor_fill *fill, void *context, float *features);

#endif
