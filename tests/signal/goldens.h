/* SPDX-License-Identifier: MIT */
/* Tables of numbers for the tests of signals: "#" lines are skipped, the first line
 * names columns, n/a is NaN. */
#ifndef MIEN_TESTS_SIGNAL_GOLDENS_H
#define MIEN_TESTS_SIGNAL_GOLDENS_H

#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GOLDEN_COLUMNS = 24 };

typedef struct golden {
    int columns;
    char name[GOLDEN_COLUMNS][64];
    int64_t n, room;
    double *value[GOLDEN_COLUMNS]; /* [n] */
    char **text;                   /* the first cell of each row */
    double sum, squares;           /* of "# … sum S; sum of squares Q" */
} golden;

static void golden_cell(golden *g, int column, const char *cell) {
    double v = NAN;
    assert_true(column < g->columns);
    mien_parse_number(cell, &v);
    g->value[column][g->n] = v;
    if (column == 0) {
        g->text[g->n] = mien_strdup(cell);
    }
}

static void golden_row(golden *g, char *line) {
    if (g->n == g->room) {
        int64_t room = g->room ? 2 * g->room : 1024;
        for (int c = 0; c < g->columns; c++) {
            g->value[c] = mien_realloc(
                g->value[c], (size_t)g->room, (size_t)room, sizeof(double));
            assert_non_null(g->value[c]);
        }
        g->text = mien_realloc(g->text, (size_t)g->room, (size_t)room, sizeof *g->text);
        assert_non_null(g->text);
        g->room = room;
    }
    int column = 0;
    for (char *cell = line; cell; column++) {
        char *next = strchr(cell, ',');
        if (next) {
            *next++ = 0;
        }
        golden_cell(g, column, cell);
        cell = next;
    }
    assert_int_equal(column, g->columns);
    g->n++;
}

/* path: as support_shared() gives it. headerless: columns are counted, named "". */
static inline void golden_read(golden *g, const char *path, bool headerless) {
    static char line[1 << 16];
    FILE *file = fopen(path, "r");
    memset(g, 0, sizeof *g);
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        if (line[0] == '#') {
            const char *sum = strstr(line, "sum "), *squares = strstr(line, "squares ");
            if (sum && squares) {
                g->sum = atof(sum + 4);
                g->squares = atof(squares + 8);
            }
        } else if (g->columns == 0 && !headerless) {
            for (char *cell = line; cell; g->columns++) {
                char *next = strchr(cell, ',');
                assert_true(g->columns < GOLDEN_COLUMNS);
                if (next) {
                    *next++ = 0;
                }
                snprintf(g->name[g->columns], sizeof g->name[0], "%s", cell);
                cell = next;
            }
        } else {
            if (g->columns == 0) {
                g->columns = 1;
                for (const char *c = line; *c; c++) {
                    g->columns += *c == ',';
                }
            }
            golden_row(g, line);
        }
    }
    fclose(file);
}

static inline void golden_clear(golden *g) {
    for (int64_t i = 0; i < g->n; i++) {
        mien_free(g->text[i]);
    }
    mien_free(g->text);
    for (int c = 0; c < g->columns; c++) {
        mien_free(g->value[c]);
    }
}

static inline double *golden_column(const golden *g, const char *name) {
    for (int c = 0; c < g->columns; c++) {
        if (strcmp(g->name[c], name) == 0) {
            return g->value[c];
        }
    }
    fail_msg("no column %s", name);
    return NULL;
}

/* The number beside a name in the first column. */
static inline double golden_value(const golden *g, const char *name) {
    for (int64_t i = 0; i < g->n; i++) {
        if (strcmp(g->text[i], name) == 0) {
            return g->value[1][i];
        }
    }
    fail_msg("no row %s", name);
    return NAN;
}

/* Relative to the larger of the value and `scale`. */
static inline void assert_relative(double got, double want, double rtol, double scale) {
    if (isnan(want) || isnan(got)) {
        assert_int_equal(isnan(got), isnan(want));
        return;
    }
    assert_near(got, want, rtol * fmax(fabs(want), scale));
}

/* A series of which the golden file holds every step-th sample, sum and sum of squares.
 * The printed 12 digits bound what can be told. */
static inline void assert_series(const char *path, const double *x, int64_t n) {
    golden g;
    double sum = 0, squares = 0, largest = 0;
    golden_read(&g, path, false);
    for (int64_t i = 0; i < n; i++) {
        sum += x[i];
        squares += x[i] * x[i];
        largest = fmax(largest, fabs(x[i]));
    }
    assert_true(g.n > 10);
    for (int64_t k = 0; k < g.n; k++) {
        assert_relative(x[(int64_t)g.value[0][k]], g.value[1][k], 1e-9, largest);
    }
    assert_relative(sum, g.sum, 1e-9, largest * sqrt((double)n));
    assert_relative(squares, g.squares, 1e-9, 0);
    golden_clear(&g);
}

static inline void assert_list(
    const char *path, const char *column, const int64_t *list, int64_t n) {
    golden g;
    golden_read(&g, path, false);
    assert_int_equal(g.n, n);
    for (int64_t k = 0; k < n; k++) {
        assert_int_equal(list[k], (int64_t)golden_column(&g, column)[k]);
    }
    golden_clear(&g);
}

#endif
