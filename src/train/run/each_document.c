/* SPDX-License-Identifier: MIT */
/* The part `training` of the model file of one person, where a study trains a model for
 * each.
 *
 * In comes results.json of the run, which holds the fits of all; out goes a map with
 * the same keys that holds those of one. Written whole into every model it would grow
 * with the square of their number. study_run_write.c calls this. */
#include "train/run/each_document.h"

#include <string.h>

#include "train/document.h"

static void put_copy(
    mien_value *to, const char *key, const mien_value *from, mien_status *status) {
    mien_value *copy = NULL;
    mien_status copied = from ? mien_value_copy(from, &copy) : MIEN_OK;
    *status = *status == MIEN_OK ? copied : *status;
    if (copy) {
        mien_document_put(to, key, copy, status);
    }
}

static void add_copy(mien_value *list, const mien_value *from, mien_status *status) {
    mien_value *copy = NULL;
    mien_status copied = from ? mien_value_copy(from, &copy) : MIEN_OK;
    *status = *status == MIEN_OK ? copied : *status;
    if (copy) {
        mien_document_add(list, copy, status);
    }
}

/* The items of a list that has one a fold, fold after fold and seed after seed. */
static void put_by_fold(const mien_study_run *c, mien_value *to, const char *key,
    const mien_value *from, int64_t each, mien_status *status) {
    const mien_dataset *d = &c->dataset;
    const mien_value *all = mien_value_get(from, key);
    mien_value *list = all ? mien_value_new_list() : NULL;
    for (int64_t first = 0; list && first < mien_value_count(all); first += d->folds) {
        for (int k = d->each_first[each]; k < d->each_first[each + 1]; k++) {
            add_copy(list, mien_value_at(all, first + k), status);
        }
    }
    if (list) {
        mien_document_put(to, key, list, status);
    }
}

static mien_value *targets_of(
    const mien_study_run *c, const mien_value *all, int64_t each, mien_status *status) {
    static const char *const kept[] = {
        "name", "construct", "perspective", "range", "unit", "classes", "residual_95"};
    const mien_value *from = mien_value_get(all, "targets");
    const mien_study_run_job *job = &c->job[c->dataset.folds + each];
    mien_value *list = mien_value_new_list();
    for (int t = 0; t < c->dataset.targets; t++) {
        const mien_value *target = mien_value_at(from, t);
        mien_value *map = mien_value_new_map();
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
            put_copy(map, kept[i], mien_value_get(target, kept[i]), status);
        }
        put_by_fold(c, map, "baseline_by_fold", target, each, status);
        put_copy(map, "chosen", job->chosen[t], status);
        put_by_fold(c, map, "chosen_by_fold", target, each, status);
        mien_document_add(list, map, status);
    }
    return list;
}

/* Its folds, then the model on all of its rows, with each seed. */
static mien_value *fits_of(
    const mien_study_run *c, const mien_value *all, int64_t each, mien_status *status) {
    const mien_value *from = mien_value_get(all, "fits");
    const mien_dataset *d = &c->dataset;
    int fits = mien_study_run_fits(c);
    mien_value *list = mien_value_new_list();
    for (int seed = 0; seed < c->seeds; seed++) {
        for (int k = d->each_first[each]; k < d->each_first[each + 1]; k++) {
            add_copy(list, mien_value_at(from, seed * fits + k), status);
        }
        add_copy(list, mien_value_at(from, seed * fits + d->folds + each), status);
    }
    return list;
}

/* How its rows were assigned; the names of groups held out are left out. */
static mien_value *folds_of(
    const mien_study_run *c, const mien_value *all, int64_t each, mien_status *status) {
    const mien_value *from = mien_value_get(all, "folds");
    const mien_dataset *d = &c->dataset;
    mien_value *map = mien_value_new_map();
    mien_document_int(map, "k", d->each_first[each + 1] - d->each_first[each], status);
    for (int64_t i = 0; i < mien_value_count(from); i++) {
        const char *key = mien_value_key(from, i);
        if (strcmp(key, "k") != 0 && strcmp(key, "names") != 0) {
            put_copy(map, key, mien_value_item(from, i), status);
        }
    }
    return map;
}

mien_status mien_each_document(const mien_study_run *run, const mien_value *all,
    const mien_value *figures, int64_t each, mien_value **document) {
    static const char *const before[] = {
        "version", "study", "created_by", "method", "trials"};
    const mien_study_run *c = run;
    mien_value *map = mien_value_new_map(), *model = NULL, *own = mien_value_new_map();
    mien_status status = MIEN_OK;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        put_copy(map, before[i], mien_value_get(all, before[i]), &status);
    }
    mien_status copied = mien_value_copy(mien_value_get(all, "model"), &model);
    status = status == MIEN_OK ? copied : status;
    if (model) {
        mien_document_text(model, "of", c->job[c->dataset.folds + each].name, &status);
        mien_document_put(map, "model", model, &status);
    }
    mien_document_put(map, "folds", folds_of(c, all, each, &status), &status);
    put_copy(map, "seeds", mien_value_get(all, "seeds"), &status);
    put_copy(map, "bootstrap", mien_value_get(all, "bootstrap"), &status);
    mien_document_put(map, "targets", targets_of(c, all, each, &status), &status);
    mien_document_put(map, "fits", fits_of(c, all, each, &status), &status);
    mien_document_text(
        own, "by", mien_options_text(c->study->options, "each"), &status);
    mien_document_text(own, "name", c->dataset.each_name[each], &status);
    put_copy(own, "figures", figures, &status);
    mien_document_put(map, "each", own, &status);
    if (status != MIEN_OK) {
        mien_value_free(&map);
        return status;
    }
    *document = map;
    return MIEN_OK;
}
