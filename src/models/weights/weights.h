/* SPDX-License-Identifier: MIT */
/* Weights read where they lie, and whether one set of parameters can stand in the place
 * of another. */
#ifndef MIEN_MODELS_WEIGHTS_H
#define MIEN_MODELS_WEIGHTS_H

#include "mien/models.h"

/** As mien_weights_load(), but what lies in the archive's file as it is wanted is not
 * copied: the archive stays open as long as the parameters, which nobody trains. */
mien_status mien_weights_lend(mien_parameters *parameters, mien_archive *archive,
    const mien_weights_options *options);
/** MIEN_EINVAL counts and names those that `given` lacks or has beyond those wanted,
 * and those of another shape or with a value that is not finite. */
mien_status mien_weights_compare(mien_parameters *wanted, mien_parameters *given);

#endif
