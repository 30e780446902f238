/* SPDX-License-Identifier: MIT */
/* Descriptors over time. They are computed in blocks with sound before and after each,
 * so that memory for sound does not grow with the film: a track's values do not depend
 * on sound far away (the slowest, an envelope of the pitch, forgets three quarters a
 * voiced frame). */
#include "cli/extract_films.h"

#include <math.h>
#include <string.h>

enum { BLOCK_ROWS = 6000, ROWS_BEFORE = 500, ROWS_AFTER = 100 };
#define TRACK_ROWS_MAX (24 * 3600 * 100)

typedef struct track {
    float *values;
    int64_t rows, room;
} track;

static mien_status append(
    track *t, const mien_tensor *from, int64_t first, int64_t rows) {
    const int64_t width = from->shape[1];
    if (t->rows + rows > TRACK_ROWS_MAX) {
        return mien_fail(MIEN_ELIMIT, "tracks of more than 24 hours");
    }
    if (t->rows + rows > t->room) {
        int64_t room = 2 * (t->rows + rows);
        float *values = mien_realloc(t->values, (size_t)(t->room * width),
            (size_t)(room * width), sizeof *values);
        if (!values) {
            return MIEN_ENOMEM;
        }
        t->values = values;
        t->room = room;
    }
    memcpy(t->values + t->rows * width, (const float *)from->data + first * width,
        (size_t)(rows * width) * sizeof(float));
    t->rows += rows;
    return MIEN_OK;
}

static mien_status add_block(
    cli_extraction *e, const cli_samples *s, int64_t skip, bool last, track *t) {
    mien_tensor *made = NULL;
    mien_status status = e->family->run_tracks(e, s->samples, s->count, &made);
    if (status != MIEN_OK) {
        return status;
    }
    int64_t rows = made->shape[0] - skip;
    rows = rows < 0 ? 0 : rows;
    if (!last && rows > BLOCK_ROWS) {
        rows = BLOCK_ROWS;
    }
    status = append(t, made, skip, rows);
    mien_tensor_free(&made);
    return status;
}

static mien_status run_blocks(cli_film_job *j, cli_samples *s, track *tracks) {
    const int64_t hop =
        (int64_t)floor(j->families[0].family->track_hop_s * j->settings.rate_hz + 0.5);
    mien_status status = MIEN_OK;
    bool last = false;
    for (int64_t block = 0; status == MIEN_OK && !last; block++) {
        const int64_t skip = block ? ROWS_BEFORE : 0;
        const int64_t from = (block * BLOCK_ROWS - skip) * hop;
        const int64_t to = ((block + 1) * BLOCK_ROWS + ROWS_AFTER) * hop;
        status = cli_samples_take(s, from, to);
        if (status == MIEN_OK && mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
        last = s->end != MIEN_OK;
        /* the window may hold a little more than was asked for */
        cli_samples part = *s;
        if (!last && part.count > to - from) {
            part.count = to - from;
        }
        for (int f = 0; status == MIEN_OK && f < j->family_count; f++) {
            status = add_block(&j->families[f], &part, skip, last, &tracks[f]);
        }
        cli_progress(j->c, "tracks, minutes", block + 1, 0);
    }
    return status;
}

static mien_status one_input(cli_film_job *j, int64_t input) {
    track tracks[CLI_FAMILIES_MAX] = {{0}};
    cli_samples s = {.rate_hz = j->settings.rate_hz};
    const mien_sound_options o = {.rate_hz = j->settings.rate_hz};
    mien_status status = mien_sound_open(j->inputs.items[input].path, &o, &s.sound);
    if (status == MIEN_OK) {
        status = run_blocks(j, &s, tracks);
    }
    if (status == MIEN_OK && s.end == MIEN_EFORMAT && tracks[0].rows == 0) {
        status = MIEN_EFORMAT; /* with the words of the reader */
    }
    for (int f = 0; status == MIEN_OK && f < j->family_count; f++) {
        const int64_t shape[2] = {tracks[f].rows, j->families[f].family->tracks};
        mien_tensor **to = &j->tables[input * CLI_FAMILIES_MAX + f];
        status = mien_tensor_new(MIEN_F32, 2, shape, to);
        if (status == MIEN_OK && tracks[f].rows > 0) {
            memcpy((*to)->data, tracks[f].values, mien_tensor_bytes(*to));
        }
    }
    if (status == MIEN_OK) {
        const double length_s = (double)(s.first + s.count) / j->settings.rate_hz;
        const char *problem = s.end == MIEN_EFORMAT ? mien_error() : NULL;
        if (problem) {
            cli_problem(j->c, j->inputs.items[input].path, problem);
        }
        status = cli_film_about(
            j, input, s.sound, NULL, length_s, problem, &j->abouts[input]);
    }
    for (int f = 0; f < j->family_count; f++) {
        mien_free(tracks[f].values);
    }
    cli_samples_clear(&s);
    return status;
}

mien_status cli_extract_tracks(cli_film_job *j) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < j->inputs.count; i++) {
        if (!*j->hashes[i]) {
            continue; /* told already */
        }
        mien_status one = one_input(j, i);
        if (one == MIEN_ENOMEM || one == MIEN_EINTERRUPTED) {
            status = one;
        } else if (one != MIEN_OK) {
            cli_problem(j->c, j->inputs.items[i].path, mien_error());
        }
    }
    return status;
}
