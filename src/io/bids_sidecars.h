/* SPDX-License-Identifier: MIT */
/* Reads BIDS sidecars on a file's own and higher levels. */
#ifndef MIEN_IO_BIDS_SIDECARS_H
#define MIEN_IO_BIDS_SIDECARS_H

#include "mien/io.h"

enum { MIEN_SIDECARS_MAX = 32 };

/* The nearest first. */
typedef struct mien_sidecars {
    int count;
    mien_value *value[MIEN_SIDECARS_MAX];
} mien_sidecars;

/* Sidecars whose name ends in _SUFFIX.json and whose entities `path` has all, in its
 * folder and those above up to the data set's (which holds dataset_description.json).
 * MIEN_EFORMAT where two of one level with as many entities say different things. */
mien_status mien_sidecars_find(
    const char *path, const char *suffix, mien_sidecars *sidecars);
void mien_sidecars_clear(mien_sidecars *sidecars);
/* The nearest that has the key; NULL. */
const mien_value *mien_sidecars_get(const mien_sidecars *sidecars, const char *key);
/* The folder with dataset_description.json above path, or path's own; a new string. */
char *mien_bids_root(const char *path);

#endif
