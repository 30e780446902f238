/* SPDX-License-Identifier: MIT */
/* The extended COGNIMUSE: films cut into segments of 5 s, five features of each, and
 * continuous ratings of what viewers feel.
 *
 * Its authors give the features and ratings away on request only, so the folder is
 * ours: ratings of each film in labels/FILM.csv (or .tsv; or in the folder itself),
 * features in FILM.h5, a data set each, or FILM_NAME.h5, or NAME/FILM.h5; see film.h.
 * The films are those that have ratings. A film with more features than ratings, or
 * fewer, is an error: nobody could say which belong together. */
#include "data/dataset.h"
#include "data/film.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { KINDS = MIEN_FILM_KINDS };
enum { TRIAL, GROUP, START, END, VALENCE, AROUSAL, FIRST_FEATURE };

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

typedef struct film {
    char *name;
    char *labels_path; /* below the folder */
    mien_film_features features;
    mien_film_labels labels;
} film;

typedef struct importing {
    const char *directory, *prefix;
    mien_film_label_options label;
    film *films;
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
        film *f = &g->films[g->count++];
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

/* Features and ratings must speak of the same segments. */
static mien_status check_length(const film *f) {
    int64_t rows = f->features.rows;
    if (rows == 0) {
        return mien_fail(MIEN_ENOTFOUND,
            "film %s: it has ratings (%s) but no features: %s.h5, %s_%s.h5 and "
            "%s/%s.h5 "
            "are not there, nor those of the other features",
            f->name, f->labels_path, f->name, f->name, mien_film_kinds[0].name,
            mien_film_kinds[0].name, f->name);
    }
    if (rows < f->labels.whole || rows > f->labels.count) {
        return mien_fail(MIEN_ESHAPE,
            "film %s: its features have %" PRId64 " rows where %s rates %" PRId64
            " segments",
            f->name, rows, f->labels_path,
            rows > f->labels.count ? f->labels.count : f->labels.whole);
    }
    return MIEN_OK;
}

static mien_status read_film(importing *g, film *f) {
    mien_status status = mien_film_find(g->directory, f->name, &f->features);
    status =
        status ? status : mien_film_labels_read(f->labels_path, &g->label, &f->labels);
    status = status ? status : check_length(f);
    for (int k = 0; status == MIEN_OK && k < KINDS; k++) {
        int64_t width = f->features.width[k];
        if (g->width[k] > 0 && width > 0 && width != g->width[k]) {
            status = mien_fail(MIEN_ESHAPE,
                "film %s: %s has %" PRId64
                " values a row where other films have %" PRId64,
                f->name, f->features.place[k], width, g->width[k]);
        }
        g->width[k] = width > 0 ? width : g->width[k];
    }
    return status;
}

static mien_status read_films(importing *g) {
    mien_status status = find_films(g);
    for (int64_t i = 0; status == MIEN_OK && i < g->count; i++) {
        status = read_film(g, &g->films[i]);
    }
    for (int64_t i = 0; status == MIEN_OK && i < g->count; i++) {
        for (int k = 0; k < KINDS; k++) {
            if (g->width[k] > 0 && !g->films[i].features.place[k]) {
                mien_log(MIEN_LOG_WARN, "data",
                    "cognimuse: film %s has no %s: n/a there", g->films[i].name,
                    mien_film_kinds[k].name);
            }
        }
    }
    return status;
}

/* ---- the table --------------------------------------------------------------------
 */

static mien_status add_segment(
    const importing *g, const film *f, int64_t row, mien_table *to) {
    const char *cells[FIRST_FEATURE + KINDS];
    char id[300], number[4][32], *place[KINDS] = {NULL};
    int column = FIRST_FEATURE;
    mien_status status = MIEN_OK;
    snprintf(id, sizeof id, "%s/%04" PRId64, f->name, row);
    cells[TRIAL] = id;
    cells[GROUP] = f->name;
    cells[START] = mien_format_double(f->labels.start_s[row], number[0]);
    cells[END] = mien_format_double(f->labels.start_s[row + 1], number[1]);
    cells[VALENCE] = mien_format_double(f->labels.mean[row][0], number[2]);
    cells[AROUSAL] = mien_format_double(f->labels.mean[row][1], number[3]);
    for (int k = 0; status == MIEN_OK && k < KINDS; k++) {
        if (g->width[k] == 0) {
            continue;
        }
        if (f->features.place[k]) {
            place[k] = mien_film_cell(g->prefix, f->features.place[k], row);
            status = place[k] ? MIEN_OK : MIEN_ENOMEM;
        }
        cells[column++] = place[k];
    }
    status = status ? status : mien_table_add_row(to, cells);
    for (int k = 0; k < KINDS; k++) {
        mien_free(place[k]);
    }
    return status;
}

static mien_status make_table(const importing *g, mien_table **table) {
    const char *names[FIRST_FEATURE + KINDS] = {
        "trial", "group", "start_s", "end_s", "valence", "arousal"};
    char text[KINDS][64];
    int columns = FIRST_FEATURE;
    mien_table *made = NULL;
    for (int k = 0; k < KINDS; k++) {
        if (g->width[k] > 0) {
            snprintf(text[k], sizeof text[k], "features.%s", mien_film_kinds[k].name);
            names[columns++] = text[k];
        }
    }
    mien_status status = mien_table_new(columns, names, &made);
    for (int64_t i = 0; i < g->count; i++) {
        const film *f = &g->films[i];
        for (int64_t r = 0; status == MIEN_OK && r < f->features.rows; r++) {
            status = add_segment(g, f, r, made);
        }
    }
    if (status != MIEN_OK) {
        mien_table_free(&made);
        return status;
    }
    *table = made;
    return MIEN_OK;
}

/* ---- the whole --------------------------------------------------------------------
 */

static void importing_clear(importing *g) {
    for (int64_t i = 0; i < g->count; i++) {
        mien_film_features_clear(&g->films[i].features);
        mien_film_labels_clear(&g->films[i].labels);
        mien_free(g->films[i].labels_path);
        mien_free(g->films[i].name);
    }
    mien_free(g->films);
}

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
    g.prefix = prefix;
    status = status ? status : read_films(&g);
    status = status ? status : make_table(&g, &made);
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
    importing_clear(&g);
    mien_free(prefix);
    return status;
}

const mien_dataset mien_dataset_cognimuse = {
    .name = "cognimuse",
    .summary = "films in segments of 5 s with five features and continuous valence and "
               "arousal (Zlatintsi et al. 2017; Thao et al. 2021)",
    .options = options,
    .import = import,
};
