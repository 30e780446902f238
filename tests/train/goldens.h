/* SPDX-License-Identifier: MIT */
/* Cells of the golden tables of this room: numbers parted by spaces, options as
 * "key=value key=value". */
#ifndef MIEN_TESTS_TRAIN_GOLDENS_H
#define MIEN_TESTS_TRAIN_GOLDENS_H

#include <stdlib.h>
#include <string.h>

#include "mien/io.h"

enum { GOLDEN_MOST = 512 };

static inline const char *golden_cell(
    const mien_table *table, int64_t row, const char *column) {
    const char *cell = mien_table_cell(table, row, mien_table_column(table, column));
    assert_non_null(cell);
    return cell;
}

static inline double golden_number(
    const mien_table *table, int64_t row, const char *column) {
    double value;
    assert_true(mien_parse_number(golden_cell(table, row, column), &value));
    return value;
}

/* How many; 0 for n/a. */
static inline int64_t golden_numbers(const mien_table *table, int64_t row,
    const char *column, double numbers[GOLDEN_MOST]) {
    const char *text = golden_cell(table, row, column);
    int64_t count = 0;
    if (mien_cell_missing(text)) {
        return 0;
    }
    for (char *end; *text; text = end) {
        assert_true(count < GOLDEN_MOST);
        numbers[count++] = strtod(text, &end);
        assert_true(end > text);
    }
    return count;
}

static inline void golden_options(
    const mien_option *table, const char *text, mien_options **options) {
    char copy[1024];
    char *rest = NULL;
    assert_true(strlen(text) < sizeof copy);
    strcpy(copy, text);
    assert_good(mien_options_new(table, options));
    for (char *key = strtok_r(copy, " ", &rest); key;
         key = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(key, '=');
        assert_non_null(value);
        *value++ = 0;
        assert_good(mien_options_set(*options, NULL, key, value));
    }
}

#endif
