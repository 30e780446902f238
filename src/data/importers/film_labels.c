/* SPDX-License-Identifier: MIT */
/* Reads ratings of a film and averages them over segments. */
#include "data/importers/importer.h"
#include "data/importers/film.h"

#include <inttypes.h>
#include <math.h>

/* Times that are written as decimals are a little beside what they mean. */
#define NEAR_S 1e-6
#define TOUCHING_S 0.02 /* half a frame: ends and starts that are the same moment */

typedef struct reading {
    const mien_table *table;
    const mien_film_label_options *options;
    int time, time_ms, start, end, segment; /* columns, -1: none */
    int rating[2];                          /* valence, arousal */
    mien_film_labels *labels;
    int64_t *samples; /* [count] of each segment */
} reading;

static mien_status fail_row(const reading *g, int64_t row, const char *why) {
    return mien_fail(MIEN_EFORMAT, "%s:%" PRId64 ": %s", mien_table_file(g->table),
        mien_table_line(g->table, row), why);
}

static mien_status find_columns(reading *g) {
    static const char *const names[][6] = {{"valence", "valence_mean", "val"},
        {"arousal", "arousal_mean", "aro"}, {"time", "time_s", "t", "seconds"},
        {"time_ms", "ms"}, {"start_s", "start"}, {"end_s", "end"},
        {"segment", "segment_id"}};
    int *const columns[] = {&g->rating[0], &g->rating[1], &g->time, &g->time_ms,
        &g->start, &g->end, &g->segment};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        *columns[i] = mien_column_any(g->table, names[i]);
        if (i < 2 && *columns[i] < 0) {
            return mien_fail(MIEN_EFORMAT, "%s:1: there is no column \"%s\"",
                mien_table_file(g->table), names[i][0]);
        }
    }
    return MIEN_OK;
}

/* The number in a cell; a missing one is an error. */
static mien_status number_at(const reading *g, int64_t row, int column, double *value) {
    mien_status status = mien_table_number(g->table, row, column, value);
    if (status == MIEN_OK && !isfinite(*value)) {
        status = mien_fail(MIEN_EFORMAT, "%s:%" PRId64 ": %s is missing",
            mien_table_file(g->table), mien_table_line(g->table, row),
            mien_table_name(g->table, column));
    }
    return status;
}

static mien_status add_rating(reading *g, int64_t row, int64_t segment) {
    for (int i = 0; i < 2; i++) {
        double value = 0;
        mien_status status = mien_rating_check(g->table, row, g->rating[i],
            g->options->minimum, g->options->maximum, false);
        status = status ? status : number_at(g, row, g->rating[i], &value);
        if (status != MIEN_OK) {
            return status;
        }
        g->labels->mean[segment][i] += value;
    }
    g->samples[segment]++;
    return MIEN_OK;
}

/* ---- a row a moment ------------------------------------------------------------- */

static mien_status moment_of(const reading *g, int64_t row, double *time_s) {
    if (g->time < 0 && g->time_ms < 0) {
        *time_s = (double)row / g->options->rate_hz;
        return MIEN_OK;
    }
    mien_status status = number_at(g, row, g->time >= 0 ? g->time : g->time_ms, time_s);
    *time_s = g->time >= 0 ? *time_s : *time_s / 1000;
    return status;
}

static mien_status add_moments(reading *g) {
    int64_t rows = mien_table_rows(g->table);
    double before = -1, step = 0, length = g->options->segment_s;
    for (int64_t i = 0; i < rows; i++) {
        double now = 0;
        mien_status status = moment_of(g, i, &now);
        if (status != MIEN_OK) {
            return status;
        }
        if (now < 0 || (i > 0 && !(now > before))) {
            return fail_row(g, i,
                now < 0 ? "the time is below 0"
                        : "the time is not after that of the row before");
        }
        if (i == 0
                ? now >= length
                : floor((now + NEAR_S) / length) - floor((before + NEAR_S) / length) >
                      1) {
            return fail_row(g, i, "a whole segment before this row has no rating");
        }
        int64_t segment = (int64_t)((now + NEAR_S) / length);
        status = add_rating(g, i, segment);
        if (status != MIEN_OK) {
            return status;
        }
        step = i > 0 ? now - before : step;
        before = now;
        g->labels->count = segment + 1;
    }
    g->labels->whole = (int64_t)((before + step + TOUCHING_S) / length);
    return MIEN_OK;
}

/* ---- a row a segment ------------------------------------------------------------ */

static mien_status segment_of(
    const reading *g, int64_t row, double *start, double *end) {
    double length = g->options->segment_s, number = (double)row;
    mien_status status = MIEN_OK;
    if (g->start >= 0 && g->end >= 0) {
        status = number_at(g, row, g->start, start);
        return status ? status : number_at(g, row, g->end, end);
    }
    if (g->segment >= 0) { /* counted from 0 or from 1 */
        double first = 0;
        status = number_at(g, 0, g->segment, &first);
        status = status ? status : number_at(g, row, g->segment, &number);
        if (status == MIEN_OK && first != 0 && first != 1) {
            status = fail_row(g, 0, "segments are counted from 0 or 1");
        }
        number -= first;
    }
    *start = number * length;
    *end = *start + length;
    return status;
}

static mien_status add_segments(reading *g) {
    double before = 0;
    for (int64_t i = 0; i < mien_table_rows(g->table); i++) {
        double start = 0, end = 0;
        mien_status status = segment_of(g, i, &start, &end);
        if (status == MIEN_OK && fabs(start - before) > TOUCHING_S) {
            status = fail_row(g, i,
                start < before ? "this segment overlaps the one before it"
                : i == 0       ? "the first segment does not begin at 0"
                               : "there is a gap before this segment");
        }
        if (status == MIEN_OK && !(end > start + TOUCHING_S)) {
            status = fail_row(g, i, "this segment does not end after its start");
        }
        status = status ? status : add_rating(g, i, i);
        if (status != MIEN_OK) {
            return status;
        }
        g->labels->start_s[i] = start;
        before = end;
        g->labels->start_s[i + 1] = end;
    }
    g->labels->count = g->labels->whole = mien_table_rows(g->table);
    return MIEN_OK;
}

static mien_status read_rows(reading *g) {
    int64_t rows = mien_table_rows(g->table);
    mien_film_labels *l = g->labels;
    if (rows == 0) {
        return mien_fail(MIEN_EFORMAT, "%s: no rows", mien_table_file(g->table));
    }
    l->mean = mien_alloc((size_t)rows + 1, sizeof *l->mean);
    l->start_s = mien_alloc((size_t)rows + 2, sizeof *l->start_s);
    g->samples = mien_alloc((size_t)rows + 1, sizeof *g->samples);
    if (!l->mean || !l->start_s || !g->samples) {
        return MIEN_ENOMEM;
    }
    bool timed = g->time >= 0 || g->time_ms >= 0;
    bool segments = (g->start >= 0 && g->end >= 0) || g->segment >= 0;
    bool moments = !segments && (timed || g->options->rate_hz > 0);
    mien_status status = moments ? add_moments(g) : add_segments(g);
    for (int64_t i = 0; status == MIEN_OK && i < l->count; i++) {
        l->mean[i][0] /= (double)g->samples[i];
        l->mean[i][1] /= (double)g->samples[i];
        if (moments) {
            l->start_s[i] = (double)i * g->options->segment_s;
            l->start_s[i + 1] = (double)(i + 1) * g->options->segment_s;
        }
    }
    return status;
}

mien_status mien_film_labels_take(const mien_table *table,
    const mien_film_label_options *options, mien_film_labels *labels) {
    reading g = {.table = table, .options = options, .labels = labels};
    mien_status status = find_columns(&g);
    status = status ? status : read_rows(&g);
    mien_free(g.samples);
    return status;
}

mien_status mien_film_labels_read(const char *path,
    const mien_film_label_options *options, mien_film_labels *labels) {
    mien_table *table = NULL;
    mien_status status = mien_table_read(path, NULL, &table);
    status = status ? status : mien_film_labels_take(table, options, labels);
    mien_table_free(&table);
    return status;
}

void mien_film_labels_clear(mien_film_labels *labels) {
    mien_free(labels->mean);
    mien_free(labels->start_s);
    *labels = (mien_film_labels){0};
}
