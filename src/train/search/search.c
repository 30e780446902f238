/* SPDX-License-Identifier: MIT */
/* Begins a search or takes one up.
 *
 * In come a study's file, what is set beside it and what is searched; out comes a run
 * folder in which points.sqlite has every point that was judged. search.json says what
 * the search was begun with, given.yaml is the study's own text: with both, and the
 * table and weights as they were, it goes on where it stopped. cmd_search.c and
 * mien_resume() call this. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/need.h"
#include "base/ranks.h"
#include "mien/train.h"
#include "train/document.h"
#include "train/run/folder.h"
#include "train/run/study_run_record.h"
#include "train/search/nested.h"
#include "train/search/search.h"

enum { SEARCH_VERSION = 1, GIVEN_MAX = 1 << 20 };

static void clear(mien_search *s) {
    mien_search_take_back(&s->model);
    mien_study_run_clear(&s->model);
    mien_study_close(&s->model_study);
    for (int k = 0; s->of && k < s->searches; k++) {
        for (int64_t n = 0; s->of[k].kept && n < s->of[k].points; n++) {
            mien_free(s->of[k].kept[n].failure);
        }
        mien_free(s->of[k].kept);
        mien_study_run_job_clear(&s->of[k].job);
    }
    mien_free(s->of);
    mien_search_shared_clear(s);
    mien_database_close(&s->database);
    mien_free(s->predictions);
    mien_free(s->unsmoothed);
    mien_free(s->plain);
    mien_study_run_clear(&s->root);
    mien_study_close(&s->study);
    for (int i = 0; i < s->sets; i++) {
        mien_free(s->set[i]);
    }
    mien_free(s->given);
}

static mien_status add_set(mien_search *s, const char *text) {
    if (s->sets == MIEN_SEARCH_SETS_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "more than %d keys are set", MIEN_SEARCH_SETS_MAX);
    }
    s->set[s->sets] = mien_strdup(text);
    return s->set[s->sets++] ? MIEN_OK : MIEN_ENOMEM;
}

/* ---- what can be searched -------------------------------------------------------- */

/* Keys that say what is judged, not how it is learnt. */
static const char *refused(const char *key) {
    static const char *const judged[] = {"trials", "targets", "classes",
        "missing-targets", "folds", "each", "each-models", "seeds", NULL};
    static const char *const about[] = {"name", "search", "model.licence",
        "model.citation", "model.golden", "checkpoint", "cache", "bootstrap",
        "intervals", "permutations", "permutation", "audit", "calibration", NULL};
    for (int i = 0; judged[i]; i++) {
        size_t length = strlen(judged[i]);
        if (strncmp(key, judged[i], length) == 0 &&
            (key[length] == 0 || key[length] == '.')) {
            return "says what is judged, not how it is learnt";
        }
    }
    for (int i = 0; about[i]; i++) {
        size_t length = strlen(about[i]);
        if (strncmp(key, about[i], length) == 0 &&
            (key[length] == 0 || key[length] == '.')) {
            return "changes nothing that is learnt";
        }
    }
    return NULL;
}

/* An axis at a place, with the axes that it hangs on such that it counts, and the first
 * values of those that then count because of them. */
static void example(const mien_space *space, int axis, double place, double *at) {
    for (int a = 0; a < space->axes; a++) {
        at[a] = (double)NAN;
    }
    const mien_axis *own = &space->axis[axis];
    at[axis] = own->values ? place : mien_axis_value(own, place);
    for (int a = axis; space->axis[a].when >= 0; a = space->axis[a].when) {
        const mien_axis *x = &space->axis[a];
        int value = 0;
        while (!(x->among >> value & 1)) {
            value++;
        }
        at[x->when] = value;
    }
    for (int a = 0; a < space->axes; a++) {
        const mien_axis *x = &space->axis[a];
        if (x->when >= 0 && isnan(at[a]) && mien_space_active(space, a, at)) {
            at[a] = x->values ? 0 : mien_axis_value(x, 0);
        }
    }
}

/* Every value of a list and both ends of a range make a study. */
static mien_status try_axis(const mien_search *s, int axis) {
    const mien_axis *x = &s->space->axis[axis];
    const char *why = refused(x->key);
    double at[MIEN_AXES_MAX];
    if (why) {
        return mien_fail(
            MIEN_EFORMAT, "search.over: %s is not searched: it %s", x->key, why);
    }
    mien_status status = MIEN_OK;
    for (int v = 0; status == MIEN_OK && v < (x->values ? x->values : 2); v++) {
        mien_study *study = NULL;
        example(s->space, axis, v, at);
        status = mien_search_study(s, at, NULL, 0, &study);
        mien_study_close(&study);
    }
    return status == MIEN_OK || status == MIEN_ENOMEM
               ? status
               : mien_fail_in(MIEN_EFORMAT, "search.over: %s", x->key);
}

static mien_status check_study(const mien_search *s) {
    const mien_study *study = s->study;
    const mien_dataset *d = &s->root.dataset;
    const char *what = study->trainer->whole ? "method: person"
                       : d->each             ? "each"
                       : d->cell             ? "folds.rule: crossed"
                       : mien_study_run_assignments(&s->root) > 1 ? "folds.repeats"
                       : mien_study_run_permutations(&s->root)    ? "permutations"
                                                                  : NULL;
    if (what) {
        return mien_fail(MIEN_EFORMAT,
            "%s: %s does not go together with a search so far", study->path, what);
    }
    if (s->space->axes == 0) {
        return mien_fail(MIEN_EINVAL,
            "%s: nothing is searched: name keys in its section search.over, or with "
            "--over KEY=WHAT (--over optimiser.rate='1e-5..1e-2 log')",
            study->path);
    }
    return mien_search_score_check(s);
}

/* ---- opening --------------------------------------------------------------------- */

static mien_status open_study(mien_search *s, const char *const *over, int overs) {
    mien_status status =
        mien_study_open(s->given, (const char *const *)s->set, s->sets, &s->study);
    for (int i = 0; status == MIEN_OK && i < overs; i++) {
        status = mien_space_add_text(s->study->space, over[i]);
    }
    if (status != MIEN_OK) {
        return status;
    }
    s->space = s->study->space;
    s->root.study = s->study;
    s->root.options = &s->options;
    s->root.weights = mien_study_run_weights(s->study, s->options.weights);
    if (s->study->trainer->whole) {
        return check_study(s);
    }
    status = mien_dataset_take(&s->root.dataset, s->study);
    status = status ? status : check_study(s);
    for (int a = 0; status == MIEN_OK && a < s->space->axes; a++) {
        status = try_axis(s, a);
    }
    status = status ? status : mien_train_check(s->study, &s->options);
    status = status ? status : mien_study_run_seeds(&s->root);
    return status ? status : mien_study_run_hash_weights(&s->root);
}

/* What is frozen is computed by the threads that the search began with. */
static mien_status go(mien_search *s) {
    s->silent = s->options;
    s->silent.progress = NULL;
    char *path = mien_path_join(s->folder, "log.jsonl");
    bool root = mien_study_run_is_root(&s->root);
    mien_status status = !path  ? MIEN_ENOMEM
                         : root ? mien_folder_sweep(s->folder)
                                : MIEN_OK;
    if (status == MIEN_OK) {
        status = root ? mien_training_log_open(path, &s->root.log_of_training)
                      : mien_training_log_open_far(
                            mien_ranks_here(), &s->root.log_of_training);
    }
    if (status == MIEN_OK && root) {
        status = mien_training_log_note(
            s->root.log_of_training, s->root.resumed ? "resumed" : "begun");
    }
    if (status == MIEN_OK) {
        status = mien_lock_new(&s->root.lock);
    }
    if (status == MIEN_OK) {
        status = mien_thread_pool_new(s->root.threads, &s->root.pool);
    }
    if (status == MIEN_OK) {
        status = mien_search_nested(s);
    }
    mien_free(path);
    if (status == MIEN_EINTERRUPTED) {
        return mien_fail(status,
            "interrupted; `mien resume %s` goes on: every point that was judged is "
            "kept",
            s->folder);
    }
    return status == MIEN_EIO
               ? mien_fail(status,
                     "%s; when that is mended, `mien resume %s` goes on: every point "
                     "that was judged is kept",
                     mien_error(), s->folder)
               : status;
}

/* ---- search.json ----------------------------------------------------------------- */

static mien_value *texts_of(const char *const *texts, int count, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int i = 0; i < count; i++) {
        mien_document_add(list, mien_value_new_text(texts[i]), status);
    }
    return list;
}

static mien_status write_record(
    const mien_search *s, const char *const *over, int overs, const char *path) {
    mien_status status = MIEN_OK;
    mien_value *map = mien_value_new_map();
    char whole[PATH_MAX];
    const char *weights = s->options.weights;
    bool file = weights && strcmp(weights, "random") != 0;
    mien_document_int(map, "version", SEARCH_VERSION, &status);
    mien_document_text(map, "created_by", "mien " MIEN_VERSION, &status);
    mien_document_put(
        map, "set", texts_of((const char *const *)s->set, s->sets, &status), &status);
    mien_document_put(map, "over", texts_of(over, overs, &status), &status);
    mien_document_text(map, "given_sha256", s->root.study_hash, &status);
    mien_document_text(map, "trials_sha256", s->root.dataset.hash, &status);
    mien_document_text(map, "weights_sha256", s->root.weights_hash, &status);
    mien_document_text(map, "weights",
        file && realpath(weights, whole) ? whole
        : weights                        ? weights
                                         : "",
        &status);
    mien_document_put(map, "exact", mien_value_new_bool(s->root.exact), &status);
    mien_document_int(map, "threads", s->root.threads, &status);
    status = status ? status : mien_folder_document(map, path);
    mien_value_free(&map);
    return status;
}

/* A key that names files is set anew, to where they are from anywhere. */
static mien_status set_paths(mien_search *s) {
    char whole[PATH_MAX];
    mien_string text;
    mien_string_init(&text);
    mien_status status = MIEN_OK;
    if (!realpath(s->study->trials, whole)) {
        status = mien_fail(MIEN_EIO, "%s: it has gone", s->study->trials);
    }
    if (status == MIEN_OK) {
        mien_string_addf(&text, "trials=%s", whole);
        status = mien_string_status(&text);
        status = status ? status : add_set(s, text.text);
    }
    const mien_recipe *r = &s->study->recipe;
    mien_string_clear(&text);
    mien_string_init(&text);
    for (int i = 0; status == MIEN_OK && i < r->loads; i++) {
        char *path = mien_path_join(s->study->folder, r->load[i].value);
        status = !path ? MIEN_ENOMEM
                 : !realpath(path, whole)
                     ? mien_fail(MIEN_EIO, "%s: it has gone", path)
                     : mien_string_addf(&text, "%s%s = %s",
                           i ? ";" : "train.load=", r->load[i].pattern, whole);
        mien_free(path);
    }
    if (status == MIEN_OK && r->loads) {
        status = add_set(s, text.text);
    }
    mien_string_clear(&text);
    return status;
}

static mien_status write_beginning(
    mien_search *s, const char *path, const char *const *over, int overs) {
    char *study = mien_path_join(s->folder, "study.yaml"),
         *trials = mien_path_join(s->folder, "trials.tsv"),
         *given = mien_path_join(s->folder, "given.yaml"),
         *record = mien_path_join(s->folder, "search.json"), *text = NULL;
    size_t bytes = 0;
    mien_status status = study && trials && given && record ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_folder_study(s->study, study);
    status = status ? status : mien_scores_write_trials(&s->root.dataset, trials);
    status = status ? status : mien_file_read(path, GIVEN_MAX, &text, &bytes);
    status = status ? status : mien_file_write(given, text, bytes);
    status = status ? status : mien_sha256_file(given, s->root.study_hash);
    if (status == MIEN_OK) {
        mien_free(s->given);
        s->given = given;
        given = NULL;
        status = set_paths(s);
    }
    status = status ? status : write_record(s, over, overs, record);
    mien_free(text);
    mien_free(record);
    mien_free(given);
    mien_free(trials);
    mien_free(study);
    return status;
}

/* A rank other than 0 goes by what rank 0 has written into the run folder. */
static mien_status meet(mien_search *s) {
    mien_status status = mien_study_run_meet(&s->root, "given.yaml");
    if (status == MIEN_OK && !mien_study_run_is_root(&s->root) && !s->root.resumed) {
        mien_free(s->given);
        s->given = mien_path_join(s->folder, "given.yaml");
        status = s->given ? set_paths(s) : MIEN_ENOMEM;
    }
    return status;
}

mien_status mien_search_begin(const char *study, const mien_search_options *search,
    const char *run, const mien_train_options *options) {
    MIEN_NEED(study);
    MIEN_NEED(search);
    MIEN_NEED(run);
    mien_search s = {
        .folder = run, .options = options ? *options : mien_train_options_default()};
    s.given = mien_strdup(study);
    s.root.threads = s.options.threads;
    s.root.exact = s.options.exact;
    mien_status status = s.given ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < search->sets; i++) {
        status = add_set(&s, search->set[i]);
    }
    status = status ? status : open_study(&s, search->over, search->overs);
    s.root.folder = run;
    if (status == MIEN_OK && !search->check && mien_study_run_is_root(&s.root)) {
        status = mien_folder_make(run, &s.root.folder_lock);
        status =
            status ? status : write_beginning(&s, study, search->over, search->overs);
    }
    if (status == MIEN_OK && !search->check) {
        status = meet(&s);
        status = status ? status : go(&s);
    }
    clear(&s);
    return status;
}

/* ---- resuming ------------------------------------------------------------------- */

bool mien_search_is(const char *run) {
    char *path = mien_path_join(run, "search.json");
    bool is = path && mien_file_exists(path);
    mien_free(path);
    return is;
}

static mien_status same(
    const mien_value *map, const char *key, const char *now, const char *what) {
    const char *then = mien_value_text(mien_value_get(map, key));
    return then && strcmp(then, now) == 0
               ? MIEN_OK
               : mien_fail(MIEN_EVERIFY,
                     "%s changed since the search began (SHA-256 %.12s… then, %.12s… "
                     "now): put it back, or begin anew",
                     what, then ? then : "?", now);
}

static mien_status read_sets(mien_search *s, const mien_value *map,
    const char *over[MIEN_AXES_MAX], int *overs) {
    const mien_value *sets = mien_value_get(map, "set"),
                     *list = mien_value_get(map, "over");
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(sets); i++) {
        const char *text = mien_value_text(mien_value_at(sets, i));
        status = add_set(s, text ? text : "");
    }
    for (int64_t i = 0; i < mien_value_count(list) && i < MIEN_AXES_MAX; i++) {
        over[(*overs)++] = mien_value_text(mien_value_at(list, i));
    }
    return status;
}

static mien_status resume_from_checkpoint(mien_search *s, const mien_value *map) {
    const char *over[MIEN_AXES_MAX] = {NULL},
               *weights = mien_value_text(mien_value_get(map, "weights"));
    int overs = 0;
    if (mien_value_int(mien_value_get(map, "version"), 0) != SEARCH_VERSION) {
        return mien_fail(MIEN_EUNSUPPORTED, "%s/search.json: is not of version %d",
            s->folder, SEARCH_VERSION);
    }
    s->root.threads = (int)mien_value_int(mien_value_get(map, "threads"), 1);
    s->root.exact = mien_value_bool(mien_value_get(map, "exact"), false);
    s->root.threads = s->root.threads < 1      ? 1
                      : s->root.threads > 4096 ? 4096
                                               : s->root.threads;
    if (!s->options.weights && weights && *weights) {
        s->options.weights = weights;
    }
    mien_status status = read_sets(s, map, over, &overs);
    status = status ? status : mien_sha256_file(s->given, s->root.study_hash);
    status =
        status ? status : same(map, "given_sha256", s->root.study_hash, "given.yaml");
    status = status ? status : open_study(s, over, overs);
    status = status ? status
                    : same(map, "trials_sha256", s->root.dataset.hash,
                          "the trial table, its sidecar or its features");
    return status ? status
                  : same(map, "weights_sha256", s->root.weights_hash,
                        "the weights of the backbone");
}

mien_status mien_search_resume(const char *run, const mien_train_options *options) {
    mien_search s = {.folder = run, .options = *options};
    char *record = mien_path_join(run, "search.json");
    mien_value *map = NULL;
    s.root.resumed = true;
    s.given = mien_path_join(run, "given.yaml");
    s.root.folder = run;
    mien_status status = record && s.given ? MIEN_OK : MIEN_ENOMEM;
    bool root = mien_study_run_is_root(&s.root), goes = !mien_study_run_finished(run);
    status = status ? status : mien_ranks_share(mien_ranks_here(), &goes, sizeof goes);
    if (status == MIEN_OK && goes) {
        status = mien_value_read(record, &map);
        status = status ? status : resume_from_checkpoint(&s, map);
    }
    if (status == MIEN_OK && goes && root) {
        status = mien_folder_lock_take(run, &s.root.folder_lock);
        /* another process may have ended it by then */
        goes = status == MIEN_OK && !mien_study_run_finished(run);
    }
    if (status == MIEN_OK) {
        status = mien_ranks_share(mien_ranks_here(), &goes, sizeof goes);
    }
    if (status == MIEN_OK && goes) {
        status = meet(&s);
        status = status ? status : go(&s);
    }
    clear(&s);
    mien_value_free(&map);
    mien_free(record);
    return status;
}
