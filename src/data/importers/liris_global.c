/* SPDX-License-Identifier: MIT */
/* LIRIS-ACCEDE, global: tables in annotations/ or the folder itself, told by their
 * columns.
 *
 * Ratings (ACCEDEranking.txt): name, valenceValue, arousalValue (and their variances),
 * on a scale of 1 to 5. Sets (ACCEDEsets.txt): name, set: 0 test, 1 learning, 2
 * validation; without it, MediaEval's: MEDIAEVAL… is the test set of ACCEDE…. Films
 * (ACCEDEdescription.xml: <name>, <movie>). Features: features/NAME.h5 or .npy with a
 * row for each excerpt in the order of the ratings, or features/NAME/EXCERPT.h5 or
 * .npy. Without any, but with the excerpts themselves in data/, rows have start_s and
 * end_s, the whole excerpt, so that a study computes features. */
#include "data/importers/importer.h"
#include "data/importers/film.h"
#include "data/importers/liris.h"
#include "mien/media.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TRIAL, GROUP, FILM, SPLIT, VALENCE, AROUSAL, FIRST_FEATURE };
enum { KINDS = MIEN_FILM_KINDS, TABLES_MAX = 16 };

static const char *const name_columns[] = {"name", "filename", "file", NULL};
static const char *const valence_columns[] = {
    "valenceValue", "valence", "valence_mean", NULL};
static const char *const arousal_columns[] = {
    "arousalValue", "arousal", "arousal_mean", NULL};
static const char *const set_columns[] = {"set", "split", NULL};

typedef struct importing {
    const char *directory, *prefix;
    char *annotations, *features; /* folders */
    mien_table *tables[TABLES_MAX];
    int tables_count;
    mien_liris_facts sets, films;
    bool mediaeval;       /* excerpts of its own test set are there */
    int64_t rows;         /* of all ratings */
    int64_t width[KINDS]; /* 0: none */
    bool media;           /* no features, but the excerpts themselves */
    char *whole[KINDS];   /* a file for all excerpts, below features; else NULL */
} importing;

/* ---- tables ------------------------------------------------------------------ */

static bool is_ratings(const mien_table *t) {
    return mien_column_any(t, name_columns) >= 0 &&
           mien_column_any(t, valence_columns) >= 0 &&
           mien_column_any(t, arousal_columns) >= 0;
}

static mien_status read_table(importing *g, const char *name) {
    mien_table *t = NULL;
    char *path = mien_path_join(g->annotations, name);
    mien_status status = path ? mien_table_read(path, NULL, &t) : MIEN_ENOMEM;
    mien_free(path);
    if (status != MIEN_OK) {
        return status;
    }
    if (g->tables_count == TABLES_MAX) {
        mien_table_free(&t);
        return mien_fail(
            MIEN_ELIMIT, "%s: more than %d tables", g->annotations, TABLES_MAX);
    }
    g->tables[g->tables_count++] = t;
    int named = mien_column_any(t, name_columns), set = mien_column_any(t, set_columns);
    if (named >= 0 && set >= 0 && !is_ratings(t)) {
        return mien_liris_sets_add(t, named, set, &g->sets);
    }
    for (int64_t i = 0; is_ratings(t) && i < mien_table_rows(t); i++) {
        g->mediaeval =
            g->mediaeval || strncmp(mien_table_cell(t, i, named), "MEDIAEVAL", 9) == 0;
        g->rows++;
    }
    return MIEN_OK;
}

static mien_status read_tables(importing *g) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_list(g->annotations, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const char *extension = mien_path_extension(names[i]);
        if (strcasecmp(extension, "txt") == 0 || strcasecmp(extension, "tsv") == 0 ||
            strcasecmp(extension, "csv") == 0) {
            status = names[i][0] == '.' ? MIEN_OK : read_table(g, names[i]);
        }
    }
    if (status == MIEN_OK && g->rows == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: no table with columns name, valenceValue and arousalValue "
            "(ACCEDEranking.txt)",
            g->annotations);
    }
    mien_names_free(&names, count);
    mien_liris_facts_sort(&g->sets);
    return status;
}

/* ---- features ---------------------------------------------------------------- */

/* Either a file for all excerpts, or a folder with one each (whole stays NULL). */
static mien_status find_features(importing *g, int kind) {
    static const char *const extensions[] = {"h5", "npy"};
    const char *name = mien_film_kinds[kind].name;
    mien_status status = MIEN_OK;
    for (int i = 0; i < 2 && !g->whole[kind] && status == MIEN_OK; i++) {
        mien_array *array = NULL;
        mien_string file;
        mien_string_init(&file);
        status = mien_string_addf(&file, "%s.%s", name, extensions[i]);
        char *path = status ? NULL : mien_path_join(g->features, file.text);
        status = status || path ? status : MIEN_ENOMEM;
        if (status == MIEN_OK && mien_file_exists(path)) {
            status = mien_array_open(path, &array);
            if (status == MIEN_OK && mien_array_shape(array)[0] != g->rows) {
                status = mien_fail(MIEN_ESHAPE,
                    "%s: %" PRId64 " rows where the ratings have %" PRId64, path,
                    mien_array_shape(array)[0], g->rows);
            }
            if (status == MIEN_OK) {
                g->width[kind] = mien_array_width(array);
                g->whole[kind] = mien_string_take(&file);
                status = g->whole[kind] ? MIEN_OK : MIEN_ENOMEM;
            }
        }
        mien_array_close(&array);
        mien_free(path);
        mien_string_clear(&file);
    }
    char *folder = mien_path_join(g->features, name);
    if (status == MIEN_OK && folder && !g->whole[kind] &&
        mien_file_is_directory(folder)) {
        g->width[kind] = mien_film_kinds[kind].width;
    }
    status = status || folder ? status : MIEN_ENOMEM;
    mien_free(folder);
    return status;
}

/* The cell of one excerpt; "" where it has none. */
static mien_status place_of(
    const importing *g, int kind, const char *stem, int64_t row, mien_string *cell) {
    bool below = strcmp(g->features, g->directory) != 0;
    const char *slash = *g->prefix ? "/" : "", *folder = below ? "features/" : "";
    if (g->whole[kind]) {
        return mien_string_addf(
            cell, "%s%s%s%s#%" PRId64, g->prefix, slash, folder, g->whole[kind], row);
    }
    for (int i = 0; i < 2; i++) {
        mien_string path;
        mien_string_init(&path);
        mien_string_addf(
            &path, "%s/%s.%s", mien_film_kinds[kind].name, stem, i ? "npy" : "h5");
        char *whole = path.failed ? NULL : mien_path_join(g->features, path.text);
        bool found = whole && mien_file_exists(whole);
        if (found) {
            mien_string_addf(cell, "%s%s%s%s", g->prefix, slash, folder, path.text);
        }
        mien_string_clear(&path);
        mien_free(whole);
        if (found || !whole) {
            return whole || found ? mien_string_status(cell) : MIEN_ENOMEM;
        }
    }
    return MIEN_OK;
}

/* ---- rows -------------------------------------------------------------------- */

static const char *split_of(const importing *g, const char *name) {
    const char *split = mien_liris_facts_find(&g->sets, name);
    if (split || g->sets.count > 0 || !g->mediaeval) {
        return split;
    }
    return strncmp(name, "MEDIAEVAL", 9) == 0 ? "test" : "train";
}

/* data/NAME, where the film itself is there too. */
static mien_status film_of(const importing *g, const char *name, char **cell) {
    char *data = mien_path_join("data", name);
    char *path = data ? mien_path_join(g->directory, data) : NULL;
    bool there = path && mien_file_exists(path);
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (there) {
        *cell = mien_path_join(g->prefix, data);
        status = *cell ? MIEN_OK : MIEN_ENOMEM;
    }
    mien_free(path);
    mien_free(data);
    return status;
}

/* Where the excerpt ends, by its file's head; n/a where that cannot be read. */
static void end_of(
    const importing *g, const char *name, char number[32], const char **cell) {
    mien_film *film = NULL;
    char *data = mien_path_join("data", name);
    char *path = data ? mien_path_join(g->directory, data) : NULL;
    *cell = NULL;
    if (path && mien_film_open(path, NULL, &film) == MIEN_OK &&
        mien_film_info_of(film)->duration_s > 0) {
        *cell = mien_format_double(mien_film_info_of(film)->duration_s, number);
    }
    mien_film_close(&film);
    mien_free(path);
    mien_free(data);
}

static mien_status add_row(const importing *g, const mien_table *t, int64_t row,
    int64_t number, mien_table *to) {
    const char *name = mien_table_cell(t, row, mien_column_any(t, name_columns));
    int valence = mien_column_any(t, valence_columns);
    int arousal = mien_column_any(t, arousal_columns), column = FIRST_FEATURE;
    const char *extension = mien_path_extension(name);
    const char *cells[FIRST_FEATURE + 2 + KINDS];
    mien_string places[KINDS];
    char *film = NULL, number_of[32];
    char *stem =
        mien_strndup(name, strlen(name) - (*extension ? strlen(extension) + 1 : 0));
    mien_status status = stem ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_cell_missing(name)) {
        status = mien_fail(MIEN_EFORMAT, "%s:%" PRId64 ": the excerpt has no name",
            mien_table_file(t), mien_table_line(t, row));
    }
    status = status ? status : mien_rating_check(t, row, valence, 1, 5, false);
    status = status ? status : mien_rating_check(t, row, arousal, 1, 5, false);
    status = status ? status : film_of(g, name, &film);
    cells[TRIAL] = stem;
    cells[GROUP] = mien_liris_facts_find(&g->films, name);
    cells[FILM] = film;
    cells[SPLIT] = split_of(g, name);
    cells[VALENCE] = mien_table_cell(t, row, valence);
    cells[AROUSAL] = mien_table_cell(t, row, arousal);
    if (g->media) {
        cells[column++] = film ? "0" : NULL;
        cells[column] = NULL;
        if (film) {
            end_of(g, name, number_of, &cells[column]);
        }
        column++;
    }
    for (int k = 0; k < KINDS; k++) {
        mien_string_init(&places[k]);
        if (g->width[k] > 0) {
            status = status ? status : place_of(g, k, stem, number, &places[k]);
            cells[column++] = places[k].length ? places[k].text : NULL;
        }
    }
    status = status ? status : mien_table_add_row(to, cells);
    for (int k = 0; k < KINDS; k++) {
        mien_string_clear(&places[k]);
    }
    mien_free(stem);
    mien_free(film);
    return status;
}

static mien_status check_ids(const mien_table *t) {
    int64_t rows = mien_table_rows(t);
    const char **ids = mien_alloc((size_t)rows, sizeof *ids);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    mien_status status = ids && first ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        ids[i] = mien_table_cell(t, i, TRIAL);
    }
    status = status ? status : mien_names_first(rows, ids, first);
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        if (first[i] != i) {
            status = mien_fail(
                MIEN_EFORMAT, "excerpt %s is rated twice in the annotations", ids[i]);
        }
    }
    mien_free(first);
    mien_free(ids);
    return status;
}

static mien_status make_table(const importing *g, mien_table **table) {
    const char *names[FIRST_FEATURE + 2 + KINDS] = {
        "trial", "group", "film", "split", "valence", "arousal"};
    char text[KINDS][64];
    int columns = FIRST_FEATURE;
    int64_t number = 0;
    mien_table *made = NULL;
    if (g->media) {
        names[columns++] = "start_s";
        names[columns++] = "end_s";
    }
    for (int k = 0; k < KINDS; k++) {
        if (g->width[k] > 0) {
            snprintf(text[k], sizeof text[k], "features.%s", mien_film_kinds[k].name);
            names[columns++] = text[k];
        }
    }
    mien_status status = mien_table_new(columns, names, &made);
    for (int i = 0; i < g->tables_count; i++) {
        const mien_table *t = g->tables[i];
        for (int64_t r = 0;
             status == MIEN_OK && is_ratings(t) && r < mien_table_rows(t); r++) {
            status = add_row(g, t, r, number++, made);
        }
    }
    status = status ? status : check_ids(made);
    if (status != MIEN_OK) {
        mien_table_free(&made);
        return status;
    }
    *table = made;
    return MIEN_OK;
}

/* ---- the whole --------------------------------------------------------------- */

static mien_status add_words(const importing *g, mien_value *sidecar) {
    mien_status status =
        mien_sidecar_add_column(sidecar, "group", "the film of the excerpt");
    for (int k = 0; status == MIEN_OK && k < KINDS; k++) {
        if (g->width[k] > 0) {
            status = mien_sidecar_add_feature(sidecar, mien_film_kinds[k].name,
                g->whole[k] ? g->width[k] : 0, mien_film_kinds[k].words);
        }
    }
    if (status == MIEN_OK && g->films.count == 0) {
        mien_log(MIEN_LOG_WARN, "data",
            "liris-accede: without %s excerpts of one film are not kept together",
            MIEN_LIRIS_DESCRIPTION);
        status = mien_sidecar_add_note(sidecar,
            "the films of the excerpts are not known: folds do not keep them together");
    }
    return status;
}

static mien_status make_sidecar(const importing *g, mien_value **sidecar) {
    static const char *const targets[] = {"valence", "arousal"};
    mien_value *made = mien_sidecar_new("liris-accede",
        "ratings of LIRIS-ACCEDE (excerpts)", MIEN_LIRIS_CITATION, MIEN_LIRIS_LICENCE);
    mien_status status = made ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; i < 2 && status == MIEN_OK; i++) {
        mien_trials_target target = {.minimum = 1,
            .maximum = 5,
            .unit = "1-5, from pairwise comparisons",
            .construct = "evoked",
            .perspective = "normative"};
        snprintf(target.name, sizeof target.name, "%s", targets[i]);
        status = mien_sidecar_add_target(made, &target);
    }
    status = status ? status : add_words(g, made);
    if (status != MIEN_OK) {
        mien_value_free(&made);
        return status;
    }
    *sidecar = made;
    return MIEN_OK;
}

static void importing_clear(importing *g) {
    for (int i = 0; i < g->tables_count; i++) {
        mien_table_free(&g->tables[i]);
    }
    for (int k = 0; k < KINDS; k++) {
        mien_free(g->whole[k]);
    }
    mien_liris_facts_clear(&g->sets);
    mien_liris_facts_clear(&g->films);
    mien_free(g->features);
    mien_free(g->annotations);
}

mien_status mien_liris_global(const char *directory, const char *prefix,
    const mien_options *options, mien_table **table, mien_value **sidecar) {
    importing g = {.directory = directory,
        .prefix = prefix,
        .annotations = mien_liris_folder(directory, "annotations"),
        .features = mien_liris_folder(directory, "features")};
    mien_table *made = NULL;
    (void)options;
    mien_status status = g.annotations && g.features ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : read_tables(&g);
    status = status ? status : mien_liris_films_read(g.annotations, &g.films);
    char *data = mien_path_join(directory, "data");
    status = status || data ? status : MIEN_ENOMEM;
    g.media = data && mien_file_is_directory(data);
    for (int k = 0; status == MIEN_OK && k < KINDS; k++) {
        status = find_features(&g, k);
        g.media = g.media && g.width[k] == 0;
    }
    mien_free(data);
    status = status ? status : make_table(&g, &made);
    status = status ? status : make_sidecar(&g, sidecar);
    if (status == MIEN_OK) {
        *table = made;
        made = NULL;
    }
    mien_table_free(&made);
    importing_clear(&g);
    return status;
}
