/* SPDX-License-Identifier: MIT */
/* Random forests and gradient boosting (XGBoost; Chen & Guestrin 2016), whose trees are
 * kept as arrays.
 *
 * A forest is grown as XGBoost grows one: all trees at once (num_parallel_tree), each
 * on a draw of rows without replacement, each split on a draw of columns, leaves one
 * Newton step from the mean (of numbers: the mean of the leaf's rows where l2 is 0). */
#include <math.h>
#include <stdio.h>

#include "train/trainers/booster.h"
#include "train/document.h"

const char *const mien_trees_keys[MIEN_TREES_SETTINGS] = {[MIEN_TREES_COUNT] = "count",
    [MIEN_TREES_DEPTH] = "depth",
    [MIEN_TREES_RATE] = "rate",
    [MIEN_TREES_L1] = "l1",
    [MIEN_TREES_L2] = "l2",
    [MIEN_TREES_GAIN] = "gain",
    [MIEN_TREES_LEAF] = "leaf",
    [MIEN_TREES_ROWS] = "rows",
    [MIEN_TREES_COLUMNS] = "columns"};

/* The defaults where a study lists nothing: of boosted trees, of a forest. */
static const double own[2][MIEN_TREES_SETTINGS] = {
    {100, 6, 0.1, 0, 1, 0, 1, 1, 1},
    {300, 0, 1, 0, 0, 0, 0, 0.632, 0},
};

int64_t mien_trees_candidates(const mien_heads_fitted *heads) {
    int64_t count = heads->kinds;
    for (int s = 0; s < MIEN_TREES_SETTINGS; s++) {
        count *= heads->trees_count[s] ? heads->trees_count[s] : 1;
    }
    return count;
}

bool mien_trees_candidate(
    const mien_heads_fitted *heads, int candidate, double value[MIEN_TREES_SETTINGS]) {
    int at[MIEN_TREES_SETTINGS];
    for (int s = MIEN_TREES_SETTINGS - 1; s >= 0; s--) {
        int count = heads->trees_count[s] ? heads->trees_count[s] : 1;
        at[s] = candidate % count;
        candidate /= count;
    }
    bool forest = heads->forest[candidate];
    for (int s = 0; s < MIEN_TREES_SETTINGS; s++) {
        value[s] = heads->trees_count[s] ? heads->trees[s][at[s]] : own[forest][s];
    }
    return forest;
}

/* A candidate's settings in XGBoost's words. */
enum { SETS = 9, TEXT = 32, EXACT_ROWS_MAX = 16384 };
typedef struct settings {
    char text[SETS][TEXT];
    const char *set[SETS][2];
    int count;
} settings;

static void set(settings *s, const char *key, double value) {
    snprintf(s->text[s->count], TEXT, "%.17g", value);
    s->set[s->count][0] = key;
    s->set[s->count][1] = s->text[s->count];
    s->count++;
}

/* Every cut between two values is tried, or of many rows one of 256. */
static void set_all(
    settings *s, const double *value, bool forest, const mien_lesson *l) {
    double width = (double)l->width;
    double columns = value[MIEN_TREES_COLUMNS];
    columns = columns > 0 ? columns : sqrt(width) / width;
    s->count = 0;
    double depth = value[MIEN_TREES_DEPTH];
    set(s, "max_depth", depth > 0 ? depth : MIEN_TREES_DEPTH_MAX);
    set(s, "eta", value[MIEN_TREES_RATE]);
    set(s, "alpha", value[MIEN_TREES_L1]);
    set(s, "lambda", value[MIEN_TREES_L2]);
    set(s, "gamma", value[MIEN_TREES_GAIN]);
    set(s, "min_child_weight", value[MIEN_TREES_LEAF]);
    set(s, "subsample", value[MIEN_TREES_ROWS]);
    set(s, forest ? "colsample_bynode" : "colsample_bytree", columns);
    s->set[s->count][0] = "tree_method";
    s->set[s->count++][1] = l->rows <= EXACT_ROWS_MAX ? "exact" : "hist";
}

/* Numbers begin with their mean, classes with none preferred. */
static double base_of(const mien_lesson *l) {
    double sum = 0, weight = 0;
    for (int64_t i = 0; !l->classes && i < l->rows; i++) {
        sum += l->weight[i] * l->value[i];
        weight += l->weight[i];
    }
    return weight > 0 ? (double)(float)(sum / weight) : 0;
}

static mien_status fit(const mien_lesson *lesson, const mien_study *study,
    int candidate, mien_learned *learned) {
    const mien_lesson *l = lesson;
    double value[MIEN_TREES_SETTINGS];
    bool forest = mien_trees_candidate(&study->heads, candidate, value);
    settings s;
    set_all(&s, value, forest, l);
    float *label = mien_alloc((size_t)l->rows, sizeof *label);
    float *weight = mien_alloc((size_t)l->rows, sizeof *weight);
    int64_t outputs = l->classes ? l->classes : 1;
    *learned = (mien_learned){.width = l->width,
        .outputs = outputs,
        .bias = mien_alloc((size_t)outputs, sizeof(double))};
    mien_status status = label && weight && learned->bias ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < l->rows; i++) {
        label[i] = l->classes ? (float)l->label[i] : (float)l->value[i];
        weight[i] = (float)l->weight[i];
    }
    if (status == MIEN_OK) {
        const mien_booster_setup setup = {.rows = l->rows,
            .width = l->width,
            .x = l->x,
            .label = label,
            .weight = weight,
            .classes = l->classes,
            .base = base_of(l),
            .forest = forest,
            .trees = (int)value[MIEN_TREES_COUNT],
            .seed = l->seed,
            .set = (const char *const(*)[2])s.set,
            .sets = s.count};
        learned->bias[0] = setup.base;
        status = mien_booster_grow(&setup, &learned->forest, NULL);
    }
    mien_free(weight);
    mien_free(label);
    return status;
}

static mien_status check(const mien_study *study) {
    mien_status status = mien_booster_check();
    return status == MIEN_OK ? status
                             : mien_fail_in(status, "%s: method: trees", study->path);
}

static int candidates(const mien_study *study) {
    return (int)mien_trees_candidates(&study->heads);
}

static void tell(
    const mien_study *study, int candidate, mien_value *map, mien_status *status) {
    double value[MIEN_TREES_SETTINGS];
    bool forest = mien_trees_candidate(&study->heads, candidate, value);
    mien_document_text(map, "kind", forest ? "forest" : "boosted", status);
    for (int s = 0; s < MIEN_TREES_SETTINGS; s++) {
        mien_document_put(
            map, mien_trees_keys[s], mien_value_new_number(value[s]), status);
    }
}

const mien_learner mien_learner_trees = {
    .head = "trees",
    .stand_in = "linear",
    .check = check,
    .candidates = candidates,
    .fit = fit,
    .tell = tell,
};
