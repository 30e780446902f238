/* SPDX-License-Identifier: MIT */
/* Films cut into segments: where their features are, what their labels say of each
 * segment. */
#ifndef MIEN_DATA_FILM_H
#define MIEN_DATA_FILM_H

#include "mien/data.h"

/* The five features of the extended COGNIMUSE (Thao, Herremans & Roig 2019; 2021). */
#define MIEN_FILM_KINDS 5
typedef struct mien_film_kind {
    const char *name;
    const char *other; /* name it is found under too, or NULL */
    int64_t width;     /* as published */
    const char *words;
} mien_film_kind;
extern const mien_film_kind mien_film_kinds[MIEN_FILM_KINDS];

typedef struct mien_film_features {
    char *place[MIEN_FILM_KINDS]; /* PATH or PATH#SET below the folder; NULL: none */
    int64_t width[MIEN_FILM_KINDS];
    int64_t rows; /* the same of all; 0: there are none */
} mien_film_features;

/* Looks for FILM.h5 with a data set NAME, FILM_NAME.h5 and NAME/FILM.h5 (or .npy), in
 * this order, for each kind. MIEN_ESHAPE where two have different numbers of rows.
 * Zeroed before; mien_film_features_clear() in any case. */
mien_status mien_film_find(
    const char *directory, const char *film, mien_film_features *features);
void mien_film_features_clear(mien_film_features *features);
/* Looks for the film itself, NAME.mp4 (mkv, avi, mov, webm, m4v, mpg), in the folder or
 * in films/, movies/, continuous-movies/, videos/, video/ or data/ in it: *place is its
 * path below the folder, mien_free(); NULL where there is none. */
mien_status mien_film_media(const char *directory, const char *film, char **place);
/* The cell of a table for a row: PREFIX/PLACE#ROW or PREFIX/PLACE:ROW; NULL when out of
 * memory. */
char *mien_film_cell(const char *prefix, const char *place, int64_t row);

/* The sidecar of a table of films: valence and arousal in [-1, 1], and the features
 * that have a width. */
mien_status mien_film_sidecar(const char *name, const char *source,
    const char *citation, const char *licence, const int64_t width[MIEN_FILM_KINDS],
    mien_value **sidecar);

/* Ratings of a film, averaged over segments. */
typedef struct mien_film_labels {
    double (*mean)[2]; /* [count] valence, arousal */
    double *start_s;   /* [count + 1]: where each begins, and the last ends */
    int64_t count;     /* segments that have a rating */
    int64_t whole;     /* of these, the ones that are rated to their end */
} mien_film_labels;

typedef struct mien_film_label_options {
    double segment_s;        /* length of a segment */
    double rate_hz;          /* of rows that bear no time; 0: these are segments */
    double minimum, maximum; /* of ratings */
} mien_film_label_options;

/* Reads a table of ratings, a row a moment (time, time_s, time_ms) or a segment
 * (start_s and end_s; segment; or nothing of all this). MIEN_EFORMAT with file:line for
 * ratings out of range, for moments or segments that overlap, go back or leave one out.
 * Zeroed before; mien_film_labels_clear() in any case. */
mien_status mien_film_labels_read(
    const char *path, const mien_film_label_options *options, mien_film_labels *labels);
/* The same of a table that is there already. */
mien_status mien_film_labels_take(const mien_table *table,
    const mien_film_label_options *options, mien_film_labels *labels);
void mien_film_labels_clear(mien_film_labels *labels);

typedef struct mien_film {
    char *name;
    char *labels_path; /* for messages */
    char *media; /* the film itself, below the folder; NULL: not looked for, or none */
    mien_film_features features;
    mien_film_labels labels;
} mien_film;

/* Do features and ratings of each film speak of the same segments (MIEN_ESHAPE, or
 * MIEN_ENOTFOUND for a film without features where others have them, or without a
 * film)? width gets that of each kind, 0 where no film has it; a film that lacks one is
 * warned of as of `set`. */
mien_status mien_films_check(const char *set, const mien_film *films, int64_t count,
    int64_t width[MIEN_FILM_KINDS]);
/* A row for each segment: trial (FILM/0012), group, start_s, end_s, valence, arousal
 * and the features that have a width; where there are none, the film itself. */
mien_status mien_films_table(const mien_film *films, int64_t count,
    const int64_t width[MIEN_FILM_KINDS], const char *prefix, mien_table **table);
void mien_films_clear(mien_film **films, int64_t count);

#endif
