/* SPDX-License-Identifier: MIT */
/* From the keys of a study to the candidates of a head that is fitted at once. Called
 * by study_take.c for trainers with a learner. */
#include <stdio.h>
#include <string.h>

#include "train/study/study.h"
#include "train/trainers/trainer.h"

static const struct {
    const char *name;
    mien_inner_score score;
} scores[] = {{"loss", MIEN_INNER_LOSS}, {"accuracy", MIEN_INNER_ACCURACY},
    {"balanced", MIEN_INNER_BALANCED}, {"auc", MIEN_INNER_AUC}};

static mien_status bad(const mien_study *s, const char *key, const char *allowed) {
    char where[MIEN_STUDY_WHERE_MAX];
    return mien_fail(
        MIEN_EFORMAT, "%s: %s: %s", mien_study_where(s, key, where), key, allowed);
}

/* The learners that method best chooses among. */
mien_status mien_recipe_best(mien_study *study) {
    mien_study *s = study;
    mien_heads_fitted *h = &s->heads;
    char *items[MIEN_BEST_MAX] = {0};
    int count = 0;
    mien_status status = mien_study_items(s, "best.of", items, MIEN_BEST_MAX, &count);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        const mien_trainer *t = mien_trainer_of(items[i]);
        bool fits = t && t->learner && t->learner != &mien_learner_best;
        status =
            fits ? MIEN_OK : bad(s, "best.of", "logistic, trees and ridge are allowed");
        if (fits) {
            h->of[i] = t->learner;
            h->of_name[i] = t->method;
            h->of_count = i + 1;
        }
    }
    for (int i = 0; i < count; i++) {
        mien_free(items[i]);
    }
    return status == MIEN_OK && count == 0
               ? bad(s, "best.of", "at least one is wanted: logistic, trees, ridge")
               : status;
}

static mien_status take_c(mien_study *s) {
    mien_heads_fitted *h = &s->heads;
    mien_status status = mien_study_numbers(
        s, "logistic.cost", 1e-12, 1e12, false, h->c, MIEN_FITTED_C_MAX, &h->c_count);
    return status == MIEN_OK && h->c_count == 0
               ? bad(s, "logistic.cost", "at least one is wanted")
               : status;
}

static mien_status take_lambdas(mien_study *s) {
    mien_status status = mien_study_numbers(s, "ridge.lambda", 1e-12, 1e12, false,
        s->lambdas, MIEN_STUDY_LAMBDAS_MAX, &s->lambdas_count);
    return status == MIEN_OK && s->lambdas_count == 0
               ? bad(s, "ridge.lambda", "at least one is wanted")
               : status;
}

static mien_status take_kinds(mien_study *s) {
    mien_heads_fitted *h = &s->heads;
    char *items[2] = {0};
    int count = 0;
    mien_status status = mien_study_items(s, "trees.kind", items, 2, &count);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        h->forest[i] = strcmp(items[i], "forest") == 0;
        status = h->forest[i] || strcmp(items[i], "boosted") == 0
                     ? MIEN_OK
                     : bad(s, "trees.kind", "forest and boosted are allowed");
    }
    h->kinds = count;
    for (int i = 0; i < 2; i++) {
        mien_free(items[i]);
    }
    return status == MIEN_OK && count == 0
               ? bad(s, "trees.kind", "at least one is wanted: forest, boosted")
               : status;
}

/* The range of each setting, and whether it is whole. */
static const struct {
    double low, high;
    bool whole;
} ranges[MIEN_TREES_SETTINGS] = {[MIEN_TREES_COUNT] = {1, 100000, true},
    [MIEN_TREES_DEPTH] = {0, MIEN_TREES_DEPTH_MAX, true},
    [MIEN_TREES_RATE] = {1e-6, 1, false},
    [MIEN_TREES_L1] = {0, 1e9, false},
    [MIEN_TREES_L2] = {0, 1e9, false},
    [MIEN_TREES_GAIN] = {0, 1e9, false},
    [MIEN_TREES_LEAF] = {0, 1e9, false},
    [MIEN_TREES_ROWS] = {1e-3, 1, false},
    [MIEN_TREES_COLUMNS] = {0, 1, false}};

static mien_status take_trees(mien_study *s) {
    mien_heads_fitted *h = &s->heads;
    mien_status status = take_kinds(s);
    for (int i = 0; status == MIEN_OK && i < MIEN_TREES_SETTINGS; i++) {
        char key[64];
        snprintf(key, sizeof key, "trees.%s", mien_trees_keys[i]);
        status = mien_study_numbers(s, key, ranges[i].low, ranges[i].high,
            ranges[i].whole, h->trees[i], MIEN_TREES_VALUES_MAX, &h->trees_count[i]);
    }
    return status == MIEN_OK && mien_trees_candidates(h) > MIEN_CANDIDATES_MAX
               ? bad(s, "trees.kind", "more than 4096 combinations of what is listed")
               : status;
}

static mien_status take_score(mien_study *s) {
    const char *name = mien_options_text(s->options, "inner.score");
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
        if (strcmp(name, scores[i].name) == 0) {
            s->heads.score = scores[i].score;
        }
    }
    return MIEN_OK;
}

/* The words that the study has for all that is weighed by classes. */
static mien_status take_weights(mien_study *s) {
    mien_recipe *r = &s->recipe;
    bool given =
        strcmp(mien_options_text(s->options, "class-weights.rule"), "given") == 0;
    mien_status status = mien_study_numbers(s, "class-weights.values", 0, 1e6, false,
        r->class_weight, MIEN_CLASSES_MAX, &r->class_weights);
    if (status == MIEN_OK && given != (r->class_weights > 0)) {
        status = bad(s, "class-weights.values",
            given ? "the rule given needs a weight for each class"
                  : "they are only used by class-weights.rule: given");
    }
    return status;
}

mien_status mien_recipe_heads(mien_study *study) {
    mien_study *s = study;
    mien_status status = mien_study_items(s, "train.what", s->recipe.what,
        MIEN_RECIPE_PATTERNS_MAX, &s->recipe.what_count);
    if (status == MIEN_OK) {
        status = take_c(s);
    }
    if (status == MIEN_OK && mien_study_learns(s, &mien_learner_ridge)) {
        status = take_lambdas(s);
    }
    if (status == MIEN_OK) {
        status = take_trees(s);
    }
    if (status == MIEN_OK) {
        status = take_score(s);
    }
    return status == MIEN_OK ? take_weights(s) : status;
}
