/* SPDX-License-Identifier: MIT */
/* The same study over other assignments of its folds, and with its labels exchanged.
 *
 * In comes a run whose own fits are done (study_run.c); features that are frozen
 * are computed and shared. Each further assignment trains every fold anew in
 * RUN/deal-SEED and writes its predictions there; each exchange of labels does so in a
 * folder that is removed again. Out come the figures of each, for results.json: how far
 * a figure hangs on the folds, and how often labels that say nothing reach it. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "train/document.h"
#include "train/run/study_run_parts.h"

enum { FIGURES = MIEN_SCORES_METRICS_MAX };

int mien_study_run_assignments(const mien_study_run *run) {
    return (int)mien_options_int(run->study->options, "folds.repeats");
}

int mien_study_run_permutations(const mien_study_run *run) {
    return (int)mien_options_int(run->study->options, "permutations");
}

mien_status mien_study_run_variants_check(const mien_study_run *run) {
    static const mien_fold_rule fixed[] = {
        MIEN_FOLDS_LEAVE_GROUP, MIEN_FOLDS_PRESCRIBED, MIEN_FOLDS_CROSSED};
    const mien_study_run *c = run;
    char where[MIEN_STUDY_WHERE_MAX];
    for (int i = 0; i < 3 && mien_study_run_assignments(c) > 1; i++) {
        if (c->study->recipe.folds == fixed[i]) {
            return mien_fail(MIEN_EFORMAT,
                "%s: folds.repeats: rule %s has nothing that another seed would assign "
                "otherwise, or cannot be repeated",
                mien_study_where(c->study, "folds.repeats", where),
                mien_fold_rule_name(fixed[i]));
        }
    }
    if (mien_study_run_assignments(c) > 1 &&
        c->study->recipe.folds == MIEN_FOLDS_GROUPS &&
        c->dataset.folds == c->dataset.groups && !c->dataset.each) {
        return mien_fail(MIEN_EFORMAT,
            "%s: folds.repeats: with as many folds as groups (%d) every assignment is "
            "the same: take fewer folds (folds.k)",
            mien_study_where(c->study, "folds.repeats", where), c->dataset.folds);
    }
    if (mien_study_run_permutations(c) > 0 && c->dataset.cell) {
        return mien_fail(MIEN_EFORMAT,
            "%s: permutations: of crossed folds labels are not exchanged so far",
            mien_study_where(c->study, "permutations", where));
    }
    return MIEN_OK;
}

/* ---- figures --------------------------------------------------------------------- */

static int figures_of(const mien_dataset_target *target) {
    return target->value ? mien_metric_usual_count() : mien_class_metric_count();
}

static const char *figure_name(const mien_dataset_target *target, int figure) {
    return target->value ? mien_metric_at(figure)->name
                         : mien_class_metric_at(figure)->name;
}

/* Rows of one target that a fold tested. */
typedef struct judged {
    int64_t n;
    double *truth, *prediction, *null, *probability, *usual;
    int *label, *chosen;
} judged;

static void judged_clear(judged *j) {
    mien_free(j->truth);
    mien_free(j->prediction);
    mien_free(j->null);
    mien_free(j->probability);
    mien_free(j->usual);
    mien_free(j->label);
    mien_free(j->chosen);
}

static mien_status judged_init(judged *j, const mien_dataset *c, int64_t width) {
    size_t n = (size_t)c->rows;
    *j = (judged){.truth = mien_alloc(n, sizeof(double)),
        .prediction = mien_alloc(n, sizeof(double)),
        .null = mien_alloc(n, sizeof(double)),
        .probability = mien_alloc(n * (size_t)width, sizeof(double)),
        .usual = mien_alloc((size_t)(c->folds * width), sizeof(double)),
        .label = mien_alloc(n, sizeof(int)),
        .chosen = mien_alloc(n, sizeof(int))};
    return j->truth && j->prediction && j->null && j->probability && j->usual &&
                   j->label && j->chosen
               ? MIEN_OK
               : MIEN_ENOMEM;
}

/* predictions: of one seed. */
static void fill(judged *j, const mien_dataset *c, const mien_dataset_target *target,
    int64_t width, const double *predictions) {
    j->n = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        const double *p = predictions + i * c->width + target->place;
        if (c->fold[i] < 0 || !mien_dataset_has(target, i)) {
            continue;
        }
        if (target->value) {
            j->truth[j->n] = target->value[i];
            j->prediction[j->n] = p[0];
            j->null[j->n] = j->usual[c->fold[i]];
        } else {
            j->label[j->n] = target->label[i];
            j->chosen[j->n] = mien_target_choose(&target->target, p);
            memcpy(j->probability + j->n * width, p, (size_t)width * sizeof *p);
        }
        j->n++;
    }
}

static void add_values(
    const judged *j, const mien_dataset_target *target, int seeds, double *value) {
    const mien_pairs pairs = {j->n, j->truth, j->prediction, j->null};
    const mien_class_answers answers = {.n = j->n,
        .classes = target->from->classes,
        .truth = j->label,
        .prediction = j->chosen,
        .probability = j->probability};
    for (int f = 0; f < figures_of(target); f++) {
        value[f] += (target->value ? mien_metric_value(mien_metric_at(f), &pairs)
                                   : mien_class_metric_value(
                                         mien_class_metric_at(f), &answers)) /
                    seeds;
    }
}

mien_status mien_study_run_figures(
    const mien_study_run *run, int index, double *figures) {
    const mien_study_run *c = run;
    const int t = index;
    double *value = figures;
    const mien_dataset *dataset = &c->dataset;
    const mien_dataset_target *target = &dataset->target[t];
    int64_t width = mien_target_width(&target->target);
    judged j;
    mien_status status = judged_init(&j, dataset, width);
    for (int f = 0; f < FIGURES; f++) {
        value[f] = 0;
    }
    for (int k = 0; status == MIEN_OK && k < dataset->folds; k++) {
        mien_scores_usual(dataset, target, k, j.usual + k * width);
    }
    for (int s = 0; status == MIEN_OK && s < c->seeds; s++) {
        fill(&j, dataset, target, width,
            c->predictions + s * dataset->rows * dataset->width);
        add_values(&j, target, c->seeds, value);
    }
    judged_clear(&j);
    return status;
}

/* Scores variant `index`: 0 is the run itself, then come assignments, then exchanges.
 */
static mien_status judge(mien_study_run *c, const mien_study_run *variant, int index) {
    mien_status status = MIEN_OK;
    for (int t = 0; status == MIEN_OK && t < c->dataset.targets; t++) {
        status = mien_study_run_figures(variant, t,
            c->variant +
                ((size_t)index * (size_t)c->dataset.targets + (size_t)t) * FIGURES);
    }
    return status;
}

/* ---- one variant ----------------------------------------------------------------- */

/* A run over the same features with jobs of its own. */
static mien_study_run begin(mien_study_run *c, int index) {
    mien_study_run v = *c;
    v.variant_of = index;
    v.feed = NULL;
    v.job = NULL;
    v.jobs = 0;
    v.predictions = v.unsmoothed = v.plain = NULL;
    v.scores = (mien_scores){0};
    v.folder = NULL;
    return v;
}

static void end(mien_study_run *v, bool remove_files) {
    for (int i = 0; i < v->jobs; i++) {
        if (remove_files) {
            remove(v->job[i].checkpoint);
            remove(v->job[i].events_path);
            rmdir(v->job[i].folder);
        }
        mien_study_run_job_clear(&v->job[i]);
    }
    mien_free(v->job);
    mien_scores_clear(&v->scores);
    mien_free(v->predictions);
    mien_free(v->unsmoothed);
    mien_free(v->plain);
    mien_batches_close(&v->feed);
}

static mien_status run(mien_study_run *v, char *folder) {
    v->folder = folder;
    mien_status status = folder ? mien_directory_make(folder) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_study_run_jobs_all(v);
    }
    return status == MIEN_OK && mien_study_run_is_root(v) ? mien_study_run_calibrate(v)
                                                          : status;
}

static mien_status write_predictions(mien_study_run *v) {
    const mien_predicted predicted = {
        .values = v->predictions, .unsmoothed = v->unsmoothed, .plain = v->plain};
    char *path = mien_path_join(v->folder, "predictions.csv");
    mien_status status = path ? mien_scores_compute(&v->scores, &v->dataset, v->study,
                                    &predicted, v->pool)
                              : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status =
            mien_scores_write_predictions(&v->scores, &v->dataset, &predicted, path);
    }
    mien_free(path);
    return status;
}

static mien_status run_assignment(mien_study_run *c, int deal) {
    mien_study_run v = begin(c, deal);
    int64_t seed = mien_options_int(c->study->options, "folds.seed") + deal;
    char name[48];
    snprintf(name, sizeof name, "deal-%lld", (long long)seed);
    char *folder = mien_path_join(c->folder, name);
    v.dataset.fold = mien_alloc((size_t)c->dataset.rows, sizeof *v.dataset.fold);
    mien_status status = v.dataset.fold && folder
                             ? mien_dataset_assign(&c->dataset, c->study,
                                   (uint32_t)seed, v.dataset.fold, &v.dataset.folds)
                             : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = run(&v, folder);
    }
    if (status == MIEN_OK && mien_study_run_is_root(c)) {
        status = write_predictions(&v);
        status = status ? status : judge(c, &v, deal);
    }
    end(&v, false);
    mien_free(v.dataset.fold);
    mien_free(folder);
    return status;
}

/* ---- exchanged labels ------------------------------------------------------------ */

static void *taken(const void *from, size_t size, const int64_t *order, int64_t rows) {
    char *to = from ? mien_alloc((size_t)rows, size) : NULL;
    for (int64_t i = 0; to && i < rows; i++) {
        memcpy(
            to + (size_t)i * size, (const char *)from + (size_t)order[i] * size, size);
    }
    return to;
}

static mien_status exchange_target(
    mien_dataset_target *t, const int64_t *order, int64_t rows) {
    const mien_dataset_target old = *t;
    t->value = taken(old.value, sizeof *t->value, order, rows);
    t->normal = taken(old.normal, sizeof *t->normal, order, rows);
    t->label = taken(old.label, sizeof *t->label, order, rows);
    t->shares =
        taken(old.shares, sizeof *t->shares * (size_t)t->from->classes, order, rows);
    return (!old.value || t->value) && (!old.normal || t->normal) &&
                   (!old.label || t->label) && (!old.shares || t->shares)
               ? MIEN_OK
               : MIEN_ENOMEM;
}

/* All targets of a row move together. */
static mien_status exchange(mien_study_run *v, const int64_t *order) {
    int64_t rows = v->dataset.rows;
    mien_status status = MIEN_OK;
    double *rated = NULL;
    for (int t = 0; t < v->dataset.targets; t++) {
        mien_status one = exchange_target(&v->dataset.target[t], order, rows);
        status = status == MIEN_OK ? one : status;
    }
    if (v->feature_set.rated) {
        rated = mien_alloc((size_t)(rows * v->feature_set.targets), sizeof *rated);
        status = rated ? status : MIEN_ENOMEM;
        for (int64_t i = 0; rated && i < rows * v->feature_set.targets; i++) {
            rated[i] = v->feature_set.rated[i / rows * rows + order[i % rows]];
        }
        v->feature_set.rated = rated;
    }
    return status;
}

static void exchange_clear(mien_study_run *v) {
    for (int t = 0; t < v->dataset.targets; t++) {
        mien_dataset_target *target = &v->dataset.target[t];
        mien_free(target->value);
        mien_free(target->normal);
        mien_free(target->label);
        mien_free(target->shares);
    }
    mien_free(v->feature_set.rated);
}

static mien_status run_permutation(mien_study_run *c, int which) {
    const mien_options *o = c->study->options;
    bool within = strcmp(mien_options_text(o, "permutation.within"), "groups") == 0;
    int index = mien_study_run_assignments(c) + which;
    mien_study_run v = begin(c, index);
    char *folder = mien_path_join(c->folder, "permuted");
    int64_t *order = mien_alloc((size_t)c->dataset.rows, sizeof *order);
    mien_status status =
        order && folder
            ? mien_permutation_draw(c->dataset.rows, within ? c->dataset.group : NULL,
                  c->dataset.groups, (uint64_t)mien_options_int(o, "permutation.seed"),
                  (uint64_t)which, order)
            : MIEN_ENOMEM;
    bool exchanged = status == MIEN_OK;
    if (status == MIEN_OK) {
        status = exchange(&v, order);
    }
    if (status == MIEN_OK) {
        status = run(&v, folder);
    }
    bool root = mien_study_run_is_root(c);
    if (status == MIEN_OK && root) {
        status = judge(c, &v, index);
    }
    end(&v, status == MIEN_OK && root);
    if (exchanged) {
        exchange_clear(&v);
    }
    if (status == MIEN_OK && root) {
        rmdir(folder);
    }
    mien_free(order);
    mien_free(folder);
    return status;
}

/* ---- all ------------------------------------------------------------------------- */

mien_status mien_study_run_variants(mien_study_run *run) {
    mien_study_run *c = run;
    int deals = mien_study_run_assignments(c),
        permutations = mien_study_run_permutations(c);
    if (deals == 1 && permutations == 0) {
        return MIEN_OK;
    }
    c->variant = mien_alloc((size_t)(deals + permutations),
        (size_t)c->dataset.targets * FIGURES * sizeof *c->variant);
    mien_status status = !c->variant                 ? MIEN_ENOMEM
                         : mien_study_run_is_root(c) ? judge(c, c, 0)
                                                     : MIEN_OK;
    for (int k = 1; status == MIEN_OK && k < deals; k++) {
        status = run_assignment(c, k);
    }
    for (int k = 0; status == MIEN_OK && k < permutations; k++) {
        status = run_permutation(c, k);
    }
    return status;
}

/* ---- results.json ---------------------------------------------------------------- */

static double value_at(const mien_study_run *c, int index, int t, int f) {
    return c
        ->variant[((size_t)index * (size_t)c->dataset.targets + (size_t)t) * FIGURES +
                  (size_t)f];
}

static mien_value *deals_of(
    const mien_study_run *c, int t, int f, mien_status *status) {
    int deals = mien_study_run_assignments(c), n = 0;
    mien_value *map = mien_value_new_map(), *list = mien_value_new_list();
    double mean = 0, square = 0, low = INFINITY, high = -INFINITY;
    for (int k = 0; k < deals; k++) {
        double x = value_at(c, k, t, f);
        mien_document_add(list, mien_document_number(x), status);
        if (isfinite(x)) {
            n++;
            square += (x - mean) * (x - mean) * (n - 1) / n;
            mean += (x - mean) / n;
            low = fmin(low, x);
            high = fmax(high, x);
        }
    }
    mien_document_text(map, "name", figure_name(&c->dataset.target[t], f), status);
    mien_document_put(map, "values", list, status);
    mien_document_put(map, "mean", mien_document_number(n ? mean : NAN), status);
    mien_document_put(
        map, "sd", mien_document_number(n > 1 ? sqrt(square / (n - 1)) : NAN), status);
    mien_document_put(map, "lowest", mien_document_number(n ? low : NAN), status);
    mien_document_put(map, "highest", mien_document_number(n ? high : NAN), status);
    return map;
}

static mien_value *permuted_of(
    const mien_study_run *c, int t, int f, mien_status *status) {
    const mien_dataset_target *target = &c->dataset.target[t];
    int deals = mien_study_run_assignments(c),
        permutations = mien_study_run_permutations(c);
    double *drawn = mien_alloc((size_t)permutations, sizeof *drawn), mean = 0, n = 0;
    mien_value *map = mien_value_new_map();
    bool higher = target->value ? mien_metric_at(f)->higher_is_better
                                : mien_class_metric_at(f)->higher_is_better;
    for (int k = 0; drawn && k < permutations; k++) {
        drawn[k] = value_at(c, deals + k, t, f);
        if (isfinite(drawn[k])) {
            mean += drawn[k];
            n++;
        }
    }
    *status = drawn ? *status : MIEN_ENOMEM;
    mien_document_text(map, "name", figure_name(target, f), status);
    mien_document_put(map, "value", mien_document_number(value_at(c, 0, t, f)), status);
    mien_document_put(map, "permuted_mean", mien_document_number(mean / n), status);
    mien_document_put(map, "p",
        mien_document_number(drawn ? mien_permutation_p(value_at(c, 0, t, f), drawn,
                                         permutations, higher)
                                   : NAN),
        status);
    mien_free(drawn);
    return map;
}

typedef mien_value *telling(const mien_study_run *c, int t, int f, mien_status *status);

static mien_value *targets_value(
    const mien_study_run *c, telling *tell, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int t = 0; t < c->dataset.targets; t++) {
        const mien_dataset_target *target = &c->dataset.target[t];
        mien_value *map = mien_value_new_map(), *metrics = mien_value_new_list();
        for (int f = 0; f < figures_of(target); f++) {
            mien_document_add(metrics, tell(c, t, f, status), status);
        }
        mien_document_text(map, "name", target->from->name, status);
        mien_document_put(map, "metrics", metrics, status);
        mien_document_add(list, map, status);
    }
    return list;
}

void mien_study_run_variants_put(
    const mien_study_run *run, mien_value *document, mien_status *status) {
    const mien_study_run *c = run;
    const mien_options *o = c->study->options;
    if (mien_study_run_assignments(c) > 1) {
        mien_value *map = mien_value_new_map(), *seeds = mien_value_new_list();
        for (int k = 0; k < mien_study_run_assignments(c); k++) {
            mien_document_add(seeds,
                mien_value_new_int(mien_options_int(o, "folds.seed") + k), status);
        }
        mien_document_put(map, "seeds", seeds, status);
        mien_document_put(map, "targets", targets_value(c, deals_of, status), status);
        mien_document_put(document, "deals", map, status);
    }
    if (mien_study_run_permutations(c) > 0) {
        mien_value *map = mien_value_new_map();
        mien_document_int(map, "repeats", mien_study_run_permutations(c), status);
        mien_document_text(
            map, "within", mien_options_text(o, "permutation.within"), status);
        mien_document_int(map, "seed", mien_options_int(o, "permutation.seed"), status);
        mien_document_put(
            map, "targets", targets_value(c, permuted_of, status), status);
        mien_document_put(document, "permutation", map, status);
    }
}
