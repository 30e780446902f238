/* SPDX-License-Identifier: MIT */
/* libhdf5, loaded when the first file of it is opened: Debian's stands on libcurl and
 * OpenSSL, which cost 4.7 ms that a process without such a file should not pay. */
#ifndef MIEN_IO_HDF5_LIBRARY_H
#define MIEN_IO_HDF5_LIBRARY_H

/* the same names and arguments in 1.10 (Debian 12) and 1.14 (Debian 13) */
#define H5_USE_110_API
#include <hdf5.h>
/* its constants call the library, which is not linked */
#undef H5CHECK
#undef H5OPEN
#define H5CHECK
#define H5OPEN

#include "mien/base.h"

/** One pointer a function or variable, named and typed like it. */
typedef struct mien_hdf5_library {
#define X(kind, name) __typeof__(name) *name;
#include "io/hdf5.def"
#undef X
} mien_hdf5_library;

/** Fills the table from the library of the version compiled against (it stays loaded;
 * asking again is cheap). MIEN_EUNSUPPORTED names what is missing. */
mien_status mien_hdf5_library_load(mien_hdf5_library *library);

/** A caller's turn with the library: while it lasts, the library's own words go to
 * our error text and not to stderr, and no other thread of ours is in it. */
typedef struct mien_hdf5_turn {
    const mien_hdf5_library *library;
    H5E_auto2_t print;
    void *context;
} mien_hdf5_turn;

void mien_hdf5_turn_take(const mien_hdf5_library *library, mien_hdf5_turn *turn);
void mien_hdf5_turn_give(mien_hdf5_turn *turn);
/** mien_fail(MIEN_EFORMAT) with the cause as the library tells it. */
mien_status mien_hdf5_library_fail(
    const mien_hdf5_library *library, const char *path, const char *what);

#endif
