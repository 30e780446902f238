/* SPDX-License-Identifier: MIT */
/* Trial tables of films: checks that features and ratings belong together, and makes a
 * row of each segment. */
#include "data/importers/film.h"

#include <inttypes.h>
#include <stdio.h>

enum { KINDS = MIEN_FILM_KINDS };
/* The film itself stands in the place of the first feature. */
enum {
    TRIAL,
    GROUP,
    START,
    END,
    VALENCE,
    AROUSAL,
    FIRST_FEATURE,
    FILM = FIRST_FEATURE
};

/* Whether no film has features. */
static bool lacks_features(const mien_film *films, int64_t count) {
    bool lacks = true;
    for (int64_t i = 0; i < count; i++) {
        lacks = lacks && films[i].features.rows == 0;
    }
    return lacks;
}

/* Features and ratings must speak of the same segments; a film itself has all. */
static mien_status check_length(const mien_film *f, bool media) {
    int64_t rows = f->features.rows;
    if (media && f->media) {
        return MIEN_OK;
    }
    if (rows == 0) {
        return mien_fail(MIEN_ENOTFOUND,
            "film %s: it has ratings (%s) but no features: %s.h5, %s_%s.h5 and "
            "%s/%s.h5 "
            "are not there, nor those of the other features%s",
            f->name, f->labels_path, f->name, f->name, mien_film_kinds[0].name,
            mien_film_kinds[0].name, f->name,
            media ? ", nor the film itself (films/NAME.mp4)" : "");
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

static mien_status check_widths(const mien_film *f, int64_t width[KINDS]) {
    for (int k = 0; k < KINDS; k++) {
        int64_t here = f->features.width[k];
        if (width[k] > 0 && here > 0 && here != width[k]) {
            return mien_fail(MIEN_ESHAPE,
                "film %s: %s has %" PRId64
                " values a row where other films have %" PRId64,
                f->name, f->features.place[k], here, width[k]);
        }
        width[k] = here > 0 ? here : width[k];
    }
    return MIEN_OK;
}

mien_status mien_films_check(const char *set, const mien_film *films, int64_t count,
    int64_t width[MIEN_FILM_KINDS]) {
    const bool media = lacks_features(films, count);
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = check_length(&films[i], media);
        status = status ? status : check_widths(&films[i], width);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        for (int k = 0; k < KINDS; k++) {
            if (width[k] > 0 && !films[i].features.place[k]) {
                mien_log(MIEN_LOG_WARN, "data", "%s: film %s has no %s: n/a there", set,
                    films[i].name, mien_film_kinds[k].name);
            }
        }
    }
    return status;
}

static mien_status add_segment(const mien_film *f, const int64_t width[KINDS],
    const char *prefix, int64_t row, mien_table *to) {
    const char *cells[FIRST_FEATURE + KINDS];
    char id[300], number[4][32], *place[KINDS] = {NULL};
    char *film = NULL;
    int column = FIRST_FEATURE;
    mien_status status = MIEN_OK;
    snprintf(id, sizeof id, "%s/%04" PRId64, f->name, row);
    cells[TRIAL] = id;
    cells[GROUP] = f->name;
    cells[START] = mien_format_double(f->labels.start_s[row], number[0]);
    cells[END] = mien_format_double(f->labels.start_s[row + 1], number[1]);
    cells[VALENCE] = mien_format_double(f->labels.mean[row][0], number[2]);
    cells[AROUSAL] = mien_format_double(f->labels.mean[row][1], number[3]);
    if (f->features.rows == 0 && f->media) {
        film = mien_path_join(prefix, f->media);
        status = film ? MIEN_OK : MIEN_ENOMEM;
        cells[FILM] = film;
    }
    for (int k = 0; status == MIEN_OK && k < KINDS; k++) {
        if (width[k] == 0) {
            continue;
        }
        if (f->features.place[k]) {
            place[k] = mien_film_cell(prefix, f->features.place[k], row);
            status = place[k] ? MIEN_OK : MIEN_ENOMEM;
        }
        cells[column++] = place[k];
    }
    status = status ? status : mien_table_add_row(to, cells);
    for (int k = 0; k < KINDS; k++) {
        mien_free(place[k]);
    }
    mien_free(film);
    return status;
}

mien_status mien_films_table(const mien_film *films, int64_t count,
    const int64_t width[MIEN_FILM_KINDS], const char *prefix, mien_table **table) {
    const char *names[FIRST_FEATURE + KINDS] = {
        "trial", "group", "start_s", "end_s", "valence", "arousal"};
    char text[KINDS][64];
    int columns = FIRST_FEATURE;
    const bool media = lacks_features(films, count);
    mien_table *made = NULL;
    if (media) {
        names[columns++] = "film";
    }
    for (int k = 0; k < KINDS; k++) {
        if (width[k] > 0) {
            snprintf(text[k], sizeof text[k], "features.%s", mien_film_kinds[k].name);
            names[columns++] = text[k];
        }
    }
    mien_status status = mien_table_new(columns, names, &made);
    for (int64_t i = 0; i < count; i++) {
        const mien_film *f = &films[i];
        const int64_t rows = media ? f->labels.count : f->features.rows;
        for (int64_t r = 0; status == MIEN_OK && r < rows; r++) {
            status = add_segment(f, width, prefix, r, made);
        }
    }
    if (status != MIEN_OK) {
        mien_table_free(&made);
        return status;
    }
    *table = made;
    return MIEN_OK;
}

void mien_films_clear(mien_film **films, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        mien_film *f = &(*films)[i];
        mien_film_features_clear(&f->features);
        mien_film_labels_clear(&f->labels);
        mien_free(f->labels_path);
        mien_free(f->media);
        mien_free(f->name);
    }
    mien_free(*films);
    *films = NULL;
}
