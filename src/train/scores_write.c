/* SPDX-License-Identifier: MIT */
/* Writes figures, predictions and rows of a network's run. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/document.h"
#include "train/folder.h"
#include "train/scores.h"

/* ---- documents ----------------------------------------------------------------- */

static void put_interval(
    mien_value *map, const mien_interval *interval, mien_status *status) {
    if (isfinite(interval->value)) {
        mien_document_put(map, "value", mien_value_new_number(interval->value), status);
        mien_document_put(map, "low", mien_document_number(interval->low), status);
        mien_document_put(map, "high", mien_document_number(interval->high), status);
    }
}

/* Of several seeds: each one's figure, their spread, the mean prediction's figure. */
static void put_seeds(
    mien_value *map, const mien_scores *scores, int t, int i, mien_status *status) {
    const mien_interval *together = &scores->target[t].ensemble[i];
    mien_value *each = mien_value_new_list();
    mien_value *ensemble =
        isfinite(together->value) ? mien_value_new_map() : mien_value_new_null();
    for (int k = 0; k < scores->seeds; k++) {
        mien_document_add(each,
            mien_document_number(scores->target[t].each[i * scores->seeds + k]),
            status);
    }
    put_interval(ensemble, together, status);
    mien_document_put(map, "by_seed", each, status);
    mien_document_put(
        map, "sd", mien_document_number(mien_scores_spread(scores, t, i)), status);
    mien_document_put(map, "ensemble", ensemble, status);
}

static mien_value *metric_value(
    const mien_scores *scores, int t, bool classes, int i, mien_status *status) {
    const mien_target_scores *s = &scores->target[t];
    mien_value *map = mien_value_new_map(), *baseline = mien_value_new_map();
    put_interval(map, &s->model[i], status);
    mien_document_put(
        map, "name", mien_value_new_text(mien_scores_metric_name(classes, i)), status);
    mien_document_put(map, "title",
        mien_value_new_text(classes ? mien_class_metric_at(i)->title
                                    : mien_scores_metric_of_numbers(i)->title),
        status);
    if (isfinite(s->baseline[i].value)) {
        put_interval(baseline, &s->baseline[i], status);
        mien_document_put(map, "baseline", baseline, status);
    } else {
        mien_value_free(&baseline);
        mien_document_put(map, "baseline", mien_value_new_null(), status);
    }
    mien_document_put(map, "plain", mien_value_new_null(), status);
    if (scores->seeds > 1) {
        put_seeds(map, scores, t, i, status);
    }
    return map;
}

static void put_classes(mien_value *map, const mien_target_scores *s,
    const mien_trials_target *from, mien_status *status) {
    mien_value *names = mien_value_new_list(), *confusion = mien_value_new_list();
    mien_value *by_class = mien_value_new_list();
    for (int k = 0; k < from->classes; k++) {
        mien_value *row = mien_value_new_list(), *one = mien_value_new_map();
        const mien_class_score *score = &s->class[k];
        for (int p = 0; p < from->classes; p++) {
            mien_document_add(
                row, mien_value_new_int(s->confusion[k * from->classes + p]), status);
        }
        mien_document_put(
            one, "class", mien_value_new_text(from->class_name[k]), status);
        mien_document_put(one, "support", mien_value_new_int(score->support), status);
        mien_document_put(
            one, "predicted", mien_value_new_int(score->predicted), status);
        mien_document_put(
            one, "precision", mien_document_number(score->precision), status);
        mien_document_put(one, "recall", mien_document_number(score->recall), status);
        mien_document_put(one, "f1", mien_document_number(score->f1), status);
        mien_document_add(names, mien_value_new_text(from->class_name[k]), status);
        mien_document_add(confusion, row, status);
        mien_document_add(by_class, one, status);
    }
    mien_document_put(map, "classes", names, status);
    mien_document_put(map, "confusion", confusion, status);
    mien_document_put(map, "by_class", by_class, status);
}

static mien_value *pair_of(double first, double second, mien_status *status) {
    mien_value *list = mien_value_new_list();
    mien_document_add(list, mien_value_new_number(first), status);
    mien_document_add(list, mien_value_new_number(second), status);
    return list;
}

static void put_numbers(mien_value *map, const mien_target_scores *s,
    const mien_trials_target *from, mien_status *status) {
    mien_value *ceiling = s->has_ceiling ? mien_value_new_map() : mien_value_new_null();
    mien_document_put(
        map, "range", pair_of(from->minimum, from->maximum, status), status);
    mien_document_put(map, "unit", mien_value_new_text(from->unit), status);
    if (s->has_ceiling) {
        mien_document_put(ceiling, "reliability",
            mien_value_new_number(s->ceiling.reliability), status);
        mien_document_put(ceiling, "r", mien_value_new_number(s->ceiling.r), status);
    }
    mien_document_put(map, "ceiling", ceiling, status);
    mien_document_put(
        map, "residual_95", pair_of(s->residual[0], s->residual[1], status), status);
}

static void put_unsmoothed(
    mien_value *map, const mien_target_scores *s, mien_status *status) {
    static const char *const figures[MIEN_GROUP_FIGURES] = {"mse", "r", "ccc"};
    mien_value *raw = mien_value_new_map();
    for (int m = 0; m < MIEN_GROUP_FIGURES; m++) {
        mien_document_put(
            raw, figures[m], mien_document_number(s->unsmoothed[m]), status);
    }
    mien_document_put(map, "unsmoothed", raw, status);
}

/* What studies on features tell of numbers beside. */
static void put_films(mien_value *map, const mien_scores *scores, const mien_corpus *c,
    const mien_target_scores *s, mien_status *status) {
    if (s->groups.groups > 0) {
        mien_status added = mien_group_scores_put(&s->groups, c, scores->study, map);
        *status = *status == MIEN_OK ? added : *status;
    }
    if (scores->smoothed) {
        put_unsmoothed(map, s, status);
    }
}

/* What the baseline answers in a fold: a mean, or a class and the shares of all. */
static mien_value *usual_value(const mien_target_scores *s,
    const mien_corpus_target *target, int fold, mien_status *status) {
    mien_value *map = mien_value_new_map();
    const double *usual = s->usual + fold * s->width;
    if (target->value) {
        mien_document_put(map, "value", mien_document_number(*usual), status);
        return map;
    }
    mien_value *shares = mien_value_new_list();
    for (int64_t w = 0; w < s->width; w++) {
        mien_document_add(shares, mien_document_number(usual[w]), status);
    }
    int chosen = mien_target_choose(&target->target, usual);
    mien_document_put(
        map, "class", mien_value_new_text(target->from->class_name[chosen]), status);
    mien_document_put(map, "shares", shares, status);
    return map;
}

static mien_value *target_value(
    const mien_scores *scores, const mien_corpus *c, int t, mien_status *status) {
    const mien_trials_target *from = c->target[t].from;
    const mien_target_scores *s = &scores->target[t];
    bool classes = from->kind == MIEN_TARGET_CLASS;
    mien_value *map = mien_value_new_map(), *metrics = mien_value_new_list();
    mien_value *folds = mien_value_new_list();
    mien_document_put(map, "name", mien_value_new_text(from->name), status);
    mien_document_put(map, "construct", mien_value_new_text(from->construct), status);
    mien_document_put(
        map, "perspective", mien_value_new_text(from->perspective), status);
    mien_document_put(map, "rows", mien_value_new_int(s->rows), status);
    for (int i = 0; i < s->metrics; i++) {
        mien_document_add(metrics, metric_value(scores, t, classes, i, status), status);
    }
    mien_document_put(map, "metrics", metrics, status);
    for (int k = 0; k < c->folds; k++) {
        mien_document_add(folds, usual_value(s, &c->target[t], k, status), status);
    }
    mien_document_put(map, "baseline_by_fold", folds, status);
    if (classes) {
        put_classes(map, s, from, status);
    } else {
        put_numbers(map, s, from, status);
        put_films(map, scores, c, s, status);
    }
    return map;
}

mien_status mien_scores_targets(
    const mien_scores *scores, const mien_corpus *corpus, mien_value **list) {
    mien_value *targets = mien_value_new_list();
    mien_status status = MIEN_OK;
    for (int t = 0; t < corpus->targets; t++) {
        mien_document_add(targets, target_value(scores, corpus, t, &status), &status);
    }
    if (status != MIEN_OK) {
        mien_value_free(&targets);
        return status;
    }
    *list = targets;
    return MIEN_OK;
}

mien_status mien_scores_rows_hash(const mien_corpus *corpus, char hex[65]) {
    const mien_corpus *c = corpus;
    mien_string line;
    mien_sha256 *sha = NULL;
    mien_string_init(&line);
    mien_status status = mien_sha256_new(&sha);
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        const char *group = mien_trials_cell(c->trials, c->row[i], "group");
        const char *image = mien_trials_cell(c->trials, c->row[i], "image");
        mien_string_empty(&line);
        mien_string_addf(&line, "%s\t%s\t%s", mien_trials_id(c->trials, c->row[i]),
            group ? group : "n/a", image ? mien_path_base(image) : "n/a");
        for (int t = 0; t < c->targets; t++) {
            const mien_corpus_target *target = &c->target[t];
            char number[32];
            mien_string_addf(&line, "\t%s",
                !mien_corpus_has(target, i) ? "n/a"
                : target->label             ? target->from->class_name[target->label[i]]
                                : mien_format_double(target->value[i], number));
        }
        mien_string_add(&line, "\n");
        status = mien_string_status(&line);
        if (status == MIEN_OK) {
            mien_sha256_add(sha, line.text, line.length);
        }
    }
    if (sha) {
        mien_sha256_take(&sha, hex);
    }
    mien_string_clear(&line);
    return status;
}

/* ---- tables -------------------------------------------------------------------- */

enum { FIXED = 7, CELL_MAX = 192 };

/* Columns of predictions.csv with the text of a row. */
typedef struct sheet {
    int columns, first; /* first: of the targets' */
    const char **names, **cells;
    char (*made)[CELL_MAX], (*text)[CELL_MAX];
} sheet;

static void sheet_clear(sheet *s) {
    mien_free((void *)s->names);
    mien_free((void *)s->cells);
    mien_free(s->made);
    mien_free(s->text);
}

static void name_unsmoothed(sheet *s, const mien_corpus *c) {
    for (int t = 0; t < c->targets; t++) {
        if (c->target[t].value) {
            snprintf(s->made[s->columns], CELL_MAX, "%s_unsmoothed",
                c->target[t].from->name);
            s->names[s->columns] = s->made[s->columns];
            s->columns++;
        }
    }
}

static mien_status sheet_init(
    sheet *s, const mien_corpus *c, bool seeds, bool smoothed) {
    static const char *const fixed[FIXED] = {
        "trial", "person", "stimulus", "group", "fold", "split", "seed"};
    size_t most = (size_t)(FIXED + 3 * c->targets + c->width);
    *s = (sheet){.names = mien_alloc(most, sizeof *s->names),
        .cells = mien_alloc(most, sizeof *s->cells),
        .made = mien_alloc(most, sizeof *s->made),
        .text = mien_alloc(most, sizeof *s->text)};
    if (!s->names || !s->cells || !s->made || !s->text) {
        return MIEN_ENOMEM;
    }
    memcpy(s->names, fixed, sizeof fixed);
    s->columns = s->first = seeds ? FIXED : FIXED - 1;
    for (int t = 0; t < c->targets; t++) {
        const mien_trials_target *from = c->target[t].from;
        for (int k = 0; k < 2 + from->classes; k++, s->columns++) {
            snprintf(s->made[s->columns], CELL_MAX, "%s_%s%s", from->name,
                k == 0   ? "truth"
                : k == 1 ? "prediction"
                         : "p_",
                k < 2 ? "" : from->class_name[k - 2]);
            s->names[s->columns] = s->made[s->columns];
        }
    }
    if (smoothed) {
        name_unsmoothed(s, c);
    }
    return MIEN_OK;
}

static void write_class(
    sheet *s, int *at, const mien_corpus_target *target, int64_t row, const double *p) {
    s->cells[(*at)++] = mien_corpus_has(target, row)
                            ? target->from->class_name[target->label[row]]
                            : NULL;
    s->cells[(*at)++] =
        target->from->class_name[mien_target_choose(&target->target, p)];
    for (int k = 0; k < target->from->classes; k++, ++*at) {
        s->cells[*at] = mien_format_float((float)p[k], s->text[*at]);
    }
}

/* predictions: of the seed; unsmoothed as they, or NULL. */
static void write_row(sheet *s, const mien_corpus *c, int64_t row, int64_t seed,
    const double *predictions, const double *unsmoothed) {
    s->cells[0] = mien_trials_id(c->trials, c->row[row]);
    for (int k = 1; k < 4; k++) {
        s->cells[k] = mien_trials_cell(c->trials, c->row[row], s->names[k]);
    }
    snprintf(s->text[4], CELL_MAX, "%d", c->fold[row]);
    s->cells[4] = s->text[4];
    s->cells[5] = "held-out";
    if (s->first == FIXED) {
        snprintf(s->text[6], CELL_MAX, "%lld", (long long)seed);
        s->cells[6] = s->text[6];
    }
    int at = s->first;
    for (int t = 0; t < c->targets; t++) {
        const mien_corpus_target *target = &c->target[t];
        const double *p = predictions + row * c->width + target->place;
        if (target->label) {
            write_class(s, &at, target, row, p);
        } else {
            s->cells[at] = mien_corpus_has(target, row)
                               ? mien_format_double(target->value[row], s->text[at])
                               : NULL;
            s->cells[at + 1] = mien_format_float((float)p[0], s->text[at + 1]);
            at += 2;
        }
    }
    for (int t = 0; t < c->targets && unsmoothed; t++) {
        const mien_corpus_target *target = &c->target[t];
        if (target->value) {
            float x = (float)unsmoothed[row * c->width + target->place];
            s->cells[at] = mien_format_float(x, s->text[at]);
            at++;
        }
    }
}

mien_status mien_scores_write_predictions(const mien_scores *scores,
    const mien_corpus *corpus, const double *predictions, const double *unsmoothed,
    const char *path) {
    sheet s;
    mien_table_writer *writer = NULL;
    const int64_t values = corpus->rows * corpus->width;
    mien_status status = sheet_init(&s, corpus, scores->seeds > 1, unsmoothed != NULL);
    if (status == MIEN_OK) {
        status = mien_table_writer_open(path, MIEN_CSV, s.columns, s.names, &writer);
    }
    for (int k = 0; k < scores->seeds; k++) {
        for (int64_t i = 0; status == MIEN_OK && i < scores->rows; i++) {
            write_row(&s, corpus, scores->row[i], scores->first_seed + k,
                predictions + k * values, unsmoothed ? unsmoothed + k * values : NULL);
            status = mien_table_writer_row(writer, s.cells);
        }
    }
    status = mien_folder_rows_close(&writer, status);
    sheet_clear(&s);
    return status;
}

mien_status mien_scores_write_trials(const mien_corpus *corpus, const char *path) {
    const mien_corpus *c = corpus;
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
