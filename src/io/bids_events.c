/* SPDX-License-Identifier: MIT */
/* BIDS: what happened during a run, as the device and as the experiment tell it. */
#include "io/recording_bids.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct columns {
    int count;
    int onset, duration, type, blink, message; /* −1: not there */
} columns;

static void note(columns *c, int at, const char *name) {
    static const char *const names[] = {
        "onset", "duration", "trial_type", "blink", "message"};
    int *const places[] = {&c->onset, &c->duration, &c->type, &c->blink, &c->message};
    for (int k = 0; k < 5; k++) {
        if (strcmp(names[k], name) == 0) {
            *places[k] = at;
        }
    }
}

static const char *present(const char *const *cell, int column) {
    return column >= 0 && !mien_cell_missing(cell[column]) ? cell[column] : NULL;
}

/* One event of a row: its kind is told by trial_type, a blink or a message. */
static mien_status add(mien_recording *r, const columns *c, const char *const *cell,
    double onset_s, const char *track) {
    const char *type = present(cell, c->type), *blink = present(cell, c->blink);
    const char *message = present(cell, c->message),
               *length = present(cell, c->duration);
    double duration = NAN, is_blink = 0;
    if (length && !mien_parse_number(length, &duration)) {
        return mien_fail(MIEN_EFORMAT, "duration \"%.60s\" is no number", length);
    }
    if (blink) {
        mien_parse_number(blink, &is_blink);
    }
    const char *name = type           ? type
                       : is_blink > 0 ? "blink"
                       : message      ? "message"
                                      : "event";
    return mien_recording_add_event(
        r, onset_s, duration, name, message ? message : "", track);
}

/* ---- of the device --------------------------------------------------------- */

static mien_status take_columns(
    const mien_sidecars *s, const char *path, columns *c, bool *by_row) {
    const mien_value *list = mien_sidecars_get(s, "Columns");
    const char *source = mien_value_text(mien_sidecars_get(s, "OnsetSource"));
    *c = (columns){(int)mien_value_count(list), -1, -1, -1, -1, -1};
    for (int i = 0; i < c->count && i < MIEN_CHANNELS_MAX; i++) {
        const char *name = mien_value_text(mien_value_at(list, i));
        note(c, i, name ? name : "");
    }
    if (c->onset != 0 || c->count > MIEN_CHANNELS_MAX || !source) {
        return mien_fail(MIEN_EFORMAT,
            "%s: its sidecar needs Columns that begin with onset, and OnsetSource",
            path);
    }
    *by_row = strcmp(source, "n/a") == 0;
    return MIEN_OK;
}

static mien_status read_rows(mien_recording *r, const mien_bids_file *f,
    mien_lines *lines, const columns *c, bool by_row, const char *track) {
    const char *path = mien_lines_path(lines);
    const char *cell[MIEN_CHANNELS_MAX];
    mien_status status = MIEN_OK;
    while (status == MIEN_OK) {
        char *line = NULL;
        size_t length = 0;
        double onset = 0;
        status = mien_lines_next(lines, &line, &length);
        if (status != MIEN_OK || !line) {
            break;
        }
        int64_t count = mien_line_cells(line, '\t', cell, MIEN_CHANNELS_MAX);
        if (count != c->count) {
            status = mien_fail(MIEN_EFORMAT, "%lld columns; its sidecar names %d",
                (long long)count, c->count);
        } else if (!mien_parse_number(cell[0], &onset) || !isfinite(onset)) {
            status = mien_fail(MIEN_EFORMAT, "onset \"%.60s\" is no number", cell[0]);
        } else {
            onset = by_row ? onset / f->rate_hz : (onset - f->first) * f->stamp_s;
            status = add(r, c, cell, f->start_s + onset, track);
        }
        if (status == MIEN_EFORMAT) {
            mien_fail_in(status, "%s:%lld", path, (long long)mien_lines_number(lines));
        }
    }
    return status;
}

mien_status mien_bids_device_events(
    mien_recording *r, const mien_bids_file *f, const char *track) {
    static const char ending[] = "_physio.tsv.gz";
    size_t stem = strlen(f->path) - (sizeof ending - 1);
    char *path = mien_alloc(stem + 32, 1);
    mien_sidecars s = {.count = 0};
    mien_lines *lines = NULL;
    columns c;
    bool by_row = false;
    if (!path) {
        return MIEN_ENOMEM;
    }
    snprintf(path, stem + 32, "%.*s_physioevents.tsv.gz", (int)stem, f->path);
    mien_status status = MIEN_OK;
    if (mien_file_exists(path)) {
        status = mien_sidecars_find(path, "physioevents", &s);
        status = status ? status : take_columns(&s, path, &c, &by_row);
        if (status == MIEN_OK && !by_row && f->time >= 0 && f->stamp_s == 0) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: onsets are timestamps, and the sidecar of %s does not say "
                "timestamp.Units",
                path, f->path);
        }
        if (status == MIEN_OK && !by_row && f->time < 0) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: onsets are stamps of a column that %s does not have", path,
                f->path);
        }
        status = status ? status : mien_lines_open(path, &lines);
        status = status ? status : read_rows(r, f, lines, &c, by_row, track);
    }
    mien_lines_close(&lines);
    mien_sidecars_clear(&s);
    mien_free(path);
    return status;
}

/* ---- of the experiment ----------------------------------------------------- */

mien_status mien_bids_task_events(mien_recording *r, const char *prefix) {
    char *path = mien_alloc(strlen(prefix) + 16, 1);
    mien_table *table = NULL;
    if (!path) {
        return MIEN_ENOMEM;
    }
    snprintf(path, strlen(prefix) + 16, "%s_events.tsv", prefix);
    mien_status status =
        mien_file_exists(path) ? mien_table_read(path, NULL, &table) : MIEN_OK;
    columns c = {0, -1, -1, -1, -1, -1};
    for (int i = 0; table && i < mien_table_columns(table); i++) {
        note(&c, i, mien_table_name(table, i));
    }
    if (status == MIEN_OK && table && (c.onset < 0 || c.duration < 0)) {
        status = mien_fail(MIEN_EFORMAT, "%s:1: no column %s, which is required", path,
            c.onset < 0 ? "onset" : "duration");
    }
    for (int64_t row = 0; status == MIEN_OK && table && row < mien_table_rows(table);
         row++) {
        const char *cell[5];
        const columns order = {5, -1, 0, 1, -1, 2};
        double onset = NAN;
        status = mien_table_number(table, row, c.onset, &onset);
        if (status == MIEN_OK && isnan(onset)) {
            status = mien_fail(MIEN_EFORMAT, "%s:%lld: onset is missing", path,
                (long long)mien_table_line(table, row));
        }
        cell[0] = mien_table_cell(table, row, c.duration);
        cell[1] = c.type >= 0 ? mien_table_cell(table, row, c.type) : "";
        cell[2] = c.message >= 0 ? mien_table_cell(table, row, c.message) : "";
        status = status ? status : add(r, &order, cell, onset, "");
    }
    mien_table_free(&table);
    mien_free(path);
    return status;
}
