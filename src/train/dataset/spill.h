/* SPDX-License-Identifier: MIT */
/* Numbers that are written once, row after row, and read often: in memory, or, where
 * they are too many, in a file without a name that goes when the program does. */
#ifndef MIEN_TRAIN_SPILL_H
#define MIEN_TRAIN_SPILL_H

#include "mien/base.h"

typedef struct mien_spill mien_spill;

/** Room for so many bytes: in memory if folder is NULL. MIEN_EIO names the folder when
 * it cannot be written or the disk is full. */
mien_status mien_spill_new(size_t bytes, const char *folder, mien_spill **scratch);
void mien_spill_free(mien_spill **scratch);
/** Appends; MIEN_ELIMIT beyond the room. */
mien_status mien_spill_add(mien_spill *scratch, const void *bytes, size_t count);
/** All of it; lent. */
const void *mien_spill_data(const mien_spill *scratch);

#endif
