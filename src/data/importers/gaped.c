/* SPDX-License-Identifier: MIT */
/* Makes the tables of GAPED regular before they are read as tables. */
#include "data/importers/gaped.h"

#include <string.h>
#include <strings.h>

#define BYTES_MAX ((size_t)4 << 20)
#define HEADERS_MAX 64
#define NAME_ROOM 64

typedef struct line {
    const char *start;
    size_t length;
} line;

/* Cuts the next line off text; LF, CRLF and CR end lines. */
static line next_line(const char **text, const char *end) {
    line l = {*text, 0};
    while (*text < end && **text != '\n' && **text != '\r') {
        ++*text;
    }
    l.length = (size_t)(*text - l.start);
    if (*text < end) {
        *text += **text == '\r' && *text + 1 < end && (*text)[1] == '\n' ? 2 : 1;
    }
    return l;
}

/* Cuts the next cell off a line and blanks off the cell. */
static line next_cell(line *rest) {
    const char *tab = memchr(rest->start, '\t', rest->length);
    line cell = {rest->start, tab ? (size_t)(tab - rest->start) : rest->length};
    size_t taken = cell.length + (tab != NULL);
    rest->start += taken;
    rest->length -= taken;
    while (cell.length > 0 && *cell.start == ' ') {
        cell.start++;
        cell.length--;
    }
    while (cell.length > 0 && cell.start[cell.length - 1] == ' ') {
        cell.length--;
    }
    return cell;
}

static bool is_sd(line cell) {
    return (cell.length == 4 && strncasecmp(cell.start, "(SD)", 4) == 0) ||
           (cell.length == 2 && strncasecmp(cell.start, "SD", 2) == 0);
}

/* Appends the regular header; returns the number of columns, 0 if there are too many.
 */
static int add_header(line header, mien_string *out) {
    char named[NAME_ROOM] = "";
    int columns = 0;
    do {
        if (columns == HEADERS_MAX) {
            return 0;
        }
        line cell = next_cell(&header);
        mien_string_add(out, columns ? "\t" : "");
        if (columns == 0) {
            mien_string_add(out, "file");
        } else if (is_sd(cell) && named[0]) {
            mien_string_addf(out, "%s sd", named);
        } else if (cell.length < NAME_ROOM) {
            size_t n = 0;
            for (; n < cell.length; n++) {
                char c = cell.start[n];
                named[n] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
            }
            named[n] = '\0';
            mien_string_add(out, named);
        }
        columns++;
    } while (header.length > 0);
    mien_string_add(out, "\n");
    return columns;
}

/* Appends a row of exactly `columns` cells; returns false if it has more that are not
 * empty. */
static bool add_row(line row, int columns, mien_string *out) {
    bool fits = true;
    for (int c = 0; c < columns || row.length > 0; c++) {
        line cell = next_cell(&row);
        if (c < columns) {
            mien_string_add(out, c ? "\t" : "");
            mien_string_add_n(out, cell.start, cell.length);
        } else {
            fits = fits && cell.length == 0;
        }
    }
    mien_string_add(out, "\n");
    return fits;
}

static bool is_blank(line l) {
    while (l.length > 0 && (*l.start == ' ' || *l.start == '\t')) {
        l.start++;
        l.length--;
    }
    return l.length == 0;
}

static bool rest_is_blank(const char *at, const char *end) {
    while (at < end && strchr(" \t\r\n", *at) && *at) {
        at++;
    }
    return at == end;
}

mien_status mien_gaped_parse(
    const char *name, const char *text, size_t count, mien_table **table) {
    const char *at = text, *end = text + count;
    if (count >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        at += 3;
    }
    if (count > BYTES_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: larger than %zu bytes", name, BYTES_MAX);
    }
    mien_string regular;
    mien_string_init(&regular);
    int columns = add_header(next_line(&at, end), &regular);
    mien_status status = MIEN_OK;
    if (columns == 0) {
        status =
            mien_fail(MIEN_ELIMIT, "%s:1: more than %d columns", name, HEADERS_MAX);
    }
    for (int64_t number = 2; status == MIEN_OK && at < end; number++) {
        line row = next_line(&at, end);
        bool blank = is_blank(row);
        if (!blank && !add_row(row, columns, &regular)) {
            status =
                mien_fail(MIEN_EFORMAT, "%s:%lld: more cells than the header has (%d)",
                    name, (long long)number, columns);
        }
        if (blank && !rest_is_blank(at, end)) {
            status = mien_fail(
                MIEN_EFORMAT, "%s:%lld: a blank line", name, (long long)number);
        }
    }
    status = status ? status : mien_string_status(&regular);
    if (status == MIEN_OK) {
        mien_table_options options = mien_table_options_default();
        options.delimiter = '\t';
        status = mien_table_parse(name, regular.text, regular.length, &options, table);
    }
    mien_string_clear(&regular);
    return status;
}

mien_status mien_gaped_read(const char *path, mien_table **table) {
    char *text = NULL;
    size_t count = 0;
    mien_status status = mien_file_read(path, BYTES_MAX, &text, &count);
    status = status ? status : mien_gaped_parse(path, text, count, table);
    mien_free(text);
    return status;
}
