/* SPDX-License-Identifier: MIT */
/* The rows that are to be predicted, however they were given: pictures and films by
 * name, files of features, trial tables. Each row has a place for every input of the
 * model. */
#ifndef MIEN_PREDICT_ROWS_H
#define MIEN_PREDICT_ROWS_H

#include "mien/predict.h"

typedef struct mien_row {
    const char *name;   /**< what messages and predictions call it */
    const char *trial;  /**< its id in a trial table; NULL: none */
    const char *series; /**< rows of one series are neighbours in time; NULL: alone */
    double start_s, end_s;      /**< NaN: not told */
    const mien_after_value *by; /**< intervals of its cell; NULL: those of all rows */
    int64_t number;             /**< from 0, in its table or its files */
    mien_place *place;          /**< [inputs] */
    const char *problem;        /**< why it cannot be predicted; NULL: it can */
    mien_status status;
} mien_row;

/** All text is lent by the arena. */
typedef struct mien_rows {
    const mien_network *network; /**< lent */
    bool ordered; /**< the network, or what comes after it, reads rows in order of time
                   */
    const char *const *columns; /**< [columns_count] "NAME=COLUMN"; lent */
    int columns_count;
    mien_arena *arena;
    mien_row *items;
    int64_t count, capacity;
    bool trials;   /**< some row has an id */
    bool pictures; /**< some row names a picture or film */
} mien_rows;

/** network and options are lent until mien_rows_clear(). MIEN_EINVAL for
 * options.columns that name an input twice, or one that the model does not have. */
mien_status mien_rows_init(
    mien_rows *rows, const mien_network *network, const mien_predict_options *options);
void mien_rows_clear(mien_rows *rows);
/** Adds pictures, films, folders, lists, and trial tables (.tsv, .csv). What cannot be
 * read becomes a row with its problem. MIEN_EINVAL names what the model needs beside
 * pictures. */
mien_status mien_rows_add_names(
    mien_rows *rows, const char *const *names, int64_t count);
/** Adds one row for each of the files' rows: a series of segments. As
 * mien_predictor_run_features() says. */
mien_status mien_rows_add_files(
    mien_rows *rows, const mien_feature_file *files, int count);

/* ---- parts of the above ---- */

/** A new row whose places are all missing; name is copied, NULL: still to be said. */
mien_status mien_rows_add(mien_rows *rows, const char *name, mien_row **row);
/** Notes a failure just told as a row of its own; running out of memory is everybody's.
 */
mien_status mien_rows_add_problem(
    mien_rows *rows, const char *name, mien_status status);
/** Rows of a trial table: see docs/trials.md. */
mien_status mien_rows_add_table(mien_rows *rows, const char *path);
/** The number of an input; MIEN_EINVAL names the nearest. */
mien_status mien_rows_input(const mien_rows *rows, const char *name, int *input);
/** "mood, skin": inputs that the model needs and the places [inputs] lack; their
 * number.
 */
int mien_rows_lacking(
    const mien_rows *rows, const mien_place *place, mien_string *text);

#endif
