/* SPDX-License-Identifier: MIT */
/* Names in a model file, and what its writer and its reader share. */
#ifndef MIEN_MODELS_FILE_H
#define MIEN_MODELS_FILE_H

#include "mien/models.h"

#define MIEN_CONTRACT_KEY "mien"
#define MIEN_READOUT_BIAS "readout.bias"
#define MIEN_GOLDEN_SIDE_MAX 1024
/** standardise.NAME.mean and .scale of an input of features. */
#define MIEN_STANDARD "standardise."

/** MIEN_EINVAL for NULL and for a value that is not finite; `what` starts the text. */
mien_status mien_values_check(const char *what, const float *values, int64_t count);

#endif
