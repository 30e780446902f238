/* SPDX-License-Identifier: MIT */
/* The files of an explanation: figures as a document, rows as a table. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/explain/explain.h"
#include "train/document.h"
#include "train/run/folder.h"

/* ---- the document -------------------------------------------------------------- */

static void put_interval(mien_value *map, const mien_interval *i, mien_status *status) {
    mien_document_put(map, "value", mien_document_number(i->value), status);
    mien_document_put(map, "low", mien_document_number(i->low), status);
    mien_document_put(map, "high", mien_document_number(i->high), status);
}

static mien_value *metric_value(mien_explanation_figure figure,
    const mien_interval *value, const mien_interval *loss, mien_status *status) {
    mien_value *map = mien_value_new_map();
    mien_document_text(map, "name", figure.name, status);
    mien_document_text(map, "title", figure.title, status);
    put_interval(map, value, status);
    if (loss) {
        mien_value *item = mien_value_new_map();
        put_interval(item, loss, status);
        mien_document_put(map, "loss", item, status);
    }
    return map;
}

static mien_value *metrics_value(const mien_explanation *e, int t,
    const mien_interval *value, const mien_interval *loss, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int m = 0; m < mien_explanation_figures(e, t); m++) {
        mien_document_add(list,
            metric_value(mien_explanation_figure_at(e, t, m), &value[m],
                loss ? &loss[m] : NULL, status),
            status);
    }
    return list;
}

/* Parts of an input (sensors of a series), each left out; NULL: it has none. */
static mien_value *parts_value(
    const mien_explanation *e, int t, int input, mien_status *status) {
    mien_value *parts = NULL;
    for (int k = e->inputs; k < e->lefts; k++) {
        if (e->left[k].input != input) {
            continue;
        }
        const mien_way_scores *s = &e->part[t][k - e->inputs];
        mien_value *part = mien_value_new_map();
        parts = parts ? parts : mien_value_new_list();
        mien_document_text(part, "name", e->left[k].name, status);
        mien_document_put(
            part, "left_out", metrics_value(e, t, s->value, s->loss, status), status);
        mien_document_add(parts, part, status);
    }
    return parts;
}

static mien_value *input_value(
    const mien_explanation *e, int t, int input, mien_status *status) {
    static const char *const keys[MIEN_WAYS] = {
        "left_out", "alone", "permuted", "retrained"};
    mien_value *map = mien_value_new_map();
    mien_document_text(map, "name", e->dataset->input[input].input.name, status);
    for (int way = 0; way < MIEN_WAYS; way++) {
        const mien_way_scores *s = &e->score[t][input][way];
        if (mien_explanation_has(e, (mien_way)way)) {
            mien_document_put(
                map, keys[way], metrics_value(e, t, s->value, s->loss, status), status);
        }
    }
    mien_value *parts = parts_value(e, t, input, status);
    if (parts) {
        mien_document_put(map, "parts", parts, status);
    }
    return map;
}

static mien_value *target_value(const mien_explanation *e, int t, mien_status *status) {
    mien_value *map = mien_value_new_map(), *inputs = mien_value_new_list();
    mien_document_text(map, "name", e->dataset->target[t].from->name, status);
    mien_document_put(
        map, "metrics", metrics_value(e, t, e->whole[t], NULL, status), status);
    for (int m = 0; m < e->inputs; m++) {
        mien_document_add(inputs, input_value(e, t, m, status), status);
    }
    mien_document_put(map, "inputs", inputs, status);
    mien_explanation_put_cells(e, t, map, status);
    return map;
}

static mien_value *permutation_value(const mien_explanation *e, mien_status *status) {
    mien_value *map = mien_value_new_map();
    bool shifts = e->options.permutation == MIEN_PERMUTATION_SHIFT;
    mien_document_text(map, "rule", shifts ? "shift" : "rows", status);
    mien_document_int(map, "repeats", e->repeats, status);
    mien_document_int(map, "seed", e->options.seed, status);
    return map;
}

static mien_value *bootstrap_value(const mien_explanation *e, mien_status *status) {
    const mien_options *o = e->study->options;
    mien_value *map = mien_value_new_map();
    mien_document_text(map, "rule", mien_options_text(o, "intervals"), status);
    mien_document_int(map, "repeats", mien_options_int(o, "bootstrap.repeats"), status);
    mien_document_put(map, "level",
        mien_value_new_number(mien_options_number(o, "bootstrap.level")), status);
    mien_document_int(map, "seed", mien_options_int(o, "bootstrap.seed"), status);
    return map;
}

mien_status mien_explanation_document(
    const mien_explanation *explanation, mien_value **document) {
    const mien_explanation *e = explanation;
    bool mask = e->options.hiding == MIEN_HIDING_MASK;
    mien_value *map = mien_value_new_map(), *targets = mien_value_new_list();
    mien_status status = MIEN_OK;
    mien_document_int(map, "version", 1, &status);
    mien_document_text(
        map, "study", mien_options_text(e->study->options, "name"), &status);
    mien_document_text(map, "created_by", "mien " MIEN_VERSION, &status);
    mien_document_int(map, "rows", e->rows, &status);
    mien_document_int(map, "groups", e->dataset->groups, &status);
    mien_document_int(map, "seeds", e->seeds, &status);
    mien_document_text(map, "hiding", mask ? "mask" : "mean", &status);
    mien_document_put(map, "permutation", permutation_value(e, &status), &status);
    mien_document_put(map, "bootstrap", bootstrap_value(e, &status), &status);
    for (int t = 0; t < e->dataset->targets; t++) {
        mien_document_add(targets, target_value(e, t, &status), &status);
    }
    mien_document_put(map, "targets", targets, &status);
    if (status != MIEN_OK) {
        mien_value_free(&map);
        return status;
    }
    *document = map;
    return MIEN_OK;
}

/* ---- rows ---------------------------------------------------------------------- */

enum { FIXED = 2, CELL_MAX = 192 };

typedef struct sheet {
    int columns;
    const char **cells; /* [columns]; names at first */
    char (*text)[CELL_MAX];
} sheet;

static void sheet_clear(sheet *s) {
    mien_free(s->text);
    mien_free(s->cells);
}

/* TARGET_prediction, TARGET_effect_INPUT, …, TARGET_driver */
static mien_status sheet_init(sheet *s, const mien_explanation *e) {
    const mien_dataset *c = e->dataset;
    int most = FIXED + c->targets * (e->inputs + 2);
    *s = (sheet){.columns = FIXED,
        .cells = mien_alloc((size_t)most, sizeof *s->cells),
        .text = mien_alloc((size_t)most, sizeof *s->text)};
    if (!s->cells || !s->text) {
        return MIEN_ENOMEM;
    }
    s->cells[0] = "trial";
    s->cells[1] = "group";
    for (int t = 0; t < c->targets; t++) {
        for (int k = -1; k <= e->inputs; k++) {
            char *name = s->text[s->columns];
            snprintf(name, CELL_MAX, "%.100s_%s%s", c->target[t].from->name,
                k < 0           ? "prediction"
                : k < e->inputs ? "effect_"
                                : "driver",
                k < 0 || k == e->inputs ? "" : c->input[k].input.name);
            s->cells[s->columns++] = name;
        }
    }
    return MIEN_OK;
}

/* Mean over seeds. */
static double mean_at(const mien_explanation *e, const double *from, int64_t at) {
    double sum = 0;
    for (int k = 0; k < e->seeds; k++) {
        sum += from[k * e->values + at];
    }
    return sum / e->seeds;
}

/* The class that the mean probabilities over seeds choose. */
static int choose(const mien_explanation *e, const mien_dataset_target *t, int64_t at) {
    double shares[MIEN_CLASSES_MAX];
    for (int k = 0; k < t->from->classes; k++) {
        shares[k] = mean_at(e, e->predictions, at + k);
    }
    return mien_target_choose(&t->target, shares);
}

/* An input's effect: the prediction minus that without it; of classes, of the
 * probability of the class that is chosen with everything. */
static void write_target(
    sheet *s, int *column, const mien_explanation *e, int t, int64_t row) {
    const mien_dataset_target *target = &e->dataset->target[t];
    int64_t at = row * e->dataset->width + target->place;
    int chosen = target->label ? choose(e, target, at) : 0;
    at += chosen;
    double whole = mean_at(e, e->predictions, at), largest = 0;
    const char *driver = NULL;
    s->cells[*column] = target->label
                            ? target->from->class_name[chosen]
                            : mien_format_float((float)whole, s->text[*column]);
    ++*column;
    for (int m = 0; m < e->inputs; m++, ++*column) {
        int count = 0;
        const double *without = mien_explanation_of(e, MIEN_WAY_LEFT_OUT, m, &count);
        double effect = whole - mean_at(e, without, at);
        s->cells[*column] = mien_format_float((float)effect, s->text[*column]);
        if (fabs(effect) > largest) {
            largest = fabs(effect);
            driver = e->dataset->input[m].input.name;
        }
    }
    s->cells[(*column)++] = driver;
}

mien_status mien_explanation_write_rows(
    const mien_explanation *explanation, const char *path) {
    const mien_explanation *e = explanation;
    const mien_dataset *c = e->dataset;
    sheet s;
    mien_table_writer *writer = NULL;
    mien_status status = sheet_init(&s, e);
    if (status == MIEN_OK) {
        status = mien_table_writer_open(path, MIEN_CSV, s.columns, s.cells, &writer);
    }
    for (int64_t i = 0; status == MIEN_OK && i < e->rows; i++) {
        int column = FIXED;
        s.cells[0] = mien_trials_id(c->trials, c->row[e->row[i]]);
        s.cells[1] = c->group_name ? c->group_name[e->row[i]] : NULL;
        for (int t = 0; t < c->targets; t++) {
            write_target(&s, &column, e, t, e->row[i]);
        }
        status = mien_table_writer_row(writer, s.cells);
    }
    status = mien_folder_rows_close(&writer, status);
    sheet_clear(&s);
    return status;
}
