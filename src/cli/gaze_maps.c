/* SPDX-License-Identifier: MIT */
/* Where people looked in each picture of a trial table.
 *
 * Comes in: a table with pictures and gaze. Goes out: of each different picture how
 * often each cell was fixated, and the epochs of trials that are to be drawn. */
#include "cli/gaze_maps.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inputs/trace.h"

enum { ROWS = MIEN_EPOCH_ROWS };

typedef struct work {
    cli *c;
    cli_gaze *gaze;
    mien_trials *trials;
    mien_item_places places;
    mien_trace *trace;
    int64_t *row, *item; /* [rows] */
} work;

void cli_gaze_clear(cli_gaze *gaze) {
    for (int64_t i = 0; i < gaze->count; i++) {
        mien_free(gaze->picture[i].name);
        mien_free(gaze->picture[i].path);
    }
    for (int64_t i = 0; i < gaze->trials; i++) {
        mien_free(gaze->trial[i].id);
    }
    mien_free(gaze->picture);
    mien_free(gaze->trial);
    mien_string_clear(&gaze->means);
    *gaze = (cli_gaze){.count = 0};
}

/* ---- pictures -------------------------------------------------------------------- */

static mien_status find_picture(work *w, int64_t row, int64_t *at) {
    cli_gaze *g = w->gaze;
    const char *name = mien_trials_cell(w->trials, row, "image");
    *at = -1;
    if (!name) {
        return MIEN_OK;
    }
    for (*at = 0; *at < g->count; ++*at) {
        if (strcmp(g->picture[*at].name, name) == 0) {
            return MIEN_OK;
        }
    }
    cli_gaze_picture *p = &g->picture[g->count++];
    p->name = mien_strdup(name);
    p->path = mien_trials_path(w->trials, row, "image");
    return p->name && p->path ? MIEN_OK : MIEN_ENOMEM;
}

static void count_fixations(cli_gaze *g, cli_gaze_picture *p, const mien_epoch *epoch) {
    double x[ROWS], y[ROWS], length[ROWS];
    int n = mien_epoch_fixations(epoch, x, y, length);
    p->trials++;
    p->lost += n == 0;
    for (int k = 0; k < n; k++) {
        double u = (x[k] - g->on[0]) / g->on[2], v = (y[k] - g->on[1]) / g->on[3];
        bool inside = u >= 0 && u < 1 && v >= 0 && v < 1;
        p->fixations++;
        p->off += !inside;
        if (inside) {
            p->seen[(int)(v * MIEN_WHERE) * MIEN_WHERE + (int)(u * MIEN_WHERE)]++;
        }
    }
}

/* ---- trials ---------------------------------------------------------------------- */

/* Whether an id is among those joined by commas. */
static bool is_shown(const cli_gaze *g, const char *id) {
    size_t length = strlen(id);
    for (const char *at = g->shown; *at; at += *at == ',') {
        size_t n = strcspn(at, ",");
        if (n == length && strncmp(at, id, n) == 0) {
            return true;
        }
        at += n;
    }
    return false;
}

/* What a recording tells of the time of a trial, but for what is drawn anyway. */
static void keep_events(work *w, const mien_place *place, cli_gaze_trial *t) {
    mien_event found[4 * CLI_GAZE_EVENTS_MAX];
    int n = mien_trace_events(w->trace, place, 4 * CLI_GAZE_EVENTS_MAX, found);
    double span = place->end_s - place->start_s;
    for (int i = 0; i < n && t->events < CLI_GAZE_EVENTS_MAX; i++) {
        const mien_event *from = &found[i];
        if (strcmp(from->name, "fixation") == 0 || strcmp(from->name, "saccade") == 0) {
            continue;
        }
        cli_gaze_event *e = &t->event[t->events++];
        double lasts = from->duration_s > 0 ? from->duration_s : 0;
        e->from = fmax(0, (from->onset_s - place->start_s) / span);
        e->to = fmin(1, (from->onset_s + lasts - place->start_s) / span);
        snprintf(e->name, sizeof e->name, "%.20s%s%.24s", from->name,
            *from->text ? " " : "", from->text);
    }
}

static mien_status keep_trial(work *w, const char *id, int64_t picture,
    const mien_place *place, const mien_epoch *epoch) {
    cli_gaze *g = w->gaze;
    if (g->trials == CLI_GAZE_TRIALS_MAX) {
        return cli_usage(
            w->c, "--trials: at most %d are drawn", (int)CLI_GAZE_TRIALS_MAX);
    }
    cli_gaze_trial *t = &g->trial[g->trials];
    t->id = mien_strdup(id);
    t->picture = picture;
    t->epoch = *epoch;
    keep_events(w, place, t);
    g->trials++;
    return t->id ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status read_trial(work *w, int64_t row) {
    const char *id = mien_trials_id(w->trials, row);
    const mien_place *place = &w->places.place[row];
    const mien_epoch *epoch = NULL;
    int64_t picture = -1;
    mien_status status = find_picture(w, row, &picture);
    if (status == MIEN_OK && picture >= 0 && !place->file) {
        w->gaze->picture[picture].trials++;
        w->gaze->picture[picture].lost++;
    } else if (status == MIEN_OK && picture >= 0) {
        status = mien_trace_read(w->trace, place, &epoch);
        if (status == MIEN_OK) {
            count_fixations(w->gaze, &w->gaze->picture[picture], epoch);
        }
        if (status == MIEN_OK && is_shown(w->gaze, id)) {
            status = keep_trial(w, id, picture, place, epoch);
        }
    }
    return status;
}

static mien_status list_places(work *w) {
    mien_input input;
    int64_t rows = mien_trials_rows(w->trials);
    w->row = mien_alloc((size_t)rows + 1, sizeof *w->row);
    for (int64_t i = 0; w->row && i < rows; i++) {
        w->row[i] = i;
    }
    mien_status status =
        w->row ? mien_input_init(&input, "series", "gaze") : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        snprintf(input.column, sizeof input.column, "%s", w->gaze->column);
        status = mien_trials_places(w->trials, &input, w->row, rows, &w->places);
    }
    return status;
}

mien_status cli_gaze_read(cli *c, cli_gaze *gaze) {
    work w = {.c = c, .gaze = gaze};
    mien_status status = mien_trials_open(gaze->table, &w.trials);
    int64_t rows = status == MIEN_OK ? mien_trials_rows(w.trials) : 0;
    if (status == MIEN_OK &&
        mien_table_column(mien_trials_table(w.trials), "image") < 0) {
        status =
            mien_fail(MIEN_ENOTFOUND, "%s: no column image of pictures", gaze->table);
    }
    status = status ? status : list_places(&w);
    status = status ? status : mien_trace_open("", &w.trace);
    gaze->picture = mien_alloc((size_t)rows + 1, sizeof *gaze->picture);
    gaze->trial = mien_alloc(CLI_GAZE_TRIALS_MAX, sizeof *gaze->trial);
    status =
        status == MIEN_OK && !(gaze->picture && gaze->trial) ? MIEN_ENOMEM : status;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        cli_progress(c, "trials", i, rows);
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : read_trial(&w, i);
    }
    cli_progress_end(c);
    if (status == MIEN_OK && gaze->count == 0) {
        status = mien_fail(MIEN_ENOTFOUND, "%s: no row has a picture", gaze->table);
    }
    if (status == MIEN_OK && *gaze->shown && gaze->trials == 0) {
        status = cli_usage(
            c, "--trials: no trial of %s is called %s", gaze->table, gaze->shown);
    }
    mien_trace_close(&w.trace);
    mien_item_places_clear(&w.places);
    mien_free(w.row);
    mien_trials_close(&w.trials);
    return status;
}
