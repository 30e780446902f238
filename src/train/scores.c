/* SPDX-License-Identifier: MIT */
/* Judges out-of-fold predictions of numbers and classes. */
#include "train/scores.h"

#include <math.h>
#include <string.h>

#include "train/results.h"

void mien_scores_clear(mien_scores *scores) {
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_free(scores->target[t].confusion);
        mien_free(scores->target[t].class);
    }
    mien_free(scores->row);
    *scores = (mien_scores){0};
}

const char *mien_scores_metric_name(bool of_classes, int index) {
    return of_classes ? mien_class_metric_at(index)->name : mien_metric_at(index)->name;
}

/* Arrays over the rows that were tested, of one target. */
typedef struct answers {
    int64_t n, width;
    double *truth, *model, *baseline; /* numbers [n]; classes: probabilities [n, K] */
    int *label, *chosen, *usual;      /* [n]; usual: the baseline's choice */
    int64_t *group;
} answers;

static void answers_clear(answers *a) {
    mien_free(a->truth);
    mien_free(a->model);
    mien_free(a->baseline);
    mien_free(a->label);
    mien_free(a->chosen);
    mien_free(a->usual);
    mien_free(a->group);
}

static mien_status answers_init(answers *a, int64_t n, int64_t width) {
    size_t count = (size_t)n;
    *a = (answers){.n = n,
        .width = width,
        .truth = mien_alloc(count, sizeof(double)),
        .model = mien_alloc(count * (size_t)width, sizeof(double)),
        .baseline = mien_alloc(count * (size_t)width, sizeof(double)),
        .label = mien_alloc(count, sizeof(int)),
        .chosen = mien_alloc(count, sizeof(int)),
        .usual = mien_alloc(count, sizeof(int)),
        .group = mien_alloc(count, sizeof(int64_t))};
    return a->truth && a->model && a->baseline && a->label && a->chosen && a->usual &&
                   a->group
               ? MIEN_OK
               : MIEN_ENOMEM;
}

/* Mean, or shares of classes, of what fold k does not hold out. */
static mien_status usual_of(const mien_corpus *c, const mien_study *study,
    const mien_corpus_target *target, int k, double *usual) {
    int64_t width = mien_target_width(&target->target), count = 0;
    mien_part *part = mien_alloc((size_t)c->rows, sizeof *part);
    mien_status status = part ? mien_corpus_parts(c, study, k, part) : MIEN_ENOMEM;
    memset(usual, 0, (size_t)width * sizeof *usual);
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        if (part[i] != MIEN_PART_TRAIN && part[i] != MIEN_PART_VALIDATION) {
            continue;
        }
        count++;
        if (target->value) {
            usual[0] += target->value[i];
        } else {
            usual[target->label[i]]++;
        }
    }
    for (int64_t w = 0; w < width; w++) {
        usual[w] /= (double)count;
    }
    mien_free(part);
    return status;
}

static mien_status fill(answers *a, const mien_scores *s, const mien_corpus *c,
    const mien_study *study, const mien_corpus_target *target,
    const double *predictions) {
    double usual[MIEN_CLASSES_MAX];
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < c->folds; k++) {
        status = usual_of(c, study, target, k, usual);
        for (int64_t i = 0; status == MIEN_OK && i < a->n; i++) {
            int64_t row = s->row[i];
            if (c->fold[row] != k) {
                continue;
            }
            memcpy(a->baseline + i * a->width, usual, (size_t)a->width * sizeof *usual);
            memcpy(a->model + i * a->width,
                predictions + row * c->width + target->place,
                (size_t)a->width * sizeof(double));
            a->group[i] = c->group[row];
            if (target->value) {
                a->truth[i] = target->value[row];
                continue;
            }
            a->label[i] = target->label[row];
            a->chosen[i] = mien_target_choose(&target->target, a->model + i * a->width);
            a->usual[i] = mien_target_choose(&target->target, usual);
        }
    }
    return status;
}

static mien_status judge_numbers(mien_target_scores *s, const answers *a,
    const mien_bootstrap_options *o, mien_pool *pool) {
    mien_status status = mien_residual_interval(a->truth, a->model, a->n, s->residual);
    s->metrics = mien_metric_usual_count();
    for (int i = 0; status == MIEN_OK && i < s->metrics; i++) {
        const mien_metric *metric = mien_metric_at(i);
        status = mien_bootstrap(
            metric, a->truth, a->model, a->group, a->n, o, pool, &s->model[i]);
        if (status == MIEN_OK) {
            status = mien_bootstrap(metric, a->truth, a->baseline, a->group, a->n, o,
                pool, &s->baseline[i]);
        }
    }
    return status;
}

static mien_status judge_classes(mien_target_scores *s, const answers *a, int classes,
    const mien_bootstrap_options *o, mien_pool *pool) {
    mien_class_answers model = {.n = a->n,
        .classes = classes,
        .truth = a->label,
        .prediction = a->chosen,
        .probability = a->model};
    mien_class_answers baseline = model;
    baseline.prediction = a->usual;
    baseline.probability = a->baseline;
    mien_status status = mien_class_answers_check(&model);
    s->metrics = mien_class_metric_count();
    s->confusion = mien_alloc((size_t)classes * (size_t)classes, sizeof *s->confusion);
    s->class = mien_alloc((size_t)classes, sizeof *s->class);
    if (!s->confusion || !s->class) {
        return MIEN_ENOMEM;
    }
    for (int i = 0; status == MIEN_OK && i < s->metrics; i++) {
        const mien_class_metric *metric = mien_class_metric_at(i);
        status = mien_class_bootstrap(metric, &model, a->group, o, pool, &s->model[i]);
        if (status == MIEN_OK) {
            status = mien_class_bootstrap(
                metric, &baseline, a->group, o, pool, &s->baseline[i]);
        }
    }
    if (status == MIEN_OK) {
        mien_confusion(&model, s->confusion);
        mien_class_scores(&model, s->class);
    }
    return status;
}

static mien_status judge(mien_scores *s, const mien_corpus *c, const mien_study *study,
    int t, const double *predictions, mien_pool *pool) {
    const mien_corpus_target *target = &c->target[t];
    const mien_bootstrap_options o = {
        .repeats = (int)mien_options_int(study->options, "bootstrap.repeats"),
        .level = mien_options_number(study->options, "bootstrap.level"),
        .seed = (uint64_t)mien_options_int(study->options, "bootstrap.seed")};
    answers a;
    mien_status status = answers_init(&a, s->rows, mien_target_width(&target->target));
    if (status == MIEN_OK) {
        status = fill(&a, s, c, study, target, predictions);
    }
    if (status == MIEN_OK && target->value) {
        status = judge_numbers(&s->target[t], &a, &o, pool);
        if (status == MIEN_OK) {
            status = mien_ceiling_of(c->trials, target->from, &s->target[t].ceiling,
                &s->target[t].has_ceiling);
        }
    } else if (status == MIEN_OK) {
        status = judge_classes(&s->target[t], &a, target->from->classes, &o, pool);
    }
    answers_clear(&a);
    return status;
}

mien_status mien_scores_compute(mien_scores *scores, const mien_corpus *corpus,
    const mien_study *study, const double *predictions, mien_pool *pool) {
    *scores = (mien_scores){0};
    scores->row = mien_alloc((size_t)corpus->rows, sizeof *scores->row);
    mien_status status = scores->row ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < corpus->rows; i++) {
        if (corpus->fold[i] >= 0) {
            scores->row[scores->rows++] = i;
        }
    }
    for (int t = 0; status == MIEN_OK && t < corpus->targets; t++) {
        status = judge(scores, corpus, study, t, predictions, pool);
    }
    return status;
}
