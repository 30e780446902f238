/* SPDX-License-Identifier: MIT */
/* How much worse predictions are with an input changed, with paired intervals over
 * films. */
#include "train/explain.h"

#include <string.h>

#include "train/scores.h"

const mien_metric *mien_explanation_metric(int index) {
    static const char *const names[MIEN_EXPLAIN_METRICS] = {"r", "ccc", "mse"};
    return mien_metric_find(names[index]);
}

/* Predictions of one target, of tested rows alone. */
typedef struct columns {
    double *values;      /* [count, rows] */
    const double **each; /* [count] */
    int count;
} columns;

static void columns_clear(columns *c) {
    mien_free(c->each);
    mien_free(c->values);
}

static mien_status take(const mien_explanation *e, const double *from, int count,
    int64_t place, columns *c) {
    *c = (columns){.values = mien_alloc((size_t)(count * e->rows), sizeof *c->values),
        .each = mien_alloc((size_t)count, sizeof *c->each),
        .count = count};
    if (!c->values || !c->each) {
        return MIEN_ENOMEM;
    }
    for (int k = 0; k < count; k++) {
        double *to = c->values + k * e->rows;
        for (int64_t i = 0; i < e->rows; i++) {
            to[i] = from[k * e->values + e->row[i] * e->corpus->width + place];
        }
        c->each[k] = to;
    }
    return MIEN_OK;
}

/* What all figures of one target are made with. */
typedef struct judge {
    const mien_explanation *e;
    double *truth, *null; /* [rows] */
    int64_t *group;       /* [rows] */
    columns whole;
    mien_interval_options intervals;
} judge;

static void judge_clear(judge *j) {
    columns_clear(&j->whole);
    mien_free(j->truth);
    mien_free(j->null);
    mien_free(j->group);
}

static mien_status judge_init(judge *j, const mien_explanation *e, int target) {
    const mien_corpus_target *t = &e->corpus->target[target];
    size_t n = (size_t)e->rows, folds = (size_t)e->corpus->folds;
    double *usual = mien_alloc(folds, sizeof *usual);
    *j = (judge){.e = e,
        .truth = mien_alloc(n, sizeof *j->truth),
        .null = mien_alloc(n, sizeof *j->null),
        .group = mien_alloc(n, sizeof *j->group),
        .intervals = mien_scores_intervals(e->study)};
    if (!j->truth || !j->null || !j->group || !usual) {
        mien_free(usual);
        return MIEN_ENOMEM;
    }
    for (int k = 0; k < e->corpus->folds; k++) {
        mien_scores_usual(e->corpus, t, k, &usual[k]);
    }
    for (int64_t i = 0; i < e->rows; i++) {
        j->truth[i] = t->value[e->row[i]];
        j->null[i] = usual[e->corpus->fold[e->row[i]]];
        j->group[i] = e->corpus->group[e->row[i]];
    }
    mien_free(usual);
    return take(e, e->predictions, e->seeds, t->place, &j->whole);
}

/* Figures of a, or of a − b. intervals [MIEN_EXPLAIN_METRICS] */
static mien_status figures(
    const judge *j, const columns *a, const columns *b, mien_interval *intervals) {
    const mien_metric *metrics[MIEN_EXPLAIN_METRICS];
    mien_sample first = {.n = j->e->rows,
        .truth = j->truth,
        .predictions = a->each,
        .count = a->count,
        .null = j->null,
        .group = j->group};
    mien_sample second = first;
    for (int m = 0; m < MIEN_EXPLAIN_METRICS; m++) {
        metrics[m] = mien_explanation_metric(m);
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
    for (int m = 0; status == MIEN_OK && m < MIEN_EXPLAIN_METRICS; m++) {
        mien_interval *i = &s->loss[m];
        if (!mien_explanation_metric(m)->higher_is_better) {
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
        status = take(e, from, count, e->corpus->target[t].place, &changed);
        if (status == MIEN_OK) {
            status = score_way(j, &changed, &e->score[t][input][way]);
        }
        columns_clear(&changed);
    }
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
    judge_clear(&j);
    return status;
}

mien_status mien_explanation_score(mien_explanation *explanation) {
    mien_explanation *e = explanation;
    mien_status status = MIEN_OK;
    for (int t = 0; status == MIEN_OK && t < e->corpus->targets; t++) {
        if (e->corpus->target[t].value) {
            status = score_target(e, t);
        }
        if (status == MIEN_OK && e->options.progress) {
            e->options.progress(
                e->options.context, "figures", t + 1, e->corpus->targets);
        }
    }
    return status;
}
