/* SPDX-License-Identifier: MIT */
/* The audit on segments: parts of one film, or of one recording of a person, that
 * overlap in time. */
#include "data/doctor/audit.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE_S 0.02
/* Sliding windows overlap everywhere; where fewer than a fifth of the neighbours do, it
 * is a mistake of the table. */
enum { SLIDING = 5 };

typedef struct segment {
    int64_t row;
    const char *film, *person; /* "" if missing */
    double start_s, end_s;
} segment;

static int by_time(const void *a, const void *b) {
    const segment *x = a, *y = b;
    int order = strcmp(x->film, y->film);
    order = order ? order : strcmp(x->person, y->person);
    order = order ? order : (x->start_s > y->start_s) - (x->start_s < y->start_s);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static bool is_same(const segment *a, const segment *b) {
    return strcmp(a->film, b->film) == 0 && strcmp(a->person, b->person) == 0;
}

/* The column that says of what a row is a part. */
static const char *film_column(const mien_trials *t) {
    static const char *const columns[] = {"film", "stimulus", "recording", "group"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (mien_table_column(t->table, columns[i]) >= 0) {
            return columns[i];
        }
    }
    return NULL;
}

/* Segments with a place in time of the rows that are used, sorted. */
static int64_t list(const mien_trials *t, const mien_sides *sides, segment *segments) {
    const char *column = film_column(t);
    int start = mien_table_column(t->table, "start_s");
    int end = mien_table_column(t->table, "end_s");
    int64_t count = 0;
    for (int64_t i = 0; i < mien_trials_rows(t); i++) {
        const char *film = column ? mien_trials_cell(t, i, column) : NULL;
        const char *person = mien_trials_cell(t, i, "person");
        segment s = {
            .row = i, .film = film ? film : "", .person = person ? person : ""};
        if (sides->fold[i] != MIEN_FOLD_NONE && (film || person) &&
            mien_table_number(t->table, i, start, &s.start_s) == MIEN_OK &&
            mien_table_number(t->table, i, end, &s.end_s) == MIEN_OK &&
            isfinite(s.start_s) && isfinite(s.end_s)) {
            segments[count++] = s;
        }
    }
    qsort(segments, (size_t)count, sizeof *segments, by_time);
    return count;
}

static mien_status tell(const mien_trials *t, const segment *a, const segment *b,
    const char *why, mien_findings *findings) {
    return mien_findings_add(findings, MIEN_ERROR, "segment", mien_trials_id(t, b->row),
        "%s%s%s: %g to %g s overlaps trial %s, %g to %g s%s", b->film,
        *b->film && *b->person ? " " : "", b->person, b->start_s, b->end_s,
        mien_trials_id(t, a->row), a->start_s, a->end_s, why);
}

/* Each segment beside those before it that have not ended. `parted`: only pairs on two
 * sides, or only the others. */
static mien_status walk(const mien_trials *t, const mien_sides *sides, const segment *s,
    int64_t count, bool parted, mien_findings *findings) {
    mien_status status = MIEN_OK;
    for (int64_t i = 1; status == MIEN_OK && i < count; i++) {
        bool told = false;
        for (int64_t j = i - 1; status == MIEN_OK && !told && j >= 0 && i - j <= 1000 &&
                                is_same(&s[j], &s[i]);
             j--) {
            bool overlaps = s[j].end_s - s[i].start_s > TOLERANCE_S;
            if (overlaps && mien_sides_part(sides, s[j].row, s[i].row) == parted) {
                told = true;
                status = tell(t, &s[j], &s[i],
                    parted ? ", and one is tested by a model that learns from the other"
                           : ", and few of the table's segments do",
                    findings);
            }
        }
    }
    return status;
}

mien_status mien_audit_segments(
    const mien_trials *trials, const mien_sides *sides, mien_findings *findings) {
    int64_t rows = mien_trials_rows(trials), neighbours = 0, overlapping = 0;
    if (mien_table_column(trials->table, "start_s") < 0 ||
        mien_table_column(trials->table, "end_s") < 0) {
        return MIEN_OK;
    }
    segment *segments = mien_alloc((size_t)rows, sizeof *segments);
    if (!segments) {
        return MIEN_ENOMEM;
    }
    int64_t count = list(trials, sides, segments);
    for (int64_t i = 1; i < count; i++) {
        bool same = is_same(&segments[i - 1], &segments[i]);
        neighbours += same;
        overlapping +=
            same && segments[i - 1].end_s - segments[i].start_s > TOLERANCE_S;
    }
    mien_status status = walk(trials, sides, segments, count, true, findings);
    if (status == MIEN_OK && overlapping > 0) {
        status = overlapping * SLIDING < neighbours
                     ? walk(trials, sides, segments, count, false, findings)
                     : mien_findings_add(findings, MIEN_NOTE, "segment", NULL,
                           "%" PRId64 " of %" PRId64
                           " neighbours overlap in time, as sliding windows do",
                           overlapping, neighbours);
    }
    mien_free(segments);
    return status;
}
