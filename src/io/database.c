/* SPDX-License-Identifier: MIT */
/* SQLite behind four calls. It is loaded when a database is first opened. */
#include "io/database.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>

#include "base/library.h"

enum { WAIT_MS = 5000 };

typedef struct library {
    int (*open_v2)(const char *, sqlite3 **, int, const char *);
    int (*close_v2)(sqlite3 *);
    int (*busy_timeout)(sqlite3 *, int);
    const char *(*errmsg)(sqlite3 *);
    int (*prepare_v2)(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
    int (*finalize)(sqlite3_stmt *);
    int (*step)(sqlite3_stmt *);
    int (*bind_int64)(sqlite3_stmt *, int, sqlite3_int64);
    int (*bind_double)(sqlite3_stmt *, int, double);
    int (*bind_text)(sqlite3_stmt *, int, const char *, int, void (*)(void *));
    int (*bind_null)(sqlite3_stmt *, int);
    int (*column_count)(sqlite3_stmt *);
    int (*column_type)(sqlite3_stmt *, int);
    sqlite3_int64 (*column_int64)(sqlite3_stmt *, int);
    double (*column_double)(sqlite3_stmt *, int);
    const unsigned char *(*column_text)(sqlite3_stmt *, int);
} library;

#define SYMBOL(name)                                                                   \
    { "sqlite3_" #name, offsetof(library, name) }
static const mien_symbol symbols[] = {SYMBOL(open_v2), SYMBOL(close_v2),
    SYMBOL(busy_timeout), SYMBOL(errmsg), SYMBOL(prepare_v2), SYMBOL(finalize),
    SYMBOL(step), SYMBOL(bind_int64), SYMBOL(bind_double), SYMBOL(bind_text),
    SYMBOL(bind_null), SYMBOL(column_count), SYMBOL(column_type), SYMBOL(column_int64),
    SYMBOL(column_double), SYMBOL(column_text)};

struct mien_database {
    library lib;
    sqlite3 *file;
    char *path;
    int wait_ms;
};

mien_database_value mien_database_whole(int64_t whole) {
    return (mien_database_value){.kind = MIEN_DATABASE_WHOLE, .whole = whole};
}

mien_database_value mien_database_number(double number) {
    return (mien_database_value){
        .kind = isfinite(number) ? MIEN_DATABASE_NUMBER : MIEN_DATABASE_NULL,
        .number = number};
}

mien_database_value mien_database_text(const char *text) {
    return (mien_database_value){
        .kind = text ? MIEN_DATABASE_TEXT : MIEN_DATABASE_NULL, .text = text};
}

static mien_status failed(mien_database *d, int code) {
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return mien_fail(MIEN_EIO,
            "%s: another program has locked the database for more than %g seconds: "
            "close it there",
            d->path, d->wait_ms / 1e3);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return mien_fail(MIEN_EFORMAT, "%s: is no database, or a damaged one", d->path);
    case SQLITE_NOMEM:
        return MIEN_ENOMEM;
    case SQLITE_FULL:
        return mien_fail(MIEN_EIO, "%s: the disk is full", d->path);
    default:
        return mien_fail(MIEN_EIO, "%s: %s", d->path,
            d->file ? d->lib.errmsg(d->file) : "cannot be opened");
    }
}

void mien_database_wait(mien_database *database, int milliseconds) {
    database->wait_ms = milliseconds;
    database->lib.busy_timeout(database->file, milliseconds);
}

mien_status mien_database_open(const char *path, mien_database **database) {
    mien_database *d = mien_alloc(1, sizeof *d);
    mien_status status = d ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        d->path = mien_strdup(path);
        status = d->path ? mien_library_load(MIEN_SQLITE3_SONAME,
                               "searches need SQLite (libsqlite3)", symbols,
                               sizeof symbols / sizeof symbols[0], &d->lib)
                         : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        int code = d->lib.open_v2(
            path, &d->file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
        status = code == SQLITE_OK ? MIEN_OK : failed(d, code);
    }
    if (status == MIEN_OK) {
        mien_database_wait(d, WAIT_MS);
    } else {
        mien_database_close(&d);
        return status;
    }
    *database = d;
    return MIEN_OK;
}

void mien_database_close(mien_database **database) {
    mien_database *d = database ? *database : NULL;
    if (!d) {
        return;
    }
    if (d->file) {
        d->lib.close_v2(d->file);
    }
    mien_free(d->path);
    mien_free(d);
    *database = NULL;
}

static int bind(
    mien_database *d, sqlite3_stmt *s, int at, const mien_database_value *v) {
    switch (v->kind) {
    case MIEN_DATABASE_WHOLE:
        return d->lib.bind_int64(s, at, v->whole);
    case MIEN_DATABASE_NUMBER:
        return d->lib.bind_double(s, at, v->number);
    case MIEN_DATABASE_TEXT:
        return d->lib.bind_text(s, at, v->text, -1, SQLITE_STATIC);
    default:
        return d->lib.bind_null(s, at);
    }
}

static int read_row(mien_database *d, sqlite3_stmt *s, mien_database_value *cells) {
    int count = d->lib.column_count(s);
    count = count < MIEN_DATABASE_COLUMNS_MAX ? count : MIEN_DATABASE_COLUMNS_MAX;
    for (int i = 0; i < count; i++) {
        switch (d->lib.column_type(s, i)) {
        case SQLITE_INTEGER:
            cells[i] = mien_database_whole(d->lib.column_int64(s, i));
            cells[i].number = (double)cells[i].whole;
            break;
        case SQLITE_FLOAT:
            cells[i] = mien_database_number(d->lib.column_double(s, i));
            break;
        case SQLITE_TEXT:
            cells[i] = mien_database_text((const char *)d->lib.column_text(s, i));
            break;
        default:
            cells[i] = (mien_database_value){.kind = MIEN_DATABASE_NULL};
        }
    }
    return count;
}

mien_status mien_database_query(mien_database *database, const char *sql,
    const mien_database_value *bound, int bound_count,
    mien_status (*row)(void *context, const mien_database_value *cells, int count),
    void *context) {
    mien_database *d = database;
    sqlite3_stmt *s = NULL;
    mien_database_value cells[MIEN_DATABASE_COLUMNS_MAX];
    int code = d->lib.prepare_v2(d->file, sql, -1, &s, NULL);
    mien_status status = MIEN_OK;
    for (int i = 0; code == SQLITE_OK && i < bound_count; i++) {
        code = bind(d, s, i + 1, &bound[i]);
    }
    if (code == SQLITE_OK) {
        code = SQLITE_ROW;
    }
    while (code == SQLITE_ROW && status == MIEN_OK) {
        code = d->lib.step(s);
        if (code == SQLITE_ROW && row) {
            status = row(context, cells, read_row(d, s, cells));
        }
    }
    if (status == MIEN_OK && code != SQLITE_DONE) {
        status = failed(d, code);
    }
    d->lib.finalize(s);
    return status;
}

mien_status mien_database_run(mien_database *database, const char *sql,
    const mien_database_value *bound, int bound_count) {
    return mien_database_query(database, sql, bound, bound_count, NULL, NULL);
}
