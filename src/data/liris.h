/* SPDX-License-Identifier: MIT */
/* The two parts of LIRIS-ACCEDE. */
#ifndef MIEN_DATA_LIRIS_H
#define MIEN_DATA_LIRIS_H

#include "mien/data.h"

/* Excerpts with one rating each; as the import of a data set. */
mien_status mien_liris_global(const char *directory, const char *prefix,
    const mien_options *options, mien_table **table, mien_value **sidecar);
/* Films with a rating a second. */
mien_status mien_liris_continuous(const char *directory, const char *prefix,
    const mien_options *options, mien_table **table, mien_value **sidecar);

/* The folder below directory that is there, or directory itself; mien_free(). NULL when
 * out of memory. */
char *mien_liris_folder(const char *directory, const char *name);

/* Where the text of the next <tag>…</tag> in [text, end) is; NULL if there is none. */
const char *mien_liris_tag(
    const char *text, const char *end, const char *tag, size_t *length);

#define MIEN_LIRIS_CITATION                                                            \
    "Baveye, Dellandrea, Chamaret & Chen (2015). LIRIS-ACCEDE: A video database for "  \
    "affective content analysis. IEEE Transactions on Affective Computing, 6(1), "     \
    "43-55. MediaEval: Dellandrea et al. (2016). The MediaEval 2016 emotional impact " \
    "of movies task."
#define MIEN_LIRIS_LICENCE "as its authors grant it, for research"

#endif
