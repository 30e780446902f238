/* SPDX-License-Identifier: MIT */
/* Files whose bytes are in memory already are not read again to be hashed. */
#ifndef MIEN_INPUTS_FINGERPRINT_H
#define MIEN_INPUTS_FINGERPRINT_H

#include "mien/inputs.h"

/** The hash of the file at `path`, which holds these bytes. */
mien_status mien_fingerprints_tell(
    mien_fingerprints *fingerprints, const char *path, const void *bytes, size_t count);

#endif
