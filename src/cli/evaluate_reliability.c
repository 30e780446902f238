/* SPDX-License-Identifier: MIT */
/* How far probabilities of classes can be believed, and how numbers vary between
 * persons and stimuli. cmd_evaluate.c calls it for --calibration and --variance. */
#include "cli/evaluate_reliability.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/figures.h"
#include "data/trials.h"
#include "eval/variance.h"

enum { BINS = 15, DRAWS = 200, KEPT = 4, SET_PARTS = 10 };

static mien_status write_one(const mien_options *options, mien_table_writer **writer,
    const cli_figures_of *of, double value) {
    const mien_interval alone = {value, (double)NAN, (double)NAN};
    return cli_figures_interval(options, writer, of, &alone);
}

/* ---- sets of classes ------------------------------------------------------------- */

/* Each row's part, of up to SET_PARTS: groups are assigned in the order of their first
 * row. */
static mien_status deal_groups(const cli_labels *l, int parts, int *part) {
    int64_t most = 0, count = 0;
    for (int64_t i = 0; i < l->rows; i++) {
        most = l->group[i] > most ? l->group[i] : most;
    }
    int64_t *number = mien_alloc((size_t)most + 1, sizeof *number);
    for (int64_t i = 0; number && i < l->rows; i++) {
        int64_t *of = &number[l->group[i]];
        *of = *of ? *of : ++count;
        part[i] = (int)((*of - 1) % parts);
    }
    mien_free(number);
    return number ? MIEN_OK : MIEN_ENOMEM;
}

/* Answers of all seeds' rows outside a part; arrays of `to` have room for all rows. */
static void gather_others(const cli_labels *l, const int *part, int without, int *truth,
    double *probability, mien_class_answers *to) {
    size_t classes = (size_t)l->classes;
    int64_t n = 0;
    for (int64_t k = 0; k < l->seeds * l->rows; k++) {
        if (part[k % l->rows] != without) {
            truth[n] = l->truth[k];
            memcpy(probability + (size_t)n++ * classes,
                l->probability + (size_t)k * classes, classes * sizeof *probability);
        }
    }
    *to = (mien_class_answers){
        .n = n, .classes = l->classes, .truth = truth, .probability = probability};
}

/* Whether "joy|surprise" names a class. */
static bool names_class(const char *set, const char *class) {
    size_t length = strlen(class);
    for (const char *at = set; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
        if (strncmp(at, class, length) == 0 && (at[length] == '|' || !at[length])) {
            return true;
        }
    }
    return false;
}

/* The sets that stand in the table, of the rows of all seeds; false: some has none. */
static bool written_sets(const cli_labels *l, const mien_table *table,
    const char *target, double *held, double *size) {
    char name[128];
    snprintf(name, sizeof name, "%.100s_set", target);
    int column = mien_table_column(table, name);
    int64_t each = mien_table_rows(table) / l->seeds;
    *held = *size = 0;
    for (int64_t k = 0; column >= 0 && k < l->rows * l->seeds; k++) {
        int64_t row = l->row[k % l->rows] + k / l->rows * each;
        const char *cell = mien_table_cell(table, row, column);
        if (!cell || mien_cell_missing(cell)) {
            return false;
        }
        for (int c = 0; c < l->classes; c++) {
            bool in = names_class(cell, mien_table_name(table, l->first + c) + l->skip);
            *size += in;
            *held += in && c == l->truth[k];
        }
    }
    return column >= 0;
}

/* What conformal sets hold: those that stand in the table, else of thresholds from the
 * groups of other parts. */
static mien_status write_sets(const mien_options *options, mien_table_writer **writer,
    const char *target, const mien_table *table, const cli_labels *l) {
    const double level = cli_intervals_of(options).level;
    const int parts = l->groups < SET_PARTS ? (int)l->groups : SET_PARTS;
    size_t n = (size_t)(l->rows * l->seeds);
    int *part = mien_alloc((size_t)l->rows, sizeof *part);
    int *truth = mien_alloc(n, sizeof *truth);
    double *p = mien_alloc(n * (size_t)l->classes, sizeof *p), held = 0, size = 0;
    bool in_set[MIEN_CLASSES_MAX];
    mien_status status = part && truth && p ? deal_groups(l, parts, part) : MIEN_ENOMEM;
    bool written = table && written_sets(l, table, target, &held, &size);
    held = written ? held : 0;
    size = written ? size : 0;
    for (int k = 0; status == MIEN_OK && !written && k < parts; k++) {
        mien_class_answers others;
        double threshold = 0;
        gather_others(l, part, k, truth, p, &others);
        status = mien_conformal_sets_fit(&others, l->seeds, level, &threshold);
        for (int64_t i = 0; status == MIEN_OK && i < l->rows * l->seeds; i++) {
            if (part[i % l->rows] == k) {
                size += mien_conformal_set(threshold, l->classes,
                    l->probability + i * l->classes, l->prediction[i], in_set);
                held += in_set[l->truth[i]];
            }
        }
    }
    const cli_figures_of covered = {target, "set_covered", l->rows, l->groups};
    const cli_figures_of classes = {target, "set_size", l->rows, l->groups};
    status = status ? status : write_one(options, writer, &covered, held / (double)n);
    status = status ? status : write_one(options, writer, &classes, size / (double)n);
    mien_free(part);
    mien_free(truth);
    mien_free(p);
    return status;
}

mien_status cli_labels_write_calibration(const mien_options *options,
    mien_table_writer **writer, const char *target, const mien_table *table,
    const cli_labels *labels) {
    static const double share[KEPT] = {0.9, 0.8, 0.5, 0.2};
    static const char *const names[3 + KEPT] = {"ece", "ece_by_chance", "mce",
        "accuracy[surest 90%]", "accuracy[surest 80%]", "accuracy[surest 50%]",
        "accuracy[surest 20%]"};
    double value[3 + KEPT] = {0};
    mien_status status = MIEN_OK;
    if (!labels->probability) {
        return MIEN_OK;
    }
    for (int64_t s = 0; status == MIEN_OK && s < labels->seeds; s++) {
        const mien_class_answers a = cli_labels_answers(labels, s);
        mien_reliability r = {0};
        double kept[KEPT] = {0};
        status = mien_reliability_of(&a, BINS, DRAWS, 1, &r);
        status = status ? status : mien_abstention_of(&a, share, KEPT, kept);
        const double own[3] = {r.ece, r.ece_by_chance, r.mce};
        for (int k = 0; k < 3 + KEPT; k++) {
            value[k] += (k < 3 ? own[k] : kept[k - 3]) / (double)labels->seeds;
        }
    }
    for (int k = 0; status == MIEN_OK && k < 3 + KEPT; k++) {
        const cli_figures_of of = {target, names[k], labels->rows, labels->groups};
        status = write_one(options, writer, &of, value[k]);
    }
    return status == MIEN_OK && labels->groups > 1
               ? write_sets(options, writer, target, table, labels)
               : status;
}

/* ---- widths of intervals --------------------------------------------------------- */

mien_status cli_pairs_write_narrowest(const mien_options *options,
    mien_table_writer **writer, const char *target, const cli_pairs *pairs) {
    static const double share[KEPT] = {0.9, 0.8, 0.5, 0.2};
    const int64_t n = pairs->count;
    double *error = mien_alloc((size_t)n, sizeof *error), rmse[KEPT];
    double *width = mien_alloc((size_t)n, sizeof *width);
    mien_status status = error && width ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        error[i] = pairs->truth[i] - pairs->prediction[i];
        width[i] = pairs->high[i] - pairs->low[i];
    }
    status = status ? status : mien_narrowest_of(error, width, n, share, KEPT, rmse);
    for (int k = 0; status == MIEN_OK && k < KEPT && isfinite(rmse[k]); k++) {
        char name[32];
        const cli_figures_of of = {target, name, n, pairs->groups};
        snprintf(name, sizeof name, "rmse[narrowest %.0f%%]", 100 * share[k]);
        status = write_one(options, writer, &of, rmse[k]);
    }
    mien_free(width);
    mien_free(error);
    return status;
}

/* ---- variances ------------------------------------------------------------------- */

/* Each pair's number of a column, and how many numbers there are. */
static mien_status number_cells(const cli_pairs *p, const mien_table *table,
    const char *name, int64_t *number, int64_t *count) {
    int column = mien_table_column(table, name);
    const char **cells = mien_alloc((size_t)p->count, sizeof *cells);
    mien_status status = cells ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && column < 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: has no column \"%s\"; --variance needs person and stimulus",
            mien_table_file(table), name);
    }
    for (int64_t i = 0; status == MIEN_OK && i < p->count; i++) {
        const char *cell = mien_table_cell(table, p->row[i], column);
        cells[i] = cell && !mien_cell_missing(cell) ? cell : NULL;
    }
    if (status == MIEN_OK) {
        status = mien_names_first(p->count, cells, number);
        *count = p->count;
    }
    mien_free((void *)cells);
    return status;
}

mien_status cli_pairs_write_variance(const mien_options *options,
    mien_table_writer **writer, const char *target, const cli_pairs *pairs,
    const mien_table *table) {
    static const char *const names[2][3] = {
        {"variance[persons]", "variance[stimuli]", "variance[rest]"},
        {"variance_left[persons]", "variance_left[stimuli]", "variance_left[rest]"}};
    const cli_pairs *p = pairs;
    const mien_interval_options o = cli_intervals_of(options);
    size_t n = (size_t)p->count;
    int64_t *person = mien_alloc(n, sizeof *person), persons = 0;
    int64_t *stimulus = mien_alloc(n, sizeof *stimulus), stimuli = 0;
    double *y = mien_alloc(n, sizeof *y);
    mien_status status = person && stimulus && y ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = number_cells(p, table, "person", person, &persons);
    }
    if (status == MIEN_OK) {
        status = number_cells(p, table, "stimulus", stimulus, &stimuli);
    }
    for (int k = 0; status == MIEN_OK && k < 2; k++) {
        mien_interval v[3];
        for (int64_t i = 0; i < p->count; i++) {
            y[i] = p->truth[i] - (k ? p->prediction[i] : 0);
        }
        status = mien_variance_intervals(
            y, person, stimulus, p->count, persons, stimuli, o.level, v);
        for (int m = 0; status == MIEN_OK && m < 3; m++) {
            const cli_figures_of of = {target, names[k][m], p->count, p->groups};
            status = cli_figures_interval(options, writer, &of, &v[m]);
        }
    }
    mien_free(y);
    mien_free(stimulus);
    mien_free(person);
    return status;
}
