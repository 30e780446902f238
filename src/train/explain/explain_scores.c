/* SPDX-License-Identifier: MIT */
/* How much worse predictions are with an input changed, with paired intervals over
 * films. */
#include "train/explain/explain.h"

#include <string.h>

#include "train/scores/scores.h"

static bool has_classes(const mien_explanation *e, int target) {
    return e->dataset->target[target].label != NULL;
}

int mien_explanation_figures(const mien_explanation *explanation, int target) {
    return has_classes(explanation, target) ? MIEN_EXPLAIN_CLASS_METRICS
                                            : MIEN_EXPLAIN_METRICS;
}

mien_explanation_figure mien_explanation_figure_at(
    const mien_explanation *explanation, int target, int index) {
    static const char *const numbers[MIEN_EXPLAIN_METRICS] = {"r", "ccc", "mse"};
    static const char *const classes[MIEN_EXPLAIN_CLASS_METRICS] = {
        "log_loss", "balanced_accuracy"};
    if (has_classes(explanation, target)) {
        const mien_class_metric *m = mien_class_metric_find(classes[index]);
        return (mien_explanation_figure){
            m->name, m->title, m->higher_is_better, NULL, m};
    }
    const mien_metric *m = mien_metric_find(numbers[index]);
    return (mien_explanation_figure){m->name, m->title, m->higher_is_better, m, NULL};
}

/* Predictions of one target, of tested rows alone; of classes with what they choose. */
typedef struct columns {
    double *values;              /* [count, rows, width] */
    const double **each;         /* [count] */
    int *chosen;                 /* [count, rows]; NULL: numbers */
    mien_class_answers *answers; /* [count]; NULL: numbers */
    int count;
} columns;

static void columns_clear(columns *c) {
    mien_free(c->answers);
    mien_free(c->chosen);
    mien_free(c->each);
    mien_free(c->values);
}

/* The data that all figures of one target are made with. */
typedef struct judge {
    const mien_explanation *e;
    int target;
    const mien_dataset_target *from;
    int64_t n;            /* tested rows; of classes those that have a label */
    int64_t *row;         /* [n] of the dataset */
    double *truth, *null; /* [n], of numbers */
    int *label;           /* [n], of classes */
    int64_t *group;       /* [n] */
    int64_t *across;      /* [n] of crossed folds; NULL: of others */
    columns whole;
    mien_interval_options intervals;
} judge;

static void judge_clear(judge *j) {
    columns_clear(&j->whole);
    mien_free(j->row);
    mien_free(j->truth);
    mien_free(j->null);
    mien_free(j->label);
    mien_free(j->group);
    mien_free(j->across);
}

static mien_status take(const judge *j, const double *from, int count, columns *c) {
    const mien_explanation *e = j->e;
    const mien_target *target = &j->from->target;
    int64_t width = mien_target_width(target);
    size_t rows = (size_t)(count * j->n);
    *c = (columns){.values = mien_alloc(rows * (size_t)width, sizeof *c->values),
        .each = mien_alloc((size_t)count, sizeof *c->each),
        .chosen = j->label ? mien_alloc(rows, sizeof *c->chosen) : NULL,
        .answers = j->label ? mien_alloc((size_t)count, sizeof *c->answers) : NULL,
        .count = count};
    if (!c->values || !c->each || (j->label && (!c->chosen || !c->answers))) {
        return MIEN_ENOMEM;
    }
    for (int k = 0; k < count; k++) {
        double *to = c->values + k * j->n * width;
        c->each[k] = to;
        for (int64_t i = 0; i < j->n; i++, to += width) {
            memcpy(to,
                from + k * e->values + j->row[i] * e->dataset->width + j->from->place,
                (size_t)width * sizeof *to);
            if (c->chosen) {
                c->chosen[k * j->n + i] = mien_target_choose(target, to);
            }
        }
        if (c->answers) {
            c->answers[k] = (mien_class_answers){.n = j->n,
                .classes = (int)width,
                .truth = j->label,
                .prediction = c->chosen + k * j->n,
                .probability = c->each[k]};
        }
    }
    return MIEN_OK;
}

static mien_status take_truth(judge *j) {
    const mien_explanation *e = j->e;
    const mien_dataset *c = e->dataset;
    double *usual = mien_alloc((size_t)c->folds, sizeof *usual);
    if (!usual) {
        return MIEN_ENOMEM;
    }
    for (int k = 0; j->truth && k < c->folds; k++) {
        mien_scores_usual(c, j->from, k, &usual[k]);
    }
    for (int64_t i = 0; i < e->rows; i++) {
        int64_t row = e->row[i];
        if (j->label && !mien_dataset_has(j->from, row)) {
            continue;
        }
        j->row[j->n] = row;
        j->group[j->n] = c->group[row];
        if (j->across) {
            j->across[j->n] = c->stimulus[row];
        }
        if (j->label) {
            j->label[j->n] = j->from->label[row];
        } else {
            j->truth[j->n] = j->from->value[row];
            j->null[j->n] = usual[c->fold[row]];
        }
        j->n++;
    }
    mien_free(usual);
    return MIEN_OK;
}

static mien_status judge_init(judge *j, const mien_explanation *e, int target) {
    size_t n = (size_t)e->rows;
    bool classes = has_classes(e, target);
    *j = (judge){.e = e,
        .target = target,
        .from = &e->dataset->target[target],
        .row = mien_alloc(n, sizeof *j->row),
        .truth = classes ? NULL : mien_alloc(n, sizeof *j->truth),
        .null = classes ? NULL : mien_alloc(n, sizeof *j->null),
        .label = classes ? mien_alloc(n, sizeof *j->label) : NULL,
        .group = mien_alloc(n, sizeof *j->group),
        .across = e->dataset->cell ? mien_alloc(n, sizeof *j->across) : NULL,
        .intervals = mien_scores_intervals(e->study)};
    bool good = j->row && j->group && (j->across || !e->dataset->cell) &&
                (classes ? j->label != NULL : j->truth && j->null);
    mien_status status = good ? take_truth(j) : MIEN_ENOMEM;
    return status == MIEN_OK ? take(j, e->predictions, e->seeds, &j->whole) : status;
}

/* Figures of a, or of a − b. intervals [MIEN_EXPLAIN_METRICS] */
static mien_status figures_of_classes(
    const judge *j, const columns *a, const columns *b, mien_interval *intervals) {
    const mien_class_metric *metrics[MIEN_EXPLAIN_CLASS_METRICS];
    const mien_class_sample first = {a->answers, a->count, j->group, j->across};
    const mien_class_sample second = {
        b ? b->answers : NULL, b ? b->count : 0, j->group, j->across};
    for (int m = 0; m < MIEN_EXPLAIN_CLASS_METRICS; m++) {
        metrics[m] = mien_explanation_figure_at(j->e, j->target, m).classes;
    }
    return mien_class_intervals(metrics, MIEN_EXPLAIN_CLASS_METRICS, &first,
        b ? &second : NULL, &j->intervals, mien_replay_pool(j->e->replay), intervals);
}

static mien_status figures(
    const judge *j, const columns *a, const columns *b, mien_interval *intervals) {
    const mien_metric *metrics[MIEN_EXPLAIN_METRICS];
    if (j->label) {
        return figures_of_classes(j, a, b, intervals);
    }
    mien_sample first = {.n = j->n,
        .truth = j->truth,
        .predictions = a->each,
        .count = a->count,
        .null = j->null,
        .group = j->group,
        .across = j->across};
    mien_sample second = first;
    for (int m = 0; m < MIEN_EXPLAIN_METRICS; m++) {
        metrics[m] = mien_explanation_figure_at(j->e, j->target, m).numbers;
    }
    if (b) {
        second.predictions = b->each;
        second.count = b->count;
    }
    return mien_intervals(metrics, MIEN_EXPLAIN_METRICS, &first, b ? &second : NULL,
        &j->intervals, mien_replay_pool(j->e->replay), intervals);
}

static mien_status score_way(
    const judge *j, const columns *changed, mien_way_scores *s) {
    mien_status status = figures(j, changed, NULL, s->value);
    if (status == MIEN_OK) {
        status = figures(j, &j->whole, changed, s->loss);
    }
    int count = mien_explanation_figures(j->e, j->target);
    for (int m = 0; status == MIEN_OK && m < count; m++) {
        mien_interval *i = &s->loss[m];
        if (!mien_explanation_figure_at(j->e, j->target, m).higher_is_better) {
            *i = (mien_interval){-i->value, -i->high, -i->low};
        }
    }
    return status;
}

static mien_status score_input(mien_explanation *e, const judge *j, int t, int input) {
    mien_status status = MIEN_OK;
    for (int way = 0; status == MIEN_OK && way < MIEN_WAYS; way++) {
        columns changed = {0};
        int count = 0;
        if (!mien_explanation_has(e, (mien_way)way)) {
            continue;
        }
        const double *from = mien_explanation_of(e, (mien_way)way, input, &count);
        status = take(j, from, count, &changed);
        if (status == MIEN_OK) {
            status = score_way(j, &changed, &e->score[t][input][way]);
        }
        columns_clear(&changed);
    }
    return status;
}

static mien_status score_part(mien_explanation *e, const judge *j, int t, int left) {
    columns changed = {0};
    const double *from = e->predictions + (int64_t)(1 + left) * e->seeds * e->values;
    mien_status status = take(j, from, e->seeds, &changed);
    if (status == MIEN_OK) {
        status = score_way(j, &changed, &e->part[t][left - e->inputs]);
    }
    columns_clear(&changed);
    return status;
}

static mien_status score_target(mien_explanation *e, int t) {
    judge j = {0};
    mien_status status = judge_init(&j, e, t);
    if (status == MIEN_OK) {
        status = figures(&j, &j.whole, NULL, e->whole[t]);
    }
    for (int input = 0; status == MIEN_OK && input < e->inputs; input++) {
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : score_input(e, &j, t, input);
    }
    for (int k = e->inputs; status == MIEN_OK && k < e->lefts; k++) {
        status = score_part(e, &j, t, k);
    }
    judge_clear(&j);
    return status;
}

mien_status mien_explanation_score(mien_explanation *explanation) {
    mien_explanation *e = explanation;
    mien_status status = MIEN_OK;
    for (int t = 0; status == MIEN_OK && t < e->dataset->targets; t++) {
        status = score_target(e, t);
        if (status == MIEN_OK && e->options.progress) {
            e->options.progress(
                e->options.context, "figures", t + 1, e->dataset->targets);
        }
    }
    return status;
}
