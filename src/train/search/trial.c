/* SPDX-License-Identifier: MIT */
/* Trains a study with a point's values: on the inner folds of a search, to judge the
 * point, and on all of its rows, when it has been chosen.
 *
 * Both are a study_run of its own folder over what is frozen for all points (shared.c);
 * its checkpoints are resumed when the search goes on, and removed when the database
 * has the point. Rows that the outer fold tests stand in no part of any inner fold. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "train/numbering.h"
#include "train/run/study_run_record.h"
#include "train/search/nested.h"

/* ---- a point's study ------------------------------------------------------------- */

enum { SET_MAX = 4200 };

mien_status mien_search_study(const mien_search *search, const double *at,
    const char *const *more, int count, mien_study **study) {
    const mien_space *space = search->space;
    const char *sets[MIEN_SEARCH_SETS_MAX + MIEN_AXES_MAX + 8];
    char *text[MIEN_AXES_MAX] = {NULL}, room[32];
    int n = 0;
    mien_status status = MIEN_OK;
    for (int i = 0; i < search->sets; i++) {
        sets[n++] = search->set[i];
    }
    for (int a = 0; status == MIEN_OK && at && a < space->axes; a++) {
        const char *value = mien_space_text(space, a, at, room);
        mien_string set;
        mien_string_init(&set);
        if (value) {
            mien_string_addf(&set, "%s=%s", space->axis[a].key, value);
            status = mien_string_status(&set);
            text[a] = status == MIEN_OK ? mien_strdup(set.text) : NULL;
            status = status == MIEN_OK && !text[a] ? MIEN_ENOMEM : status;
            sets[n++] = text[a];
        }
        mien_string_clear(&set);
    }
    for (int i = 0; i < count; i++) {
        sets[n++] = more[i];
    }
    if (status == MIEN_OK) {
        status = mien_study_open(search->given, sets, n, study);
    }
    for (int a = 0; a < space->axes; a++) {
        mien_free(text[a]);
    }
    return status;
}

/* ---- inner folds ----------------------------------------------------------------- */

typedef struct assignment {
    int64_t *row; /* of the dataset */
    const char **group;
    int *label, *fold;
    int64_t rows;
} assignment;

static void assignment_clear(assignment *d) {
    mien_free(d->row);
    mien_free((void *)d->group);
    mien_free(d->label);
    mien_free(d->fold);
}

/* Whether a row is among those that the search of an outer fold may see. */
static bool seen(const mien_dataset *d, int outer, int64_t row) {
    return d->fold[row] != outer && d->fold[row] != MIEN_FOLD_NONE &&
           d->fold[row] != MIEN_FOLD_VALIDATION;
}

/* Of the groups that may be seen, a share drawn by the seed. */
static mien_status draw_share(
    const mien_search *s, const mien_dataset *d, double share, bool *kept) {
    int64_t *order = mien_alloc((size_t)d->groups, sizeof *order);
    mien_random random;
    int64_t count = (int64_t)ceil(share * (double)d->groups);
    mien_random_init(
        &random, (uint32_t)mien_options_int(s->study->options, "search.seed"));
    if (!order) {
        return MIEN_ENOMEM;
    }
    mien_random_permutation(&random, order, d->groups);
    for (int64_t i = 0; i < d->groups; i++) {
        kept[order[i]] = i < count;
    }
    mien_free(order);
    return MIEN_OK;
}

static mien_status gather(const mien_search *s, const mien_dataset *d, int outer,
    double share, assignment *to) {
    size_t n = (size_t)d->rows;
    const mien_dataset_target *t = &d->target[0];
    bool *kept = mien_alloc((size_t)d->groups + 1, sizeof *kept);
    *to = (assignment){.row = mien_alloc(n, sizeof *to->row),
        .group = mien_alloc(n, sizeof *to->group),
        .label = mien_alloc(n, sizeof *to->label),
        .fold = mien_alloc(n, sizeof *to->fold)};
    mien_status status = to->row && to->group && to->label && to->fold && kept
                             ? draw_share(s, d, share, kept)
                             : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < d->rows; i++) {
        if (seen(d, outer, i) && kept[d->group[i]]) {
            to->row[to->rows] = i;
            to->group[to->rows] = d->group_name ? d->group_name[i] : NULL;
            to->label[to->rows++] = t->label ? t->label[i] : 0;
        }
    }
    mien_free(kept);
    return status;
}

static int64_t count_groups(const mien_dataset *d, const assignment *of) {
    int64_t groups = 0;
    bool *found = mien_alloc((size_t)d->groups + 1, sizeof *found);
    for (int64_t i = 0; found && i < of->rows; i++) {
        int64_t g = d->group[of->row[i]];
        groups += !found[g];
        found[g] = true;
    }
    mien_free(found);
    return groups;
}

/* Whole groups where folds.by names them, else rows, of classes their share of each. */
static mien_status deal(
    const mien_search *s, const mien_dataset *d, assignment *of, int *folds) {
    const mien_options *o = s->study->options;
    mien_fold_options f = mien_fold_options_default();
    int64_t units = count_groups(d, of);
    bool labelled = d->target[0].label && !d->masked;
    f.k = (int)mien_options_int(o, "search.inner.k");
    f.k = f.k > 1 ? f.k : (int)round(1 / mien_options_number(o, "search.inner.share"));
    f.k = f.k < units ? f.k : (int)units;
    f.seed = (uint32_t)mien_options_int(o, "search.inner.seed");
    f.group = d->group_name ? of->group : NULL;
    f.label = labelled ? of->label : NULL;
    f.classes = labelled ? d->target[0].from->classes : 0;
    f.rule = f.group   ? MIEN_FOLDS_GROUPS
             : f.label ? MIEN_FOLDS_STRATIFIED
                       : MIEN_FOLDS_ROWS;
    if (units < 2) {
        return mien_fail(MIEN_EFORMAT,
            "%s: a search inside a fold needs two %s to train on, and there is one",
            s->study->path, f.group ? "groups" : "rows");
    }
    mien_status status = mien_folds_deal(of->rows, &f, of->fold, folds);
    if (status == MIEN_EINVAL && f.rule == MIEN_FOLDS_STRATIFIED) {
        f.rule = MIEN_FOLDS_ROWS; /* a class has fewer rows than there are folds */
        status = mien_folds_deal(of->rows, &f, of->fold, folds);
    }
    return status;
}

mien_status mien_search_assign(const mien_search *search, const mien_dataset *dataset,
    int outer, double share, int *fold, int *folds) {
    const mien_dataset *d = dataset;
    bool held = mien_options_int(search->study->options, "search.inner.k") == 1;
    assignment of;
    mien_status status = gather(search, d, outer, share, &of);
    if (status == MIEN_OK) {
        status = deal(search, d, &of, folds);
    }
    for (int64_t i = 0; status == MIEN_OK && i < d->rows; i++) {
        fold[i] =
            d->fold[i] == MIEN_FOLD_VALIDATION ? MIEN_FOLD_VALIDATION : MIEN_FOLD_NONE;
    }
    for (int64_t i = 0; status == MIEN_OK && i < of.rows; i++) {
        fold[of.row[i]] = held && of.fold[i] > 0 ? MIEN_FOLD_TRAIN : of.fold[i];
    }
    *folds = held ? 1 : *folds;
    assignment_clear(&of);
    return status;
}

/* ---- a run of a point ------------------------------------------------------------ */

/* Study, dataset and what is frozen; folds are the caller's. */
static mien_status begin(mien_search *s, const double *at, const char *const *more,
    int count, mien_study **study, mien_study_run *run) {
    const mien_study_run *root = &s->root;
    *run = (mien_study_run){.options = &s->silent,
        .threads = root->threads,
        .exact = root->exact,
        .alone = true,
        .pool = root->pool,
        .lock = root->lock,
        .log_of_training = root->log_of_training};
    mien_status status = mien_search_study(s, at, more, count, study);
    if (status == MIEN_OK) {
        run->study = *study;
        run->weights = mien_study_run_weights(*study, root->options->weights);
        status = mien_dataset_open(&run->dataset, *study);
    }
    if (status == MIEN_OK && (run->dataset.rows != root->dataset.rows ||
                                 run->dataset.folds != root->dataset.folds)) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: with these values the study has other rows or folds than without",
            (*study)->path);
    }
    if (status == MIEN_OK) {
        status = mien_study_run_seeds(run);
    }
    return status == MIEN_OK ? mien_search_lend(s, at, run) : status;
}

static void end(mien_study_run *run, mien_study **study) {
    mien_search_take_back(run);
    mien_study_run_clear(run);
    mien_study_close(study);
}

/* What its checkpoints belong to: the study as it is written, and the folds. */
static mien_status sign(mien_study_run *run) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_study_write(run->study, &text);
    for (int64_t i = 0; status == MIEN_OK && i < run->dataset.rows; i++) {
        status = mien_string_addf(&text, "%d,", run->dataset.fold[i]);
    }
    if (status == MIEN_OK) {
        status = mien_sha256_bytes(text.text, text.length, run->study_hash);
    }
    mien_string_clear(&text);
    return status;
}

static void remove_files(const mien_study_run *run) {
    for (int i = 0; i < run->jobs; i++) {
        if (run->job[i].folder) {
            remove(run->job[i].checkpoint);
            remove(run->job[i].events_path);
            rmdir(run->job[i].folder);
        }
    }
    rmdir(run->folder);
}

static mien_status make_folder(
    const mien_search *s, int outer, const char *name, char **folder) {
    char *of = mien_path_join(s->folder, s->of[outer].name);
    *folder = of ? mien_path_join(of, name) : NULL;
    mien_status status = *folder ? mien_directory_make(of) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_directory_make(*folder);
    }
    mien_free(of);
    return status;
}

/* Points that cannot be trained are kept as such; what is wrong with the machine, not
 * with the point, ends the search. */
static bool of_the_point(mien_status status) {
    return status == MIEN_ENUMBER || status == MIEN_EFORMAT || status == MIEN_EINVAL ||
           status == MIEN_ESHAPE || status == MIEN_EUNSUPPORTED ||
           status == MIEN_ELIMIT || status == MIEN_ENOTFOUND;
}

static mien_status judge(
    mien_search *s, int outer, const mien_search_point *point, mien_study_run *run) {
    mien_training_setup setup = {.study = run->study, .dataset = &run->dataset};
    bool steps = run->study->trainer->can & MIEN_TRAINS_BY_STEPS;
    mien_status status = mien_search_assign(s, &run->dataset, outer,
        steps ? 1 : point->budget, run->dataset.fold, &run->dataset.folds);
    for (int k = 0; status == MIEN_OK && k < run->dataset.folds; k++) {
        setup.fold = k;
        status = run->study->trainer->check(&setup);
    }
    if (status == MIEN_OK) {
        status = sign(run);
    }
    return status == MIEN_OK ? mien_study_run_jobs_all(run) : status;
}

mien_status mien_search_judge(mien_search *search, int outer, int64_t number,
    const mien_search_point *point, mien_search_kept *kept) {
    mien_search *s = search;
    mien_study *study = NULL;
    mien_study_run run;
    char name[32], epochs[48], *folder = NULL;
    const char *const more[] = {epochs};
    bool steps = s->study->trainer->can & MIEN_TRAINS_BY_STEPS;
    double all = (double)mien_options_int(s->study->options, "epochs");
    snprintf(name, sizeof name, "point-%lld", (long long)number);
    snprintf(epochs, sizeof epochs, "epochs=%.0f", fmax(1, round(all * point->budget)));
    mien_status status = make_folder(s, outer, name, &folder);
    if (status == MIEN_OK) {
        status =
            begin(s, point->at, more, steps && point->budget < 1 - 1e-9, &study, &run);
        run.folder = folder;
        run.variant_of = 1;
        status = status ? status : judge(s, outer, point, &run);
        status = status ? status : mien_search_score(s, &run, &kept->past.score);
        if (status == MIEN_OK && !isfinite(kept->past.score)) {
            kept->failure = mien_strdup("its score is not defined");
        }
        if (of_the_point(status)) {
            kept->past.score = (double)NAN;
            kept->failure = mien_strdup(mien_error());
            status = kept->failure ? MIEN_OK : MIEN_ENOMEM;
        }
        if (status == MIEN_OK) {
            remove_files(&run);
        }
        end(&run, &study);
    }
    mien_free(folder);
    return status;
}

/* ---- what was chosen ------------------------------------------------------------- */

/* The outer fold is tested, everything else that has a part is learnt from. */
static void fold_outer(mien_dataset *d, int outer, int folds) {
    for (int64_t i = 0; i < d->rows; i++) {
        bool kept = d->fold[i] == MIEN_FOLD_NONE || d->fold[i] == MIEN_FOLD_VALIDATION;
        d->fold[i] = kept ? d->fold[i] : d->fold[i] == outer ? 0 : MIEN_FOLD_TRAIN;
    }
    d->folds = outer < folds;
}

static void place(const mien_study_run *run, const double *from, double *to) {
    int64_t width = run->dataset.width, rows = run->dataset.rows;
    for (int64_t k = 0; from && to && k < run->seeds * rows; k++) {
        if (run->dataset.fold[k % rows] == 0) {
            memcpy(to + k * width, from + k * width, (size_t)width * sizeof *to);
        }
    }
}

/* The model of the run is the fit on all rows, or that of the only fold. */
mien_status mien_search_fit(mien_search *search, int outer) {
    mien_search *s = search;
    mien_search_of *of = &s->of[outer];
    const double *at = of->kept[of->best].past.at;
    bool model = outer == s->searches - 1;
    mien_study *study = NULL, **studies = model ? &s->model_study : &study;
    mien_study_run own, *run = model ? &s->model : &own;
    char *folder = NULL;
    mien_status status = make_folder(s, outer, "chosen", &folder);
    *run = (mien_study_run){.study = NULL};
    status = status ? status : begin(s, at, NULL, 0, studies, run);
    run->folder = folder;
    run->variant_of = !model;
    if (status == MIEN_OK) {
        fold_outer(&run->dataset, outer, s->root.dataset.folds);
        status = sign(run);
    }
    status = status ? status : mien_study_run_jobs_all(run);
    status = status ? status : mien_study_run_calibrate(run);
    if (status == MIEN_OK) {
        place(run, run->predictions, s->predictions);
        place(run, run->unsmoothed, s->unsmoothed);
        place(run, run->plain, s->plain);
        if (!model) {
            of->job = run->job[0];
            for (int i = 1; i < run->jobs; i++) {
                mien_study_run_job_clear(&run->job[i]);
            }
            run->jobs = 0;
        }
    }
    run->folder = s->folder;
    mien_free(folder);
    if (!model) {
        end(run, studies);
    }
    return status;
}
