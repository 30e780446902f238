/* SPDX-License-Identifier: MIT */
/* A small database in one file (SQLite): rows are whole on the disk, or not there. */
#ifndef MIEN_IO_DATABASE_H
#define MIEN_IO_DATABASE_H

#include "mien/base.h"

typedef struct mien_database mien_database;

/** A value that is bound to a ? of a statement, or read from a column. */
typedef struct mien_database_value {
    enum {
        MIEN_DATABASE_NULL,
        MIEN_DATABASE_WHOLE,
        MIEN_DATABASE_NUMBER,
        MIEN_DATABASE_TEXT
    } kind;
    int64_t whole;
    double number;
    const char *text; /* lent: of a column until the row's function returns */
} mien_database_value;

mien_database_value mien_database_whole(int64_t whole);
/** NULL where it is not finite. */
mien_database_value mien_database_number(double number);
/** NULL for NULL. */
mien_database_value mien_database_text(const char *text);

/** Opens a database file, or makes it. MIEN_EFORMAT for a file that is none,
 * MIEN_EIO for one that cannot be opened; all calls: MIEN_EIO naming the file where
 * another program holds its lock for longer than five seconds. */
mien_status mien_database_open(const char *path, mien_database **database);
void mien_database_close(mien_database **database);
/** How long another program's lock is waited for, instead of five seconds. */
void mien_database_wait(mien_database *database, int milliseconds);
/** Runs one statement, which is on the disk when this returns. */
mien_status mien_database_run(mien_database *database, const char *sql,
    const mien_database_value *bound, int bound_count);
enum { MIEN_DATABASE_COLUMNS_MAX = 16 };
/** Runs one statement and gives each row that it answers with to a function, whose
 * failure ends it. At most MIEN_DATABASE_COLUMNS_MAX columns. */
mien_status mien_database_query(mien_database *database, const char *sql,
    const mien_database_value *bound, int bound_count,
    mien_status (*row)(void *context, const mien_database_value *cells, int count),
    void *context);

#endif
