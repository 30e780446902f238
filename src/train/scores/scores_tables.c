/* SPDX-License-Identifier: MIT */
/* Tables of a run: predictions.csv with a row for each tested row and seed, trials.tsv
 * with the rows that were learnt from and their folds. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/run/folder.h"
#include "train/scores/scores.h"

enum { FIXED = 7, SIDES = 3, CELL_MAX = 192 };

/* Columns of predictions.csv with the text of a row. */
typedef struct sheet {
    int columns, first; /* first: of the targets' */
    int sides;          /* columns before them by which intervals are made */
    bool seeds;
    const char **names, **cells;
    char (*made)[CELL_MAX], (*text)[CELL_MAX];
    mien_string set[MIEN_TARGETS_MAX]; /* cells of sets of classes */
} sheet;

static void sheet_clear(sheet *s) {
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_string_clear(&s->set[t]);
    }
    mien_free((void *)s->names);
    mien_free((void *)s->cells);
    mien_free(s->made);
    mien_free(s->text);
}

static void name_column(
    sheet *s, const char *target, const char *part, const char *class) {
    snprintf(s->made[s->columns], CELL_MAX, "%s_%s%s", target, part, class);
    s->names[s->columns] = s->made[s->columns];
    s->columns++;
}

static void name_unsmoothed(sheet *s, const mien_dataset *c) {
    for (int t = 0; t < c->targets; t++) {
        if (c->target[t].value) {
            name_column(s, c->target[t].from->name, "unsmoothed", "");
        }
    }
}

/* The columns of persons and stimuli of crossed folds, over which the intervals of
 * figures are, and that of calibration.by, where they have other names than the fixed
 * ones. */
static void name_sides(sheet *s, const mien_scores *scores, const mien_dataset *c) {
    const mien_options *o = scores->study->options;
    const char *sides[SIDES] = {c->cell ? mien_options_text(o, "folds.by") : "",
        c->cell ? mien_options_text(o, "folds.across") : "",
        mien_options_text(o, "calibration.by")};
    for (int k = 0; k < SIDES; k++) {
        bool there = !*sides[k];
        for (int i = 0; i < s->columns; i++) {
            there = there || strcmp(s->names[i], sides[k]) == 0;
        }
        if (!there) {
            s->names[s->columns++] = sides[k];
            s->sides++;
        }
    }
    s->first = s->columns;
}

static mien_status sheet_init(
    sheet *s, const mien_scores *scores, const mien_dataset *c, bool smoothed) {
    bool seeds = scores->seeds > 1;
    static const char *const fixed[FIXED] = {
        "trial", "person", "stimulus", "group", "fold", "split", "seed"};
    size_t most = (size_t)(FIXED + SIDES + 6 * c->targets + 2 * c->width);
    *s = (sheet){.names = mien_alloc(most, sizeof *s->names),
        .cells = mien_alloc(most, sizeof *s->cells),
        .made = mien_alloc(most, sizeof *s->made),
        .text = mien_alloc(most, sizeof *s->text)};
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_string_init(&s->set[t]);
    }
    if (!s->names || !s->cells || !s->made || !s->text) {
        return MIEN_ENOMEM;
    }
    memcpy(s->names, fixed, sizeof fixed);
    s->seeds = seeds;
    s->columns = seeds ? FIXED : FIXED - 1;
    name_sides(s, scores, c);
    for (int t = 0; t < c->targets; t++) {
        const mien_trials_target *from = c->target[t].from;
        name_column(s, from->name, "truth", "");
        name_column(s, from->name, "prediction", "");
        for (int k = 0; k < from->classes; k++) {
            name_column(s, from->name, "p_", from->class_name[k]);
        }
        for (int k = 0; k < from->classes; k++) {
            name_column(s, from->name, "null_p_", from->class_name[k]);
        }
        if (!from->classes) {
            name_column(s, from->name, "null", "");
        }
        if (scores->target[t].conformal.parts) {
            name_column(s, from->name, "low", "");
            name_column(s, from->name, "high", "");
        }
        if (scores->target[t].sets.parts) {
            name_column(s, from->name, "set", "");
        }
    }
    if (smoothed) {
        name_unsmoothed(s, c);
    }
    return MIEN_OK;
}

/* Writes a number with the fewest digits that read back as it is: a network's answer
 * is a float, that of a read-out or of smoothing is not. NULL where there is none. */
static const char *write_number(double x, char text[CELL_MAX]) {
    return !isfinite(x)            ? NULL
           : (double)(float)x == x ? mien_format_float((float)x, text)
                                   : mien_format_double(x, text);
}

static void put_number(sheet *s, int *at, double x) {
    s->cells[*at] = write_number(x, s->text[*at]);
    ++*at;
}

/* null: shares of the classes where the model learnt. */
static void write_class(sheet *s, int *at, const mien_dataset_target *target,
    int64_t row, const double *p, const double *null) {
    int classes = target->from->classes;
    s->cells[(*at)++] = mien_dataset_has(target, row)
                            ? target->from->class_name[target->label[row]]
                            : NULL;
    s->cells[(*at)++] =
        target->from->class_name[mien_target_choose(&target->target, p)];
    for (int k = 0; k < classes; k++) {
        put_number(s, at, (double)(float)p[k]);
    }
    for (int k = 0; k < classes; k++) {
        put_number(s, at, null[k]);
    }
}

static void write_target(sheet *s, int *at, const mien_dataset_target *target,
    int64_t row, const double *p, const double *null) {
    if (target->label) {
        write_class(s, at, target, row, p, null);
        return;
    }
    s->cells[*at] = mien_dataset_has(target, row)
                        ? mien_format_double(target->value[row], s->text[*at])
                        : NULL;
    ++*at;
    put_number(s, at, p[0]);
    put_number(s, at, null[0]);
}

/* "joy|surprise", in the order of the classes; NULL: none. */
static const char *set_text(mien_string *text, const mien_label_sets *sets,
    const mien_dataset *c, int target, int64_t row, const double *p) {
    const mien_dataset_target *t = &c->target[target];
    bool in_set[MIEN_CLASSES_MAX];
    int count = mien_label_sets_of(sets, c, t, row, p, in_set);
    mien_string_clear(text);
    for (int k = 0; count && k < t->from->classes; k++) {
        if (in_set[k]) {
            mien_string_addf(
                text, "%s%s", text->length ? "|" : "", t->from->class_name[k]);
        }
    }
    return count && mien_string_status(text) == MIEN_OK ? text->text : NULL;
}

/* The columns of a row of the table: predictions [rows, width] of the seed;
 * unsmoothed as they, or NULL. nulls NULL: those of the row's fold, else as
 * predictions. */
typedef struct shown {
    const double *predictions, *unsmoothed, *nulls;
    const char *split;
} shown;

static void write_row(sheet *s, const mien_scores *scores, const mien_dataset *c,
    int64_t row, int64_t seed, const shown *of) {
    s->cells[0] = mien_trials_id(c->trials, c->row[row]);
    for (int k = 1; k < 4; k++) {
        s->cells[k] = mien_trials_cell(c->trials, c->row[row], s->names[k]);
    }
    snprintf(s->text[4], CELL_MAX, "%d", c->fold[row]);
    s->cells[4] = of->nulls ? NULL : s->text[4];
    s->cells[5] = of->split;
    if (s->seeds) {
        snprintf(s->text[6], CELL_MAX, "%lld", (long long)seed);
        s->cells[6] = s->text[6];
    }
    for (int k = s->first - s->sides; k < s->first; k++) {
        s->cells[k] = mien_trials_cell(c->trials, c->row[row], s->names[k]);
    }
    int at = s->first;
    for (int t = 0; t < c->targets; t++) {
        const mien_target_scores *judged = &scores->target[t];
        int64_t place = row * c->width + c->target[t].place;
        write_target(s, &at, &c->target[t], row, of->predictions + place,
            of->nulls ? of->nulls + place
                      : judged->usual + c->fold[row] * judged->width);
        if (judged->conformal.parts) {
            double low = (double)NAN, high = (double)NAN;
            if (!of->nulls) {
                mien_conformal_scores_bounds(
                    &judged->conformal, c, row, of->predictions[place], &low, &high);
            }
            put_number(s, &at, low);
            put_number(s, &at, high);
        }
        if (judged->sets.parts) {
            s->cells[at++] = of->nulls ? NULL
                                       : set_text(&s->set[t], &judged->sets, c, t, row,
                                             of->predictions + place);
        }
    }
    for (int t = 0; t < c->targets && of->unsmoothed; t++) {
        if (c->target[t].value) {
            put_number(s, &at, of->unsmoothed[row * c->width + c->target[t].place]);
        }
    }
}

mien_status mien_scores_write_predictions(const mien_scores *scores,
    const mien_dataset *dataset, const mien_predicted *predicted, const char *path) {
    const double *predictions = predicted->values, *unsmoothed = predicted->unsmoothed;
    sheet s;
    mien_table_writer *writer = NULL;
    const int64_t values = dataset->rows * dataset->width;
    mien_status status = sheet_init(&s, scores, dataset, unsmoothed != NULL);
    if (status == MIEN_OK) {
        status = mien_table_writer_open(path, MIEN_CSV, s.columns, s.names, &writer);
    }
    for (int k = 0; k < scores->seeds; k++) {
        for (int64_t i = 0; status == MIEN_OK && i < scores->rows; i++) {
            const shown of = {.predictions = predictions + k * values,
                .unsmoothed = unsmoothed ? unsmoothed + k * values : NULL,
                .split = "held-out"};
            write_row(&s, scores, dataset, scores->row[i], scores->first_seed + k, &of);
            status = mien_table_writer_row(writer, s.cells);
        }
    }
    status = mien_folder_rows_close(&writer, status);
    sheet_clear(&s);
    return status;
}

mien_status mien_scores_write_cell(const mien_scores *scores,
    const mien_dataset *dataset, const mien_crossed_answers *answers, mien_cell cell,
    const char *path) {
    const int64_t values = dataset->rows * dataset->width;
    const int32_t *fits = answers->fits + cell * dataset->rows;
    sheet s;
    mien_table_writer *writer = NULL;
    mien_status status = sheet_init(&s, scores, dataset, false);
    if (status == MIEN_OK) {
        status = mien_table_writer_open(path, MIEN_CSV, s.columns, s.names, &writer);
    }
    for (int k = 0; k < scores->seeds; k++) {
        const shown of = {.predictions = answers->answer[MIEN_CROSSED_MODEL] +
                                         (k * MIEN_CELLS + cell) * values,
            .nulls = answers->answer[MIEN_CROSSED_MEAN] + cell * values,
            .split = mien_cell_name(cell)};
        for (int64_t i = 0; status == MIEN_OK && i < dataset->rows; i++) {
            if (fits[i]) {
                write_row(&s, scores, dataset, i, scores->first_seed + k, &of);
                status = mien_table_writer_row(writer, s.cells);
            }
        }
    }
    status = mien_folder_rows_close(&writer, status);
    sheet_clear(&s);
    return status;
}

mien_status mien_scores_write_trials(const mien_dataset *dataset, const char *path) {
    const mien_dataset *c = dataset;
    const mien_table *table = mien_trials_table(c->trials);
    int columns = mien_table_columns(table);
    const char **cells = mien_alloc((size_t)columns + 1, sizeof *cells);
    mien_table_writer *writer = NULL;
    mien_status status = cells ? MIEN_OK : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < columns; k++) {
        cells[k] = mien_table_name(table, k);
    }
    if (status == MIEN_OK) {
        cells[columns] = "fold";
        status = mien_table_writer_open(path, MIEN_TSV, columns + 1, cells, &writer);
    }
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        char number[16];
        for (int k = 0; k < columns; k++) {
            cells[k] = mien_table_cell(table, c->row[i], k);
        }
        snprintf(number, sizeof number, "%d", c->fold[i]);
        cells[columns] = c->fold[i] >= 0 ? number : NULL;
        status = mien_table_writer_row(writer, cells);
    }
    mien_free(cells);
    return mien_folder_rows_close(&writer, status);
}
