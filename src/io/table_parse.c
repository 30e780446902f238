/* SPDX-License-Identifier: MIT */
/* CSV and TSV files cut into cells in place: bytes of a file come in, a table of text
 * cells (table.c) goes out. Everything that reads a table calls it, by
 * mien_table_read() or mien_table_parse(). */
#include "base/need.h"
#include "io/file.h"
#include "io/table_own.h"
#include "io/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

mien_table_options mien_table_options_default(void) {
    return (mien_table_options){
        .blank_header_name = true, .rows_max = 10000000, .bytes_max = 1ll << 30};
}

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

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The one of the candidates that the first line has most of, outside of quotes. Commas
 * that all stand before a digit and behind one, a sign or another candidate are decimal
 * ones wherever a semicolon or a tab could separate the cells. */
static char find_delimiter(const char *text, size_t count) {
    static const char candidates[] = ",;\t";
    int64_t found[3] = {0};
    bool quoted = false, decimal = true;
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
        if (c == ',' && !quoted) {
            decimal = decimal && i + 1 < count && is_digit(text[i + 1]) &&
                      (i == 0 || is_digit(text[i - 1]) || strchr("-+;\t", text[i - 1]));
        }
    }
    if (decimal && found[1] + found[2] > 0) {
        found[0] = 0;
    }
    int best = 0;
    for (int k = 1; k < 3; k++) {
        best = found[k] > found[best] ? k : best;
    }
    return candidates[best];
}

static bool is_number(const char *word, size_t length) {
    char text[MIEN_CELL_TRIMMED];
    double value;
    if (length >= sizeof text) {
        return false;
    }
    memcpy(text, word, length);
    text[length] = 0;
    return mien_text_decimal_comma(text) || mien_parse_number(text, &value);
}

/* Runs of blanks separate cells (numpy.savetxt's way) where the first line has neither
 * a tab nor a semicolon, and commas only inside of words, in all of them or only in
 * numbers among numbers: those may be decimal ones. */
static bool parted_by_blanks(const char *text, size_t count) {
    size_t words = 0, commas = 0, numbers = 0, i = 0;
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
        numbers += i > first && is_number(text + first, i - first);
        i += i < count && text[i] == ' ';
    }
    return commas == 0 ? words > 0 : words > 1 && (commas == words || numbers == words);
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
    mien_status status = mien_table_grow_rows(t);
    for (int c = 0; status == MIEN_OK && c < t->columns; c++) {
        char number[16];
        snprintf(number, sizeof number, "%d", c + 1);
        t->cells[c] = t->names[c];
        t->names[c] = mien_arena_strdup(t->arena, number);
        status = t->names[c] ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        t->lines[t->rows++] = (uint32_t)line;
    }
    return status;
}

static mien_status read_header(
    mien_table *t, reader *r, const mien_table_options *options) {
    ending end = END_CELL;
    int64_t line = r->line;
    while (end == END_CELL) {
        mien_status status = mien_table_grow_names(t);
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
               : mien_table_check_names(t, options->blank_header_name, MIEN_EFORMAT);
}

/* One row; *blank if its line holds nothing at all. */
static mien_status read_row(mien_table *t, reader *r, bool *blank) {
    mien_status status = mien_table_grow_rows(t);
    if (status != MIEN_OK) {
        return status;
    }
    const char **row = t->cells + t->rows * t->columns;
    if (r->line > UINT32_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: more than %u lines", t->file, UINT32_MAX);
    }
    t->lines[t->rows] = (uint32_t)r->line;
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

/* Whether a comma may as well part thousands: "1,797", but neither "0,797" nor "1,7".
 */
static bool may_part_thousands(const char *number) {
    number += *number == '-' || *number == '+';
    size_t whole = strspn(number, "0123456789");
    return *number != '0' && whole <= 3 && strlen(number) == whole + 4;
}

/* Whether all fractions of a table of numbers are written with a comma, and at least
 * one of them cannot be anything else. Semicolons between the cells are proof enough:
 * programs write them where the comma is taken by the numbers. */
static bool has_decimal_commas(const mien_table *t) {
    bool sure = false, any = false;
    for (int64_t i = 0; i < t->rows * t->columns; i++) {
        char buffer[MIEN_CELL_TRIMMED];
        const char *cell = mien_cell_trimmed(t->cells[i], buffer);
        double value;
        if (mien_text_decimal_comma(cell)) {
            any = true;
            sure = sure || t->delimiter == ';' || !may_part_thousands(cell);
        } else if (strchr(cell, '.') && mien_parse_number(cell, &value)) {
            return false;
        }
    }
    return any && sure;
}

/* Gives numbers with a decimal comma a point, in the cells themselves: whoever reads or
 * copies one later sees the same number. MIEN_EFORMAT for a number with a point. */
static mien_status commas_to_points(const mien_table *t) {
    for (int64_t i = 0; i < t->rows * t->columns; i++) {
        char buffer[MIEN_CELL_TRIMMED];
        const char *cell = mien_cell_trimmed(t->cells[i], buffer);
        double value;
        if (mien_text_decimal_comma(cell)) {
            t->text[strchr(t->cells[i], ',') - t->text] = '.';
        } else if (strchr(cell, '.') && mien_parse_number(cell, &value)) {
            return mien_fail(MIEN_EFORMAT,
                "%s:%lld: column \"%s\": \"%s\" has a decimal point where others of "
                "this table have a comma",
                t->file, (long long)t->lines[i / t->columns], t->names[i % t->columns],
                cell);
        }
    }
    return MIEN_OK;
}

/* Takes text, which has a 0 after it, also on failure. */
static mien_status parse_owned(const char *name, char *text, size_t count,
    const mien_table_options *options, mien_table **table) {
    mien_table_options o = options ? *options : mien_table_options_default();
    mien_table *t = NULL;
    mien_status status = mien_table_alloc(name, &t);
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
    if (status == MIEN_OK &&
        (o.decimal_comma || (o.numbers && has_decimal_commas(t)))) {
        status = commas_to_points(t);
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
