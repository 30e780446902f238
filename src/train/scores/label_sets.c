/* SPDX-License-Identifier: MIT */
/* Conformal sets of classes over the folds: scores.c calls it with the out-of-fold
 * probabilities of a target; scores_tables.c writes the sets, study_run_write.c the
 * model's threshold. */
#include "train/scores/label_sets.h"

#include <math.h>
#include <string.h>

#include "train/scores/conformal.h"

void mien_label_sets_clear(mien_label_sets *sets) {
    mien_free(sets->without);
    *sets = (mien_label_sets){0};
}

/* Rows of all seeds but those of one part (-1: all), the rows of a seed together. */
typedef struct rows {
    int *label;
    double *probability;
    int64_t count;
} rows;

/* Probabilities that are floats may sum to a little more or less than 1. */
static void add(
    rows *r, const mien_dataset_target *t, int64_t row, const double *probability) {
    int classes = t->from->classes;
    memcpy(r->probability + r->count * classes, probability,
        (size_t)classes * sizeof *probability);
    r->label[r->count++] = t->label[row];
}

static void gather(rows *r, const mien_dataset *c, const mien_dataset_target *t,
    const double *predictions, int seeds, int parts, int without) {
    r->count = 0;
    for (int s = 0; s < seeds; s++) {
        for (int64_t i = 0; i < c->rows; i++) {
            if (c->fold[i] >= 0 && mien_dataset_has(t, i) &&
                mien_conformal_part_of(c, parts, i) != without) {
                add(r, t, i, predictions + (s * c->rows + i) * c->width + t->place);
            }
        }
    }
}

int mien_label_sets_of(const mien_label_sets *sets, const mien_dataset *dataset,
    const mien_dataset_target *target, int64_t row, const double *p, bool *in_set) {
    if (!sets->parts || dataset->fold[row] < 0) {
        return 0;
    }
    int part = mien_conformal_part_of(dataset, sets->parts, row);
    return mien_conformal_set(sets->without[part], target->from->classes, p,
        mien_target_choose(&target->target, p), in_set);
}

static void judge(mien_label_sets *s, const mien_dataset *c,
    const mien_dataset_target *t, const double *predictions, int seeds) {
    bool in_set[MIEN_CLASSES_MAX];
    double held = 0, size = 0, single = 0, count = 0;
    for (int64_t k = 0; k < seeds * c->rows; k++) {
        int64_t i = k % c->rows;
        if (c->fold[i] >= 0 && mien_dataset_has(t, i)) {
            int many = mien_label_sets_of(
                s, c, t, i, predictions + k * c->width + t->place, in_set);
            held += in_set[t->label[i]];
            size += many;
            single += many == 1;
            count++;
        }
    }
    s->covered = held / count;
    s->size = size / count;
    s->single = single / count;
}

mien_status mien_label_sets_compute(mien_label_sets *sets, const mien_dataset *dataset,
    const mien_study *study, const mien_dataset_target *target,
    const double *predictions, int seeds) {
    if (!mien_options_flag(study->options, "calibration.sets")) {
        return MIEN_OK;
    }
    const int classes = target->from->classes, parts = mien_conformal_parts_of(dataset);
    const double level = mien_options_number(study->options, "calibration.level");
    size_t n = (size_t)(seeds * dataset->rows);
    rows r = {mien_alloc(n, sizeof *r.label),
        mien_alloc(n * (size_t)classes, sizeof *r.probability), 0};
    sets->without = mien_alloc((size_t)parts, sizeof *sets->without);
    mien_status status =
        r.label && r.probability && sets->without ? MIEN_OK : MIEN_ENOMEM;
    for (int k = -1; status == MIEN_OK && k < parts; k++) {
        double *threshold = k < 0 ? &sets->all : &sets->without[k];
        gather(&r, dataset, target, predictions, seeds, parts, k);
        const mien_class_answers answers = {.n = r.count,
            .classes = classes,
            .truth = r.label,
            .probability = r.probability};
        *threshold = 0; /* of no rows: all classes */
        status = r.count ? mien_conformal_sets_fit(&answers, seeds, level, threshold)
                         : MIEN_OK;
    }
    if (status == MIEN_OK) {
        sets->parts = parts;
        sets->level = level;
        judge(sets, dataset, target, predictions, seeds);
    }
    mien_free(r.probability);
    mien_free(r.label);
    return status;
}
