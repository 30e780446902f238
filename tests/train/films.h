/* SPDX-License-Identifier: MIT */
/* A small data set of films for networks over features: segments in order, two columns
 * of features that say something of what was felt. */
#ifndef MIEN_TESTS_TRAIN_FILMS_H
#define MIEN_TESTS_TRAIN_FILMS_H

#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/study/study.h"

enum {
    FILMS = 5,
    FILMS_SEGMENTS = 12,
    FILMS_ROWS = FILMS * FILMS_SEGMENTS,
    FILMS_SOUND = 3, /* values of a row of features.sound */
    FILMS_SIGHT = 4
};

static inline double films_felt(int film, int segment) {
    return 0.7 * sin(0.6 * segment + film);
}

static inline float films_sound(int row, int k) {
    int film = row / FILMS_SEGMENTS, segment = row % FILMS_SEGMENTS;
    const double values[FILMS_SOUND] = {
        100 + 30 * films_felt(film, segment), 0.32, sin(7.0 * row)};
    return (float)values[k];
}

static inline float films_sight(int row, int k) {
    int film = row / FILMS_SEGMENTS, segment = row % FILMS_SEGMENTS;
    const double values[FILMS_SIGHT] = {cos(3.0 * row),
        films_felt(film, segment) + 0.3 * sin(11.0 * row), 1e-3 * row, -film};
    return (float)values[k];
}

static inline void films_array(
    const char *name, int width, float (*value)(int row, int k)) {
    mien_string text;
    char path[96];
    mien_string_init(&text);
    for (int row = 0; row < FILMS_ROWS; row++) {
        for (int k = 0; k < width; k++) {
            mien_string_addf(&text, "%s%.9g", k ? "," : "", (double)value(row, k));
        }
        mien_string_add(&text, "\n");
    }
    assert_good(mien_string_status(&text));
    snprintf(path, sizeof path, "%s.csv", name);
    support_write(path, text.text, text.length);
    mien_string_clear(&text);
}

typedef struct films_options {
    int films;         /* 0: all */
    int without_sound; /* rows from here have none; 0: all have */
    bool no_starts, no_group;
    bool shuffled; /* rows of the table in another order */
} films_options;

static inline void films_table(const char *name, films_options o) {
    mien_string text;
    char path[96];
    int rows = (o.films ? o.films : FILMS) * FILMS_SEGMENTS;
    mien_string_init(&text);
    mien_string_addf(&text,
        "trial\tgroup%s\tfeatures.sound\tfeatures.sight\t"
        "valence\tmood\n",
        o.no_starts ? "" : "\tstart_s\tend_s");
    for (int i = 0; i < rows; i++) {
        int row = o.shuffled ? (7 * i + 3) % rows : i;
        int film = row / FILMS_SEGMENTS, segment = row % FILMS_SEGMENTS;
        char sound[32];
        snprintf(sound, sizeof sound, "sound.csv#%d", row);
        mien_string_addf(&text, "t%02d\t", row);
        mien_string_addf(&text, o.no_group ? "n/a" : "film%d", film);
        if (!o.no_starts) {
            mien_string_addf(&text, "\t%d\t%d", 5 * segment, 5 * segment + 5);
        }
        mien_string_addf(&text, "\t%s\tsight.csv#%d\t%.6f\t%s\n",
            o.without_sound && row >= o.without_sound ? "n/a" : sound, row,
            films_felt(film, segment), films_felt(film, segment) > 0 ? "good" : "bad");
    }
    assert_good(mien_string_status(&text));
    snprintf(path, sizeof path, "%s.tsv", name);
    support_write(path, text.text, text.length);
    mien_string_clear(&text);
    static const char sidecar[] =
        "{\"version\": 2, \"name\": \"films\", \"targets\": {"
        "\"valence\": {\"range\": [-1, 1], \"unit\": \"-1-1\", \"construct\": "
        "\"evoked\", \"perspective\": \"normative\"},"
        "\"mood\": {\"classes\": [\"bad\", \"good\"], \"construct\": \"evoked\", "
        "\"perspective\": \"normative\"}}}";
    snprintf(path, sizeof path, "%s.json", name);
    support_write(path, sidecar, sizeof sidecar - 1);
}

static inline void films_make(void) {
    films_array("sound", FILMS_SOUND, films_sound);
    films_array("sight", FILMS_SIGHT, films_sight);
    films_table("films", (films_options){0});
}

#define FILMS_STUDY                                                                    \
    "trials: films.tsv\n"                                                              \
    "method: network\n"                                                                \
    "inputs: [sound, sight]\n"                                                         \
    "targets: [valence]\n"                                                             \
    "model: {name: aan, width: 4, heads: 2, layers: 2, golden: 2}\n"                   \
    "epochs: 3\n"                                                                      \
    "batch: 7\n"                                                                       \
    "optimiser: {rate: 0.01}\n"                                                        \
    "folds: {rule: leave-one-group-out}\n"                                             \
    "bootstrap: {repeats: 20}\n"

/** A study of these films with what is set. */
static inline mien_status films_study(
    const char *const *set, int count, mien_study **study) {
    char path[4096];
    snprintf(path, sizeof path, "%s",
        support_write("films.yaml", FILMS_STUDY, strlen(FILMS_STUDY)));
    return mien_study_open(path, set, count, study);
}
#define FILMS_SET(...)                                                                 \
    (const char *const[]){__VA_ARGS__},                                                \
        (int)(sizeof(const char *const[]){__VA_ARGS__} / sizeof(char *))

#endif
