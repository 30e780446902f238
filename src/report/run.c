/* SPDX-License-Identifier: MIT */
/* Reads a run folder: results.json and predictions.csv as train writes them. */
#include "report/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Limits: 64 columns, a study of 1 MiB, and those of tables and documents in io. */
enum { STUDY_MAX = 1 << 20 };

mien_interval mien_run_interval(const mien_value *value) {
    return (mien_interval){
        .value = mien_value_number(mien_value_get(value, "value"), NAN),
        .low = mien_value_number(mien_value_get(value, "low"), NAN),
        .high = mien_value_number(mien_value_get(value, "high"), NAN)};
}

const char *mien_run_learner(const mien_run *run) {
    static const char *const words[][2] = {{"network", "network"},
        {"logistic", "logistic regression"}, {"trees", "ensemble of trees"},
        {"ridge", "ridge regression"}};
    const char *method = mien_value_text(mien_value_get(run->results, "method"));
    for (size_t i = 0; method && i < sizeof words / sizeof *words; i++) {
        if (strcmp(method, words[i][0]) == 0) {
            return words[i][1];
        }
    }
    return "read-out";
}

const char *mien_run_cell(const mien_run *run, int64_t row, const char *column) {
    const char *text = mien_table_cell(
        run->predictions, row, mien_table_column(run->predictions, column));
    return text ? text : "";
}

const mien_run_metric *mien_run_metric_find(
    const mien_run_target *target, const char *name) {
    for (int i = 0; i < target->metrics; i++) {
        if (strcmp(target->metric[i].name, name) == 0) {
            return &target->metric[i];
        }
    }
    return NULL;
}

static const char *text_of(const mien_value *map, const char *key) {
    const char *text = mien_value_text(mien_value_get(map, key));
    return text ? text : "";
}

static mien_status lacks(const mien_value *value, const char *what) {
    return mien_fail(MIEN_EFORMAT, "%s:%d: %s", mien_value_file(value),
        mien_value_line(value), what);
}

static mien_status read_metrics(const mien_value *list, mien_run_target *target) {
    int64_t count = mien_value_count(list);
    if (count > MIEN_RUN_METRICS_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s:%d: more than %d metrics",
            mien_value_file(list), mien_value_line(list), MIEN_RUN_METRICS_MAX);
    }
    for (int64_t i = 0; i < count; i++) {
        const mien_value *map = mien_value_at(list, i);
        mien_run_metric *m = &target->metric[i];
        *m = (mien_run_metric){.name = text_of(map, "name"),
            .title = text_of(map, "title"),
            .model = mien_run_interval(map),
            .plain = mien_run_interval(mien_value_get(map, "plain")),
            .baseline = mien_run_interval(mien_value_get(map, "baseline")),
            .spread = mien_value_number(mien_value_get(map, "sd"), NAN),
            .ensemble = mien_run_interval(mien_value_get(map, "ensemble"))};
        if (!*m->name) {
            return lacks(map ? map : list, "a metric without a name");
        }
        m->title = *m->title ? m->title : m->name;
    }
    target->metrics = (int)count;
    return MIEN_OK;
}

static mien_status read_target(const mien_value *map, mien_run_target *target) {
    const mien_value *range = mien_value_get(map, "range");
    const mien_value *ceiling = mien_value_get(map, "ceiling");
    *target = (mien_run_target){.name = text_of(map, "name"),
        .unit = text_of(map, "unit"),
        .construct = text_of(map, "construct"),
        .perspective = text_of(map, "perspective"),
        .minimum = mien_value_number(mien_value_at(range, 0), NAN),
        .maximum = mien_value_number(mien_value_at(range, 1), NAN),
        .ceiling = mien_value_number(mien_value_get(ceiling, "r"), NAN),
        .reliability = mien_value_number(mien_value_get(ceiling, "reliability"), NAN),
        .value = map};
    target->classes = (int)mien_value_count(mien_value_get(map, "classes"));
    if (!*target->name) {
        return lacks(map, "a target without a name");
    }
    return read_metrics(mien_value_get(map, "metrics"), target);
}

static mien_status read_results(mien_run *run) {
    const mien_value *targets = mien_value_get(run->results, "targets");
    if (mien_value_int(mien_value_get(run->results, "version"), 0) != 1) {
        return lacks(run->results, "results of a version other than 1");
    }
    if (mien_value_kind_of(targets) != MIEN_VALUE_LIST ||
        mien_value_count(targets) < 1) {
        return lacks(run->results, "results without targets");
    }
    if (mien_value_count(targets) > MIEN_RUN_TARGETS_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: more than %d targets",
            mien_value_file(run->results), MIEN_RUN_TARGETS_MAX);
    }
    run->name = text_of(run->results, "study");
    run->name = *run->name ? run->name : mien_path_base(run->path);
    for (int64_t i = 0; i < mien_value_count(targets); i++) {
        mien_status status = read_target(mien_value_at(targets, i), &run->target[i]);
        if (status != MIEN_OK) {
            return status;
        }
        run->targets = (int)i + 1;
    }
    return MIEN_OK;
}

static mien_status read_column(const mien_run *run, const mien_run_target *target,
    const char *part, double **values) {
    char name[256];
    snprintf(name, sizeof name, "%s_%s", target->name, part);
    int column = mien_table_column(run->predictions, name);
    if (column < 0) {
        return mien_fail(MIEN_EFORMAT, "%s: there is no column %s",
            mien_table_file(run->predictions), name);
    }
    *values = mien_alloc((size_t)run->rows, sizeof **values);
    mien_status status = *values ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < run->rows; i++) {
        (*values)[i] = target->classes ? (double)NAN : 0;
        for (int64_t k = 0; status == MIEN_OK && k < run->seeds; k++) {
            double one = NAN;
            if (!target->classes) {
                status = mien_table_number(
                    run->predictions, k * run->rows + i, column, &one);
            }
            (*values)[i] += one;
        }
        (*values)[i] /= (double)run->seeds;
    }
    return status;
}

static mien_status read_predictions(mien_run *run) {
    mien_status status = mien_run_seeds(run->predictions, &run->seeds);
    if (status != MIEN_OK) {
        return status;
    }
    run->rows = mien_table_rows(run->predictions) / run->seeds;
    for (int t = 0; status == MIEN_OK && t < run->targets; t++) {
        mien_run_target *target = &run->target[t];
        status = read_column(run, target, "truth", &target->truth);
        if (status == MIEN_OK) {
            status = read_column(run, target, "prediction", &target->prediction);
        }
    }
    return status;
}

mien_status mien_run_open(mien_run *run, const char *path) {
    memset(run, 0, sizeof *run);
    run->path = path;
    char *results = mien_path_join(path, "results.json");
    char *predictions = mien_path_join(path, "predictions.csv");
    char *study = mien_path_join(path, "study.yaml");
    size_t bytes = 0;
    mien_status status = results && predictions && study ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_value_read(results, &run->results);
    }
    if (status == MIEN_OK) {
        status = read_results(run);
    }
    if (status == MIEN_OK) {
        status = mien_table_read(predictions, NULL, &run->predictions);
    }
    if (status == MIEN_OK) {
        status = read_predictions(run);
    }
    if (status == MIEN_OK && mien_file_exists(study)) {
        status = mien_file_read(study, STUDY_MAX, &run->study, &bytes);
    }
    mien_free(study);
    mien_free(predictions);
    mien_free(results);
    if (status != MIEN_OK) {
        mien_run_close(run);
    }
    return status;
}

void mien_run_close(mien_run *run) {
    for (int t = 0; t < MIEN_RUN_TARGETS_MAX; t++) {
        mien_free(run->target[t].truth);
        mien_free(run->target[t].prediction);
    }
    mien_free(run->study);
    mien_table_free(&run->predictions);
    mien_value_free(&run->results);
    memset(run, 0, sizeof *run);
}
