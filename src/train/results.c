/* SPDX-License-Identifier: MIT */
/* Computes a run's figures and writes its tables. */
#include "train/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/folder.h"

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

mien_status mien_residual_interval(
    const double *truth, const double *prediction, int64_t n, double interval[2]) {
    double *residual = mien_alloc((size_t)n, sizeof *residual);
    if (!residual) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        residual[i] = truth[i] - prediction[i];
    }
    qsort(residual, (size_t)n, sizeof *residual, ascending);
    for (int k = 0; k < 2; k++) {
        double position = (k ? 0.975 : 0.025) * (double)(n - 1);
        int64_t below = (int64_t)floor(position);
        int64_t above = below + 1 < n ? below + 1 : below;
        interval[k] = residual[below] +
                      (position - (double)below) * (residual[above] - residual[below]);
    }
    mien_free(residual);
    return MIEN_OK;
}

mien_status mien_ceiling_of(const mien_trials *trials, const mien_trials_target *target,
    mien_noise_ceiling *ceiling, bool *has) {
    *has = false;
    if (!target->sd_column[0] || !target->n_column[0]) {
        return MIEN_OK;
    }
    size_t all = (size_t)mien_trials_rows(trials);
    double *columns = mien_alloc(3 * all, sizeof *columns);
    mien_status status = columns ? MIEN_OK : MIEN_ENOMEM;
    const char *names[3] = {target->name, target->sd_column, target->n_column};
    for (int k = 0; status == MIEN_OK && k < 3; k++) {
        status = mien_trials_numbers(trials, names[k], columns + (size_t)k * all);
    }
    if (status == MIEN_OK) {
        *has = mien_noise_ceiling_of(columns, columns + all, columns + 2 * all,
                   (int64_t)all, ceiling) == MIEN_OK;
    }
    mien_free(columns);
    return status;
}

mien_status mien_results_compute(mien_results *results, const mien_material *material,
    const mien_judgement *judgement, const mien_study *study, mien_pool *pool) {
    const mien_material *m = material;
    mien_bootstrap_options b = {
        .repeats = (int)mien_options_int(study->options, "bootstrap.repeats"),
        .level = mien_options_number(study->options, "bootstrap.level"),
        .seed = (uint64_t)mien_options_int(study->options, "bootstrap.seed")};
    mien_status status = MIEN_OK;
    *results = (mien_results){0};
    for (int t = 0; status == MIEN_OK && t < m->targets; t++) {
        const double *truth = m->rated + t * m->rows;
        const double *predictions[3] = {judgement->prediction + t * m->rows,
            judgement->plain + t * m->rows, judgement->mean + t * m->rows};
        mien_interval *into[3] = {results->target[t].model, results->target[t].plain,
            results->target[t].mean};
        for (int k = 0; status == MIEN_OK && k < 3; k++) {
            for (int i = 0; status == MIEN_OK && i < mien_metric_usual_count(); i++) {
                status = mien_bootstrap(mien_metric_at(i), truth, predictions[k],
                    m->group, m->rows, &b, pool, &into[k][i]);
            }
        }
        if (status == MIEN_OK) {
            status = mien_residual_interval(
                truth, predictions[0], m->rows, results->target[t].interval);
        }
        if (status == MIEN_OK) {
            status = mien_ceiling_of(m->trials, m->target[t],
                &results->target[t].ceiling, &results->target[t].has_ceiling);
        }
    }
    return status;
}

static mien_value *map_of(
    int count, const char *const *keys, mien_value *const *values) {
    mien_value *map = mien_value_new_map();
    bool good = true;
    for (int i = 0; i < count; i++) {
        good = mien_value_set(map, keys[i], values[i]) == MIEN_OK && good;
    }
    if (!good) {
        mien_value_free(&map);
    }
    return map;
}

static mien_value *interval_value(const mien_interval *interval) {
    mien_value *map = mien_value_new_map();
    if (!isfinite(interval->value)) {
        mien_value_free(&map);
        return mien_value_new_null();
    }
    if (mien_value_set(map, "value", mien_value_new_number(interval->value)) !=
            MIEN_OK ||
        mien_value_set(map, "low", mien_value_new_number(interval->low)) != MIEN_OK ||
        mien_value_set(map, "high", mien_value_new_number(interval->high)) != MIEN_OK) {
        mien_value_free(&map);
    }
    return map;
}

static mien_value *metric_value(const mien_results *r, int t, int i) {
    const mien_metric *metric = mien_metric_at(i);
    const mien_interval *model = &r->target[t].model[i];
    mien_value *map =
        isfinite(model->value) ? interval_value(model) : mien_value_new_map();
    if (mien_value_set(map, "name", mien_value_new_text(metric->name)) != MIEN_OK ||
        mien_value_set(map, "title", mien_value_new_text(metric->title)) != MIEN_OK ||
        mien_value_set(map, "baseline", interval_value(&r->target[t].mean[i])) !=
            MIEN_OK ||
        mien_value_set(map, "plain", interval_value(&r->target[t].plain[i])) !=
            MIEN_OK) {
        mien_value_free(&map);
    }
    return map;
}

static mien_value *ceiling_value(const mien_results *r, int t) {
    if (!r->target[t].has_ceiling) {
        return mien_value_new_null();
    }
    mien_value *map = mien_value_new_map();
    const mien_noise_ceiling *c = &r->target[t].ceiling;
    if (mien_value_set(map, "reliability", mien_value_new_number(c->reliability)) !=
            MIEN_OK ||
        mien_value_set(map, "r", mien_value_new_number(c->r)) != MIEN_OK) {
        mien_value_free(&map);
    }
    return map;
}

/* The candidates of one fit that have weight, and its inner error. */
static mien_value *choice_value(
    const mien_material *m, const mien_choice *choice, int t) {
    mien_value *map = mien_value_new_map(), *list = mien_value_new_list();
    mien_status status = MIEN_OK;
    for (int c = 0; status == MIEN_OK && c < choice->candidates; c++) {
        double weight = choice->weight[c * choice->targets + t];
        if (weight > 0) {
            status = mien_value_add(list,
                map_of(3, (const char *const[]){"candidate", "weight", "lambda"},
                    (mien_value *const[]){mien_value_new_text(m->candidate_name[c]),
                        mien_value_new_number(weight),
                        mien_value_new_number(
                            choice->ridge[c * choice->targets + t].lambda)}));
        }
    }
    mien_status set = mien_value_set(map, "candidates", list);
    if (status != MIEN_OK || set != MIEN_OK ||
        mien_value_set(map, "inner_rmse",
            mien_value_new_number(sqrt(choice->error[t]))) != MIEN_OK) {
        mien_value_free(&map);
    }
    return map;
}

static mien_value *pair_of(double first, double second) {
    mien_value *list = mien_value_new_list();
    if (mien_value_add(list, mien_value_new_number(first)) != MIEN_OK ||
        mien_value_add(list, mien_value_new_number(second)) != MIEN_OK) {
        mien_value_free(&list);
    }
    return list;
}

/* The mean that the baseline answers in each fold; null in one without rows. */
static mien_value *usual_value(const mien_material *m, const mien_judgement *j, int t) {
    mien_value *list = mien_value_new_list();
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < j->folds; k++) {
        int64_t i = 0;
        while (i < m->rows && m->fold[i] != k) {
            i++;
        }
        mien_value *mean = i < m->rows ? mien_value_new_number(j->mean[t * m->rows + i])
                                       : mien_value_new_null();
        status = mien_value_add(list,
            map_of(1, (const char *const[]){"value"}, (mien_value *const[]){mean}));
    }
    if (status != MIEN_OK) {
        mien_value_free(&list);
    }
    return list;
}

static mien_value *target_value(const mien_results *r, const mien_material *m,
    const mien_judgement *j, const mien_choice *final_choice, int t) {
    const mien_trials_target *target = m->target[t];
    mien_value *map = mien_value_new_map(), *metrics = mien_value_new_list();
    mien_value *folds = mien_value_new_list();
    const double *interval = r->target[t].interval;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < mien_metric_usual_count(); i++) {
        status = mien_value_add(metrics, metric_value(r, t, i));
    }
    for (int k = 0; status == MIEN_OK && k < j->folds; k++) {
        status = mien_value_add(folds, choice_value(m, &j->choice[k], t));
    }
    struct {
        const char *key;
        mien_value *value;
    } items[] = {{"name", mien_value_new_text(target->name)},
        {"range", pair_of(target->minimum, target->maximum)},
        {"unit", mien_value_new_text(target->unit)},
        {"construct", mien_value_new_text(target->construct)},
        {"perspective", mien_value_new_text(target->perspective)},
        {"rows", mien_value_new_int(m->rows)}, {"metrics", metrics},
        {"baseline_by_fold", usual_value(m, j, t)}, {"ceiling", ceiling_value(r, t)},
        {"residual_95", pair_of(interval[0], interval[1])},
        {"chosen", choice_value(m, final_choice, t)}, {"chosen_by_fold", folds}};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        mien_status set = mien_value_set(map, items[i].key, items[i].value);
        status = status == MIEN_OK ? set : status;
    }
    if (status != MIEN_OK) {
        mien_value_free(&map);
    }
    return map;
}

static mien_value *notes(const mien_material *m) {
    mien_value *list = mien_value_new_list();
    char text[256];
    if (m->left_out) {
        snprintf(text, sizeof text, "%lld rows without all ratings were left out.",
            (long long)m->left_out);
        if (mien_value_add(list, mien_value_new_text(text)) != MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

/* SHA-256 over what is learnt from (trial, group, picture's file name, ratings), a line
 * a row: the same wherever the data set lies. */
static mien_status rows_hash(const mien_material *m, char hex[65]) {
    mien_string line;
    mien_sha256 *sha = NULL;
    mien_string_init(&line);
    mien_status status = mien_sha256_new(&sha);
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        const char *group = mien_trials_cell(m->trials, m->row[i], "group");
        const char *image = mien_trials_cell(m->trials, m->row[i], "image");
        mien_string_empty(&line);
        mien_string_addf(&line, "%s\t%s\t%s", mien_trials_id(m->trials, m->row[i]),
            group ? group : "n/a", image ? mien_path_base(image) : "n/a");
        for (int t = 0; t < m->targets; t++) {
            char number[32];
            mien_string_addf(
                &line, "\t%s", mien_format_double(m->rated[t * m->rows + i], number));
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

mien_status mien_results_document(const mien_results *results,
    const mien_material *material, const mien_judgement *judgement,
    const mien_choice *final_choice, const mien_study *study, mien_value **document) {
    const mien_material *m = material;
    const mien_options *o = study->options;
    char hash[65];
    mien_status status = rows_hash(m, hash);
    if (status != MIEN_OK) {
        return status;
    }
    mien_value *targets = mien_value_new_list();
    for (int t = 0; status == MIEN_OK && t < m->targets; t++) {
        status = mien_value_add(
            targets, target_value(results, m, judgement, final_choice, t));
    }
    mien_value *trials =
        map_of(5, (const char *const[]){"path", "sha256", "rows", "groups", "stimuli"},
            (mien_value *const[]){mien_value_new_text(mien_path_base(study->trials)),
                mien_value_new_text(hash), mien_value_new_int(m->rows),
                mien_value_new_int(m->groups), mien_value_new_int(m->stimuli)});
    mien_value *model = map_of(3, (const char *const[]){"backbone", "sha256", "layers"},
        (mien_value *const[]){mien_value_new_text(study->backbone->name),
            mien_value_new_text(m->backbone_hash), mien_value_new_text(m->layers)});
    mien_value *folds = map_of(3, (const char *const[]){"k", "by", "seed"},
        (mien_value *const[]){mien_value_new_int(m->folds),
            mien_value_new_text(mien_options_text(o, "folds.by")),
            mien_value_new_int(mien_options_int(o, "folds.seed"))});
    mien_value *bootstrap = map_of(3, (const char *const[]){"repeats", "level", "seed"},
        (mien_value *const[]){
            mien_value_new_int(mien_options_int(o, "bootstrap.repeats")),
            mien_value_new_number(mien_options_number(o, "bootstrap.level")),
            mien_value_new_int(mien_options_int(o, "bootstrap.seed"))});
    mien_value *all = map_of(9,
        (const char *const[]){"version", "study", "created_by", "trials", "model",
            "folds", "bootstrap", "targets", "notes"},
        (mien_value *const[]){mien_value_new_int(1),
            mien_value_new_text(mien_options_text(o, "name")),
            mien_value_new_text("mien " MIEN_VERSION), trials, model, folds, bootstrap,
            targets, notes(m)});
    if (status != MIEN_OK || !all) {
        mien_value_free(&all);
        return status != MIEN_OK ? status : MIEN_ENOMEM;
    }
    *document = all;
    return MIEN_OK;
}

enum { FIXED = 6, COLUMNS_MAX = FIXED + 2 * MIEN_TARGETS_MAX, CELL_MAX = 48 };

mien_status mien_results_write_predictions(
    const mien_material *material, const mien_judgement *judgement, const char *path) {
    const mien_material *m = material;
    const char *names[COLUMNS_MAX] = {
        "trial", "person", "stimulus", "group", "fold", "split"};
    char made[COLUMNS_MAX][CELL_MAX], text[COLUMNS_MAX][CELL_MAX];
    int n = FIXED;
    for (int t = 0; t < m->targets; t++) {
        for (int k = 0; k < 2; k++, n++) {
            snprintf(made[n], CELL_MAX, "%s_%s", m->target[t]->name,
                k ? "prediction" : "truth");
            names[n] = made[n];
        }
    }
    mien_table_writer *writer = NULL;
    mien_status status = mien_table_writer_open(path, MIEN_CSV, n, names, &writer);
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        const char *cells[COLUMNS_MAX] = {mien_trials_id(m->trials, m->row[i])};
        for (int c = 1; c < 4; c++) {
            cells[c] = mien_trials_cell(m->trials, m->row[i], names[c]);
        }
        snprintf(text[4], CELL_MAX, "%d", m->fold[i]);
        cells[4] = text[4];
        cells[5] = "held-out";
        for (int t = 0, c = FIXED; t < m->targets; t++, c += 2) {
            mien_format_double(m->rated[t * m->rows + i], text[c]);
            mien_format_double(judgement->prediction[t * m->rows + i], text[c + 1]);
            cells[c] = text[c];
            cells[c + 1] = text[c + 1];
        }
        status = mien_table_writer_row(writer, cells);
    }
    return mien_folder_rows_close(&writer, status);
}

mien_status mien_results_write_trials(const mien_material *material, const char *path) {
    const mien_material *m = material;
    const mien_table *table = mien_trials_table(m->trials);
    int columns = mien_table_columns(table);
    const char **cells = mien_alloc((size_t)columns + 1, sizeof *cells);
    mien_table_writer *writer = NULL;
    mien_status status = cells ? MIEN_OK : MIEN_ENOMEM;
    for (int c = 0; status == MIEN_OK && c < columns; c++) {
        cells[c] = mien_table_name(table, c);
    }
    if (status == MIEN_OK) {
        cells[columns] = "fold";
        status = mien_table_writer_open(path, MIEN_TSV, columns + 1, cells, &writer);
    }
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        char number[16];
        for (int c = 0; c < columns; c++) {
            cells[c] = mien_table_cell(table, m->row[i], c);
        }
        snprintf(number, sizeof number, "%d", m->fold[i]);
        cells[columns] = number;
        status = mien_table_writer_row(writer, cells);
    }
    mien_free(cells);
    return mien_folder_rows_close(&writer, status);
}
