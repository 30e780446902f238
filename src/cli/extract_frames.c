/* SPDX-License-Identifier: MIT */
/* A window that moves over the pictures of a film, as extract_samples.c's over its
 * sound.
 *
 * In: a film. Of its frames one is taken for each point of a grid, the nearest, none
 * twice; each family keeps its own bytes of it (cli_family.keep). Out: the frames of a
 * segment nearest its centre. Called by extract_films.c. */
#include "cli/extract_films.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- frames that are kept ----------------------------------------------------------
 */

static void frame_clear(cli_frame *frame, int families) {
    for (int f = 0; f < families; f++) {
        mien_free(frame->kept[f]);
    }
    *frame = (cli_frame){0};
}

static mien_status make_room(cli_frames *s) {
    if (s->count < s->room) {
        return MIEN_OK;
    }
    const int64_t room = s->room ? 2 * s->room : 64;
    cli_frame *items =
        mien_realloc(s->items, (size_t)s->room, (size_t)room, sizeof *items);
    if (!items) {
        return MIEN_ENOMEM;
    }
    s->items = items;
    s->room = room;
    return MIEN_OK;
}

/* Memory of frames that were dropped is used again: every frame of a film is alike. */
static uint8_t *take_spare(cli_frames *s, int f, size_t bytes) {
    if (s->spare_count[f] > 0) {
        return s->spare[f][--s->spare_count[f]];
    }
    return mien_alloc(bytes, 1);
}

static void give_spare(cli_frames *s, int f, uint8_t *bytes) {
    if (s->spare_count[f] < CLI_SPARE_MAX) {
        s->spare[f][s->spare_count[f]++] = bytes;
    } else {
        mien_free(bytes);
    }
}

/* Every picture family's bytes of a picture. */
static mien_status keep(cli_frames *s, cli_film_job *j, const mien_tensor *image,
    int64_t us, cli_frame *to) {
    mien_status status = MIEN_OK;
    to->us = us;
    for (int f = 0; status == MIEN_OK && f < j->family_count; f++) {
        cli_extraction *e = &j->families[f];
        if (!e->family->least_frames) {
            continue;
        }
        to->kept[f] = take_spare(s, f, e->frame_bytes);
        status = to->kept[f] ? e->family->keep(e, image, to->kept[f]) : MIEN_ENOMEM;
    }
    return status;
}

static mien_status begin(cli_frames *s, cli_film_job *j, const mien_tensor *image) {
    mien_status status = MIEN_OK;
    if (s->height == image->shape[0] && s->width == image->shape[1]) {
        return MIEN_OK;
    }
    if (s->height > 0) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: its pictures change from %lld × %lld to %lld × %lld", s->path,
            (long long)s->width, (long long)s->height, (long long)image->shape[1],
            (long long)image->shape[0]);
    }
    s->height = image->shape[0];
    s->width = image->shape[1];
    for (int f = 0; status == MIEN_OK && f < j->family_count; f++) {
        cli_extraction *e = &j->families[f];
        if (e->family->least_frames) {
            status = e->family->begin(e, s->height, s->width);
        }
    }
    return status;
}

/* ---- the grid -----------------------------------------------------------------------
 */

/* The point of the grid nearest a time, and how far it is. */
static int64_t cell_of(double rate_hz, int64_t us, double *away) {
    const double at = (double)us * rate_hz / 1e6;
    const double cell = floor(at + 0.5);
    *away = fabs(at - cell);
    return (int64_t)cell;
}

/* The frame that waits is the nearest to its point: it joins the others. */
static mien_status settle(cli_frames *s) {
    mien_status status = s->waits ? make_room(s) : MIEN_OK;
    if (status == MIEN_OK && s->waits) {
        s->items[s->count++] = s->waiting;
        s->waiting = (cli_frame){0};
        s->waits = false;
    }
    return status;
}

/* Adds a frame; of two frames at one point the nearer stays, the first of equals. */
static mien_status add_frame(
    cli_frames *s, cli_film_job *j, const mien_tensor *image, int64_t us) {
    const double rate_hz = j->settings.frame_rate_hz;
    double away = 0;
    const int64_t cell = rate_hz > 0 ? cell_of(rate_hz, us, &away) : s->taken;
    const bool same = s->waits && cell == s->cell;
    mien_status status = MIEN_OK;
    if (same && away >= s->away) {
        return MIEN_OK;
    }
    if (!same) {
        status = settle(s);
    }
    if (status == MIEN_OK && same) {
        for (int f = 0; f < j->family_count; f++) {
            if (s->waiting.kept[f]) {
                give_spare(s, f, s->waiting.kept[f]);
                s->waiting.kept[f] = NULL;
            }
        }
    }
    status = status ? status : keep(s, j, image, us, &s->waiting);
    s->waits = true; /* what was allocated is freed with it */
    s->cell = cell;
    s->away = away;
    s->taken++;
    return status;
}

/* ---- the window
 * ---------------------------------------------------------------------- */

static void drop_before(cli_frames *s, int families, int64_t from_us) {
    int64_t drop = 0;
    while (drop < s->count && s->items[drop].us < from_us) {
        for (int f = 0; f < families; f++) {
            if (s->items[drop].kept[f]) {
                give_spare(s, f, s->items[drop].kept[f]);
            }
        }
        drop++;
    }
    if (drop > 0) {
        memmove(
            s->items, s->items + drop, (size_t)(s->count - drop) * sizeof *s->items);
        s->count -= drop;
    }
}

mien_status cli_frames_take(
    cli_frames *s, cli_film_job *j, int64_t from_us, int64_t to_us) {
    mien_status status = MIEN_OK;
    drop_before(s, j->family_count, from_us);
    /* frames before `to` are settled when the one that waits is not among them */
    while (status == MIEN_OK && s->film && s->end == MIEN_OK &&
           !cli_frames_reach(s, to_us)) {
        const mien_tensor *image = NULL;
        int64_t us, sample_us;
        mien_status read = mien_film_next(s->film, &image, &us, &sample_us);
        if (read == MIEN_END || read == MIEN_EFORMAT) {
            if (read == MIEN_EFORMAT) {
                snprintf(s->problem, sizeof s->problem, "%s", mien_error());
            }
            s->end = read;
            s->end_us = mien_film_end_us(s->film);
            status = settle(s);
            break;
        }
        status = read ? read : begin(s, j, image);
        status = status ? status : add_frame(s, j, image, us);
        drop_before(s, j->family_count, from_us);
        if (status == MIEN_OK && mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
    }
    return status;
}

bool cli_frames_reach(const cli_frames *s, int64_t us) {
    return (s->waits && s->waiting.us >= us) || (s->end != MIEN_OK && s->end_us >= us);
}

int64_t cli_frames_choose(
    const cli_frames *s, int64_t from_us, int64_t to_us, int64_t most, int64_t *first) {
    int64_t begin = 0, end = s->count;
    while (begin < end && s->items[begin].us < from_us) {
        begin++;
    }
    while (end > begin && s->items[end - 1].us >= to_us) {
        end--;
    }
    while (end - begin > most) { /* the farther end goes; of equals the earlier */
        const int64_t before = from_us + to_us - 2 * s->items[begin].us;
        const int64_t behind = 2 * s->items[end - 1].us - from_us - to_us;
        if (behind > before) {
            end--;
        } else {
            begin++;
        }
    }
    *first = begin;
    return end - begin;
}

void cli_frames_clear(cli_frames *s, int families) {
    for (int64_t i = 0; i < s->count; i++) {
        frame_clear(&s->items[i], families);
    }
    frame_clear(&s->waiting, families);
    for (int f = 0; f < families; f++) {
        for (int i = 0; i < s->spare_count[f]; i++) {
            mien_free(s->spare[f][i]);
        }
    }
    mien_free(s->items);
    mien_film_close(&s->film);
    *s = (cli_frames){0};
}
