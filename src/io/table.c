/* SPDX-License-Identifier: MIT */
/* Tables of text cells: reads CSV and TSV in place, answers by row and column. */
#include "io/file.h"
#include "base/need.h"
#include "io/index.h"
#include "io/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COLUMNS_MAX 1000000

struct mien_table {
    char *file;
    char *text;        /* the whole file, cut into cells in place; NULL: made */
    mien_arena *arena; /* names and cells that were added */
    int columns, names_room;
    const char **names;
    int64_t rows, room;
    const char **cells; /* [room][columns] */
    int64_t *lines;     /* [room] */
    char delimiter;     /* of the file; 0: made */
};

mien_table_options mien_table_options_default(void) {
    return (mien_table_options){
        .blank_header_name = true, .rows_max = 10000000, .bytes_max = 1ll << 30};
}

/* ---- making --------------------------------------------------------------------- */

static mien_status table_alloc(const char *file, mien_table **table) {
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

/* Makes room for one more name. */
static mien_status grow_names(mien_table *t) {
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

/* Makes room for one more row. */
static mien_status grow_rows(mien_table *t) {
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
    int64_t *lines =
        mien_realloc(t->lines, (size_t)t->room, (size_t)larger, sizeof *lines);
    if (!lines) {
        return MIEN_ENOMEM;
    }
    t->lines = lines;
    t->room = larger;
    return MIEN_OK;
}

static mien_status check_names(
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
    mien_status status = table_alloc("", &t);
    if (status == MIEN_OK && columns < 1) {
        status = mien_fail(MIEN_EINVAL, "a table needs at least one column");
    }
    for (int c = 0; c < columns && status == MIEN_OK; c++) {
        status = grow_names(t);
        if (status == MIEN_OK) {
            const char *name = mien_arena_strdup(t->arena, names[c]);
            t->names[t->columns] = name;
            t->columns += name != NULL;
            status = name ? MIEN_OK : MIEN_ENOMEM;
        }
    }
    if (status == MIEN_OK) {
        status = check_names(t, true, MIEN_EINVAL);
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
    mien_status status = grow_rows(t);
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
    mien_status status = grow_names(t);
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

/* ---- reading -------------------------------------------------------------------- */

/* Cells are cut in the text itself: a cell without its quotes is never longer than with
 * them, and its closing 0 takes the place of the delimiter that was read. */
typedef struct reader {
    char *text; /* 0 after it */
    size_t count, next;
    int64_t line;
    char delimiter;
} reader;

typedef enum ending { END_CELL, END_ROW, END_FILE } ending;

static bool ends_cell(const reader *r, size_t i) {
    char c = r->text[i];
    return i == r->count || c == r->delimiter || c == '\n' || c == '\r';
}

static void take_newline(reader *r) {
    r->next += r->text[r->next] == '\r' && r->text[r->next + 1] == '\n' ? 2 : 1;
    r->line++;
}

/* Moves the inside of a quoted cell over its quotes; returns its end, or NULL. */
static char *unquote(reader *r, char *write, const char *file, mien_status *status) {
    int64_t first = r->line;
    for (r->next++; r->next < r->count; r->next++) {
        char c = r->text[r->next];
        if (c == '"') {
            if (r->text[r->next + 1] != '"') {
                break;
            }
            r->next++;
        } else if (c == '\n' || (c == '\r' && r->text[r->next + 1] != '\n')) {
            r->line++;
        }
        *write++ = c;
    }
    if (r->next == r->count) {
        *status = mien_fail(MIEN_EFORMAT,
            "%s:%lld: the quote that opens here never closes", file, (long long)first);
        return NULL;
    }
    r->next++;
    if (!ends_cell(r, r->next)) {
        *status = mien_fail(MIEN_EFORMAT,
            "%s:%lld: text after a closing quote; a quote inside a quoted cell is "
            "doubled",
            file, (long long)r->line);
        return NULL;
    }
    return write;
}

static mien_status read_cell(
    reader *r, const char *file, const char **cell, bool *quoted, ending *end) {
    char *start = r->text + r->next, *stop = start;
    *quoted = *start == '"' && r->next < r->count;
    if (*quoted) {
        mien_status status = MIEN_OK;
        stop = unquote(r, start, file, &status);
        if (!stop) {
            return status;
        }
    } else {
        while (!ends_cell(r, r->next)) {
            r->next++;
        }
        stop = r->text + r->next;
    }
    if (r->next == r->count) {
        *end = END_FILE;
    } else if (r->text[r->next] == r->delimiter) {
        *end = END_CELL;
        r->next++;
    } else {
        *end = END_ROW;
        take_newline(r);
    }
    *stop = 0;
    *cell = start;
    return MIEN_OK;
}

static char find_delimiter(const char *text, size_t count) {
    static const char candidates[] = ",;\t";
    int64_t found[3] = {0};
    bool quoted = false;
    for (size_t i = 0; i < count; i++) {
        char c = text[i];
        if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '\n' || c == '\r')) {
            break;
        }
        for (int k = 0; k < 3 && !quoted; k++) {
            found[k] += c == candidates[k];
        }
    }
    int best = 0;
    for (int k = 1; k < 3; k++) {
        best = found[k] > found[best] ? k : best;
    }
    return candidates[best];
}

/* Runs of blanks separate cells (numpy.savetxt's way) where the first line has neither
 * a tab nor a semicolon, and commas only inside of words: those may be decimal ones. */
static bool parted_by_blanks(const char *text, size_t count) {
    size_t words = 0, commas = 0, i = 0;
    while (i < count && text[i] != '\n' && text[i] != '\r') {
        size_t first = i;
        bool comma = false;
        for (; i < count && !strchr(" \n\r", text[i]); i++) {
            if (text[i] == '\t' || text[i] == ';' || text[i] == '"' ||
                (text[i] == ',' && (i == first || comma || i + 1 == count ||
                                       strchr(" \n\r", text[i + 1])))) {
                return false;
            }
            comma = comma || text[i] == ',';
        }
        words += i > first;
        commas += comma;
        i += i < count && text[i] == ' ';
    }
    return commas == 0 ? words > 0 : words > 1 && commas == words;
}

/* Makes of every run of blanks a tab, of those at the ends of lines nothing; lines keep
 * their numbers. */
static void part_by_tabs(reader *r) {
    char *to = r->text;
    for (size_t i = 0; i < r->count; i++) {
        char c = r->text[i];
        if (c != ' ') {
            *to++ = c;
            continue;
        }
        while (i + 1 < r->count && r->text[i + 1] == ' ') {
            i++;
        }
        bool starts = to == r->text || to[-1] == '\n' || to[-1] == '\r';
        bool ends =
            i + 1 == r->count || r->text[i + 1] == '\n' || r->text[i + 1] == '\r';
        if (!starts && !ends) {
            *to++ = '\t';
        }
    }
    r->count = (size_t)(to - r->text);
    *to = 0;
}

/* Passes over the lines at the start that are comments. */
static void pass_comments(reader *r) {
    while (r->count > 0 && *r->text == '#') {
        size_t length = 0;
        while (
            length < r->count && r->text[length] != '\n' && r->text[length] != '\r') {
            length++;
        }
        length +=
            length < r->count && r->text[length] == '\r' && r->text[length + 1] == '\n';
        length += length < r->count;
        r->text += length;
        r->count -= length;
        r->line++;
    }
}

static void find_cells(reader *r, const char *name, const mien_table_options *o) {
    const char *extension = mien_path_extension(name);
    bool txt = strcasecmp(extension, "txt") == 0;
    if (o->numbers) {
        pass_comments(r);
    }
    if (o->delimiter) {
        r->delimiter = o->delimiter;
    } else if (txt && o->numbers && parted_by_blanks(r->text, r->count)) {
        part_by_tabs(r);
        r->delimiter = '\t';
    } else if (strcasecmp(extension, "tsv") == 0 || (txt && !o->numbers)) {
        r->delimiter = '\t';
    } else {
        r->delimiter = find_delimiter(r->text, r->count);
    }
}

/* Makes a row of what was read as names, which become numbers. */
static mien_status names_to_row(mien_table *t, int64_t line) {
    mien_status status = grow_rows(t);
    for (int c = 0; status == MIEN_OK && c < t->columns; c++) {
        char number[16];
        snprintf(number, sizeof number, "%d", c + 1);
        t->cells[c] = t->names[c];
        t->names[c] = mien_arena_strdup(t->arena, number);
        status = t->names[c] ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        t->lines[t->rows++] = line;
    }
    return status;
}

static mien_status read_header(
    mien_table *t, reader *r, const mien_table_options *options) {
    ending end = END_CELL;
    int64_t line = r->line;
    while (end == END_CELL) {
        mien_status status = grow_names(t);
        if (status != MIEN_OK) {
            return status;
        }
        bool quoted;
        status = read_cell(r, t->file, &t->names[t->columns], &quoted, &end);
        if (status != MIEN_OK) {
            return status;
        }
        if (end != END_CELL && t->columns == 0 && !*t->names[0] && !quoted) {
            return mien_fail(MIEN_EFORMAT,
                options->headerless
                    ? "%s:%lld: the first line is blank"
                    : "%s:%lld: the first line is blank; it must name the columns",
                t->file, (long long)line);
        }
        t->columns++;
    }
    return options->headerless
               ? names_to_row(t, line)
               : check_names(t, options->blank_header_name, MIEN_EFORMAT);
}

/* One row; *blank if its line holds nothing at all. */
static mien_status read_row(mien_table *t, reader *r, bool *blank) {
    mien_status status = grow_rows(t);
    if (status != MIEN_OK) {
        return status;
    }
    const char **row = t->cells + t->rows * t->columns;
    t->lines[t->rows] = r->line;
    int c = 0;
    ending end = END_CELL;
    bool quoted = false;
    while (end == END_CELL) {
        const char *cell;
        status = read_cell(r, t->file, &cell, &quoted, &end);
        if (status != MIEN_OK) {
            return status;
        }
        if (c < t->columns) {
            row[c] = cell;
        }
        c++;
    }
    *blank = c == 1 && !*row[0] && !quoted;
    if (c != t->columns && !*blank) {
        return mien_fail(MIEN_EFORMAT, "%s:%lld: %d cells where the first line has %d",
            t->file, (long long)t->lines[t->rows], c, t->columns);
    }
    return MIEN_OK;
}

/* Blank lines at the end are nothing; between rows they are empty cells of a table with
 * one column and a mistake in any other. */
static mien_status read_rows(mien_table *t, reader *r, int64_t rows_max) {
    int64_t blanks = 0;
    while (r->next < r->count) {
        bool blank = false;
        mien_status status = read_row(t, r, &blank);
        if (status != MIEN_OK) {
            return status;
        }
        if (t->rows >= rows_max && !blank) {
            return mien_fail(MIEN_ELIMIT, "%s:%lld: more than %lld rows", t->file,
                (long long)t->lines[t->rows], (long long)rows_max);
        }
        if (!blank && blanks > 0 && t->columns > 1) {
            return mien_fail(MIEN_EFORMAT, "%s:%lld: a blank line between rows",
                t->file, (long long)t->lines[t->rows] - blanks);
        }
        blanks = blank ? blanks + 1 : 0;
        t->rows += !blank || t->columns == 1;
    }
    t->rows -= t->columns == 1 ? blanks : 0;
    return MIEN_OK;
}

/* Takes text, which has a 0 after it, also on failure. */
static mien_status parse_owned(const char *name, char *text, size_t count,
    const mien_table_options *options, mien_table **table) {
    mien_table_options o = options ? *options : mien_table_options_default();
    mien_table *t = NULL;
    mien_status status = table_alloc(name, &t);
    if (status != MIEN_OK) {
        mien_free(text);
        return status;
    }
    t->text = text;
    size_t bom = mien_bom_length(text, count);
    reader r = {text + bom, count - bom, 0, 1, 0};
    status = mien_text_check(name, text, count);
    if (status == MIEN_OK && r.count == 0) {
        status = mien_fail(MIEN_EFORMAT, "%s: the table is empty", name);
    }
    if (status == MIEN_OK) {
        find_cells(&r, name, &o);
        t->delimiter = r.delimiter;
        status = r.count > 0 ? read_header(t, &r, &o)
                             : mien_fail(MIEN_EFORMAT, "%s: the table is empty", name);
    }
    if (status == MIEN_OK && t->columns == 1 && r.delimiter == '\t' && !o.delimiter &&
        strchr(t->names[0], ';')) {
        status = mien_fail(MIEN_EFORMAT,
            "%s:1: cells of a .%s are separated by tabs; here are semicolons: call it "
            ".csv",
            name, mien_path_extension(name));
    }
    if (status == MIEN_OK) {
        status = read_rows(t, &r, o.rows_max);
    }
    if (status != MIEN_OK) {
        mien_table_free(&t);
        return status;
    }
    *table = t;
    return MIEN_OK;
}

mien_status mien_table_parse(const char *name, const char *text, size_t length,
    const mien_table_options *options, mien_table **table) {
    MIEN_NEED(name, text, table);
    mien_table_options o = options ? *options : mien_table_options_default();
    if (length > (uint64_t)o.bytes_max) {
        return mien_fail(
            MIEN_ELIMIT, "%s: larger than %lld bytes", name, (long long)o.bytes_max);
    }
    char *copy = mien_alloc(length + 1, 1);
    if (!copy) {
        return MIEN_ENOMEM;
    }
    if (length > 0) {
        memcpy(copy, text, length);
    }
    return parse_owned(name, copy, length, options, table);
}

mien_status mien_table_read(
    const char *path, const mien_table_options *options, mien_table **table) {
    MIEN_NEED(path, table);
    mien_table_options o = options ? *options : mien_table_options_default();
    char *text = NULL;
    size_t count = 0;
    mien_status status = mien_file_read(path, (size_t)o.bytes_max, &text, &count);
    return status == MIEN_OK ? parse_owned(path, text, count, options, table) : status;
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

/* The cell without blanks around it, cut to the buffer (a number is never that long).
 */
static const char *trimmed(const char *cell, char buffer[64]) {
    cell += strspn(cell, " \t");
    size_t length = strlen(cell);
    while (length > 0 && (cell[length - 1] == ' ' || cell[length - 1] == '\t')) {
        length--;
    }
    if (!cell[length] || length >= 64) {
        return cell;
    }
    memcpy(buffer, cell, length);
    buffer[length] = 0;
    return buffer;
}

bool mien_cell_missing(const char *cell) {
    MIEN_NEED_OR(false, cell);
    char buffer[64];
    const char *text = trimmed(cell, buffer);
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
    char buffer[64];
    const char *text = trimmed(cell, buffer);
    double number = (double)NAN;
    if (!mien_cell_missing(cell) && !mien_parse_number(text, &number)) {
        return mien_fail(MIEN_EFORMAT,
            "%s:%lld: column \"%s\": \"%s\" is not a number%s", table->file,
            (long long)table->lines[row], table->names[column], cell, advice_for(text));
    }
    *value = number;
    return MIEN_OK;
}
