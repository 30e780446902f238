/* SPDX-License-Identifier: MIT */
/* Files whose bytes are in memory already are not read again to be hashed. */
#ifndef MIEN_INPUTS_FINGERPRINT_H
#define MIEN_INPUTS_FINGERPRINT_H

#include "mien/inputs.h"

/** The hash of the file at `path`, which holds these bytes. */
mien_status mien_fingerprints_tell(
    mien_fingerprints *fingerprints, const char *path, const void *bytes, size_t count);
/** As mien_fingerprints_take(), where the caller has the values of some inputs.
 *
 * @param values  [count] of a small input's item as its reader's load() gives them,
 *                which are then not read; NULL: they are */
mien_status mien_fingerprints_take_values(mien_fingerprints *fingerprints,
    const mien_place *places, const float *const *values, uint64_t *fingerprint);

#endif
