/* SPDX-License-Identifier: MIT */
/* What says which point is better: predictions of the inner folds, against the truth.
 *
 * `skill` is the share of the loss that is gone: 1 − squared error / that of the mean
 * of what was learnt from, of classes 1 − log loss / that of their shares; 0 says no
 * more than the mean, and targets of all kinds can be averaged. Any metric of
 * results.json can stand in its place. */
#include <math.h>
#include <string.h>

#include "train/scores/scores.h"
#include "train/search/nested.h"

static bool is_skill(const mien_search *s) {
    return strcmp(mien_options_text(s->study->options, "search.score"), "skill") == 0;
}

/* The metric's place among those of a kind of target; -1: it has none of that name. */
static int metric_of(bool of_classes, const char *name) {
    int count = of_classes ? mien_class_metric_count() : mien_metric_usual_count();
    for (int m = 0; m < count; m++) {
        if (strcmp(of_classes ? mien_class_metric_at(m)->name : mien_metric_at(m)->name,
                name) == 0) {
            return m;
        }
    }
    return -1;
}

static bool rises(bool of_classes, int metric) {
    return of_classes ? mien_class_metric_at(metric)->higher_is_better
                      : mien_metric_at(metric)->higher_is_better;
}

mien_status mien_search_score_check(const mien_search *search) {
    const mien_dataset *d = &search->root.dataset;
    const char *name = mien_options_text(search->study->options, "search.score");
    char where[MIEN_STUDY_WHERE_MAX];
    int first = -1;
    for (int t = 0; t < d->targets && !is_skill(search); t++) {
        bool of_classes = !d->target[t].value;
        int metric = metric_of(of_classes, name);
        if (metric < 0) {
            mien_string names;
            mien_string_init(&names);
            int count =
                of_classes ? mien_class_metric_count() : mien_metric_usual_count();
            for (int m = 0; m < count; m++) {
                mien_string_addf(&names, ", %s",
                    of_classes ? mien_class_metric_at(m)->name
                               : mien_metric_at(m)->name);
            }
            mien_status status = mien_fail(MIEN_EFORMAT,
                "%s: search.score: \"%s\" is no score of %s; there are skill%s",
                mien_study_where(search->study, "search.score", where), name,
                d->target[t].from->name, names.text ? names.text : "");
            mien_string_clear(&names);
            return status;
        }
        int up = rises(of_classes, metric);
        if (first >= 0 && first != up) {
            return mien_fail(MIEN_EFORMAT,
                "%s: search.score: of %s more is better of one target and less of "
                "another: take skill",
                mien_study_where(search->study, "search.score", where), name);
        }
        first = up;
    }
    return MIEN_OK;
}

bool mien_search_score_rises(const mien_search *search) {
    const mien_dataset *d = &search->root.dataset;
    bool of_classes = !d->target[0].value;
    return is_skill(search) ||
           rises(of_classes,
               metric_of(of_classes,
                   mien_options_text(search->study->options, "search.score")));
}

/* ---- skill ----------------------------------------------------------------------- */

/* Least probability that a log loss takes: as the metric has it. */
#define LEAST 1e-15

static double loss_of(
    const mien_dataset_target *t, int64_t row, const double *prediction) {
    if (t->value) {
        double d = prediction[0] - t->value[row];
        return d * d;
    }
    return -log(fmax(prediction[t->label[row]], LEAST));
}

static double skill(const mien_study_run *run, int target, double *usual) {
    const mien_dataset *d = &run->dataset;
    const mien_dataset_target *t = &d->target[target];
    int64_t width = mien_target_width(&t->target);
    double own = 0, null = 0;
    for (int k = 0; k < d->folds; k++) {
        mien_scores_usual(d, t, k, usual + k * width);
    }
    for (int64_t i = 0; i < run->seeds * d->rows; i++) {
        int64_t row = i % d->rows;
        if (d->fold[row] >= 0 && mien_dataset_has(t, row)) {
            own += loss_of(t, row, run->predictions + i * d->width + t->place);
            null += loss_of(t, row, usual + d->fold[row] * width);
        }
    }
    return null > 0 ? 1 - own / null : (double)NAN;
}

mien_status mien_search_score(
    const mien_search *search, const mien_study_run *run, double *score) {
    const mien_dataset *d = &run->dataset;
    const char *name = mien_options_text(search->study->options, "search.score");
    double *usual = mien_alloc((size_t)(d->folds * d->width), sizeof *usual), sum = 0;
    double figures[MIEN_SCORES_METRICS_MAX];
    mien_status status = usual ? MIEN_OK : MIEN_ENOMEM;
    for (int t = 0; status == MIEN_OK && t < d->targets; t++) {
        if (is_skill(search)) {
            sum += skill(run, t, usual);
            continue;
        }
        status = mien_study_run_figures(run, t, figures);
        sum += status == MIEN_OK ? figures[metric_of(!d->target[t].value, name)] : 0;
    }
    mien_free(usual);
    *score = (mien_search_score_rises(search) ? sum : -sum) / d->targets;
    return status;
}
