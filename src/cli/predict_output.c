/* SPDX-License-Identifier: MIT */
/* Rows of a table, and tracks kept for files that need a whole film. */
#include "cli/predict_output.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { THUMBNAILS_MAX = 64, THUMBNAIL_QUALITY = 80 };

static void track_clear(cli_track *track) {
    for (int64_t i = 0; i < track->thumbnails_count; i++) {
        mien_free((void *)track->thumbnails[i].jpeg);
    }
    mien_free(track->thumbnails);
    mien_free(track->moments);
    mien_free(track->input);
}

void cli_tracks_clear(cli_tracks *tracks) {
    for (int64_t i = 0; i < tracks->count; i++) {
        track_clear(&tracks->items[i]);
    }
    mien_free(tracks->items);
    *tracks = (cli_tracks){0};
}

static mien_status add_track(
    cli_tracks *tracks, const mien_prediction *prediction, cli_track **track) {
    if (tracks->count == tracks->capacity) {
        int64_t capacity = tracks->capacity ? 2 * tracks->capacity : 16;
        cli_track *items = mien_realloc(
            tracks->items, (size_t)tracks->capacity, (size_t)capacity, sizeof *items);
        if (!items) {
            return MIEN_ENOMEM;
        }
        tracks->items = items;
        tracks->capacity = capacity;
    }
    cli_track *t = &tracks->items[tracks->count];
    bool film = !isnan(prediction->start_s);
    *t = (cli_track){.input = mien_strdup(prediction->input),
        .film = film,
        .thumbnails = mien_alloc(film ? THUMBNAILS_MAX : 1, sizeof *t->thumbnails),
        .thumbnails_stride = 1};
    tracks->count++;
    *track = t;
    return t->input && t->thumbnails ? MIEN_OK : MIEN_ENOMEM;
}

/* When the room is full, every second thumbnail goes and the stride doubles. */
static void thin_out(cli_track *track) {
    int64_t kept = 0;
    for (int64_t i = 0; i < track->thumbnails_count; i++) {
        if (i % 2 == 0) {
            track->thumbnails[kept++] = track->thumbnails[i];
        } else {
            mien_free((void *)track->thumbnails[i].jpeg);
        }
    }
    track->thumbnails_count = kept;
    track->thumbnails_stride *= 2;
}

static mien_status add_thumbnail(cli_track *track, const mien_prediction *prediction) {
    if (!prediction->thumbnail ||
        track->thumbnails_seen++ % track->thumbnails_stride != 0) {
        return MIEN_OK;
    }
    if (track->thumbnails_count == THUMBNAILS_MAX) {
        thin_out(track);
        if ((track->thumbnails_seen - 1) % track->thumbnails_stride != 0) {
            return MIEN_OK;
        }
    }
    void *jpeg = NULL;
    size_t bytes = 0;
    mien_status status =
        mien_image_to_jpeg(prediction->thumbnail, THUMBNAIL_QUALITY, &jpeg, &bytes);
    if (status == MIEN_OK) {
        track->thumbnails[track->thumbnails_count++] = (mien_figure_thumbnail){
            .time_s = prediction->start_s, .jpeg = jpeg, .jpeg_bytes = bytes};
    }
    return status;
}

mien_status cli_tracks_add(cli_tracks *tracks, const mien_prediction *prediction) {
    cli_track *t = tracks->count ? &tracks->items[tracks->count - 1] : NULL;
    mien_status status = MIEN_OK;
    /* a film named twice begins anew */
    if (!t || strcmp(t->input, prediction->input) != 0 || !t->film ||
        !(prediction->start_s > t->moments[t->count - 1].start_s)) {
        status = add_track(tracks, prediction, &t);
        if (status != MIEN_OK) {
            return status;
        }
    }
    if (t->count == t->capacity) {
        int64_t capacity = t->capacity ? 2 * t->capacity : t->film ? 64 : 1;
        mien_prediction *moments = mien_realloc(
            t->moments, (size_t)t->capacity, (size_t)capacity, sizeof *moments);
        if (!moments) {
            return MIEN_ENOMEM;
        }
        t->moments = moments;
        t->capacity = capacity;
    }
    t->moments[t->count] = *prediction;
    t->moments[t->count].input = NULL;
    t->moments[t->count].thumbnail = NULL;
    t->count++;
    return add_thumbnail(t, prediction);
}

enum { COLUMNS_MAX = 3 + 4 * MIEN_TARGETS_MAX, CELL_MAX = 64 };

mien_status cli_rows_open(const char *path, mien_table_format format,
    const mien_readout *readout, mien_table_writer **writer) {
    const char *names[COLUMNS_MAX] = {"input", "start_s", "end_s"};
    static const char *const suffixes[] = {"low", "high", "norm"};
    char made[3 * MIEN_TARGETS_MAX][CELL_MAX];
    int targets = readout->targets_count, n = 3;
    for (int t = 0; t < targets; t++) {
        names[n++] = readout->targets[t].name;
    }
    for (int t = 0; t < targets; t++) {
        for (int s = 0; s < 3; s++) {
            char *name = made[3 * t + s];
            snprintf(name, CELL_MAX, "%s_%s", readout->targets[t].name, suffixes[s]);
            names[n++] = name;
        }
    }
    mien_status status = mien_table_writer_open(path, format, n, names, writer);
    for (int column = 1; status == MIEN_OK && column < n; column++) {
        mien_table_writer_numeric(*writer, column);
    }
    return status;
}

mien_status cli_rows_write(
    mien_table_writer *writer, const mien_prediction *prediction) {
    const mien_prediction *p = prediction;
    const char *cells[COLUMNS_MAX] = {p->input};
    char text[COLUMNS_MAX][CELL_MAX];
    int n = 1;
    bool film = !isnan(p->start_s);
    for (int i = 0; i < 2; i++, n++) {
        snprintf(text[n], CELL_MAX, "%.3f", i ? p->end_s : p->start_s);
        cells[n] = film ? text[n] : NULL;
    }
    for (int t = 0; t < p->targets_count; t++, n++) {
        snprintf(text[n], CELL_MAX, "%.4f", p->value[t]);
        cells[n] = text[n];
    }
    for (int t = 0; t < p->targets_count; t++) {
        const double values[3] = {p->low[t], p->high[t], p->normal[t]};
        for (int i = 0; i < 3; i++, n++) {
            snprintf(text[n], CELL_MAX, "%.4f", values[i]);
            cells[n] = text[n];
        }
    }
    return mien_table_writer_row(writer, cells);
}
