/* SPDX-License-Identifier: MIT */
/* From a name to its number: a hash table for the names of tensors, storages and keys.
 */
#ifndef MIEN_IO_INDEX_H
#define MIEN_IO_INDEX_H

#include "mien/base.h"

/** Zeroed is empty. The names are lent by the caller and must stay. */
typedef struct mien_index {
    struct mien_index_slot *slots;
    size_t capacity, count;
} mien_index;

/** Number stored under the name; -1 if absent. */
int64_t mien_index_find(const mien_index *index, const char *name, size_t length);
/** Stores value ≥ 0 under a name that is not there yet; only failure MIEN_ENOMEM. */
mien_status mien_index_add(
    mien_index *index, const char *name, size_t length, int64_t value);
void mien_index_clear(mien_index *index);

#endif
