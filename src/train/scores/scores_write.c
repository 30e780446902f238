/* SPDX-License-Identifier: MIT */
/* A target's figures as results.json has them: each metric with its interval and the
 * baseline's, classes, films; scores_document.c puts the maps into the document. */
#include <math.h>
#include <string.h>

#include "train/document.h"
#include "train/scores/scores.h"

static void put_interval(
    mien_value *map, const mien_interval *interval, mien_status *status) {
    if (isfinite(interval->value)) {
        mien_document_put(map, "value", mien_value_new_number(interval->value), status);
        mien_document_put(map, "low", mien_document_number(interval->low), status);
        mien_document_put(map, "high", mien_document_number(interval->high), status);
    }
}

/* The figure of something else on the same rows; null where it has none. */
static void put_other(mien_value *map, const char *key, const mien_interval *interval,
    mien_status *status) {
    mien_value *other =
        isfinite(interval->value) ? mien_value_new_map() : mien_value_new_null();
    put_interval(other, interval, status);
    mien_document_put(map, key, other, status);
}

/* Adds the figures of several seeds: each one's figure, their spread, the mean
 * prediction's figure. */
static void put_seeds(
    mien_value *map, const mien_scores *scores, int t, int i, mien_status *status) {
    mien_value *each = mien_value_new_list();
    for (int k = 0; k < scores->seeds; k++) {
        mien_document_add(each,
            mien_document_number(scores->target[t].each[i * scores->seeds + k]),
            status);
    }
    mien_document_put(map, "by_seed", each, status);
    mien_document_put(
        map, "sd", mien_document_number(mien_scores_spread(scores, t, i)), status);
    put_other(map, "ensemble", &scores->target[t].ensemble[i], status);
}

static mien_value *metric_value(
    const mien_scores *scores, int t, bool classes, int i, mien_status *status) {
    const mien_target_scores *s = &scores->target[t];
    mien_value *map = mien_value_new_map();
    put_interval(map, &s->model[i], status);
    mien_document_put(
        map, "name", mien_value_new_text(mien_scores_metric_name(classes, i)), status);
    mien_document_put(map, "title",
        mien_value_new_text(classes ? mien_class_metric_at(i)->title
                                    : mien_scores_metric_of_numbers(i)->title),
        status);
    put_other(map, "baseline", &s->baseline[i], status);
    put_other(map, "plain", &s->plain[i], status);
    if (scores->seeds > 1) {
        put_seeds(map, scores, t, i, status);
    }
    return map;
}

/* How sure the answers were and how often right, by bins. */
static mien_value *reliability_value(const mien_reliability *r, mien_status *status) {
    mien_value *map = mien_value_new_map(), *bins = mien_value_new_list();
    mien_document_put(map, "ece", mien_document_number(r->ece), status);
    mien_document_put(
        map, "ece_by_chance", mien_document_number(r->ece_by_chance), status);
    mien_document_put(map, "mce", mien_document_number(r->mce), status);
    for (int b = 0; b < r->bins; b++) {
        if (r->bin[b].rows) {
            mien_value *one = mien_value_new_map();
            mien_document_put(one, "low", mien_value_new_number(r->bin[b].low), status);
            mien_document_put(
                one, "high", mien_value_new_number(r->bin[b].high), status);
            mien_document_put(one, "rows", mien_value_new_int(r->bin[b].rows), status);
            mien_document_put(
                one, "confidence", mien_document_number(r->bin[b].confidence), status);
            mien_document_put(
                one, "accuracy", mien_document_number(r->bin[b].accuracy), status);
            mien_document_add(bins, one, status);
        }
    }
    mien_document_put(map, "bins", bins, status);
    return map;
}

static void put_classes(mien_value *map, const mien_target_scores *s,
    const mien_trials_target *from, mien_status *status) {
    mien_value *names = mien_value_new_list(), *confusion = mien_value_new_list();
    mien_value *by_class = mien_value_new_list();
    for (int k = 0; k < from->classes; k++) {
        mien_value *row = mien_value_new_list(), *one = mien_value_new_map();
        const mien_class_score *score = &s->class[k];
        for (int p = 0; p < from->classes; p++) {
            mien_document_add(
                row, mien_value_new_int(s->confusion[k * from->classes + p]), status);
        }
        mien_document_put(
            one, "class", mien_value_new_text(from->class_name[k]), status);
        mien_document_put(one, "support", mien_value_new_int(score->support), status);
        mien_document_put(
            one, "predicted", mien_value_new_int(score->predicted), status);
        mien_document_put(
            one, "precision", mien_document_number(score->precision), status);
        mien_document_put(one, "recall", mien_document_number(score->recall), status);
        mien_document_put(one, "f1", mien_document_number(score->f1), status);
        mien_document_add(names, mien_value_new_text(from->class_name[k]), status);
        mien_document_add(confusion, row, status);
        mien_document_add(by_class, one, status);
    }
    mien_document_put(map, "classes", names, status);
    mien_document_put(map, "confusion", confusion, status);
    mien_document_put(map, "by_class", by_class, status);
    if (s->reliability->bins) {
        mien_document_put(
            map, "reliability", reliability_value(s->reliability, status), status);
    }
}

/* What the conformal sets of held-out rows hold. */
static mien_value *sets_value(const mien_label_sets *s, mien_status *status) {
    mien_value *map = mien_value_new_map();
    mien_document_put(map, "level", mien_value_new_number(s->level), status);
    mien_document_put(map, "from", mien_document_number(s->all), status);
    mien_document_put(map, "covered", mien_document_number(s->covered), status);
    mien_document_put(map, "size", mien_document_number(s->size), status);
    mien_document_put(map, "single", mien_document_number(s->single), status);
    return map;
}

/* The coverage of the held-out rows of each value of calibration.by. */
static mien_value *conformal_by_value(
    const mien_conformal_scores *c, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int64_t v = 0; v < c->values; v++) {
        const mien_conformal_value *of = &c->value[v];
        mien_value *map = mien_value_new_map();
        mien_document_put(map, "value", mien_value_new_text(of->name), status);
        mien_document_put(map, "rows", mien_value_new_int(of->rows), status);
        mien_document_put(map, "own_rows", mien_value_new_int(of->own), status);
        mien_document_put(map, "covered",
            mien_document_number(of->rows ? of->covered : (double)NAN), status);
        mien_document_put(map, "width",
            mien_document_number(of->rows ? of->width : (double)NAN), status);
        mien_document_add(list, map, status);
    }
    return list;
}

/* The coverage of the conformal intervals of held-out rows. */
static mien_value *conformal_value(
    const mien_conformal_scores *c, const char *column, mien_status *status) {
    mien_value *map = mien_value_new_map(), *thirds = mien_value_new_list();
    mien_document_put(map, "level", mien_value_new_number(c->all.level), status);
    mien_document_put(map, "covered", mien_document_number(c->covered), status);
    for (int k = 0; k < 3; k++) {
        mien_document_add(thirds, mien_document_number(c->covered_third[k]), status);
    }
    mien_document_put(map, "covered_by_third", thirds, status);
    mien_document_put(map, "width", mien_document_number(c->width), status);
    if (c->value) {
        mien_document_put(map, "by", mien_value_new_text(column), status);
        mien_document_put(map, "by_value", conformal_by_value(c, status), status);
    }
    return map;
}

static mien_value *pair_of(double first, double second, mien_status *status) {
    mien_value *list = mien_value_new_list();
    mien_document_add(list, mien_value_new_number(first), status);
    mien_document_add(list, mien_value_new_number(second), status);
    return list;
}

static void put_numbers(mien_value *map, const mien_target_scores *s,
    const mien_trials_target *from, const mien_study *study, mien_status *status) {
    mien_value *ceiling = s->has_ceiling ? mien_value_new_map() : mien_value_new_null();
    mien_document_put(
        map, "range", pair_of(from->minimum, from->maximum, status), status);
    mien_document_put(map, "unit", mien_value_new_text(from->unit), status);
    if (s->has_ceiling) {
        mien_document_put(ceiling, "reliability",
            mien_value_new_number(s->ceiling.reliability), status);
        mien_document_put(ceiling, "r", mien_value_new_number(s->ceiling.r), status);
        mien_document_put(ceiling, "low", mien_document_number(s->ceiling.low), status);
        mien_document_put(
            ceiling, "high", mien_document_number(s->ceiling.high), status);
    }
    mien_document_put(map, "ceiling", ceiling, status);
    if (s->conformal.parts) {
        const char *column = mien_options_text(study->options, "calibration.by");
        mien_document_put(
            map, "conformal", conformal_value(&s->conformal, column, status), status);
    }
    mien_document_put(
        map, "residual_95", pair_of(s->residual[0], s->residual[1], status), status);
}

static void put_unsmoothed(
    mien_value *map, const mien_target_scores *s, mien_status *status) {
    static const char *const figures[MIEN_GROUP_FIGURES] = {"mse", "r", "ccc"};
    mien_value *raw = mien_value_new_map();
    for (int m = 0; m < MIEN_GROUP_FIGURES; m++) {
        mien_document_put(
            raw, figures[m], mien_document_number(s->unsmoothed[m]), status);
    }
    mien_document_put(map, "unsmoothed", raw, status);
}

/* Adds the figures by film that studies on features tell of numbers. */
static void put_films(mien_value *map, const mien_scores *scores, const mien_dataset *c,
    const mien_target_scores *s, mien_status *status) {
    if (s->groups.groups > 0) {
        mien_status added = mien_group_scores_put(&s->groups, c, scores->study, map);
        *status = *status == MIEN_OK ? added : *status;
    }
    if (scores->smoothed) {
        put_unsmoothed(map, s, status);
    }
}

/* The baseline's answer in a fold: a mean, or a class and the shares of all. */
static mien_value *usual_value(const mien_target_scores *s,
    const mien_dataset_target *target, int fold, mien_status *status) {
    mien_value *map = mien_value_new_map();
    const double *usual = s->usual + fold * s->width;
    if (target->value) {
        mien_document_put(map, "value", mien_document_number(*usual), status);
        return map;
    }
    mien_value *shares = mien_value_new_list();
    for (int64_t w = 0; w < s->width; w++) {
        mien_document_add(shares, mien_document_number(usual[w]), status);
    }
    int chosen = mien_target_choose(&target->target, usual);
    mien_document_put(
        map, "class", mien_value_new_text(target->from->class_name[chosen]), status);
    mien_document_put(map, "shares", shares, status);
    return map;
}

mien_value *mien_scores_target(const mien_scores *scores, const mien_dataset *dataset,
    int target, mien_status *status) {
    const mien_dataset *c = dataset;
    const int t = target;
    const mien_trials_target *from = c->target[t].from;
    const mien_target_scores *s = &scores->target[t];
    bool classes = from->kind == MIEN_TARGET_CLASS;
    mien_value *map = mien_value_new_map(), *metrics = mien_value_new_list();
    mien_value *folds = mien_value_new_list();
    mien_document_put(map, "name", mien_value_new_text(from->name), status);
    mien_document_put(map, "construct", mien_value_new_text(from->construct), status);
    mien_document_put(
        map, "perspective", mien_value_new_text(from->perspective), status);
    mien_document_put(map, "rows", mien_value_new_int(s->rows), status);
    for (int i = 0; i < s->metrics; i++) {
        mien_document_add(metrics, metric_value(scores, t, classes, i, status), status);
    }
    mien_document_put(map, "metrics", metrics, status);
    for (int k = 0; k < c->folds; k++) {
        mien_document_add(folds, usual_value(s, &c->target[t], k, status), status);
    }
    mien_document_put(map, "baseline_by_fold", folds, status);
    mien_abstention_put(&s->abstention, classes, map, status);
    if (classes && s->sets.parts) {
        mien_document_put(map, "sets", sets_value(&s->sets, status), status);
    }
    if (classes) {
        put_classes(map, s, from, status);
    } else {
        put_numbers(map, s, from, scores->study, status);
        put_films(map, scores, c, s, status);
    }
    if (s->crossed) {
        mien_status added =
            mien_crossed_scores_put(s->crossed, c, scores->study, classes, map);
        *status = *status == MIEN_OK ? added : *status;
    }
    return map;
}
