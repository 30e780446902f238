/* SPDX-License-Identifier: MIT */
/* Numbers that are written once, row after row, and read often: in memory, or, where
 * they are too many, in a file without a name that goes when the program does. */
#ifndef MIEN_TRAIN_SCRATCH_H
#define MIEN_TRAIN_SCRATCH_H

#include "mien/base.h"

typedef struct mien_scratch mien_scratch;

/** Room for so many bytes: in memory if folder is NULL. MIEN_EIO names the folder when
 * it cannot be written or the disk is full. */
mien_status mien_scratch_new(size_t bytes, const char *folder, mien_scratch **scratch);
void mien_scratch_free(mien_scratch **scratch);
/** Appends; MIEN_ELIMIT beyond the room. */
mien_status mien_scratch_add(mien_scratch *scratch, const void *bytes, size_t count);
/** All of it; lent. */
const void *mien_scratch_data(const mien_scratch *scratch);

#endif
