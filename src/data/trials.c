/* SPDX-License-Identifier: MIT */
/* Opens trial tables, checks them, and answers about their rows. */
#include "data/trials.h"
#include "base/need.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define TABLE_BYTES_MAX ((size_t)1 << 30)
#define SIDECAR_BYTES_MAX ((size_t)16 << 20)

mien_status mien_complain(const mien_complaints *complaints, const char *check,
    int64_t row, mien_status status) {
    if (!complaints || status == MIEN_ENOMEM || status == MIEN_EINTERRUPTED) {
        return status;
    }
    return complaints->complain(complaints->context, check, row, status);
}

/* ---- checking ----------------------------------------------------------------- */

static mien_status fail_row(
    const mien_trials *t, int64_t row, const char *what, const char *value) {
    return mien_fail(MIEN_EFORMAT, "%s:%" PRId64 ": %s%s%s%s", t->path,
        mien_table_line(t->table, row), what, value ? " \"" : "", value ? value : "",
        value ? "\"" : "");
}

static mien_status check_ids(mien_trials *t, const mien_complaints *complaints) {
    t->id_column = mien_table_column(t->table, "trial");
    if (t->id_column < 0) {
        return mien_complain(complaints, "column", -1,
            mien_fail(MIEN_EFORMAT, "%s:1: there is no column \"trial\"", t->path));
    }
    int64_t rows = mien_table_rows(t->table);
    const char **ids = mien_alloc((size_t)rows, sizeof *ids);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    mien_status status = ids && first ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        const char *id = mien_table_cell(t->table, i, t->id_column);
        ids[i] = mien_cell_missing(id) ? NULL : id;
    }
    if (status == MIEN_OK) {
        status = mien_names_first(rows, ids, first);
    }
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        if (!ids[i]) {
            status = mien_complain(
                complaints, "id", i, fail_row(t, i, "the trial has no id", NULL));
        } else if (first[i] != i) {
            status = mien_fail(MIEN_EFORMAT,
                "%s:%" PRId64 ": trial \"%s\" is there already, in line %" PRId64,
                t->path, mien_table_line(t->table, i), ids[i],
                mien_table_line(t->table, first[i]));
            status = mien_complain(complaints, "id", i, status);
        }
    }
    mien_free(first);
    mien_free(ids);
    return status;
}

static mien_status check_numbers(
    const mien_trials *t, const char *name, const mien_complaints *complaints) {
    int column = name[0] ? mien_table_column(t->table, name) : -1;
    for (int64_t i = 0; column >= 0 && i < mien_table_rows(t->table); i++) {
        double value;
        mien_status status = mien_table_number(t->table, i, column, &value);
        if (status == MIEN_OK && isinf(value)) {
            status = mien_fail(MIEN_EFORMAT, "%s:%" PRId64 ": %s is infinite", t->path,
                mien_table_line(t->table, i), name);
        }
        if (status != MIEN_OK) {
            status = mien_complain(complaints, "number", i, status);
        }
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

/* Every label is one of the target's classes. */
static mien_status check_labels(const mien_trials *t, const mien_trials_target *target,
    const mien_complaints *complaints) {
    int column = mien_table_column(t->table, target->name);
    for (int64_t i = 0; i < mien_table_rows(t->table); i++) {
        const char *cell = mien_table_cell(t->table, i, column);
        if (mien_cell_missing(cell) || mien_target_class(target, cell) >= 0) {
            continue;
        }
        mien_status status = mien_complain(complaints, "label", i,
            mien_fail(MIEN_EFORMAT,
                "%s:%" PRId64 ": %s \"%s\" is none of the %d classes of the sidecar",
                t->path, mien_table_line(t->table, i), target->name, cell,
                target->classes));
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

static mien_status check_values(const mien_trials *t, const mien_trials_target *target,
    const mien_complaints *complaints) {
    mien_status status = target->kind == MIEN_TARGET_CLASS
                             ? check_labels(t, target, complaints)
                             : check_numbers(t, target->name, complaints);
    for (int c = 0; status == MIEN_OK && target->votes_column && c < target->classes;
         c++) {
        status = check_numbers(t, target->votes_column[c], complaints);
    }
    status = status ? status : check_numbers(t, target->sd_column, complaints);
    return status ? status : check_numbers(t, target->n_column, complaints);
}

static mien_status check_times(
    const mien_trials *t, const mien_complaints *complaints) {
    int start = mien_table_column(t->table, "start_s");
    int end = mien_table_column(t->table, "end_s");
    mien_status status = check_numbers(t, "start_s", complaints);
    status = status ? status : check_numbers(t, "end_s", complaints);
    int64_t rows = start >= 0 && end >= 0 ? mien_table_rows(t->table) : 0;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        double from, to;
        if (mien_table_number(t->table, i, start, &from) == MIEN_OK &&
            mien_table_number(t->table, i, end, &to) == MIEN_OK && to <= from) {
            status = mien_complain(complaints, "time", i,
                fail_row(t, i,
                    "end_s is not after start_s:", mien_table_cell(t->table, i, end)));
        }
    }
    return status;
}

static mien_status check_splits(
    const mien_trials *t, const mien_complaints *complaints) {
    int column = mien_table_column(t->table, "split");
    for (int64_t i = 0; column >= 0 && i < mien_table_rows(t->table); i++) {
        const char *cell = mien_table_cell(t->table, i, column);
        if (mien_cell_missing(cell) || strcmp(cell, "train") == 0 ||
            strcmp(cell, "validation") == 0 || strcmp(cell, "test") == 0) {
            continue;
        }
        mien_status status = mien_complain(complaints, "split", i,
            fail_row(t, i, "split is none of train, validation, test, n/a:", cell));
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

static mien_status check_all(mien_trials *t, const mien_complaints *complaints) {
    mien_status status = check_ids(t, complaints);
    if (status == MIEN_OK && t->sidecar) {
        status = mien_sidecar_check(t, complaints);
    }
    for (int i = 0; status == MIEN_OK && i < t->targets_count; i++) {
        status = check_values(t, &t->targets[i], complaints);
    }
    status = status ? status : check_times(t, complaints);
    return status ? status : check_splits(t, complaints);
}

/* ---- reading ------------------------------------------------------------------ */

static mien_status hash_both(const char *table, size_t table_count, const char *sidecar,
    size_t sidecar_count, char hash[65]) {
    mien_sha256 *sha = NULL;
    mien_status status = mien_sha256_new(&sha);
    if (status == MIEN_OK) {
        mien_sha256_add(sha, table, table_count);
        mien_sha256_add(sha, sidecar, sidecar_count);
        mien_sha256_take(&sha, hash);
    }
    return status;
}

static mien_status parse_sidecar(
    mien_trials *t, const char *text, size_t count, const mien_complaints *complaints) {
    char *name = mien_sidecar_path(t->path);
    if (!name) {
        return MIEN_ENOMEM;
    }
    mien_status status;
    if (!text) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: its sidecar %s, which says what the targets are, is missing", t->path,
            name);
    } else {
        status = mien_value_parse_json(name, text, count, &t->sidecar);
    }
    mien_free(name);
    return status == MIEN_OK ? MIEN_OK
                             : mien_complain(complaints, "sidecar", -1, status);
}

mien_status mien_trials_parse(const char *path, const char *table, size_t table_count,
    const char *sidecar, size_t sidecar_count, const mien_complaints *complaints,
    mien_trials **trials) {
    mien_trials *t = mien_alloc(1, sizeof *t);
    if (!t) {
        return MIEN_ENOMEM;
    }
    t->path = mien_strdup(path);
    t->directory = mien_path_directory(path);
    mien_status status = t->path && t->directory ? MIEN_OK : MIEN_ENOMEM;
    status =
        status ? status : mien_table_parse(path, table, table_count, NULL, &t->table);
    status = status ? status : parse_sidecar(t, sidecar, sidecar_count, complaints);
    status = status ? status : check_all(t, complaints);
    status = status ? status
                    : hash_both(table, table_count, sidecar,
                          sidecar ? sidecar_count : 0, t->hash);
    if (status != MIEN_OK) {
        mien_trials_close(&t);
        return status;
    }
    *trials = t;
    return MIEN_OK;
}

/* Where nobody hears complaints (the doctor has a finding of it), the log does. */
static void warn_of_quotes(const mien_trials *t) {
    int64_t row = 0, cells = 0;
    int column = 0;
    if (mien_table_drawn_in(t->table, &row, &column, &cells)) {
        mien_log(MIEN_LOG_WARN, "data",
            "%s:%" PRId64
            ": the cell of \"%s\" has a line break or a tab in it: if its "
            "quotes are no pair, rows are missing",
            t->path, mien_table_line(t->table, row), mien_table_name(t->table, column));
    }
}

mien_status mien_trials_read(
    const char *path, const mien_complaints *complaints, mien_trials **trials) {
    char *table = NULL, *sidecar = NULL;
    size_t table_count = 0, sidecar_count = 0;
    char *sidecar_path = mien_sidecar_path(path);
    mien_status status = sidecar_path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && strcmp(sidecar_path, path) == 0) {
        status = mien_fail(MIEN_EINVAL,
            "%s: this is a sidecar; the trial table is the .tsv beside it", path);
    }
    status =
        status ? status : mien_file_read(path, TABLE_BYTES_MAX, &table, &table_count);
    if (status == MIEN_OK && mien_file_exists(sidecar_path)) {
        status =
            mien_file_read(sidecar_path, SIDECAR_BYTES_MAX, &sidecar, &sidecar_count);
    }
    status = status ? status
                    : mien_trials_parse(path, table, table_count, sidecar,
                          sidecar_count, complaints, trials);
    if (status == MIEN_OK && !complaints) {
        warn_of_quotes(*trials);
    }
    mien_free(sidecar);
    mien_free(table);
    mien_free(sidecar_path);
    return status;
}

mien_status mien_trials_open(const char *path, mien_trials **trials) {
    MIEN_NEED(path);
    MIEN_NEED(trials);
    return mien_trials_read(path, NULL, trials);
}

void mien_trials_close(mien_trials **trials) {
    mien_trials *t = trials ? *trials : NULL;
    if (!t) {
        return;
    }
    mien_targets_clear(t);
    mien_value_free(&t->sidecar);
    mien_table_free(&t->table);
    mien_free(t->directory);
    mien_free(t->path);
    mien_free(t);
    *trials = NULL;
}

/* ---- asking ------------------------------------------------------------------- */

const mien_table *mien_trials_table(const mien_trials *t) {
    MIEN_NEED_OR(NULL, t);
    return t->table;
}

int64_t mien_trials_rows(const mien_trials *t) {
    MIEN_NEED_OR(0, t);
    return mien_table_rows(t->table);
}

const char *mien_trials_id(const mien_trials *t, int64_t row) {
    MIEN_NEED_OR(NULL, t);
    return t->id_column < 0 ? "" : mien_table_cell(t->table, row, t->id_column);
}

const char *mien_trials_cell(const mien_trials *t, int64_t row, const char *column) {
    MIEN_NEED_OR(NULL, t, column);
    const char *cell =
        mien_table_cell(t->table, row, mien_table_column(t->table, column));
    return cell && !mien_cell_missing(cell) ? cell : NULL;
}

char *mien_trials_path(const mien_trials *t, int64_t row, const char *column) {
    MIEN_NEED_OR(NULL, t, column);
    const char *cell = mien_trials_cell(t, row, column);
    bool here = strcmp(t->directory, ".") == 0 && t->path[0] != '.';
    return cell ? mien_path_join(here ? "" : t->directory, cell) : NULL;
}

int mien_trials_targets(const mien_trials *t) {
    MIEN_NEED_OR(0, t);
    return t->targets_count;
}

const mien_trials_target *mien_trials_target_at(const mien_trials *t, int index) {
    MIEN_NEED_OR(NULL, t);
    return index >= 0 && index < t->targets_count ? &t->targets[index] : NULL;
}

const mien_trials_target *mien_trials_target_find(
    const mien_trials *t, const char *name) {
    MIEN_NEED_OR(NULL, t, name);
    for (int i = 0; i < t->targets_count; i++) {
        if (strcmp(t->targets[i].name, name) == 0) {
            return &t->targets[i];
        }
    }
    return NULL;
}

mien_status mien_trials_no_target(
    const mien_trials *t, const char *study, const char *name) {
    mien_string known;
    const char *nearest = "";
    size_t least = 3; /* more slips than that are another word */
    mien_string_init(&known);
    for (int i = 0; i < t->targets_count; i++) {
        const char *one = t->targets[i].name;
        size_t slips = (size_t)mien_edit_distance(name, one);
        mien_string_addf(&known, "%s%s", i ? ", " : "", one);
        if (slips < least) {
            least = slips;
            nearest = one;
        }
    }
    mien_status status = mien_string_status(&known);
    if (status == MIEN_OK) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: targets: %s has no target \"%s\"%s%s%s; it has: %s", study, t->path,
            name, *nearest ? "; did you mean \"" : "", nearest, *nearest ? "\"?" : "",
            t->targets_count ? known.text : "none");
    }
    mien_string_clear(&known);
    return status;
}

mien_status mien_trials_numbers(const mien_trials *t, const char *name, double *out) {
    MIEN_NEED(t, name, out);
    int column = mien_table_column(t->table, name);
    if (column < 0) {
        return mien_fail(
            MIEN_ENOTFOUND, "%s: there is no column \"%s\"", t->path, name);
    }
    for (int64_t i = 0; i < mien_table_rows(t->table); i++) {
        mien_status status = mien_table_number(t->table, i, column, &out[i]);
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

mien_status mien_trials_check_range(
    const mien_trials *t, const char *name, const int64_t *rows, int64_t count) {
    MIEN_NEED(t, name);
    const mien_trials_target *target = mien_trials_target_find(t, name);
    int column = mien_table_column(t->table, name);
    int64_t outside = 0, first = -1;
    if (!target) {
        return mien_fail(
            MIEN_ENOTFOUND, "%s: there is no target \"%s\"", t->path, name);
    }
    count = rows ? count : mien_table_rows(t->table);
    for (int64_t i = 0; i < count && target->kind == MIEN_TARGET_NUMBER; i++) {
        int64_t row = rows ? rows[i] : i;
        double value;
        mien_status status = mien_table_number(t->table, row, column, &value);
        if (status != MIEN_OK) {
            return status;
        }
        if (value < target->minimum || value > target->maximum) {
            first = outside++ == 0 ? row : first;
        }
    }
    return outside == 0
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT,
                     "%s:%" PRId64
                     ": %s is \"%s\", outside [%g, %g] of the sidecar (%" PRId64
                     " of %" PRId64 " rows are)",
                     t->path, mien_table_line(t->table, first), name,
                     mien_table_cell(t->table, first, column), target->minimum,
                     target->maximum, outside, count);
}

const mien_value *mien_trials_sidecar(const mien_trials *t) {
    MIEN_NEED_OR(NULL, t);
    return t->sidecar;
}

mien_status mien_trials_hash(const mien_trials *t, char hex[65]) {
    MIEN_NEED(t, hex);
    memcpy(hex, t->hash, sizeof t->hash);
    return MIEN_OK;
}
