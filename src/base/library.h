/* SPDX-License-Identifier: MIT */
/* Libraries that are loaded when they are first needed: a process that needs none of
 * them does not pay for their start, nor for the start of what they stand on. */
#ifndef MIEN_BASE_LIBRARY_H
#define MIEN_BASE_LIBRARY_H

#include <stddef.h>

#include "mien/base.h"

/** One function or variable of a library, and where its address goes in a table. */
typedef struct mien_symbol {
    const char *name;
    size_t offset;
} mien_symbol;

/** Loads the library of this soname for good and fills the table with the addresses of
 * `count` symbols. Asking again is cheap. `needed_for` begins the message of a failure
 * ("TIFF needs libtiff"). MIEN_EUNSUPPORTED names the library or symbol that is
 * missing; the table is then as it was filled so far and must not be used. */
mien_status mien_library_load(const char *soname, const char *needed_for,
    const mien_symbol *symbols, size_t count, void *table);

/** The file that this code was loaded from, as the loader names it: libmien.so, or the
 * program that it was linked into; "" where it is not known. Valid for good. */
const char *mien_library_file(void);

#endif
