/* SPDX-License-Identifier: MIT */
/* h5py's own compression of chunks, LZF: filter 32000 of HDF5, which libhdf5 does not
 * have. */
#ifndef MIEN_IO_HDF5_LZF_H
#define MIEN_IO_HDF5_LZF_H

#include "io/hdf5_library.h"

#define MIEN_HDF5_FILTER_LZF 32000
/** The most that a byte may stand for: three bytes copy up to 264. */
#define MIEN_LZF_RATIO_MAX 88

/** How many bytes the packed ones become; SIZE_MAX if they are damaged. */
size_t mien_lzf_length(const unsigned char *packed, size_t count);
/** Unpacks into `to`, which has room for mien_lzf_length() bytes. */
void mien_lzf_unpack(const unsigned char *packed, size_t count, unsigned char *to);

/** Gives libhdf5 this filter, for reading alone, where it has none of that number (a
 * program around us may have brought its own). No plug-in is looked for. Take a turn
 * first. */
mien_status mien_hdf5_lzf_register(const mien_hdf5_library *library);

#endif
