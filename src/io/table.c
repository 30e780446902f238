/* SPDX-License-Identifier: MIT */
/* Tables of text cells: they are made cell by cell here or read by
 * table_parse.c, and answer by row and column. */
#include "base/need.h"
#include "io/index.h"
#include "io/table_own.h"
#include "io/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COLUMNS_MAX 1000000

/* ---- making --------------------------------------------------------------------- */

mien_status mien_table_alloc(const char *file, mien_table **table) {
    mien_table *t = mien_alloc(1, sizeof *t);
    if (!t) {
        return MIEN_ENOMEM;
    }
    t->file = mien_strdup(file);
    if (!t->file || mien_arena_new(4096, &t->arena) != MIEN_OK) {
        mien_table_free(&t);
        return MIEN_ENOMEM;
    }
    *table = t;
    return MIEN_OK;
}

void mien_table_free(mien_table **table) {
    mien_table *t = table ? *table : NULL;
    if (!t) {
        return;
    }
    mien_arena_free(&t->arena);
    mien_free(t->lines);
    mien_free(t->cells);
    mien_free(t->names);
    mien_free(t->text);
    mien_free(t->file);
    mien_free(t);
    *table = NULL;
}

mien_status mien_table_grow_names(mien_table *t) {
    if (t->columns < t->names_room) {
        return MIEN_OK;
    }
    if (t->columns >= COLUMNS_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s:1: more than %d columns", t->file, COLUMNS_MAX);
    }
    int larger = t->names_room ? t->names_room * 2 : 16;
    const char **names =
        mien_realloc(t->names, (size_t)t->names_room, (size_t)larger, sizeof *names);
    if (!names) {
        return MIEN_ENOMEM;
    }
    t->names = names;
    t->names_room = larger;
    return MIEN_OK;
}

mien_status mien_table_grow_rows(mien_table *t) {
    if (t->rows < t->room) {
        return MIEN_OK;
    }
    int64_t larger = t->room ? t->room * 2 : 16;
    size_t columns = (size_t)t->columns;
    const char **cells = mien_realloc(
        t->cells, (size_t)t->room * columns, (size_t)larger * columns, sizeof *cells);
    if (!cells) {
        return MIEN_ENOMEM;
    }
    t->cells = cells; /* room stays: the next call may grow it again */
    uint32_t *lines =
        mien_realloc(t->lines, (size_t)t->room, (size_t)larger, sizeof *lines);
    if (!lines) {
        return MIEN_ENOMEM;
    }
    t->lines = lines;
    t->room = larger;
    return MIEN_OK;
}

mien_status mien_table_check_names(
    const mien_table *t, bool blank_allowed, mien_status bad) {
    mien_index seen = {0};
    mien_status status = MIEN_OK;
    for (int c = 0; c < t->columns && status == MIEN_OK; c++) {
        size_t length = strlen(t->names[c]);
        if (length == 0 && !blank_allowed) {
            status = mien_fail(bad, "%s:1: column %d has no name", t->file, c + 1);
        } else if (length > 0 && mien_index_find(&seen, t->names[c], length) >= 0) {
            status = mien_fail(
                bad, "%s:1: column name \"%s\" appears twice", t->file, t->names[c]);
        } else if (length > 0) {
            status = mien_index_add(&seen, t->names[c], length, c);
        }
    }
    mien_index_clear(&seen);
    return status;
}

mien_status mien_table_new(int columns, const char *const *names, mien_table **table) {
    MIEN_NEED(names || columns < 1, table);
    mien_table *t = NULL;
    mien_status status = mien_table_alloc("", &t);
    if (status == MIEN_OK && columns < 1) {
        status = mien_fail(MIEN_EINVAL, "a table needs at least one column");
    }
    for (int c = 0; c < columns && status == MIEN_OK; c++) {
        status = mien_table_grow_names(t);
        if (status == MIEN_OK) {
            const char *name = mien_arena_strdup(t->arena, names[c]);
            t->names[t->columns] = name;
            t->columns += name != NULL;
            status = name ? MIEN_OK : MIEN_ENOMEM;
        }
    }
    if (status == MIEN_OK) {
        status = mien_table_check_names(t, true, MIEN_EINVAL);
    }
    if (status != MIEN_OK) {
        mien_table_free(&t);
        return status;
    }
    *table = t;
    return MIEN_OK;
}

mien_status mien_table_add_row(mien_table *t, const char *const *cells) {
    MIEN_NEED(t, cells);
    mien_status status = mien_table_grow_rows(t);
    if (status != MIEN_OK) {
        return status;
    }
    const char **row = t->cells + t->rows * t->columns;
    for (int c = 0; c < t->columns; c++) {
        row[c] = cells[c] ? mien_arena_strdup(t->arena, cells[c]) : "n/a";
        if (!row[c]) {
            return MIEN_ENOMEM;
        }
    }
    t->lines[t->rows++] = 0;
    return MIEN_OK;
}

mien_status mien_table_set_cell(
    mien_table *t, int64_t row, int column, const char *cell) {
    MIEN_NEED(t);
    if (row < 0 || row >= t->rows || column < 0 || column >= t->columns) {
        return mien_fail(MIEN_EINVAL, "%s: no cell at row %lld, column %d", t->file,
            (long long)row, column);
    }
    const char *copy = cell ? mien_arena_strdup(t->arena, cell) : "n/a";
    if (copy) {
        t->cells[row * t->columns + column] = copy;
    }
    return copy ? MIEN_OK : MIEN_ENOMEM;
}

mien_status mien_table_add_column(
    mien_table *t, const char *name, const char *const *cells) {
    MIEN_NEED(t, name, cells);
    if (*name && mien_table_column(t, name) >= 0) {
        return mien_fail(
            MIEN_EINVAL, "%s: column \"%s\" is there already", t->file, name);
    }
    mien_status status = mien_table_grow_names(t);
    if (status != MIEN_OK) {
        return status;
    }
    size_t before = (size_t)t->columns, after = before + 1;
    const char **wide = mien_alloc((size_t)t->room * after, sizeof *wide);
    const char *copy = wide ? mien_arena_strdup(t->arena, name) : NULL;
    if (!copy) {
        mien_free(wide);
        return MIEN_ENOMEM;
    }
    for (int64_t r = 0; r < t->rows; r++) {
        const char **row = wide + (size_t)r * after;
        memcpy(row, t->cells + (size_t)r * before, before * sizeof *row);
        row[before] = cells[r] ? mien_arena_strdup(t->arena, cells[r]) : "n/a";
        if (!row[before]) {
            mien_free(wide);
            return MIEN_ENOMEM;
        }
    }
    mien_free(t->cells);
    t->cells = wide;
    t->names[t->columns++] = copy;
    return MIEN_OK;
}

/* ---- asking --------------------------------------------------------------------- */

const char *mien_table_file(const mien_table *table) {
    MIEN_NEED_OR(NULL, table);
    return table->file;
}

int64_t mien_table_rows(const mien_table *table) {
    MIEN_NEED_OR(0, table);
    return table->rows;
}

int mien_table_columns(const mien_table *table) {
    MIEN_NEED_OR(0, table);
    return table->columns;
}

const char *mien_table_name(const mien_table *table, int column) {
    MIEN_NEED_OR(NULL, table);
    return column >= 0 && column < table->columns ? table->names[column] : NULL;
}

int mien_table_column(const mien_table *table, const char *name) {
    MIEN_NEED_OR(-1, table, name);
    for (int c = 0; c < table->columns; c++) {
        if (!strcmp(table->names[c], name)) {
            return c;
        }
    }
    return -1;
}

const char *mien_table_cell(const mien_table *table, int64_t row, int column) {
    MIEN_NEED_OR(NULL, table);
    if (column < 0 || column >= table->columns || row < 0 || row >= table->rows) {
        return NULL;
    }
    return table->cells[row * table->columns + column];
}

int64_t mien_table_line(const mien_table *table, int64_t row) {
    MIEN_NEED_OR(0, table);
    return row >= 0 && row < table->rows ? table->lines[row] : 0;
}

bool mien_table_drawn_in(
    const mien_table *table, int64_t *row, int *column, int64_t *cells) {
    MIEN_NEED_OR(false, table, row, column, cells);
    *cells = 0;
    for (int64_t r = 0; table->delimiter == '\t' && r < table->rows; r++) {
        for (int c = 0; c < table->columns; c++) {
            if (!strpbrk(table->cells[r * table->columns + c], "\t\n\r")) {
                continue;
            }
            if ((*cells)++ == 0) {
                *row = r;
                *column = c;
            }
        }
    }
    return *cells > 0;
}

const char *mien_cell_trimmed(const char *cell, char buffer[MIEN_CELL_TRIMMED]) {
    cell += strspn(cell, " \t");
    size_t length = strlen(cell);
    while (length > 0 && (cell[length - 1] == ' ' || cell[length - 1] == '\t')) {
        length--;
    }
    if (!cell[length] || length >= MIEN_CELL_TRIMMED) {
        return cell;
    }
    memcpy(buffer, cell, length);
    buffer[length] = 0;
    return buffer;
}

bool mien_cell_missing(const char *cell) {
    MIEN_NEED_OR(false, cell);
    char buffer[MIEN_CELL_TRIMMED];
    const char *text = mien_cell_trimmed(cell, buffer);
    return !*text || !strcasecmp(text, "n/a") || !strcasecmp(text, "na") ||
           !strcasecmp(text, "nan");
}

static const char *advice_for(const char *text) {
    bool minus = strncmp(text, "\xe2\x88\x92", 3) == 0; /* U+2212 */
    return mien_text_decimal_comma(text)
               ? " (a decimal comma? numbers are written with a point)"
           : minus ? " (its minus is U+2212, not the hyphen)"
                   : "";
}

mien_status mien_table_number(
    const mien_table *table, int64_t row, int column, double *value) {
    MIEN_NEED(table, value);
    const char *cell = mien_table_cell(table, row, column);
    if (!cell) {
        return mien_fail(MIEN_EINVAL, "%s: no cell at row %lld, column %d", table->file,
            (long long)row, column);
    }
    char buffer[MIEN_CELL_TRIMMED];
    const char *text = mien_cell_trimmed(cell, buffer);
    double number = (double)NAN;
    if (!mien_cell_missing(cell) && !mien_parse_number(text, &number)) {
        return mien_fail(MIEN_EFORMAT,
            "%s:%lld: column \"%s\": \"%s\" is not a number%s", table->file,
            (long long)table->lines[row], table->names[column], cell, advice_for(text));
    }
    *value = number;
    return MIEN_OK;
}
