/* SPDX-License-Identifier: MIT */
/* Any bytes as CSV and as TSV: an error, or cells that all can be asked for. */
#include "mien/io.h"

#include <stdlib.h>
#include <string.h>

static void try(const char *name, bool numbers, const uint8_t *data, size_t size) {
    mien_table *table = NULL;
    mien_table_options options = mien_table_options_default();
    options.numbers = numbers;
    if (mien_table_parse(name, (const char *)data, size, &options, &table) != MIEN_OK) {
        return;
    }
    for (int64_t r = 0; r < mien_table_rows(table); r++) {
        for (int c = 0; c < mien_table_columns(table); c++) {
            double number;
            (void)mien_table_number(table, r, c, &number);
            if (!mien_table_cell(table, r, c) || mien_table_line(table, r) < 2) {
                abort();
            }
        }
    }
    if (mien_table_column(table, mien_table_name(table, 0)) != 0) {
        abort();
    }
    mien_table_free(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try("fuzz.csv", false, data, size);
    try("fuzz.tsv", false, data, size);
    try("fuzz.txt", true, data, size);
    return 0;
}
