/* SPDX-License-Identifier: MIT */
/* The head of read-outs, run outside of the graph. */
#ifndef MIEN_MODELS_HEAD_READOUT_H
#define MIEN_MODELS_HEAD_READOUT_H

#include "mien/models.h"

/** One row: features [F] to values [targets] in own scale, summed in double. scratch
 * [F]. */
void mien_readout_run(const mien_readout *readout, int targets, const float *features,
    float *scratch, float *values);
/** MIEN_EINVAL names what cannot be in it, or among the targets. */
mien_status mien_readout_check(const mien_network *network);

#endif
