/* SPDX-License-Identifier: MIT */
/* LIRIS-ACCEDE, also as MediaEval 2016 used it: excerpts of films with one rating, or
 * whole films with a rating a second. liris_global.c and liris_continuous.c read them.
 */
#include "data/importers/importer.h"
#include "data/importers/liris.h"

#include <string.h>

static const mien_option options[] = {
    {.name = "task",
        .type = MIEN_OPTION_CHOICE,
        .initial = "global",
        .choices = (const char *const[]){"global", "continuous", NULL},
        .help = "Excerpts with one rating, or films with a rating a second"},
    {.name = "segment",
        .type = MIEN_OPTION_SECONDS,
        .initial = "5s",
        .minimum = 0.1,
        .maximum = 3600,
        .help = "Continuous: length of a segment, over which ratings are averaged"},
    {0},
};

char *mien_liris_folder(const char *directory, const char *name) {
    char *path = mien_path_join(directory, name);
    if (path && !mien_file_is_directory(path)) {
        mien_free(path);
        path = mien_strdup(directory);
    }
    return path;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *given, mien_table **table, mien_value **sidecar) {
    char *prefix = NULL;
    bool global = strcmp(mien_options_text(given, "task"), "global") == 0;
    mien_status status = mien_relative_directory(output, directory, &prefix);
    status = status   ? status
             : global ? mien_liris_global(directory, prefix, given, table, sidecar)
                      : mien_liris_continuous(directory, prefix, given, table, sidecar);
    mien_free(prefix);
    return status;
}

const mien_importer mien_importer_liris_accede = {
    .name = "liris-accede",
    .summary =
        "excerpts of films rated once, or films rated continuously (Baveye et al. "
        "2015; MediaEval 2016)",
    .options = options,
    .import = import,
};
