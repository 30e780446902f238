/* SPDX-License-Identifier: MIT */
/* Tables of samples, CSV or TSV: columns by preset or by the user's names.
 *
 * Comes in: a table with a header. Goes out: a track for each run of rows whose clock
 * goes on, and for each value of a column that tells devices apart; rows' messages and
 * changes of the stimulus as events. A first pass finds these, later ones read the
 * samples. */
#include "io/mapped_columns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_MAX = 4096, KEY = 64, LOOK_ROWS = 1000 };

typedef struct part {
    int64_t first_line, last_line;
    char key[KEY];
    double last_s;
    int64_t rows;
    int steps;
    double *step; /* [LOOK_ROWS] of the first rows; freed when the rate is known */
    bool open;
} part;

typedef struct table {
    char delimiter;
    int columns;
    int64_t header_line;
    mien_mapping map;
    int parts;
    part *part; /* [parts], of each track */
    double origin_s;
} table;

static bool looks(const char *path) {
    return mien_path_ends(path, ".csv") || mien_path_ends(path, ".tsv") ||
           mien_path_ends(path, ".txt") || mien_path_ends(path, ".csv.gz") ||
           mien_path_ends(path, ".tsv.gz");
}

/* ---- rows ------------------------------------------------------------------ */

static mien_status cut(
    const table *t, const mien_lines *lines, char *line, const char **cell) {
    int64_t count = mien_line_cells(line, t->delimiter, cell, CELLS_MAX);
    if (count < 0) {
        return mien_fail(MIEN_EFORMAT, "%s:%lld: a quote that does not close",
            mien_lines_path(lines), (long long)mien_lines_number(lines));
    }
    if (count == t->columns + 1 && t->columns < CELLS_MAX && !*cell[t->columns]) {
        return MIEN_OK; /* a delimiter behind the last cell, as Gazepoint writes it */
    }
    if (count != t->columns) {
        return mien_fail(MIEN_EFORMAT, "%s:%lld: %lld columns; its header has %d",
            mien_lines_path(lines), (long long)mien_lines_number(lines),
            (long long)count, t->columns);
    }
    return MIEN_OK;
}

/* A number with a decimal point, or a decimal comma where commas part no cells. */
static bool number(const table *t, const char *cell, double *value) {
    char text[64];
    cell += strspn(cell, " ");
    if (mien_cell_number(cell, value)) {
        return true;
    }
    const char *comma = t->delimiter == ',' ? NULL : strchr(cell, ',');
    if (!comma || strlen(cell) >= sizeof text || strchr(comma + 1, ',')) {
        return false;
    }
    snprintf(text, sizeof text, "%s", cell);
    text[comma - cell] = '.';
    return mien_cell_number(text, value);
}

static mien_status no_number(
    const mien_lines *lines, const char *column, const char *cell) {
    return mien_fail(MIEN_EFORMAT,
        "%s:%lld: column %s: \"%.60s\" is no number; empty cells and n/a are missing",
        mien_lines_path(lines), (long long)mien_lines_number(lines), column, cell);
}

/* Flags are 1 and 0, or Valid and Invalid; or numbers that must be above or below one,
 * as Tobii Studio's codes from 0 (good) to 4 (lost). */
static bool is_valid(const table *t, const mien_mapped *c, const char *const *cell) {
    double flag = 0;
    if (c->valid < 0) {
        return true;
    }
    const char *text = cell[c->valid];
    if (mien_cell_missing(text)) {
        return false;
    }
    if (!number(t, text, &flag)) {
        return strcmp(text, "Valid") == 0 || strcmp(text, "true") == 0;
    }
    if (!isnan(c->valid_below)) {
        return flag < c->valid_below;
    }
    return isnan(c->valid_above) ? flag > 0 : flag > c->valid_above;
}

static mien_status take_values(
    const table *t, const mien_lines *lines, const char *const *cell, double *values) {
    for (int k = 0; k < t->map.channels; k++) {
        const mien_mapped *c = &t->map.channel[k];
        values[k] = NAN;
        if (mien_cell_missing(cell[c->column])) {
            continue;
        }
        if (!number(t, cell[c->column], &values[k])) {
            return no_number(lines, c->name, cell[c->column]);
        }
        if (!is_valid(t, c, cell) || !isfinite(values[k])) {
            values[k] = NAN;
        }
    }
    return MIEN_OK;
}

/* The time of a row; NaN where the cell is empty. */
static mien_status take_time(
    const table *t, const mien_lines *lines, const char *const *cell, double *time_s) {
    const char *text = cell[t->map.time];
    *time_s = NAN;
    if (mien_cell_missing(text)) {
        return MIEN_OK;
    }
    if (!number(t, text, time_s)) {
        return no_number(lines, "of the time", text);
    }
    *time_s *= t->map.time_s;
    return MIEN_OK;
}

static void key_of(const table *t, const char *const *cell, char key[KEY]) {
    const mien_mapping *m = &t->map;
    snprintf(key, KEY, "%s%s%s", m->split[0] >= 0 ? cell[m->split[0]] : "",
        m->split[1] >= 0 ? " " : "", m->split[1] >= 0 ? cell[m->split[1]] : "");
}

/* ---- the header ------------------------------------------------------------ */

static char find_delimiter(const char *line) {
    static const char candidates[] = ",;\t";
    int best = 0, found[3] = {0};
    for (const char *p = line; *p; p++) {
        const char *c = strchr(candidates, *p);
        if (c) {
            found[c - candidates]++;
        }
    }
    for (int k = 1; k < 3; k++) {
        best = found[k] > found[best] ? k : best;
    }
    return candidates[best];
}

/* The first line that is neither blank nor a comment. */
static mien_status read_header(
    mien_recording *r, table *t, mien_lines *lines, const mien_recording_options *o) {
    const char **cell = mien_alloc(CELLS_MAX, sizeof *cell);
    char *line = NULL;
    size_t length = 0;
    mien_status status = cell ? MIEN_OK : MIEN_ENOMEM;
    do {
        status = status ? status : mien_lines_next(lines, &line, &length);
    } while (status == MIEN_OK && line && (!*line || *line == '#'));
    if (status == MIEN_OK && !line) {
        status = mien_fail(MIEN_EFORMAT, "%s: no header in it", r->path);
    }
    if (status == MIEN_OK) {
        t->delimiter = find_delimiter(line);
        int64_t count = mien_line_cells(line, t->delimiter, cell, CELLS_MAX);
        if (count < 1 || count > CELLS_MAX) {
            status = mien_fail(MIEN_EFORMAT,
                "%s:%lld: a header of %lld columns; 1 to %d are allowed", r->path,
                (long long)mien_lines_number(lines), (long long)count, CELLS_MAX);
        }
        t->columns = status ? 0 : (int)count;
        t->header_line = mien_lines_number(lines);
    }
    if (status == MIEN_OK) {
        const char *preset = o->preset    ? o->preset
                             : o->columns ? NULL
                                          : mien_mapping_guess(t->columns, cell);
        if (!preset && !o->columns) {
            status = mien_mapping_unknown(r->path, t->columns, cell);
        }
        status = status ? status
                        : mien_mapping_make(
                              r->path, preset, o->columns, t->columns, cell, &t->map);
    }
    mien_free(cell);
    return status;
}

/* ---- the first pass -------------------------------------------------------- */

typedef struct scan {
    mien_recording *r;
    table *t;
    mien_lines *lines;
    const char **cell;
    char stimulus[256];
    bool any;
} scan;

static mien_status add_part(scan *s, const char *key, part **made) {
    char name[96];
    mien_track *track = NULL;
    mien_recording *r = s->r;
    int before = 0;
    for (int i = 0; i < r->count; i++) {
        before += strcmp(s->t->part[i].key, key) == 0;
    }
    snprintf(name, sizeof name, *key ? "%s" : "table", key);
    if (before > 0) {
        snprintf(name, sizeof name, "%.50s-%d", *key ? key : "table", before + 1);
    }
    mien_status status = mien_recording_add_track(r, name, &track);
    part *more = status ? NULL
                        : mien_realloc(s->t->part, (size_t)r->count - 1,
                              (size_t)r->count, sizeof *more);
    if (!more) {
        return status ? status : MIEN_ENOMEM;
    }
    s->t->part = more;
    s->t->parts = r->count;
    part *p = &more[r->count - 1];
    snprintf(p->key, KEY, "%s", key);
    p->first_line = mien_lines_number(s->lines);
    p->open = true;
    p->step = mien_alloc(LOOK_ROWS, sizeof *p->step);
    status = p->step ? MIEN_OK : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < s->t->map.channels; k++) {
        status = mien_recording_add_channel(
            r->path, track, s->t->map.channel[k].name, s->t->map.channel[k].unit);
    }
    track->stamped = s->t->map.time >= 0;
    track->rate_hz = track->stamped ? 0 : s->t->map.rate_hz;
    *made = p;
    return status;
}

/* The part a row belongs to: the last of its key, unless the clock went back. */
static mien_status find_part(scan *s, const char *key, double time_s, part **found) {
    for (int i = s->r->count - 1; i >= 0; i--) {
        part *p = &s->t->part[i];
        if (p->open && strcmp(p->key, key) == 0) {
            if (time_s >= p->last_s) {
                *found = p;
                return MIEN_OK;
            }
            p->open = false;
            mien_log(MIEN_LOG_WARN, "io",
                "%s:%lld: the clock goes back from %g to %g s: what follows is a track "
                "of "
                "its own",
                s->r->path, (long long)mien_lines_number(s->lines), p->last_s, time_s);
        }
    }
    return add_part(s, key, found);
}

/* Whether a row is of another device than the eye tracker: the mouse, a keyboard. */
static bool is_of_another(const mien_mapping *m, const char *const *cell) {
    return m->sensor >= 0 && !mien_cell_missing(cell[m->sensor]) &&
           strcmp(cell[m->sensor], "Eye Tracker") != 0;
}

/* A row that tells an event and nothing else is no sample: eye trackers put them
 * between the samples, with stamps of their own. Nor is one of another device that has
 * none of the channels. */
static bool is_no_sample(const table *t, const char *const *cell) {
    const mien_mapping *m = &t->map;
    bool event = m->event >= 0 && !mien_cell_missing(cell[m->event]);
    if (!event && !is_of_another(m, cell)) {
        return false;
    }
    for (int k = 0; k < m->channels; k++) {
        const mien_mapped *c = &m->channel[k];
        if (!mien_cell_missing(cell[c->column]) ||
            (c->valid >= 0 && !mien_cell_missing(cell[c->valid]))) {
            return false;
        }
    }
    return true;
}

static mien_status note_events(scan *s, double time_s) {
    const mien_mapping *m = &s->t->map;
    mien_status status = MIEN_OK;
    if (m->event >= 0 && !mien_cell_missing(s->cell[m->event])) {
        status = mien_recording_add_event(
            s->r, time_s - s->t->origin_s, NAN, s->cell[m->event], "", "");
    }
    if (status == MIEN_OK && m->stimulus >= 0) {
        const char *now = s->cell[m->stimulus];
        if (mien_cell_missing(now)) {
            s->stimulus[0] = 0;
        } else if (strncmp(now, s->stimulus, sizeof s->stimulus - 1) != 0) {
            snprintf(s->stimulus, sizeof s->stimulus, "%s", now);
            status = mien_recording_add_event(
                s->r, time_s - s->t->origin_s, NAN, "stimulus", now, "");
        }
    }
    return status;
}

static mien_status note_row(scan *s) {
    double time_s = 0;
    char key[KEY];
    part *p = NULL;
    mien_status status =
        s->t->map.time >= 0 ? take_time(s->t, s->lines, s->cell, &time_s) : MIEN_OK;
    if (status != MIEN_OK || isnan(time_s)) {
        return status;
    }
    if (!s->any) {
        s->t->origin_s = time_s;
        s->any = true;
    }
    if (is_no_sample(s->t, s->cell)) {
        return note_events(s, time_s);
    }
    key_of(s->t, s->cell, key);
    status = find_part(s, key, time_s, &p);
    if (status == MIEN_OK) {
        if (p->rows > 0 && p->steps < LOOK_ROWS) {
            p->step[p->steps++] = time_s - p->last_s;
        }
        p->last_s = time_s;
        p->last_line = mien_lines_number(s->lines);
        p->rows++;
        status = note_events(s, time_s);
    }
    return status;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The rate is the inverse of the mean of the first steps that are about as long as
 * their median: stamps are rounded, gaps are none of them, nor are stamps that are
 * there twice. */
static void find_rates(mien_recording *r, table *t) {
    for (int i = 0; i < r->count; i++) {
        part *p = &t->part[i];
        if (p->steps > 0 && r->track[i].stamped) {
            qsort(p->step, (size_t)p->steps, sizeof *p->step, by_value);
            int twice = 0;
            while (twice < p->steps - 1 && !(p->step[twice] > 0)) {
                twice++;
            }
            const double median = p->step[twice + (p->steps - twice) / 2];
            double sum = 0, count = 0;
            for (int64_t k = 0; k < p->steps; k++) {
                bool usual = p->step[k] > 0.5 * median && p->step[k] < 1.5 * median;
                sum += usual ? p->step[k] : 0;
                count += usual;
            }
            r->track[i].rate_hz = sum > 0 ? count / sum : 0;
        }
        mien_free(p->step);
        p->step = NULL;
    }
}

static mien_status open_file(mien_recording *r, const mien_recording_options *o) {
    table *t = r->own = mien_alloc(1, sizeof *t);
    scan s = {.r = r, .t = t, .cell = mien_alloc(CELLS_MAX, sizeof *s.cell)};
    mien_status status = t && s.cell ? mien_lines_open(r->path, &s.lines) : MIEN_ENOMEM;
    status = status ? status : read_header(r, t, s.lines, o);
    while (status == MIEN_OK) {
        char *line = NULL;
        size_t length = 0;
        status = mien_lines_next(s.lines, &line, &length);
        if (status != MIEN_OK || !line) {
            break;
        }
        status = *line ? cut(t, s.lines, line, s.cell) : MIEN_OK;
        status = status || !*line ? status : note_row(&s);
    }
    if (status == MIEN_OK) {
        find_rates(r, t);
    }
    mien_lines_close(&s.lines);
    mien_free(s.cell);
    return status;
}

static void close_file(mien_recording *r) {
    table *t = r->own;
    for (int i = 0; i < t->parts; i++) {
        mien_free(t->part[i].step);
    }
    mien_free(t->part);
    mien_free(t);
}

/* ---- the stream ------------------------------------------------------------ */

typedef struct stream {
    const table *t;
    const part *part;
    mien_lines *lines;
    const char **cell;
} stream;

static void stop(void *state) {
    stream *s = state;
    mien_lines_close(&s->lines);
    mien_free(s->cell);
    mien_free(s);
}

static mien_status start(const mien_recording *r, int track, void **state) {
    const table *t = r->own;
    stream *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    *s = (stream){.t = t, .part = &t->part[track]};
    s->cell = mien_alloc(CELLS_MAX, sizeof *s->cell);
    mien_status status = s->cell ? mien_lines_open(r->path, &s->lines) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        stop(s);
        return status;
    }
    *state = s;
    return MIEN_OK;
}

/* A row of this part, or not. */
static mien_status take_row(
    stream *s, char *line, double *time_s, double *values, bool *taken) {
    char key[KEY];
    mien_status status = cut(s->t, s->lines, line, s->cell);
    *taken = false;
    if (status != MIEN_OK) {
        return status;
    }
    key_of(s->t, s->cell, key);
    if (strcmp(key, s->part->key) != 0 || is_no_sample(s->t, s->cell)) {
        return MIEN_OK;
    }
    *time_s = 0;
    if (s->t->map.time >= 0) {
        status = take_time(s->t, s->lines, s->cell, time_s);
    }
    if (status == MIEN_OK && !isnan(*time_s)) {
        *time_s -= s->t->origin_s;
        status = take_values(s->t, s->lines, s->cell, values);
        *taken = true;
    }
    return status;
}

static mien_status next(
    void *state, int64_t count, double *time_s, double *values, int64_t *got) {
    stream *s = state;
    int64_t n = 0;
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && n < count &&
           mien_lines_number(s->lines) < s->part->last_line) {
        char *line = NULL;
        size_t length = 0;
        bool taken = false;
        status = mien_lines_next(s->lines, &line, &length);
        if (status != MIEN_OK || !line) {
            break;
        }
        if (*line && mien_lines_number(s->lines) >= s->part->first_line) {
            status =
                take_row(s, line, &time_s[n], values + n * s->t->map.channels, &taken);
        }
        n += taken;
    }
    *got = n;
    return status;
}

static const char *where(void *state, char buffer[512]) {
    return mien_lines_where(((const stream *)state)->lines, buffer);
}

static const struct mien_recording_work work = {.looks = looks,
    .open = open_file,
    .close = close_file,
    .start = start,
    .next = next,
    .stop = stop,
    .where = where};

const mien_recording_kind mien_recording_table = {.name = "table",
    .summary = "CSV or TSV with a header, by preset (gazepoint, tobii, pupil; names of "
               "Tobii and Pupil from memory) or --columns",
    .work = &work};
