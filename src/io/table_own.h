/* SPDX-License-Identifier: MIT */
/* The insides of a table of text cells, for the two files that fill one: table.c makes
 * and answers, table_parse.c reads. */
#ifndef MIEN_IO_TABLE_OWN_H
#define MIEN_IO_TABLE_OWN_H

#include "mien/io.h"

struct mien_table {
    char *file;
    char *text;        /* the whole file, cut into cells in place; NULL: made */
    mien_arena *arena; /* names and cells that were added */
    int columns, names_room;
    const char **names;
    int64_t rows, room;
    const char **cells; /* [room][columns] */
    uint32_t *lines;    /* [room] */
    char delimiter;     /* of the file; 0: made */
};

/** A table without columns and rows that calls itself file. */
mien_status mien_table_alloc(const char *file, mien_table **table);
/** Makes room for one more name. */
mien_status mien_table_grow_names(mien_table *t);
/** Makes room for one more row. */
mien_status mien_table_grow_rows(mien_table *t);
/** bad, with the column, where a name is missing or appears twice. */
mien_status mien_table_check_names(
    const mien_table *t, bool blank_allowed, mien_status bad);

/** Room for a number's text; a number is never that long. */
enum { MIEN_CELL_TRIMMED = 64 };
/** The cell without blanks around it, in the buffer if they had to go; as it is if it
 * is longer than that. */
const char *mien_cell_trimmed(const char *cell, char buffer[MIEN_CELL_TRIMMED]);

#endif
