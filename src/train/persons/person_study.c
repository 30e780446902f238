/* SPDX-License-Identifier: MIT */
/* A study of method person: learning curves of people who taught nothing, then what all
 * people teach, for `mien adapt`. In comes a trial table with a row a rating; out goes
 * a run folder: curve.csv, predictions.csv of one form of the first draw, results.json,
 * person.json. mien_train() calls it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/document.h"
#include "train/run/folder.h"
#include "train/persons/person_scores.h"

/* The form that is shown in predictions.csv and summed up first. */
#define SHOWN MIEN_PERSON_RANK

typedef struct run {
    const mien_study *study;
    const char *folder;
    mien_trials *trials;
    const mien_trials_target *target;
    mien_ratings ratings;
    mien_person_plan plan;
    int shown_step;
    int64_t *eligible, eligible_count;
    mien_person_draw *draws;
    mien_thread_pool *pool;
    mien_folder_lock *folder_lock;
} run;

static void run_clear(run *r) {
    for (int d = 0; r->draws && d < r->plan.draws; d++) {
        mien_person_draw_clear(&r->draws[d]);
    }
    mien_free(r->draws);
    mien_free(r->eligible);
    mien_ratings_clear(&r->ratings);
    mien_trials_close(&r->trials);
    mien_thread_pool_free(&r->pool);
    mien_folder_lock_drop(&r->folder_lock);
}

/* ---- the plan -------------------------------------------------------------------- */

static mien_status take_steps(const mien_study *study, mien_person_plan *p) {
    double steps[MIEN_PERSON_STEPS_MAX];
    char where[MIEN_STUDY_WHERE_MAX];
    mien_status status = mien_study_numbers(
        study, "person.own", 0, 1e6, true, steps, MIEN_PERSON_STEPS_MAX, &p->steps);
    for (int i = 0; status == MIEN_OK && i < p->steps; i++) {
        p->own[i] = (int64_t)steps[i];
        if (i && p->own[i] <= p->own[i - 1]) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: person.own: %lld follows %lld: numbers "
                "of own trials ascend",
                mien_study_where(study, "person.own", where), (long long)p->own[i],
                (long long)p->own[i - 1]);
        }
    }
    return status != MIEN_OK || p->steps
               ? status
               : mien_fail(MIEN_EFORMAT, "%s: person.own: no number of own trials",
                     mien_study_where(study, "person.own", where));
}

static mien_status take_plan(run *r) {
    const mien_options *o = r->study->options;
    mien_person_plan *p = &r->plan;
    *p = (mien_person_plan){.unseen = mien_options_int(o, "person.unseen"),
        .test = mien_options_int(o, "person.test"),
        .draws = (int)mien_options_int(o, "person.draws"),
        .seed = (uint32_t)mien_options_int(o, "person.seed"),
        .teach = {.rank = (int)mien_options_int(o, "person.rank"),
            .rounds = (int)mien_options_int(o, "person.rounds"),
            .lambda = mien_options_number(o, "person.lambda"),
            .seed = (uint32_t)mien_options_int(o, "person.seed")}};
    mien_status status = take_steps(r->study, p);
    if (p->unseen == 0) { /* a fifth */
        p->unseen = r->ratings.people / 5 > 1 ? r->ratings.people / 5 : 1;
    }
    for (int f = 0; f < MIEN_PERSON_FORMS; f++) {
        bool features = f == MIEN_PERSON_FEATURES || f == MIEN_PERSON_OWN;
        p->use[f] = !features || r->ratings.columns;
    }
    int64_t shown = mien_options_int(o, "person.shown");
    for (int i = 0; i < p->steps; i++) {
        r->shown_step = p->own[i] <= shown ? i : r->shown_step;
    }
    return status;
}

static mien_status open_run(run *r) {
    mien_status status = mien_trials_open(r->study->trials, &r->trials);
    if (status == MIEN_OK) {
        status = mien_ratings_read(&r->ratings, r->trials, r->study);
    }
    if (status == MIEN_OK) {
        r->target = r->study->targets_count
                        ? mien_trials_target_find(r->trials, r->study->targets[0])
                        : mien_trials_target_at(r->trials, 0);
        status = take_plan(r);
    }
    if (status == MIEN_OK) {
        r->eligible = mien_alloc((size_t)r->ratings.people, sizeof *r->eligible);
        r->draws = mien_alloc((size_t)r->plan.draws, sizeof *r->draws);
        status = r->eligible && r->draws
                     ? mien_person_eligible(&r->ratings, &r->plan, r->study->path,
                           r->eligible, &r->eligible_count)
                     : MIEN_ENOMEM;
    }
    return status;
}

/* ---- tables ---------------------------------------------------------------------- */

static mien_status open_table(const run *r, const char *name, int columns,
    const char *const *names, mien_table_writer **writer) {
    char *path = mien_path_join(r->folder, name);
    mien_status status =
        path ? mien_table_writer_open(path, MIEN_CSV, columns, names, writer)
             : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

/* "" where it is not finite: what a table calls missing. */
static const char *number(double x, char text[32]) {
    return isfinite(x) ? mien_format_double(x, text) : NULL;
}

static mien_status write_point(
    const run *r, mien_table_writer *writer, int draw, int form, int step) {
    enum { COLUMNS = 15 };
    const mien_person_point *p = &r->draws[draw].point[form * r->plan.steps + step];
    const double values[COLUMNS] = {(double)NAN, draw, (double)r->plan.own[step],
        p->r.value, p->r.low, p->r.high, p->rmse.value, p->rmse.low, p->rmse.high,
        p->gain.value, p->gain.low, p->gain.high, p->pooled, p->covered,
        (double)p->undefined};
    char text[COLUMNS][32];
    const char *cells[COLUMNS] = {mien_person_form_name[form]};
    for (int i = 1; i < COLUMNS; i++) {
        cells[i] = number(values[i], text[i]);
    }
    return mien_table_writer_row(writer, cells);
}

static mien_status write_curve(const run *r) {
    static const char *const names[] = {"form", "draw", "own", "r", "r_low", "r_high",
        "rmse", "rmse_low", "rmse_high", "gain", "gain_low", "gain_high", "rmse_pooled",
        "covered_95", "r_undefined"};
    mien_table_writer *writer = NULL;
    mien_status status =
        open_table(r, "curve.csv", sizeof names / sizeof *names, names, &writer);
    for (int d = 0; d < r->plan.draws; d++) {
        for (int f = 0; f < MIEN_PERSON_FORMS; f++) {
            for (int k = 0; status == MIEN_OK && r->plan.use[f] && k < r->plan.steps;
                 k++) {
                status = write_point(r, writer, d, f, k);
            }
        }
    }
    return mien_folder_rows_close(&writer, status);
}

/* Writes the row of rating `at` of draw 0. */
static mien_status write_prediction(
    const run *r, mien_table_writer *writer, int64_t at) {
    const mien_person_draw *d = &r->draws[0];
    const int64_t i = d->test[at], row = r->ratings.row[i];
    double half = 1.959963984540054 * d->deviation[at];
    double low = fmax(d->shown[at] - half, r->ratings.minimum);
    double high = fmin(d->shown[at] + half, r->ratings.maximum);
    char text[5][32];
    const char *person = r->ratings.person[d->people[at / r->plan.test]];
    const char *cells[] = {mien_trials_id(r->trials, row), person,
        r->ratings.name[r->ratings.stimulus[i]], person,
        number(r->ratings.value[i], text[0]), number(d->shown[at], text[1]),
        number(d->null, text[2]), number(low, text[3]), number(high, text[4])};
    return mien_table_writer_row(writer, cells);
}

static mien_status write_predictions(const run *r) {
    static const char *const parts[] = {"truth", "prediction", "null", "low", "high"};
    char made[5][64];
    const char *names[9] = {"trial", "person", "stimulus", "group"};
    mien_table_writer *writer = NULL;
    for (int i = 0; i < 5; i++) {
        snprintf(made[i], sizeof made[i], "%s_%s", r->target->name, parts[i]);
        names[4 + i] = made[i];
    }
    mien_status status = open_table(r, "predictions.csv", 9, names, &writer);
    for (int64_t i = 0; status == MIEN_OK && i < r->plan.unseen * r->plan.test; i++) {
        status = write_prediction(r, writer, i);
    }
    return mien_folder_rows_close(&writer, status);
}

/* ---- documents --------------------------------------------------------------------
 */

/* Writes the spread of one figure: its mean over draws, the smallest and the
 * largest. */
static void put_spread(
    mien_value *map, const char *key, const double *x, int n, mien_status *status) {
    double mean = 0, least = INFINITY, most = -INFINITY;
    for (int i = 0; i < n; i++) {
        mean += x[i] / n;
        least = fmin(least, x[i]);
        most = fmax(most, x[i]);
    }
    mien_value *one = mien_value_new_map();
    mien_document_put(one, "mean", mien_document_number(mean), status);
    mien_document_put(one, "smallest", mien_document_number(least), status);
    mien_document_put(one, "largest", mien_document_number(most), status);
    mien_document_put(map, key, one, status);
}

static mien_value *point_value(const run *r, int form, int step, mien_status *status) {
    enum { KINDS = 5 };
    static const char *const names[KINDS] = {
        "r", "rmse", "gain", "rmse_pooled", "covered_95"};
    int n = r->plan.draws, clear = 0;
    mien_value *map = mien_value_new_map();
    double *x = mien_alloc((size_t)(KINDS * n), sizeof *x);
    *status = x ? *status : MIEN_ENOMEM;
    mien_document_text(map, "form", mien_person_form_name[form], status);
    mien_document_int(map, "own", r->plan.own[step], status);
    for (int d = 0; x && d < n; d++) {
        const mien_person_point *p = &r->draws[d].point[form * r->plan.steps + step];
        const double values[KINDS] = {
            p->r.value, p->rmse.value, p->gain.value, p->pooled, p->covered};
        for (int i = 0; i < KINDS; i++) {
            x[i * n + d] = values[i];
        }
        clear += p->gain.low > 0;
    }
    for (int i = 0; x && i < KINDS; i++) {
        put_spread(map, names[i], x + i * n, n, status);
    }
    mien_document_int(map, "draws_with_gain", clear, status);
    mien_free(x);
    return map;
}

static mien_status make_results(const run *r, mien_value **document) {
    mien_status status = MIEN_OK;
    mien_value *map = mien_value_new_map(), *curve = mien_value_new_list();
    char hash[65];
    mien_document_int(map, "version", 1, &status);
    mien_document_text(
        map, "study", mien_options_text(r->study->options, "name"), &status);
    mien_document_text(map, "created_by", "mien " MIEN_VERSION, &status);
    mien_document_text(map, "method", "person", &status);
    mien_document_text(map, "target", r->target->name, &status);
    mien_document_int(map, "ratings", r->ratings.count, &status);
    mien_document_int(map, "people", r->ratings.people, &status);
    mien_document_int(map, "people_with_enough", r->eligible_count, &status);
    mien_document_int(map, "stimuli", r->ratings.stimuli, &status);
    mien_document_int(map, "unseen", r->plan.unseen, &status);
    mien_document_int(map, "draws", r->plan.draws, &status);
    if (status == MIEN_OK) {
        status = mien_trials_hash(r->trials, hash);
        mien_document_text(map, "trials_sha256", hash, &status);
    }
    for (int f = 0; f < MIEN_PERSON_FORMS; f++) {
        for (int k = 0; r->plan.use[f] && k < r->plan.steps; k++) {
            mien_document_add(curve, point_value(r, f, k, &status), &status);
        }
    }
    mien_document_put(map, "curve", curve, &status);
    if (status != MIEN_OK) {
        mien_value_free(&map);
        return status;
    }
    *document = map;
    return MIEN_OK;
}

static mien_value *numbers(const double *x, int64_t n, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int64_t i = 0; i < n; i++) {
        mien_document_add(list, mien_value_new_number(x[i]), status);
    }
    return list;
}

/* Makes the document that predicts one person more: what all people teach, of every
 * stimulus. */
static mien_status make_person(const run *r, mien_value **document) {
    const mien_person_plan *p = &r->plan;
    mien_taught t = {0};
    mien_value *map = mien_value_new_map(), *list = mien_value_new_list();
    mien_value *prior = mien_value_new_map();
    int64_t *all = mien_alloc((size_t)r->ratings.people, sizeof *all);
    mien_status status = all ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < r->ratings.people; i++) {
        all[i] = i;
    }
    if (status == MIEN_OK) {
        status = mien_taught_fit(&t, &r->ratings, all, r->ratings.people, &p->teach);
    }
    for (int64_t s = 0; status == MIEN_OK && s < r->ratings.stimuli; s++) {
        mien_value *one = mien_value_new_map();
        mien_document_text(one, "stimulus", r->ratings.name[s], &status);
        mien_document_put(
            one, "norm", mien_value_new_number(mien_norm_of(&t.norm, s)), &status);
        mien_document_put(
            one, "taste", numbers(t.taste + s * t.rank, t.rank, &status), &status);
        mien_document_add(list, one, &status);
    }
    if (status == MIEN_OK) {
        const mien_prior *of = &t.prior[SHOWN];
        int n = of->columns;
        mien_document_put(prior, "mean", numbers(of->mean, n, &status), &status);
        mien_document_put(
            prior, "root", numbers(of->root, (int64_t)n * n, &status), &status);
        mien_document_put(prior, "noise", mien_value_new_number(of->noise), &status);
    }
    mien_document_int(map, "version", 1, &status);
    mien_document_text(map, "target", r->target->name, &status);
    mien_document_text(map, "column",
        mien_options_text(r->study->options, "person.stimulus"), &status);
    mien_document_put(
        map, "minimum", mien_value_new_number(r->ratings.minimum), &status);
    mien_document_put(
        map, "maximum", mien_value_new_number(r->ratings.maximum), &status);
    mien_document_put(map, "prior", prior, &status);
    mien_document_put(map, "stimuli", list, &status);
    mien_taught_clear(&t);
    mien_free(all);
    if (status != MIEN_OK) {
        mien_value_free(&map);
        return status;
    }
    *document = map;
    return MIEN_OK;
}

static mien_status write_document(
    const run *r, const char *name, mien_status (*make)(const run *, mien_value **)) {
    mien_value *document = NULL;
    char *path = mien_path_join(r->folder, name);
    mien_status status = path ? make(r, &document) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_folder_document(document, path);
    }
    mien_value_free(&document);
    mien_free(path);
    return status;
}

/* ---- all ---------------------------------------------------------------------------
 */

static mien_status write_all(const run *r) {
    static const char *const files[] = {
        "study.yaml", "curve.csv", "predictions.csv", "results.json", "person.json"};
    mien_status status = write_curve(r);
    if (status == MIEN_OK) {
        status = write_predictions(r);
    }
    if (status == MIEN_OK) {
        status = write_document(r, "person.json", make_person);
    }
    if (status == MIEN_OK) {
        status = write_document(r, "results.json", make_results);
    }
    return status == MIEN_OK
               ? mien_folder_sums(r->folder, files, sizeof files / sizeof *files)
               : status;
}

mien_status mien_person_train(
    const mien_study *study, const char *folder, const mien_train_options *options) {
    run r = {.study = study, .folder = folder};
    char *path = mien_path_join(folder, "study.yaml");
    mien_status status = path ? open_run(&r) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_thread_pool_new(options->threads, &r.pool);
    }
    if (status == MIEN_OK) {
        status = mien_folder_make(folder, &r.folder_lock);
    }
    if (status == MIEN_OK) {
        status = mien_folder_study(study, path);
    }
    if (status == MIEN_OK) {
        status = mien_person_scores(&r.ratings, &r.plan, r.eligible, r.eligible_count,
            SHOWN, r.shown_step, r.pool, r.draws);
    }
    if (status == MIEN_OK) {
        status = write_all(&r);
    }
    mien_free(path);
    run_clear(&r);
    return status;
}

mien_status mien_person_check(
    const mien_study *study, const mien_train_options *options) {
    (void)options;
    run r = {.study = study};
    mien_status status = open_run(&r);
    run_clear(&r);
    return status;
}
