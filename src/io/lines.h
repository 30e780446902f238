/* SPDX-License-Identifier: MIT */
/* Text files line by line, gzip or not, and the cells of a line. */
#ifndef MIEN_IO_LINES_H
#define MIEN_IO_LINES_H

#include "mien/io.h"

typedef struct mien_lines mien_lines;

/** Lines end in LF or CRLF; a byte order mark before the first is skipped. */
mien_status mien_lines_open(const char *path, mien_lines **lines);
void mien_lines_close(mien_lines **lines);
/** The next line without its end, the reader's own memory until the next call; NULL at
 * the end. MIEN_EFORMAT for a 0 byte, damage or a cut-off gzip file; MIEN_ELIMIT for a
 * line over MIEN_RECORDING_LINE_MAX bytes. */
mien_status mien_lines_next(mien_lines *lines, char **line, size_t *length);
int64_t mien_lines_number(const mien_lines *lines); /**< of the last line, from 1 */
const char *mien_lines_path(const mien_lines *lines);
/** "PATH:NUMBER" of the last line; returns buffer. */
const char *mien_lines_where(const mien_lines *lines, char buffer[512]);

/** Cuts a line at the delimiter, quotes of RFC 4180 undone in place; returns how many
 * cells there are, which may be more than `most`, the cells that were stored. −1: a
 * quote that does not close. */
int64_t mien_line_cells(char *line, char delimiter, const char **cell, int64_t most);
/** The same as mien_parse_number(), faster for the short decimals of recordings. */
bool mien_cell_number(const char *cell, double *value);

#endif
