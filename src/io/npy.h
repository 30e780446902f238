/* SPDX-License-Identifier: MIT */
/* NumPy's arrays for the other readers of this room. */
#ifndef MIEN_IO_NPY_H
#define MIEN_IO_NPY_H

#include "mien/io.h"

/** The same as mien_npy_read(), from memory; `name` for messages. */
mien_status mien_npy_parse(
    const char *name, const void *bytes, size_t count, mien_tensor **tensor);
/** Where in those bytes the values lie as floats in memory would: info gets type and
 * shape, and place the offset, -1 where they do not. What is wrong, mien_npy_parse()
 * says. */
mien_status mien_npy_place(const char *name, const void *bytes, size_t count,
    mien_tensor *info, int64_t *place);
/** An array of a .npz file by its name, with or without ".npy". NULL: "default" or
 * "data", else the only one. MIEN_ENOTFOUND names what there is. */
mien_status mien_npz_parse(const char *name, const void *bytes, size_t count,
    const char *array, mien_tensor **tensor);

#endif
