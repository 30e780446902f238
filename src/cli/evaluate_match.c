/* SPDX-License-Identifier: MIT */
/* Pairs predictions with trials for `mien evaluate --trials`: by trial id where the
 * predictions have one, else by file name and time, or by the row of a file of
 * features. A trial may take several rows (the moments of a film segment), and a row
 * may belong to several trials (people who rated the same picture). */
#include "cli/evaluate_match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/trials.h"

void cli_match_clear(cli_match *match) {
    mien_free(match->first);
    mien_free(match->matched);
    mien_free(match->stimulus);
    mien_free(match->file);
    mien_free(match->used);
    *match = (cli_match){0};
}

/* The subject of a row in either table: a name, and a part of it. */
typedef struct about {
    const char *name;      /* NULL: nothing */
    double start_s, end_s; /* NaN: all of it */
    int64_t row;
} about;

static int by_name_and_time(const void *a, const void *b) {
    const about *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (order == 0 && x->start_s != y->start_s) {
        order = isnan(x->start_s) ? (isnan(y->start_s) ? 0 : -1)
                : isnan(y->start_s) || x->start_s > y->start_s ? 1
                                                               : -1;
    }
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static mien_status read_times(const mien_table *table, int64_t row, about *a) {
    a->start_s = a->end_s = (double)NAN;
    int start = mien_table_column(table, "start_s");
    int end = mien_table_column(table, "end_s");
    mien_status status =
        start < 0 ? MIEN_OK : mien_table_number(table, row, start, &a->start_s);
    if (status == MIEN_OK && end >= 0) {
        status = mien_table_number(table, row, end, &a->end_s);
    }
    return status;
}

/* Seconds that a trial and a row of predictions share; 1 where either is about the
 * whole file, or a moment that the other holds; 0: none. */
static double shared(const about *trial, const about *prediction) {
    const about *t = trial, *p = prediction;
    if (isnan(t->start_s) || isnan(p->start_s)) {
        return 1;
    }
    double t_end = isnan(t->end_s) ? t->start_s : t->end_s;
    double p_end = isnan(p->end_s) ? p->start_s : p->end_s;
    if (t_end == t->start_s) {
        bool within =
            t->start_s >= p->start_s && (t->start_s < p_end || p_end == t_end);
        return within;
    }
    if (p_end == p->start_s) {
        return p->start_s >= t->start_s && p->start_s < t_end;
    }
    double both = fmin(t_end, p_end) - fmax(t->start_s, p->start_s);
    return both > 1e-6 ? both : 0;
}

static mien_status add(cli_match *m, int64_t row, double weight) {
    if (m->count == m->capacity) {
        int64_t capacity = m->capacity ? 2 * m->capacity : 256;
        cli_matched *more = mien_realloc(
            m->matched, (size_t)m->capacity, (size_t)capacity, sizeof *more);
        if (!more) {
            return MIEN_ENOMEM;
        }
        m->matched = more;
        m->capacity = capacity;
    }
    m->matched[m->count++] = (cli_matched){row, weight};
    m->used[row] = true;
    return MIEN_OK;
}

/* ---- names --------------------------------------------------------------------- */

typedef struct tables {
    const mien_table *predictions;
    const mien_trials *trials;
    const char *features; /* column of the trials that has the rows; NULL: files */
} tables;

/* The path of a trial's picture or film. */
static const char *path_of(const tables *t, int64_t trial) {
    const char *image = mien_trials_cell(t->trials, trial, "image");
    return image ? image : mien_trials_cell(t->trials, trial, "film");
}

/* "FILE#ROW" or "FILE#SET:ROW": the row's digits, and how long what stands before is.
 */
static const char *row_of(const char *cell, size_t *file) {
    const char *hash = strrchr(cell, '#'), *colon = hash ? strrchr(hash, ':') : NULL;
    const char *before = colon ? colon : hash;
    *file = before ? (size_t)(before - cell) : strlen(cell);
    return before ? before + 1 : NULL;
}

/* Rows of features can be told apart only if all trials are of one file. */
static mien_status check_features(const tables *t) {
    const char *first = NULL;
    size_t length = 0;
    for (int64_t i = 0; i < mien_trials_rows(t->trials); i++) {
        const char *cell = mien_trials_cell(t->trials, i, t->features);
        size_t file = 0;
        if (!cell) {
            continue;
        }
        if (!row_of(cell, &file)) {
            return mien_fail(MIEN_EFORMAT,
                "%s: %s of trial %s names no row: rows of features are paired by "
                "FILE#ROW",
                mien_table_file(mien_trials_table(t->trials)), t->features,
                mien_trials_id(t->trials, i));
        }
        if (first && (file != length || strncmp(first, cell, file) != 0)) {
            return mien_fail(MIEN_EFORMAT,
                "%s: its rows may be of %.*s or %.*s (%s of the trials): add a column "
                "\"trial\" to pair by",
                mien_table_file(t->predictions), (int)length, first, (int)file, cell,
                t->features);
        }
        first = cell;
        length = file;
    }
    return MIEN_OK;
}

static const char *name_of_trial(const tables *t, int64_t trial) {
    size_t file = 0;
    if (t->features) {
        const char *cell = mien_trials_cell(t->trials, trial, t->features);
        return cell ? row_of(cell, &file) : NULL;
    }
    const char *path = path_of(t, trial);
    return path ? mien_path_base(path) : NULL;
}

/* Two trials whose files have one name, in different folders, cannot be told apart. */
static mien_status check_paths(const tables *t, const about *trials, int64_t count,
    const about *row, const char *name) {
    const char *path = NULL;
    for (int64_t i = 0; !t->features && i < count; i++) {
        const char *other = path_of(t, trials[i].row);
        if (path && strcmp(path, other) != 0) {
            return mien_fail(MIEN_EFORMAT,
                "%s:%lld: %s may be %s or %s of the trials: pairing by file name needs "
                "names that differ",
                mien_table_file(t->predictions),
                (long long)mien_table_line(t->predictions, row->row), name, path,
                other);
        }
        path = other;
    }
    return MIEN_OK;
}

/* ---- by name and time ---------------------------------------------------------- */

static mien_status list(const tables *t, const cli_match *m, about *trials,
    int64_t *trials_count, about *rows, int64_t *rows_count) {
    const mien_table *table = mien_trials_table(t->trials);
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < m->trials; i++) {
        about a = {.name = name_of_trial(t, i), .row = i};
        status = read_times(table, i, &a);
        if (t->features) {
            a.start_s = a.end_s = (double)NAN; /* the row says it all */
        }
        if (a.name) {
            trials[(*trials_count)++] = a;
        }
    }
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        const char *cell = mien_table_cell(t->predictions, i, m->name);
        about a = {.row = i};
        status = read_times(t->predictions, i, &a);
        if (cell && !mien_cell_missing(cell)) {
            a.name = t->features ? cell : mien_path_base(cell);
            rows[(*rows_count)++] = a;
        }
    }
    qsort(trials, (size_t)*trials_count, sizeof *trials, by_name_and_time);
    qsort(rows, (size_t)*rows_count, sizeof *rows, by_name_and_time);
    return status;
}

/* Lists both of one name; at: of each trial, where its rows begin, filled by trial. */
typedef struct bucket {
    const about *trials, *rows;
    int64_t trials_count, rows_count;
} bucket;

/* Rows come in order of time: those that end before a trial begins are never looked at
 * again, so a film of many segments costs what it has. Rows without times count always.
 */
static mien_status match_trial(
    cli_match *m, const bucket *b, const about *trial, int64_t *begin) {
    mien_status status = MIEN_OK;
    while (*begin < b->rows_count && !isnan(trial->start_s) &&
           b->rows[*begin].end_s <= trial->start_s &&
           b->rows[*begin].end_s > b->rows[*begin].start_s) {
        ++*begin;
    }
    for (int64_t i = *begin; status == MIEN_OK && i < b->rows_count; i++) {
        const about *row = &b->rows[i];
        double end_s = isnan(trial->end_s) ? trial->start_s : trial->end_s;
        if (row->start_s > end_s) {
            break;
        }
        double weight = shared(trial, row);
        if (weight > 0) {
            status = add(m, row->row, weight);
        }
    }
    return status;
}

/* Matches in the order of the sorted trials; `order` puts them into that of the table.
 */
static mien_status match_bucket(
    cli_match *m, const bucket *b, int64_t *start, int64_t *length) {
    int64_t begin = 0, stimulus = -1;
    const about *before = NULL;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < b->trials_count; i++) {
        const about *trial = &b->trials[i];
        bool same = before && (before->start_s == trial->start_s ||
                                  (isnan(before->start_s) && isnan(trial->start_s)));
        stimulus = same ? stimulus : trial->row;
        m->stimulus[trial->row] = stimulus;
        m->file[trial->row] = b->trials[0].row;
        start[trial->row] = m->count;
        status = match_trial(m, b, trial, &begin);
        length[trial->row] = m->count - start[trial->row];
        before = trial;
    }
    return status;
}

/* From the order of names to that of the trials. */
static mien_status put_in_order(
    cli_match *m, const int64_t *start, const int64_t *length) {
    cli_matched *ordered = mien_alloc((size_t)m->count + 1, sizeof *ordered);
    int64_t n = 0;
    if (!ordered) {
        return MIEN_ENOMEM;
    }
    for (int64_t t = 0; t < m->trials; t++) {
        m->first[t] = n;
        for (int64_t k = 0; k < length[t]; k++) {
            ordered[n++] = m->matched[start[t] + k];
        }
    }
    m->first[m->trials] = n;
    mien_free(m->matched);
    m->matched = ordered;
    m->capacity = m->count + 1;
    return MIEN_OK;
}

static int64_t end_of_name(const about *all, int64_t first, int64_t count) {
    int64_t i = first;
    while (i < count && strcmp(all[i].name, all[first].name) == 0) {
        i++;
    }
    return i;
}

static mien_status match_names(cli_match *m, const tables *t, about *trials,
    about *rows, int64_t *start, int64_t *length) {
    int64_t trials_count = 0, rows_count = 0, r = 0;
    mien_status status = list(t, m, trials, &trials_count, rows, &rows_count);
    for (int64_t i = 0, end; status == MIEN_OK && i < trials_count; i = end) {
        end = end_of_name(trials, i, trials_count);
        while (r < rows_count && strcmp(rows[r].name, trials[i].name) < 0) {
            r++;
        }
        bool there = r < rows_count && strcmp(rows[r].name, trials[i].name) == 0;
        int64_t last = there ? end_of_name(rows, r, rows_count) : r;
        const bucket b = {trials + i, rows + r, end - i, last - r};
        if (there) {
            status = check_paths(t, b.trials, b.trials_count, b.rows, rows[r].name);
        }
        if (status == MIEN_OK) {
            status = match_bucket(m, &b, start, length);
        }
    }
    return status == MIEN_OK ? put_in_order(m, start, length) : status;
}

static mien_status by_names(cli_match *m, const tables *t) {
    about *trials = mien_alloc((size_t)m->trials, sizeof *trials);
    about *rows = mien_alloc((size_t)m->rows, sizeof *rows);
    int64_t *start = mien_alloc((size_t)m->trials, sizeof *start);
    int64_t *length = mien_alloc((size_t)m->trials, sizeof *length);
    mien_status status = trials && rows && start && length
                             ? match_names(m, t, trials, rows, start, length)
                             : MIEN_ENOMEM;
    mien_free(length);
    mien_free(start);
    mien_free(rows);
    mien_free(trials);
    return status;
}

/* ---- by trial ------------------------------------------------------------------ */

static mien_status match_ids(
    cli_match *m, const tables *t, const char **names, int64_t *first) {
    for (int64_t i = 0; i < m->trials + m->rows; i++) {
        const char *cell =
            i < m->trials ? mien_trials_id(t->trials, i)
                          : mien_table_cell(t->predictions, i - m->trials, m->name);
        names[i] = cell && !mien_cell_missing(cell) ? cell : NULL;
    }
    mien_status status = mien_names_first(m->trials + m->rows, names, first);
    for (int64_t i = 0; status == MIEN_OK && i < m->trials; i++) {
        m->first[i] = -1;
    }
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        int64_t trial = first[m->trials + i];
        if (trial < m->trials && m->first[trial] >= 0) {
            status = mien_fail(MIEN_EFORMAT, "%s:%lld: trial %s is there twice",
                mien_table_file(t->predictions),
                (long long)mien_table_line(t->predictions, i), names[trial]);
        } else if (trial < m->trials) {
            m->first[trial] = i;
        }
    }
    for (int64_t i = 0; status == MIEN_OK && i < m->trials; i++) {
        int64_t row = m->first[i];
        m->first[i] = m->count;
        status = row >= 0 ? add(m, row, 1) : MIEN_OK;
    }
    m->first[m->trials] = m->count;
    return status;
}

static mien_status by_ids(cli_match *m, const tables *t) {
    size_t all = (size_t)(m->trials + m->rows);
    const char **names = mien_alloc(all, sizeof *names);
    int64_t *first = mien_alloc(all, sizeof *first);
    mien_status status = names && first ? match_ids(m, t, names, first) : MIEN_ENOMEM;
    mien_free(first);
    mien_free((void *)names);
    return status;
}

/* ---- all ----------------------------------------------------------------------- */

/* The first column features.NAME of the trials. */
static const char *features_of(const mien_trials *trials) {
    const mien_table *table = mien_trials_table(trials);
    for (int c = 0; c < mien_table_columns(table); c++) {
        if (strncmp(mien_table_name(table, c), "features.", 9) == 0) {
            return mien_table_name(table, c);
        }
    }
    return NULL;
}

static mien_status pair(cli_match *m, tables *t) {
    static const char *const names[] = {"trial", "input", "row"};
    for (int k = 0; k < 3; k++) {
        m->name = mien_table_column(t->predictions, names[k]);
        if (m->name < 0 || (k == 2 && !features_of(t->trials))) {
            continue;
        }
        if (k == 0) {
            return by_ids(m, t);
        }
        t->features = k == 2 ? features_of(t->trials) : NULL;
        mien_status status = t->features ? check_features(t) : MIEN_OK;
        return status == MIEN_OK ? by_names(m, t) : status;
    }
    return mien_fail(MIEN_EFORMAT,
        "%s: no column \"trial\", \"input\" or \"row\" (of features) to pair by",
        mien_table_file(t->predictions));
}

mien_status cli_match_make(
    cli_match *match, const mien_table *predictions, const mien_trials *trials) {
    cli_match *m = match;
    tables t = {.predictions = predictions, .trials = trials};
    *m = (cli_match){
        .trials = mien_trials_rows(trials), .rows = mien_table_rows(predictions)};
    m->first = mien_alloc((size_t)m->trials + 1, sizeof *m->first);
    m->stimulus = mien_alloc((size_t)m->trials, sizeof *m->stimulus);
    m->file = mien_alloc((size_t)m->trials, sizeof *m->file);
    m->used = mien_alloc((size_t)m->rows, sizeof *m->used);
    if (!m->first || !m->stimulus || !m->file || !m->used) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < m->trials; i++) {
        m->stimulus[i] = m->file[i] = i;
    }
    return pair(m, &t);
}

void cli_match_tell(const cli_match *match, const mien_table *predictions) {
    int64_t lost = 0, first = -1;
    for (int64_t i = 0; i < match->rows; i++) {
        if (!match->used[i]) {
            first = lost++ ? first : i;
        }
    }
    if (lost) {
        const char *name = mien_table_cell(predictions, first, match->name);
        mien_log(MIEN_LOG_WARN, "cli",
            "%s: %lld of %lld predictions belong to no trial, \"%s\" (line %lld) first",
            mien_table_file(predictions), (long long)lost, (long long)match->rows,
            name ? name : "", (long long)mien_table_line(predictions, first));
    }
}

/* ---- rows that were trained on ------------------------------------------------- */

static bool was_trained_on(const mien_table *table, int column, int64_t row) {
    const char *cell = mien_table_cell(table, row, column);
    return cell && strcmp(cell, "yes") == 0;
}

static void drop(cli_match *m, const mien_table *table, int column) {
    int64_t kept = 0, from = 0;
    for (int64_t t = 0; t < m->trials; t++) {
        int64_t end = m->first[t + 1];
        m->first[t] = kept;
        for (; from < end; from++) {
            if (!was_trained_on(table, column, m->matched[from].row)) {
                m->matched[kept++] = m->matched[from];
            }
        }
    }
    m->first[m->trials] = m->count = kept;
}

mien_status cli_match_leave_out(
    cli_match *match, const mien_table *predictions, bool keep) {
    int column = mien_table_column(predictions, "trained_on");
    int64_t rows = 0, trained = 0;
    for (int64_t i = 0; column >= 0 && i < match->rows; i++) {
        rows += match->used[i];
        trained += match->used[i] && was_trained_on(predictions, column, i);
    }
    if (trained == 0) {
        return MIEN_OK;
    }
    if (!keep && trained == rows) {
        return mien_fail(MIEN_EFORMAT,
            "%s: the model was trained on the inputs of all %lld rows: figures of them "
            "say nothing of others (--in-sample judges them nevertheless; of a run "
            "`mien evaluate RUN` judges what was held out)",
            mien_table_file(predictions), (long long)rows);
    }
    mien_log(MIEN_LOG_WARN, "cli",
        keep ? "%s: the model was trained on the inputs of %lld of %lld rows: figures "
               "with them say less of others"
             : "%s: the model was trained on the inputs of %lld of %lld rows: they are "
               "left out (--in-sample judges them, too)",
        mien_table_file(predictions), (long long)trained, (long long)rows);
    if (!keep) {
        drop(match, predictions, column);
    }
    return MIEN_OK;
}
