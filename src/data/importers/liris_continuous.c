/* SPDX-License-Identifier: MIT */
/* LIRIS-ACCEDE, continuous: FILM_Valence.txt and FILM_Arousal.txt with columns Time,
 * Mean (and a deviation), in continuous-annotations/ or the folder itself; features of
 * a film below features/ or the folder, as film.h finds them; or, without features/,
 * the films themselves (continuous-movies/FILM.mp4). */
#include "data/importers/importer.h"
#include "data/importers/film.h"
#include "data/importers/liris.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define VALENCE "_Valence.txt"
#define AROUSAL "_Arousal.txt"

typedef struct importing {
    char *annotations, *features; /* folders */
    mien_film_label_options label;
    mien_film *films;
    int64_t count;
    int64_t width[MIEN_FILM_KINDS];
} importing;

static bool ends_with(const char *name, const char *end) {
    size_t length = strlen(name), tail = strlen(end);
    return length > tail && strcasecmp(name + length - tail, end) == 0;
}

/* The column of values; the ratings are one a file. */
static mien_status find_columns(const mien_table *t, int *time, int *value) {
    static const char *const times[] = {"time", "time_s", "seconds", NULL};
    static const char *const values[] = {"mean", "value", "valence", "arousal", NULL};
    *time = mien_column_any(t, times);
    *value = mien_column_any(t, values);
    return *time >= 0 && *value >= 0
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT, "%s:1: columns Time and Mean are needed",
                     mien_table_file(t));
}

/* Joins valence and arousal, which tell of the same moments. */
static mien_status join(
    const mien_table *valence, const mien_table *arousal, mien_table **both) {
    static const char *const names[] = {"time", "valence", "arousal"};
    int time[2], value[2];
    mien_table *made = NULL;
    mien_status status = find_columns(valence, &time[0], &value[0]);
    status = status ? status : find_columns(arousal, &time[1], &value[1]);
    if (status == MIEN_OK && mien_table_rows(valence) != mien_table_rows(arousal)) {
        status = mien_fail(MIEN_ESHAPE, "%s has %" PRId64 " rows where %s has %" PRId64,
            mien_table_file(arousal), mien_table_rows(arousal),
            mien_table_file(valence), mien_table_rows(valence));
    }
    status = status ? status : mien_table_new(3, names, &made);
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(valence); i++) {
        const char *cells[] = {mien_table_cell(valence, i, time[0]),
            mien_table_cell(valence, i, value[0]),
            mien_table_cell(arousal, i, value[1])};
        status = mien_rating_check(valence, i, value[0], -1, 1, false);
        status =
            status ? status : mien_rating_check(arousal, i, value[1], -1, 1, false);
        double at[2] = {0, 0};
        status = status ? status : mien_table_number(valence, i, time[0], &at[0]);
        status = status ? status : mien_table_number(arousal, i, time[1], &at[1]);
        if (status == MIEN_OK && !(at[0] == at[1])) {
            status = mien_fail(MIEN_EFORMAT, "%s:%" PRId64 ": time %g where %s has %g",
                mien_table_file(arousal), mien_table_line(arousal, i), at[1],
                mien_table_file(valence), at[0]);
        }
        status = status ? status : mien_table_add_row(made, cells);
    }
    if (status != MIEN_OK) {
        mien_table_free(&made);
        return status;
    }
    *both = made;
    return MIEN_OK;
}

static mien_status read_table(
    const importing *g, const char *film, const char *end, mien_table **table) {
    mien_string path;
    mien_string_init(&path);
    mien_status status = mien_string_addf(&path, "%s/%s%s", g->annotations, film, end);
    status = status ? status : mien_table_read(path.text, NULL, table);
    mien_string_clear(&path);
    return status;
}

static mien_status read_film(importing *g, const char *file) {
    mien_film *f = &g->films[g->count++];
    mien_table *valence = NULL, *arousal = NULL, *both = NULL;
    const char *end = file + strlen(file) - strlen(VALENCE);
    /* as the other file is spelt */
    const char *other = end[1] == 'v' ? "_arousal.txt" : AROUSAL;
    f->name = mien_strndup(file, (size_t)(end - file));
    f->labels_path = mien_path_join(g->annotations, file);
    mien_status status = f->name && f->labels_path ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : read_table(g, f->name, end, &valence);
    status = status ? status : read_table(g, f->name, other, &arousal);
    status = status ? status : join(valence, arousal, &both);
    if (status == MIEN_OK) {
        status = mien_film_labels_take(both, &g->label, &f->labels);
        status = status
                     ? mien_fail_in(status, "film %s (line numbers are rows)", f->name)
                     : MIEN_OK;
    }
    status = status ? status : mien_film_find(g->features, f->name, &f->features);
    status = status ? status : mien_film_media(g->features, f->name, &f->media);
    mien_table_free(&both);
    mien_table_free(&arousal);
    mien_table_free(&valence);
    return status;
}

static mien_status read_films(importing *g) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_list(g->annotations, &names, &count);
    if (status == MIEN_OK) {
        g->films = mien_alloc((size_t)count, sizeof *g->films);
        status = g->films ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = ends_with(names[i], VALENCE) ? read_film(g, names[i]) : MIEN_OK;
    }
    if (status == MIEN_OK && g->count == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: no continuous ratings (FILM" VALENCE ")", g->annotations);
    }
    mien_names_free(&names, count);
    return status ? status
                  : mien_films_check("liris-accede", g->films, g->count, g->width);
}

/* Paths in the table start at the folder of the set. */
static char *prefix_of(const importing *g, const char *directory, const char *prefix) {
    bool below = strcmp(g->features, directory) != 0;
    return below ? mien_path_join(prefix, "features") : mien_strdup(prefix);
}

mien_status mien_liris_continuous(const char *directory, const char *prefix,
    const mien_options *options, mien_table **table, mien_value **sidecar) {
    importing g = {.label = {.segment_s = mien_options_number(options, "segment"),
                       .minimum = -1,
                       .maximum = 1},
        .annotations = mien_liris_folder(directory, "continuous-annotations"),
        .features = mien_liris_folder(directory, "features")};
    mien_table *made = NULL;
    mien_status status = g.annotations && g.features ? MIEN_OK : MIEN_ENOMEM;
    char *from = status ? NULL : prefix_of(&g, directory, prefix);
    status = status || from ? status : MIEN_ENOMEM;
    status = status ? status : read_films(&g);
    status = status ? status : mien_films_table(g.films, g.count, g.width, from, &made);
    status = status ? status
                    : mien_film_sidecar("liris-accede continuous",
                          "continuous ratings of LIRIS-ACCEDE", MIEN_LIRIS_CITATION,
                          MIEN_LIRIS_LICENCE, g.width, sidecar);
    if (status == MIEN_OK) {
        *table = made;
        made = NULL;
    }
    mien_table_free(&made);
    mien_films_clear(&g.films, g.count);
    mien_free(from);
    mien_free(g.features);
    mien_free(g.annotations);
    return status;
}
