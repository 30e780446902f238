/* SPDX-License-Identifier: MIT */
/* Names in a model file, and what its writer and its reader share. */
#ifndef MIEN_MODELS_FILE_H
#define MIEN_MODELS_FILE_H

#include "models/network.h"

#define MIEN_CONTRACT_KEY "mien"
#define MIEN_READOUT_BIAS "readout.bias"
#define MIEN_GOLDEN_SIDE_MAX 1024
/** standardise.NAME.mean and .scale of an input of features. */
#define MIEN_STANDARD "standardise."

/** MIEN_EINVAL for NULL and for a value that is not finite; `what` starts the text. */
mien_status mien_values_check(const char *what, const float *values, int64_t count);

/** A model of a network over features that is in no file of ours: takes the body's
 * graph and parameters over (and empties it) and copies all else. `path` is what
 * messages call it. */
mien_status mien_model_adopt(const char *path, const mien_network *network,
    mien_network_body *body, mien_model **model);

#endif
