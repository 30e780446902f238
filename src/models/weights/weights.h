/* SPDX-License-Identifier: MIT */
/* Whether one set of parameters can stand in the place of another. */
#ifndef MIEN_MODELS_WEIGHTS_H
#define MIEN_MODELS_WEIGHTS_H

#include "mien/models.h"

/** MIEN_EINVAL counts and names those that `given` lacks or has beyond those wanted,
 * and those of another shape or with a value that is not finite. */
mien_status mien_weights_compare(mien_parameters *wanted, mien_parameters *given);

#endif
