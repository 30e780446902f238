/* SPDX-License-Identifier: MIT */
/* Remembers the digest of a cached file whose bytes were read and found right. */
#ifndef MIEN_MODELS_VERIFIED_H
#define MIEN_MODELS_VERIFIED_H

#include "mien/io.h"

/** The SHA-256 that was noted for path; "" where none was. same: nothing about the file
 * (size, times, inode) has changed since. */
mien_status mien_verified_recall(const char *path, char hex[65], bool *same);
/** Notes it in PATH.checked; a cache that cannot be written only costs another pass. */
void mien_verified_note(const char *path, const char hex[65]);
/** The noted digest if the file has not changed since; else its bytes are read. */
mien_status mien_verified_sha256(const char *path, char hex[65]);

#endif
