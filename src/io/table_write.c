/* SPDX-License-Identifier: MIT */
/* Writes tables as CSV, TSV or JSON Lines: row by row into a growing file, or whole. */
#include "io/beside.h"
#include "base/need.h"
#include "io/file.h"
#include "io/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct mien_table_writer {
    int fd;
    bool own;           /* close fd at the end: it is no regular file */
    bool terminal;      /* what it would act on is shown escaped */
    bool regular;       /* a torn row can be cut off again */
    mien_beside beside; /* the growing file where path is one; fd is its */
    int64_t rows;       /* without the header */
    char *path;
    mien_table_format format;
    int columns;
    char **names;
    bool *numeric;
    mien_string row;
    mien_status failed;
};

mien_status mien_table_format_parse(const char *name, mien_table_format *format) {
    MIEN_NEED(name, format);
    static const char *const names[] = {"csv", "tsv", "jsonl"};
    for (int i = 0; i < 3; i++) {
        if (!strcmp(name, names[i])) {
            *format = (mien_table_format)i;
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_EINVAL, "format \"%s\": must be csv, tsv or jsonl", name);
}

/* ---- one row as text ------------------------------------------------------------ */

/* Quotes what would not read back as it is; `alone`: the only cell of its row, where
 * nothing at all would read as a blank line. */
static void add_cell(mien_string *out, const char *cell, char delimiter, bool alone) {
    char special[] = {'"', '\n', '\r', delimiter, 0};
    if (!strpbrk(cell, special) && !(alone && !*cell)) {
        mien_string_add(out, cell);
        return;
    }
    mien_string_add_n(out, "\"", 1);
    for (const char *quote; (quote = strchr(cell, '"')) != NULL; cell = quote + 1) {
        mien_string_add_n(out, cell, (size_t)(quote - cell) + 1);
        mien_string_add_n(out, "\"", 1);
    }
    mien_string_add(out, cell);
    mien_string_add_n(out, "\"", 1);
}

static void add_delimited(
    mien_string *out, char delimiter, int columns, const char *const *cells) {
    for (int c = 0; c < columns; c++) {
        if (c > 0) {
            mien_string_add_n(out, &delimiter, 1);
        }
        add_cell(out, cells[c] ? cells[c] : "n/a", delimiter, columns == 1);
    }
    mien_string_add_n(out, "\n", 1);
}

static void add_json_cell(mien_string *out, const char *cell, bool numeric) {
    double x;
    if (!cell || (numeric && mien_cell_missing(cell))) {
        mien_string_add(out, "null");
    } else if (numeric && mien_json_is_number(cell)) {
        mien_string_add(out, cell);
    } else if (numeric && mien_parse_number(cell, &x) && isfinite(x)) {
        mien_json_add_number(out, x);
    } else {
        mien_json_add_text(out, cell);
    }
}

static void add_json(mien_string *out, int columns, const char *const *names,
    const bool *numeric, const char *const *cells) {
    for (int c = 0; c < columns; c++) {
        mien_string_add(out, c > 0 ? ", " : "{");
        mien_json_add_text(out, names[c]);
        mien_string_add(out, ": ");
        add_json_cell(out, cells[c], numeric[c]);
    }
    mien_string_add(out, "}\n");
}

static void add_row(mien_string *out, mien_table_format format, int columns,
    const char *const *names, const bool *numeric, const char *const *cells) {
    if (format == MIEN_JSONL) {
        add_json(out, columns, names, numeric, cells);
    } else {
        add_delimited(out, format == MIEN_CSV ? ',' : '\t', columns, cells);
    }
}

/* ---- row by row ----------------------------------------------------------------- */

static void writer_free(mien_table_writer **writer) {
    mien_table_writer *w = *writer;
    if (w->own && w->fd >= 0) {
        close(w->fd);
    }
    mien_beside_abandon(&w->beside);
    for (int c = 0; w->names && c < w->columns; c++) {
        mien_free(w->names[c]);
    }
    mien_free(w->names);
    mien_free(w->numeric);
    mien_free(w->path);
    if (w->row.text) {
        mien_string_clear(&w->row);
    }
    mien_free(w);
    *writer = NULL;
}

/* Names of files in it may hold anything. */
static mien_status show_row(mien_table_writer *w) {
    mien_string shown;
    mien_string_init(&shown);
    mien_status status = mien_string_add_shown(&shown, w->row.text);
    if (status == MIEN_OK) {
        mien_string_clear(&w->row);
        w->row = shown;
    } else {
        mien_string_clear(&shown);
    }
    return status;
}

/* Sends w->row; what a full disk took of it is taken back. */
static mien_status send_row(mien_table_writer *w) {
    if (w->failed != MIEN_OK) {
        return mien_fail(w->failed, "%s: an earlier row could not be written", w->path);
    }
    mien_status status = mien_string_status(&w->row);
    if (status == MIEN_OK && w->terminal) {
        status = show_row(w);
    }
    if (status == MIEN_OK) {
        off_t before = w->regular ? lseek(w->fd, 0, SEEK_CUR) : -1;
        status = mien_write_all(w->fd, w->path, w->row.text, w->row.length);
        w->failed = status;
        if (status != MIEN_OK && before >= 0 && ftruncate(w->fd, before) == 0) {
            lseek(w->fd, before, SEEK_SET);
        }
    }
    mien_string_clear(&w->row); /* forgets an append that failed */
    mien_string_init(&w->row);
    return status;
}

static mien_status writer_names(mien_table_writer *w, const char *const *names) {
    w->names = mien_alloc((size_t)w->columns, sizeof *w->names);
    w->numeric = mien_alloc((size_t)w->columns, sizeof *w->numeric);
    if (!w->names || !w->numeric) {
        return MIEN_ENOMEM;
    }
    for (int c = 0; c < w->columns; c++) {
        w->names[c] = mien_strdup(names[c]);
        if (!w->names[c]) {
            return MIEN_ENOMEM;
        }
    }
    return MIEN_OK;
}

static mien_status writer_file(mien_table_writer *w, const char *path) {
    bool standard = !path || !strcmp(path, "-");
    w->path = mien_strdup(standard ? "standard output" : path);
    if (!w->path) {
        return MIEN_ENOMEM;
    }
    if (standard) {
        fflush(stdout); /* keeps the order with what was printed before */
        w->fd = STDOUT_FILENO;
        w->terminal = isatty(w->fd) == 1;
        return MIEN_OK;
    }
    int fd = -1;
    mien_status status = mien_target_open(path, MIEN_BESIDE_SHOWN, &fd, &w->beside);
    if (status == MIEN_OK) {
        w->own = fd >= 0;
        w->regular = fd < 0;
        w->fd = fd < 0 ? w->beside.fd : fd;
    }
    return status;
}

mien_status mien_table_writer_open(const char *path, mien_table_format format,
    int columns, const char *const *names, mien_table_writer **writer) {
    MIEN_NEED(names, writer);
    if (columns < 1) {
        return mien_fail(MIEN_EINVAL, "a table needs at least one column");
    }
    mien_table_writer *w = mien_alloc(1, sizeof *w);
    if (!w) {
        return MIEN_ENOMEM;
    }
    w->fd = w->beside.fd = -1;
    w->format = format;
    w->columns = columns;
    mien_string_init(&w->row);
    mien_status status = writer_names(w, names);
    if (status == MIEN_OK) {
        status = writer_file(w, path);
    }
    if (status == MIEN_OK && format != MIEN_JSONL) {
        add_row(&w->row, format, columns, names, NULL, names);
        status = send_row(w);
    }
    if (status != MIEN_OK) {
        writer_free(&w);
        return status;
    }
    *writer = w;
    return MIEN_OK;
}

mien_status mien_table_writer_row(mien_table_writer *w, const char *const *cells) {
    MIEN_NEED(w, cells);
    add_row(&w->row, w->format, w->columns, (const char *const *)w->names, w->numeric,
        cells);
    mien_status status = send_row(w);
    w->rows += status == MIEN_OK;
    return status;
}

void mien_table_writer_numeric(mien_table_writer *w, int column) {
    MIEN_NEED_OR(, w);
    if (column >= 0 && column < w->columns) {
        w->numeric[column] = true;
    }
}

mien_status mien_table_writer_flush(mien_table_writer *w) {
    MIEN_NEED(w);
    return w->failed == MIEN_OK
               ? MIEN_OK /* each row is written as it comes */
               : mien_fail(w->failed, "%s: a row could not be written", w->path);
}

mien_status mien_table_writer_keep(mien_table_writer **writer, mien_status status) {
    MIEN_NEED(writer);
    mien_table_writer *w = *writer;
    char text[4096], *kept = NULL;
    snprintf(text, sizeof text, "%s", mien_error());
    if (w->rows > 0 && w->beside.name) {
        mien_beside_keep(&w->beside, &kept);
    }
    long long rows = (long long)w->rows;
    writer_free(writer);
    status = kept
                 ? mien_fail(status, "%s; the %lld row%s done until then %s in %s",
                       text, rows, rows == 1 ? "" : "s", rows == 1 ? "is" : "are", kept)
                 : mien_fail(status, "%s", text);
    mien_free(kept);
    return status;
}

mien_status mien_table_writer_close(mien_table_writer **writer) {
    mien_table_writer *w = writer ? *writer : NULL;
    if (!w) {
        return MIEN_OK;
    }
    mien_status status = mien_table_writer_flush(w);
    if (status != MIEN_OK) {
        return mien_table_writer_keep(writer, status);
    }
    if (w->own) {
        int closed = close(w->fd);
        w->own = false;
        if (closed != 0) {
            status =
                mien_fail(MIEN_EIO, "%s: cannot write: %s", w->path, strerror(errno));
        }
    } else if (w->beside.name) {
        status = mien_beside_commit(&w->beside);
    }
    writer_free(writer);
    return status;
}

void mien_table_writer_abandon(mien_table_writer **writer) {
    if (writer && *writer) {
        writer_free(writer);
    }
}

/* ---- a whole table -------------------------------------------------------------- */

/* A column is one of numbers if it has any and all else in it is missing. */
static bool column_numeric(const mien_table *table, int column) {
    bool any = false;
    for (int64_t r = 0; r < mien_table_rows(table); r++) {
        const char *cell = mien_table_cell(table, r, column);
        if (mien_json_is_number(cell)) {
            any = true;
        } else if (!mien_cell_missing(cell)) {
            return false;
        }
    }
    return any;
}

static mien_status write_rows(const mien_table *table, mien_out *out,
    mien_table_format format, const char **row, bool *numeric) {
    int columns = mien_table_columns(table);
    mien_string text;
    mien_string_init(&text);
    const char **names = row + columns;
    for (int c = 0; c < columns; c++) {
        names[c] = mien_table_name(table, c);
        numeric[c] = format == MIEN_JSONL && column_numeric(table, c);
    }
    mien_status status = MIEN_OK;
    for (int64_t r = format == MIEN_JSONL ? 0 : -1;
         r < mien_table_rows(table) && status == MIEN_OK; r++) {
        for (int c = 0; c < columns; c++) {
            row[c] = r < 0 ? names[c] : mien_table_cell(table, r, c);
        }
        mien_string_empty(&text);
        add_row(&text, format, columns, names, numeric, row);
        status = mien_string_status(&text);
        if (status == MIEN_OK) {
            status = mien_out_write(out, text.text, text.length);
        }
    }
    mien_string_clear(&text);
    return status;
}

mien_status mien_table_write(
    const mien_table *table, const char *path, mien_table_format format) {
    MIEN_NEED(table);
    MIEN_NEED(path);
    size_t columns = (size_t)mien_table_columns(table);
    const char **row = mien_alloc(columns * 2, sizeof *row);
    bool *numeric = mien_alloc(columns, sizeof *numeric);
    mien_out *out = NULL;
    mien_status status = row && numeric ? mien_out_open(path, &out) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = write_rows(table, out, format, row, numeric);
    }
    if (status == MIEN_OK) {
        status = mien_out_commit(&out);
    }
    mien_out_abandon(&out);
    mien_free(numeric);
    mien_free(row);
    return status;
}
