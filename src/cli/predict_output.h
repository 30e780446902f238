/* SPDX-License-Identifier: MIT */
/* Where the predictions of `mien predict` go: rows, timeline files, a page. */
#ifndef MIEN_CLI_PREDICT_OUTPUT_H
#define MIEN_CLI_PREDICT_OUTPUT_H

#include "mien/mien.h"

/** All moments of one film, or of one series of a trial table, or a row that stands
 * alone, kept for timeline files and pages. */
typedef struct cli_track {
    char *input;
    bool film; /* its rows have times */
    int64_t count, capacity;
    mien_prediction *moments; /* input, thumbnail and probability NULL */
    double *shares; /* [shares_capacity, classes]: the probabilities of each moment */
    int64_t shares_capacity;
    double *effect; /* [targets, count, effects]: what each input of the model adds to a
                       value at a moment; NULL: not known */
    const char *effects[MIEN_INPUTS_MAX]; /* the inputs' names, lent by the model */
    int effects_count;
    float *where;  /* [targets, MIEN_WHERE, MIEN_WHERE] of a picture; NULL: none */
    double aspect; /* of its picture, width to height */
    mien_figure_thumbnail *thumbnails;
    int64_t thumbnails_count, thumbnails_stride, thumbnails_seen;
} cli_track;

typedef struct cli_tracks {
    const mien_target *targets; /* set by whoever fills the tracks, lent */
    int targets_count;
    const char
        *sampling; /* NULL, or how films' pictures were chosen, other than by time */
    cli_track *items;
    int64_t count, capacity;
} cli_tracks;

/** Copies the prediction to the track of its series or input (they come one after the
 * other).
 * Thumbnails are kept evenly: never more than 64 a film. */
mien_status cli_tracks_add(cli_tracks *tracks, const mien_prediction *prediction);
void cli_tracks_clear(cli_tracks *tracks);
/** Probabilities of target t, which has classes, at a moment of the track. */
const double *cli_track_shares(
    const cli_tracks *tracks, const cli_track *track, int64_t moment, int t);

/** A table of predictions being written. */
typedef struct cli_rows {
    mien_table_writer *writer; /* NULL: not open */
    const mien_target *targets;
    int targets_count;
    const char *sampling; /* not NULL: a last column with it; set before opening, as */
    bool trial, row, input;            /* the columns that say what a row is about */
    const mien_after *after;           /* the model's, lent; NULL: no columns of sets */
    mien_string set[MIEN_TARGETS_MAX]; /* cells of sets */
    bool trained_on;    /* a last column: whether the model was trained on the row */
    int keys;           /* so many, with start_s and end_s */
    const char **cells; /* [columns] */
    char *text;         /* [columns] cells of numbers */
} cli_rows;
/** The table's columns: trial, row, input, as they are wanted; start_s, end_s, each
 * target (a value or a label); then
 * of each its interval and normal scale, or the probability of each class and, where
 * the model has one, its conformal set (NAME_set, "joy|surprise"); at last `trained_on`
 * (yes, no; n/a where it is not known) and `sampling` (n/a of a picture) where these
 * are set. targets are lent. */
mien_status cli_rows_open(cli_rows *rows, const char *path, mien_table_format format,
    const mien_target *targets, int targets_count);
mien_status cli_rows_write(cli_rows *rows, const mien_prediction *prediction);
/** Closes the table and gives the first failure: status with its text, or the
 * closing's. */
mien_status cli_rows_close(cli_rows *rows, mien_status status);

/** Scale, raters, quality and sampling, in one paragraph. */
mien_status cli_predict_words(
    mien_page *page, const mien_model *model, const cli_tracks *tracks);
/** Draws what counts in a picture: its thumbnail under a heat map of target t. */
void cli_draw_where(mien_string *html, const cli_track *track, const mien_model *model,
    const mien_target *target, int t);

/** The page of `--report`. */
mien_status cli_predict_report(const cli_tracks *tracks, const mien_model *model,
    const char *const *problems, int64_t problems_count, const char *path);

#endif
