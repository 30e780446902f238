/* SPDX-License-Identifier: MIT */
/* The doctor on features: what is missing, does not fit, is no number, never changes or
 * stands on both sides of a split. */
#include "data/doctor/doctor.h"
#include "data/importers/features.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The statistics of one column of the table. */
typedef struct exam {
    const mien_trials *trials;
    const char *column;                 /* "features.vggish" */
    mien_array *array;                  /* the file open now */
    char *file;                         /* its name */
    mien_status opened;                 /* of it */
    int64_t width;                      /* -1: not known yet */
    int64_t read, absent;               /* rows */
    float *values, *smallest, *largest; /* [width] */
    char (*hash)[65]; /* [rows]; "": not read, or nothing but one value */
    mien_findings *findings;
} exam;

static mien_status complain(const exam *e, int64_t row, const char *check) {
    return mien_findings_add(e->findings, MIEN_ERROR, check,
        mien_trials_id(e->trials, row), "%s", mien_error());
}

/* The file of this row; each is complained of once. */
static mien_status open_file(exam *e, int64_t row, const mien_feature_place *place) {
    if (e->file && strcmp(e->file, place->file) == 0) {
        return MIEN_OK;
    }
    mien_array_close(&e->array);
    mien_free(e->file);
    e->file = mien_strdup(place->file);
    if (!e->file) {
        return MIEN_ENOMEM;
    }
    e->opened = mien_array_open(place->file, &e->array);
    if (e->opened == MIEN_ENOMEM || e->opened == MIEN_EINTERRUPTED) {
        return e->opened;
    }
    if (e->opened != MIEN_OK) {
        mien_feature_fail_in(e->opened, e->trials, row, e->column);
        return complain(e, row, "features");
    }
    int64_t width = mien_feature_width(e->array, place);
    if (e->width < 0) {
        e->width = width;
    }
    if (width != e->width) {
        e->opened = mien_fail(MIEN_ESHAPE,
            "%s: %" PRId64 " values a row where %" PRId64 " are expected", place->file,
            width, e->width);
        mien_feature_fail_in(e->opened, e->trials, row, e->column);
        return complain(e, row, "width");
    }
    return MIEN_OK;
}

static mien_status make_room(exam *e) {
    size_t width = (size_t)e->width;
    if (!e->values) {
        e->values = mien_alloc(width, sizeof *e->values);
        e->smallest = mien_alloc(width, sizeof *e->smallest);
        e->largest = mien_alloc(width, sizeof *e->largest);
    }
    return e->values && e->smallest && e->largest ? MIEN_OK : MIEN_ENOMEM;
}

/* Ranges of columns, and what the row looks like; silence, which is all zeros, looks
 * like nothing. */
static mien_status take_values(exam *e, int64_t row) {
    bool same = true;
    for (int64_t i = 0; i < e->width; i++) {
        float x = e->values[i];
        same = same && x == e->values[0];
        e->smallest[i] = e->read == 0 || x < e->smallest[i] ? x : e->smallest[i];
        e->largest[i] = e->read == 0 || x > e->largest[i] ? x : e->largest[i];
    }
    e->read++;
    return same ? MIEN_OK
                : mien_sha256_bytes(
                      e->values, (size_t)e->width * sizeof *e->values, e->hash[row]);
}

static mien_status look_at(exam *e, int64_t row) {
    mien_feature_place place = {NULL, -1};
    mien_status status = mien_feature_place_read(e->trials, row, e->column, &place);
    if (status == MIEN_EFORMAT) {
        return complain(e, row, "features");
    }
    if (status != MIEN_OK || !place.file) {
        e->absent += status == MIEN_OK;
        return status;
    }
    status = open_file(e, row, &place);
    if (status == MIEN_OK && e->opened == MIEN_OK) {
        status = make_room(e);
        mien_status read =
            status ? status : mien_feature_read(e->array, &place, e->values);
        if (status == MIEN_OK && read != MIEN_OK) {
            mien_feature_fail_in(read, e->trials, row, e->column);
            status = complain(e, row, read == MIEN_ENUMBER ? "finite" : "features");
        } else if (status == MIEN_OK) {
            status = take_values(e, row);
        }
    }
    mien_free(place.file);
    return status;
}

/* ---- what the rows say together ---------------------------------------------- */

static mien_status report_constant(const exam *e) {
    int64_t constant = 0, first = 0;
    for (int64_t i = 0; i < e->width && e->read > 1; i++) {
        if (e->smallest[i] == e->largest[i]) {
            first = constant ? first : i;
            constant++;
        }
    }
    if (constant == 0) {
        return MIEN_OK;
    }
    return mien_findings_add(e->findings,
        constant * 10 > e->width ? MIEN_WARNING : MIEN_NOTE, "constant", NULL,
        "%s: %" PRId64 " of %" PRId64
        " values never change (the first is number %" PRId64 ", always %g)",
        e->column, constant, e->width, first, (double)e->smallest[first]);
}

/* Rows with the very same values are one thing, which must stand on one side. */
static mien_status report_same(const exam *e, int64_t row, int64_t earlier) {
    static const char *const dividers[] = {"split", "group"};
    for (int d = 0; d < 2; d++) {
        const char *here = mien_trials_cell(e->trials, row, dividers[d]);
        const char *there = mien_trials_cell(e->trials, earlier, dividers[d]);
        if (here && there && strcmp(here, there) != 0) {
            return mien_findings_add(e->findings, d == 0 ? MIEN_ERROR : MIEN_WARNING,
                "leak", mien_trials_id(e->trials, row),
                "%s is the same as in trial %s, but %s is %s here and %s there",
                e->column, mien_trials_id(e->trials, earlier), dividers[d], here,
                there);
        }
    }
    return MIEN_OK;
}

static mien_status report_repeated(const exam *e) {
    int64_t rows = mien_trials_rows(e->trials);
    const char **names = mien_alloc((size_t)rows, sizeof *names);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    mien_status status = names && first ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        names[i] = e->hash[i][0] ? e->hash[i] : NULL;
    }
    status = status ? status : mien_names_first(rows, names, first);
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        status = first[i] == i ? MIEN_OK : report_same(e, i, first[i]);
    }
    mien_free(first);
    mien_free(names);
    return status;
}

static mien_status report_absent(const exam *e) {
    if (e->absent == 0) {
        return MIEN_OK;
    }
    int64_t rows = mien_trials_rows(e->trials);
    return mien_findings_add(e->findings, e->absent == rows ? MIEN_ERROR : MIEN_WARNING,
        "features", NULL, "%s is missing in %" PRId64 " of %" PRId64 " rows", e->column,
        e->absent, rows);
}

static mien_status examine(
    const mien_trials *t, const char *column, mien_findings *findings) {
    int64_t rows = mien_trials_rows(t);
    exam e = {.trials = t, .column = column, .width = -1, .findings = findings};
    int64_t said =
        mien_sidecar_feature_width(t->sidecar, column + strlen(MIEN_FEATURES_PREFIX));
    e.width = said > 0 ? said : -1;
    e.hash = mien_alloc((size_t)rows, sizeof *e.hash);
    mien_status status = e.hash ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : look_at(&e, i);
    }
    status = status ? status : report_absent(&e);
    status = status ? status : report_constant(&e);
    status = status ? status : report_repeated(&e);
    if (status == MIEN_OK && e.read > 0) {
        status = mien_doctor_inputs(t, column, e.width, findings);
    }
    mien_array_close(&e.array);
    mien_free(e.file);
    mien_free(e.hash);
    mien_free(e.values);
    mien_free(e.smallest);
    mien_free(e.largest);
    return status;
}

/* ---- films ------------------------------------------------------------------- */

typedef struct segment {
    int64_t row;
    const char *group, *person; /* "" if missing */
    double start_s, end_s;
} segment;

static int by_time(const void *a, const void *b) {
    const segment *x = a, *y = b;
    int order = strcmp(x->group, y->group);
    order = order ? order : strcmp(x->person, y->person);
    order = order ? order : (x->start_s > y->start_s) - (x->start_s < y->start_s);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* Segments of a film that a context would take for neighbours. */
static mien_status check_neighbours(const mien_trials *t, const segment *one,
    const segment *two, mien_findings *findings) {
    double gap_s = two->start_s - one->end_s, tolerance_s = 0.02;
    if (strcmp(one->group, two->group) != 0 || strcmp(one->person, two->person) != 0 ||
        fabs(gap_s) <= tolerance_s) {
        return MIEN_OK;
    }
    return mien_findings_add(findings, MIEN_WARNING, "segment",
        mien_trials_id(t, two->row), "%s: %g to %g s %s trial %s, which ends at %g s%s",
        two->group, two->start_s, two->end_s,
        gap_s < 0 ? "overlaps" : "does not follow", mien_trials_id(t, one->row),
        one->end_s, gap_s < 0 ? "" : ": segments between them are missing");
}

static mien_status check_segments(const mien_trials *t, mien_findings *findings) {
    int start = mien_table_column(t->table, "start_s");
    int end = mien_table_column(t->table, "end_s");
    int64_t rows = mien_trials_rows(t), count = 0;
    if (start < 0 || end < 0 || mien_table_column(t->table, "group") < 0) {
        return MIEN_OK;
    }
    segment *segments = mien_alloc((size_t)rows, sizeof *segments);
    if (!segments) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < rows; i++) {
        segment s = {.row = i};
        const char *person = mien_trials_cell(t, i, "person");
        s.group = mien_trials_cell(t, i, "group");
        s.person = person ? person : "";
        /* reading has complained of what is no number */
        if (s.group && mien_table_number(t->table, i, start, &s.start_s) == MIEN_OK &&
            mien_table_number(t->table, i, end, &s.end_s) == MIEN_OK &&
            isfinite(s.start_s) && isfinite(s.end_s)) {
            segments[count++] = s;
        }
    }
    qsort(segments, (size_t)count, sizeof *segments, by_time);
    mien_status status = MIEN_OK;
    for (int64_t i = 1; status == MIEN_OK && i < count; i++) {
        status = check_neighbours(t, &segments[i - 1], &segments[i], findings);
    }
    mien_free(segments);
    return status;
}

static bool is_feature(const mien_table *table, int column) {
    return strncmp(mien_table_name(table, column), MIEN_FEATURES_PREFIX,
               strlen(MIEN_FEATURES_PREFIX)) == 0;
}

static bool has_any(const mien_trials *t, int64_t row) {
    for (int c = 0; c < mien_table_columns(t->table); c++) {
        if (is_feature(t->table, c) &&
            !mien_cell_missing(mien_table_cell(t->table, row, c))) {
            return true;
        }
    }
    return false;
}

/* Groups (films) none of whose rows has any feature. */
static mien_status check_groups(const mien_trials *t, mien_findings *findings) {
    int64_t rows = mien_trials_rows(t);
    const char **names = mien_alloc((size_t)rows, sizeof *names);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    bool *some = mien_alloc((size_t)rows, sizeof *some);
    mien_status status = names && first && some ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        names[i] = mien_trials_cell(t, i, "group");
    }
    status = status ? status : mien_names_first(rows, names, first);
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        some[first[i]] = some[first[i]] || has_any(t, i);
    }
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        if (first[i] == i && !some[i]) {
            status = mien_findings_add(findings, MIEN_ERROR, "features",
                mien_trials_id(t, i), "%s%s has no features at all",
                names[i] ? "group " : "the trial", names[i] ? names[i] : "");
        }
    }
    mien_free(some);
    mien_free(first);
    mien_free(names);
    return status;
}

mien_status mien_doctor_features(const mien_trials *trials, mien_findings *findings) {
    mien_status status = MIEN_OK;
    bool any = false;
    for (int c = 0; c < mien_table_columns(trials->table) && status == MIEN_OK; c++) {
        if (is_feature(trials->table, c)) {
            any = true;
            status = examine(trials, mien_table_name(trials->table, c), findings);
        }
    }
    if (any && status == MIEN_OK) {
        status = check_groups(trials, findings);
        status = status ? status : check_segments(trials, findings);
    }
    return status;
}
