/* SPDX-License-Identifier: MIT */
/* The seal of a model file: the SHA-256 of all its bytes, kept in the file itself. */
#ifndef MIEN_MODELS_CHECKSUM_H
#define MIEN_MODELS_CHECKSUM_H

#include "mien/base.h"

/** Metadata key, and what stands there while the digest is computed. */
#define MIEN_SEAL_KEY "mien_sha256"
#define MIEN_SEAL_BLANK                                                                \
    "0000000000000000000000000000000000000000000000000000000000000000"

/** Writes the digest over the blank of a .safetensors file. */
mien_status mien_checksum_write(const char *path);
/** MIEN_EVERIFY if the file has no seal or its bytes are not the sealed ones. */
mien_status mien_checksum_check(const char *path);

#endif
