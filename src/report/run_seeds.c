/* SPDX-License-Identifier: MIT */
/* Predictions of several seeds: the same trials in the same order, seed after seed. */
#include <math.h>
#include <string.h>

#include "report/run.h"

/* A cell's text; "" where there is none. */
static const char *cell(const mien_table *table, int64_t row, int column) {
    const char *text = mien_table_cell(table, row, column);
    return text ? text : "";
}

static int64_t length_of_first(const mien_table *table, int seed) {
    int64_t rows = mien_table_rows(table), n = 0;
    while (n < rows && strcmp(cell(table, n, seed), cell(table, 0, seed)) == 0) {
        n++;
    }
    return n;
}

mien_status mien_run_seeds(const mien_table *table, int64_t *seeds) {
    int seed = mien_table_column(table, "seed");
    int trial = mien_table_column(table, "trial");
    int64_t rows = mien_table_rows(table);
    *seeds = 1;
    if (seed < 0 || trial < 0 || rows == 0) {
        return MIEN_OK;
    }
    int64_t n = length_of_first(table, seed);
    for (int64_t i = 0; i < rows; i++) {
        bool same_trial = strcmp(cell(table, i, trial), cell(table, i % n, trial)) == 0;
        bool same_seed =
            strcmp(cell(table, i, seed), cell(table, i - i % n, seed)) == 0;
        if (!same_trial || !same_seed) {
            return mien_fail(MIEN_EFORMAT,
                "%s:%lld: trial %s of seed %s: every seed needs the trials of the "
                "first, in their order, after those of the seed before",
                mien_table_file(table), (long long)mien_table_line(table, i),
                cell(table, i, trial), cell(table, i, seed));
        }
    }
    *seeds = rows / n;
    return rows % n == 0
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT,
                     "%s: the last seed has %lld trials, the first %lld",
                     mien_table_file(table), (long long)(rows % n), (long long)n);
}
