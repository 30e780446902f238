/* SPDX-License-Identifier: MIT */
/* HDF5 for the other readers of this room. */
#ifndef MIEN_IO_HDF5_H
#define MIEN_IO_HDF5_H

#include "mien/io.h"

#define MIEN_HDF5_BYTES_MAX ((size_t)16 << 30)
#define MIEN_HDF5_OBJECTS_MAX 100000
#define MIEN_HDF5_DEPTH_MAX 32
#define MIEN_HDF5_TEXTS_MAX ((size_t)16 << 20)
/** The most that packed values of a file of count bytes may take: 1 MiB + 1100 × count
 * (the best that deflate can do is 1032 : 1), and not more than 64 MiB + 32 × count:
 * features pack to a tenth at the best, and a file of some megabytes must not take
 * gigabytes. */
static inline size_t mien_unpacked_max(size_t count) {
    size_t small = ((size_t)1 << 20) + 1100 * count;
    size_t large = ((size_t)64 << 20) + 32 * count;
    return small < large ? small : large;
}

/** The same as mien_hdf5_open(), from bytes that outlive the file; `name` for
 * messages. */
mien_status mien_hdf5_open_memory(
    const char *name, const void *bytes, size_t count, mien_hdf5 **file);

/** Where in the file the floats of a data set lie side by side, as they are; -1 where
 * they do not. */
int64_t mien_hdf5_place(const mien_hdf5 *file, int64_t index);

#endif
