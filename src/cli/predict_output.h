/* SPDX-License-Identifier: MIT */
/* Where the predictions of `mien predict` go: rows, timeline files, a page. */
#ifndef MIEN_CLI_PREDICT_OUTPUT_H
#define MIEN_CLI_PREDICT_OUTPUT_H

#include "mien/mien.h"

/** All moments of one input, kept for timeline files and pages. */
typedef struct cli_track {
    char *input;
    bool film;
    int64_t count, capacity;
    mien_prediction *moments; /* input and thumbnail NULL */
    mien_figure_thumbnail *thumbnails;
    int64_t thumbnails_count, thumbnails_stride, thumbnails_seen;
} cli_track;

typedef struct cli_tracks {
    cli_track *items;
    int64_t count, capacity;
} cli_tracks;

/** Copies the prediction to the track of its input (inputs come one after the other).
 * Thumbnails are kept evenly: never more than 64 a film. */
mien_status cli_tracks_add(cli_tracks *tracks, const mien_prediction *prediction);
void cli_tracks_clear(cli_tracks *tracks);

/** The table's columns: input, start_s, end_s, each target; then interval and normal
 * scale. */
mien_status cli_rows_open(const char *path, mien_table_format format,
    const mien_readout *readout, mien_table_writer **writer);
mien_status cli_rows_write(
    mien_table_writer *writer, const mien_prediction *prediction);

/** The page of `--report`. */
mien_status cli_predict_report(const cli_tracks *tracks, const mien_model *model,
    const char *const *problems, int64_t problems_count, const char *path);

#endif
