/* SPDX-License-Identifier: MIT */
/* The doctor on names and cells: groups, people, stimuli and classes that are one to a
 * reader and two to a program, and cells into which a lone quote drew others.
 *
 * In comes an opened table (doctor.c); out go findings "names" and "quote". */
#include "data/doctor/doctor.h"

#include <inttypes.h>
#include <string.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The name without what people do not see: blanks at its ends, runs of them, no-break
 * spaces, upper case (of ASCII), zeros before a whole number. NULL when out of memory.
 */
static char *plain_name(const char *name) {
    char *plain = mien_strdup(name), *to = plain;
    for (const char *c = name; plain && *c; c++) {
        bool start = to == plain;
        char before = start ? ' ' : to[-1];
        if ((unsigned char)c[0] == 0xc2 && (unsigned char)c[1] == 0xa0) {
            c++; /* U+00A0 */
            if (before != ' ') {
                *to++ = ' ';
            }
        } else if (is_blank(*c)) {
            if (before != ' ') {
                *to++ = ' ';
            }
        } else if (*c == '0' && is_digit(c[1]) &&
                   (start || (!is_digit(before) && before != '.' && before != ','))) {
            continue;
        } else {
            *to++ = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
        }
    }
    if (plain) {
        to -= to > plain && to[-1] == ' ';
        *to = 0;
    }
    return plain;
}

/* Names that are one when they are plain but not as they stand. */
static mien_status compare_names(const char *column, int64_t count,
    const char *const *names, mien_findings *findings) {
    char **plain = mien_alloc((size_t)count, sizeof *plain);
    int64_t *first = mien_alloc((size_t)count, sizeof *first);
    mien_status status = plain && first ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        plain[i] = names[i] ? plain_name(names[i]) : NULL;
        status = plain[i] || !names[i] ? MIEN_OK : MIEN_ENOMEM;
    }
    status =
        status ? status : mien_names_first(count, (const char *const *)plain, first);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const char *other = names[i] ? names[first[i]] : NULL;
        if (other && strcmp(other, names[i]) != 0) {
            status = mien_findings_add(findings, MIEN_WARNING, "names", NULL,
                "%s: \"%s\" and \"%s\" differ only by blanks, case or leading zeros, "
                "and "
                "count as two",
                column, other, names[i]);
        }
    }
    for (int64_t i = 0; plain && i < count; i++) {
        mien_free(plain[i]);
    }
    mien_free(first);
    mien_free(plain);
    return status;
}

/* Each different cell of a column once; the rest stay NULL. */
static mien_status check_column(
    const mien_trials *t, const char *column, mien_findings *findings) {
    int64_t rows = mien_trials_rows(t);
    int at = mien_table_column(t->table, column);
    if (at < 0) {
        return MIEN_OK;
    }
    const char **cells = mien_alloc((size_t)rows, sizeof *cells);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    mien_status status = cells && first ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        const char *cell = mien_table_cell(t->table, i, at);
        cells[i] = mien_cell_missing(cell) ? NULL : cell;
    }
    status = status ? status : mien_names_first(rows, cells, first);
    for (int64_t i = rows - 1; status == MIEN_OK && i >= 0; i--) {
        cells[i] = first[i] == i ? cells[i] : NULL;
    }
    status = status ? status : compare_names(column, rows, cells, findings);
    mien_free(first);
    mien_free(cells);
    return status;
}

static mien_status check_quotes(const mien_trials *t, mien_findings *findings) {
    int64_t row = 0, cells = 0;
    int column = 0;
    if (!mien_table_drawn_in(t->table, &row, &column, &cells)) {
        return MIEN_OK;
    }
    return mien_findings_add(findings, MIEN_WARNING, "quote", NULL,
        "%s:%" PRId64
        ": the cell of \"%s\" has a line break or a tab in it, as %" PRId64
        " have: if its quotes are no pair, rows are missing",
        t->path, mien_table_line(t->table, row), mien_table_name(t->table, column),
        cells);
}

mien_status mien_doctor_names(const mien_trials *trials,
    const mien_doctor_options *options, mien_findings *findings) {
    const char *const columns[] = {options->group_column, "group", "person", "stimulus",
        "image", "film", "category"};
    mien_status status = check_quotes(trials, findings);
    for (size_t i = 0; status == MIEN_OK && i < sizeof columns / sizeof *columns; i++) {
        bool again = i == 1 && strcmp(columns[0], columns[1]) == 0;
        bool target = mien_trials_target_find(trials, columns[i]) != NULL;
        status = again || target ? MIEN_OK : check_column(trials, columns[i], findings);
    }
    for (int i = 0; status == MIEN_OK && i < trials->targets_count; i++) {
        const mien_trials_target *t = &trials->targets[i];
        status = t->kind == MIEN_TARGET_CLASS
                     ? compare_names(t->name, t->classes, t->class_name, findings)
                     : MIEN_OK;
    }
    return status;
}
