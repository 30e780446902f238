/* SPDX-License-Identifier: MIT */
/* HDF5 for the other readers of this room. */
#ifndef MIEN_IO_HDF5_H
#define MIEN_IO_HDF5_H

#include "mien/io.h"

#define MIEN_HDF5_BYTES_MAX ((size_t)16 << 30)
#define MIEN_HDF5_OBJECTS_MAX 100000
#define MIEN_HDF5_DEPTH_MAX 32
#define MIEN_HDF5_TEXTS_MAX ((size_t)16 << 20)
/** deflate's best is 1032 : 1 */
#define MIEN_HDF5_RATIO_MAX 1100
#define MIEN_HDF5_SMALL ((size_t)1 << 20)

/** As mien_hdf5_open(), from bytes that outlive the file; `name` for messages. */
mien_status mien_hdf5_open_memory(
    const char *name, const void *bytes, size_t count, mien_hdf5 **file);

/** Where in the file the floats of a data set lie side by side, as they are; -1 where
 * they do not. */
int64_t mien_hdf5_place(const mien_hdf5 *file, int64_t index);

#endif
