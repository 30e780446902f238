/* SPDX-License-Identifier: MIT */
/* The extended COGNIMUSE: films cut into segments of 5 s, five features of each, and
 * continuous ratings of what viewers feel.
 *
 * Its authors give the features and ratings away on request only, so the folder is
 * ours: ratings of each film in labels/FILM.csv (or .tsv; or in the folder itself),
 * features in FILM.h5, a data set each, or FILM_NAME.h5, or NAME/FILM.h5; see film.h.
 * Without any features, the films themselves (films/FILM.mp4): a study then computes
 * them. The films are those that have ratings. A film with more features than ratings,
 * or fewer, is an error: nobody could say which belong together. */
#include "data/importers/importer.h"
#include "data/importers/film.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { KINDS = MIEN_FILM_KINDS };

static const mien_option options[] = {
    {.name = "segment",
        .type = MIEN_OPTION_SECONDS,
        .initial = "5s",
        .minimum = 0.1,
        .maximum = 3600,
        .help = "Length of a segment, over which ratings are averaged"},
    {.name = "rate",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 100000,
        .metavar = "HZ",
        .help = "Rows a second of ratings without a time (COGNIMUSE: 25); 0: they are "
                "segments"},
    {0},
};

typedef struct importing {
    const char *directory;
    mien_film_label_options label;
    mien_film *films;
    int64_t count;
    int64_t width[KINDS]; /* 0: no film has it */
} importing;

/* ---- films ---------------------------------------------------------------------- */

static bool is_table(const char *name) {
    const char *extension = mien_path_extension(name);
    return name[0] != '.' &&
           (!strcasecmp(extension, "csv") || !strcasecmp(extension, "tsv"));
}

static mien_status list_films(importing *g, const char *folder) {
    char **names = NULL;
    int64_t count = 0;
    char *path = mien_path_join(g->directory, folder);
    mien_status status = path ? mien_directory_list(path, &names, &count) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        g->films = mien_alloc((size_t)count, sizeof *g->films);
        status = g->films ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (!is_table(names[i])) {
            continue;
        }
        mien_film *f = &g->films[g->count++];
        f->name = mien_strndup(names[i], strlen(names[i]) - 4);
        f->labels_path = mien_path_join(path, names[i]);
        status = f->name && f->labels_path ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK && g->count == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: no ratings (FILM.csv, in the folder or in labels/)", g->directory);
    }
    mien_names_free(&names, count);
    mien_free(path);
    return status;
}

static mien_status find_films(importing *g) {
    char *labels = mien_path_join(g->directory, "labels");
    bool apart = labels && mien_file_is_directory(labels);
    mien_status status = labels ? list_films(g, apart ? "labels" : "") : MIEN_ENOMEM;
    mien_free(labels);
    return status;
}

static mien_status read_films(importing *g) {
    mien_status status = find_films(g);
    for (int64_t i = 0; status == MIEN_OK && i < g->count; i++) {
        mien_film *f = &g->films[i];
        status = mien_film_find(g->directory, f->name, &f->features);
        status = status ? status : mien_film_media(g->directory, f->name, &f->media);
        status = status ? status
                        : mien_film_labels_read(f->labels_path, &g->label, &f->labels);
    }
    return status ? status
                  : mien_films_check("cognimuse", g->films, g->count, g->width);
}

/* ---- the whole --------------------------------------------------------------- */

static mien_status import(const char *directory, const char *output,
    const mien_options *given, mien_table **table, mien_value **sidecar) {
    importing g = {.directory = directory,
        .label = {.segment_s = mien_options_number(given, "segment"),
            .rate_hz = mien_options_number(given, "rate"),
            .minimum = -1,
            .maximum = 1}};
    char *prefix = NULL;
    mien_table *made = NULL;
    mien_status status = mien_relative_directory(output, directory, &prefix);
    status = status ? status : read_films(&g);
    status =
        status ? status : mien_films_table(g.films, g.count, g.width, prefix, &made);
    status =
        status ? status
               : mien_film_sidecar("cognimuse",
                     "the extended COGNIMUSE: features and continuous ratings of "
                     "films, from its authors",
                     "Zlatintsi et al. (2017). COGNIMUSE: a multimodal video database "
                     "annotated with saliency, events, semantics and emotion. EURASIP "
                     "Journal on Image and Video Processing, 2017:54. Features: Thao, "
                     "Balamurali, Roig & Herremans (2021). AttendAffectNet. Sensors, "
                     "21(24), 8356.",
                     "as its authors grant it, for research", g.width, sidecar);
    if (status == MIEN_OK) {
        *table = made;
        made = NULL;
    }
    mien_table_free(&made);
    mien_films_clear(&g.films, g.count);
    mien_free(prefix);
    return status;
}

const mien_importer mien_importer_cognimuse = {
    .name = "cognimuse",
    .summary = "films in segments of 5 s with five features and continuous valence and "
               "arousal (Zlatintsi et al. 2017; Thao et al. 2021)",
    .options = options,
    .import = import,
};
