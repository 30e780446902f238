/* SPDX-License-Identifier: MIT */
/* The published tables of GAPED, made regular. */
#ifndef MIEN_DATA_GAPED_H
#define MIEN_DATA_GAPED_H

#include "mien/io.h"

/* Reads a tab-separated table whose first header is blank and whose "(SD)" headers
 * repeat, with empty columns between. Headers become lower case, "(SD)" becomes "NAME
 * sd" after the column before it, the first becomes "file"; missing cells at a row's
 * end are filled in. */
mien_status mien_gaped_read(const char *path, mien_table **table);
mien_status mien_gaped_parse(
    const char *name, const char *text, size_t count, mien_table **table);

#endif
