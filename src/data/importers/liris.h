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

#define MIEN_LIRIS_DESCRIPTION "ACCEDEdescription.xml"

/* Texts by the name of an excerpt. */
typedef struct mien_liris_said {
    const char *name, *text;
} mien_liris_said;
typedef struct mien_liris_facts {
    mien_liris_said *items;
    int64_t count;
    char *text; /* they lie in it, or are lent */
} mien_liris_facts;
/* Films of the excerpts, sorted; none if there is no description. Zeroed before. */
mien_status mien_liris_films_read(const char *annotations, mien_liris_facts *films);
/* Splits of the excerpts of a table, which stays; to be sorted after the last. */
mien_status mien_liris_sets_add(
    const mien_table *table, int name, int set, mien_liris_facts *sets);
void mien_liris_facts_sort(mien_liris_facts *facts);
/* NULL if nothing is said of it. */
const char *mien_liris_facts_find(const mien_liris_facts *facts, const char *name);
void mien_liris_facts_clear(mien_liris_facts *facts);

#define MIEN_LIRIS_CITATION                                                            \
    "Baveye, Dellandrea, Chamaret & Chen (2015). LIRIS-ACCEDE: A video database for "  \
    "affective content analysis. IEEE Transactions on Affective Computing, 6(1), "     \
    "43-55. MediaEval: Dellandrea et al. (2016). The MediaEval 2016 emotional impact " \
    "of movies task."
#define MIEN_LIRIS_LICENCE "as its authors grant it, for research"

#endif
