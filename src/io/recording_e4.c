/* SPDX-License-Identifier: MIT */
/* A folder of an Empatica E4: EDA, BVP, TEMP, ACC, HR, IBI and tags. A file's first row
 * is when it starts (seconds since 1970), its second the rate, then samples. */
#include "io/recording.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FILES = 6, WIDTH = 3, EMPTY = -1 };

static const struct {
    const char *file, *unit;
    int channels;
} files[FILES] = {{"EDA.csv", "uS", 1}, {"BVP.csv", "a.u.", 1}, {"TEMP.csv", "degC", 1},
    {"ACC.csv", "1/64 g", 3}, {"HR.csv", "bpm", 1}, {"IBI.csv", "s", 1}};

typedef struct e4 {
    int file[FILES]; /* of each track */
    double start_s[FILES], origin_s;
} e4;

static char *place(const mien_recording *r, const char *name) {
    return mien_path_join(r->path, name);
}

static bool looks(const char *path) {
    char file[4096];
    bool found = false;
    for (int k = 0; k < 2 && !found && mien_file_is_directory(path); k++) {
        int length = snprintf(file, sizeof file, "%s/%s", path, files[k].file);
        found = length < (int)sizeof file && mien_file_exists(file);
    }
    return found;
}

/* A row of up to WIDTH numbers; *count 0 at the end, EMPTY of an empty line. A first
 * word that is no number may be skipped (the header of IBI.csv). */
static mien_status read_row(mien_lines *lines, bool words, double *values, int *count) {
    char *line = NULL;
    size_t length = 0;
    const char *cell[WIDTH];
    *count = 0;
    mien_status status = mien_lines_next(lines, &line, &length);
    if (status != MIEN_OK || !line) {
        return status;
    }
    if (length == 0) {
        *count = EMPTY;
        return MIEN_OK;
    }
    int64_t cells = mien_line_cells(line, ',', cell, WIDTH);
    if (cells < 1 || cells > WIDTH) {
        return mien_fail(MIEN_EFORMAT, "%s:%lld: %lld columns; 1 to %d are allowed",
            mien_lines_path(lines), (long long)mien_lines_number(lines),
            (long long)cells, WIDTH);
    }
    for (int64_t c = 0; c < cells; c++) {
        const char *text = cell[c] + strspn(cell[c], " ");
        values[c] = NAN;
        if (!mien_cell_missing(text) && !mien_cell_number(text, &values[c]) && !words) {
            return mien_fail(MIEN_EFORMAT, "%s:%lld: \"%.60s\" is no number",
                mien_lines_path(lines), (long long)mien_lines_number(lines), text);
        }
    }
    *count = (int)cells;
    return MIEN_OK;
}

/* Start and rate; the stream is left at the first sample. IBI has no row of rates. */
static mien_status read_head(
    mien_lines *lines, bool ibi, double *start_s, double *rate_hz) {
    double values[WIDTH];
    int count = 0;
    mien_status status = read_row(lines, ibi, values, &count);
    if (status == MIEN_OK && (count < 1 || !isfinite(values[0]))) {
        status = mien_fail(MIEN_EFORMAT, "%s:1: no time at which the file starts",
            mien_lines_path(lines));
    }
    *start_s = status ? 0 : values[0];
    *rate_hz = 0;
    if (status == MIEN_OK && !ibi) {
        status = read_row(lines, false, values, &count);
        if (status == MIEN_OK && (count < 1 || !(values[0] > 0 && values[0] < 1e6))) {
            status =
                mien_fail(MIEN_EFORMAT, "%s:2: no rate in Hz", mien_lines_path(lines));
        }
        *rate_hz = status ? 0 : values[0];
    }
    return status;
}

static mien_status add_file(mien_recording *r, e4 *e, int k) {
    static const char *const axes[] = {"ACC_x", "ACC_y", "ACC_z"};
    char *path = place(r, files[k].file);
    mien_lines *lines = NULL;
    mien_track *t = NULL;
    char name[8];
    double start_s = 0, rate_hz = 0;
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_exists(path)) {
        bool ibi = k == FILES - 1;
        snprintf(
            name, sizeof name, "%.*s", (int)strcspn(files[k].file, "."), files[k].file);
        status = mien_lines_open(path, &lines);
        status = status ? status : read_head(lines, ibi, &start_s, &rate_hz);
        status = status ? status : mien_recording_add_track(r, name, &t);
        for (int c = 0; status == MIEN_OK && c < files[k].channels; c++) {
            status = mien_recording_add_channel(
                path, t, files[k].channels > 1 ? axes[c] : name, files[k].unit);
        }
        if (status == MIEN_OK) {
            t->rate_hz = rate_hz;
            t->stamped = ibi;
            e->start_s[r->count - 1] = start_s;
            e->file[r->count - 1] = k;
        }
    }
    mien_lines_close(&lines);
    mien_free(path);
    return status;
}

static mien_status add_tags(mien_recording *r, const e4 *e) {
    char *path = place(r, "tags.csv");
    mien_lines *lines = NULL;
    double values[WIDTH];
    int count = 1;
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_exists(path)) {
        status = mien_lines_open(path, &lines);
        while (status == MIEN_OK && count != 0) {
            status = read_row(lines, false, values, &count);
            if (status == MIEN_OK && count > 0 && !isnan(values[0])) {
                status = mien_recording_add_event(
                    r, values[0] - e->origin_s, NAN, "tag", "", "");
            }
        }
    }
    mien_lines_close(&lines);
    mien_free(path);
    return status;
}

static mien_status open_folder(mien_recording *r, const mien_recording_options *o) {
    (void)o;
    e4 *e = r->own = mien_alloc(1, sizeof *e);
    mien_status status = e ? MIEN_OK : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < FILES; k++) {
        status = add_file(r, e, k);
    }
    if (status != MIEN_OK) {
        return status;
    }
    e->origin_s = INFINITY;
    for (int i = 0; i < r->count; i++) {
        e->origin_s = fmin(e->origin_s, e->start_s[i]);
    }
    for (int i = 0; i < r->count; i++) {
        r->track[i].start_s = e->start_s[i] - e->origin_s;
    }
    return add_tags(r, e);
}

static void close_folder(mien_recording *r) {
    mien_free(r->own);
}

/* ---- the stream ------------------------------------------------------------ */

typedef struct stream {
    mien_lines *lines;
    int channels;
    bool ibi;
    double start_s;
} stream;

static void stop(void *state) {
    stream *s = state;
    mien_lines_close(&s->lines);
    mien_free(s);
}

static mien_status start(const mien_recording *r, int track, void **state) {
    const e4 *e = r->own;
    int k = e->file[track];
    char *path = place(r, files[k].file);
    stream *s = path ? mien_alloc(1, sizeof *s) : NULL;
    mien_status status = s ? MIEN_OK : MIEN_ENOMEM;
    if (s) {
        double skip[2];
        *s = (stream){.channels = files[k].channels,
            .ibi = k == FILES - 1,
            .start_s = r->track[track].start_s};
        status = mien_lines_open(path, &s->lines);
        status = status ? status : read_head(s->lines, s->ibi, &skip[0], &skip[1]);
        if (status != MIEN_OK) {
            stop(s);
        } else {
            *state = s;
        }
    }
    mien_free(path);
    return status;
}

/* Behind an empty row only empty ones may follow: a sample that is left out would move
 * all that come after it. */
static mien_status end_of_rows(mien_lines *lines, int *cells) {
    double row[WIDTH];
    int64_t empty = mien_lines_number(lines);
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && *cells == EMPTY) {
        status = read_row(lines, false, row, cells);
        if (status == MIEN_OK && *cells > 0) {
            return mien_fail(MIEN_EFORMAT,
                "%s:%lld: an empty row among the samples: the device writes none, so "
                "what follows would be at other times than it was",
                mien_lines_path(lines), (long long)empty);
        }
    }
    return status;
}

static mien_status next(
    void *state, int64_t count, double *time_s, double *values, int64_t *got) {
    stream *s = state;
    int64_t n = 0;
    for (; n < count; n++) {
        double row[WIDTH];
        int cells = 0, want = s->ibi ? 2 : s->channels;
        mien_status status = read_row(s->lines, false, row, &cells);
        if (status == MIEN_OK && cells == EMPTY) {
            status = end_of_rows(s->lines, &cells);
        }
        if (status != MIEN_OK || cells == 0) {
            *got = n;
            return status;
        }
        if (cells != want) {
            return mien_fail(MIEN_EFORMAT,
                "%s:%lld: %d columns; %d are needed, with decimal points",
                mien_lines_path(s->lines), (long long)mien_lines_number(s->lines),
                cells, want);
        }
        time_s[n] = s->start_s + row[0];
        memcpy(values + n * s->channels, s->ibi ? row + 1 : row,
            (size_t)s->channels * sizeof *values);
    }
    *got = n;
    return MIEN_OK;
}

static const char *where(void *state, char buffer[512]) {
    return mien_lines_where(((const stream *)state)->lines, buffer);
}

static const struct mien_recording_work work = {.looks = looks,
    .open = open_folder,
    .close = close_folder,
    .start = start,
    .next = next,
    .stop = stop,
    .where = where};

const mien_recording_kind mien_recording_e4 = {.name = "e4",
    .summary = "a folder of an Empatica E4: EDA, BVP, TEMP, ACC, HR, IBI, tags",
    .work = &work};
