/* SPDX-License-Identifier: MIT */
/* Goes through the folds of a search: in each the points are judged inside its training
 * part, the best is trained on all of that part, and the fold, which the choice has not
 * seen, is predicted. One more search on all rows gives the model. */
#include <math.h>
#include <stdio.h>

#include "base/ranks.h"
#include "train/search/nested.h"

static mien_status list(mien_search *s) {
    const mien_dataset *d = &s->root.dataset;
    const mien_search_setup setup = {
        .space = s->space, .options = s->study->recipe.given[MIEN_RECIPE_SEARCH]};
    int64_t points = 0;
    char where[MIEN_STUDY_WHERE_MAX];
    mien_status status = s->study->search_strategy->count(&setup, &points);
    if (status != MIEN_OK) {
        return mien_fail_in(
            status, "%s: search", mien_study_where(s->study, "search.name", where));
    }
    s->searches = d->folds + !mien_dataset_single(d);
    s->of = mien_alloc((size_t)s->searches, sizeof *s->of);
    status = s->of ? MIEN_OK : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < s->searches; k++) {
        mien_search_of *of = &s->of[k];
        snprintf(of->name, sizeof of->name, k < d->folds ? "fold-%d" : "all", k);
        of->points = points;
        of->best = -1;
        of->kept = mien_alloc((size_t)points, sizeof *of->kept);
        status = of->kept ? MIEN_OK : MIEN_ENOMEM;
    }
    s->total = points * s->searches;
    return status;
}

static mien_status room(const mien_search *s, double **values) {
    size_t count =
        (size_t)(s->root.seeds * s->root.dataset.rows * s->root.dataset.width);
    *values = mien_alloc(count, sizeof **values);
    for (size_t i = 0; *values && i < count; i++) {
        (*values)[i] = (double)NAN;
    }
    return *values ? MIEN_OK : MIEN_ENOMEM;
}

/* ---- assigning ----------------------------------------------------------------------
 */

/* One search is one job: its points hang on each other where the strategy learns from
 * them. */
static mien_status work(void *context, int64_t k, int worker) {
    mien_search *s = context;
    (void)worker;
    mien_status status = mien_search_points_run(s, (int)k);
    return status ? status : mien_search_fit(s, (int)k);
}

static mien_status take(void *context, int64_t k, const char *bytes, size_t count) {
    mien_search *s = context;
    (void)bytes;
    (void)count;
    s->of[k].elsewhere = true;
    return MIEN_OK;
}

static mien_status heard(void *context, const char *bytes, size_t count) {
    mien_search *s = context;
    bool point = false;
    mien_status status = mien_search_points_heard(s, bytes, count, &point);
    return status || point
               ? status
               : mien_training_log_lines(s->root.log_of_training, bytes, count);
}

static const char *name_of(void *context, int64_t k) {
    return ((mien_search *)context)->of[k].name;
}

/* Of several ranks rank 0 takes up what the others have fitted, as a search does that
 * goes on. */
static mien_status deal(mien_search *s) {
    const mien_ranks_work jobs = {.count = s->searches,
        .work = work,
        .take = take,
        .heard = heard,
        .name = name_of,
        .context = s};
    mien_status status = mien_ranks_run(mien_ranks_here(), &jobs);
    for (int k = 0; status == MIEN_OK && k < s->searches; k++) {
        status = s->of[k].elsewhere ? work(s, k, 0) : MIEN_OK;
    }
    return status;
}

mien_status mien_search_nested(mien_search *search) {
    mien_search *s = search;
    mien_status status = list(s);
    status = status ? status : room(s, &s->predictions);
    status = status ? status : room(s, &s->unsmoothed);
    status = status ? status : room(s, &s->plain);
    status = status ? status : mien_search_points_open(s);
    status = status ? status : deal(s);
    return status == MIEN_OK && mien_study_run_is_root(&s->root) ? mien_search_write(s)
                                                                 : status;
}
