/* SPDX-License-Identifier: MIT */
/* Figures of predicted classes by the values of a column: in come labels and the table
 * that they were read from, out go rows METRIC[VALUE] with the intervals of
 * mien_class_intervals(), and METRIC[VALUE]-rest with percentiles over groups drawn for
 * both sides together. cmd_evaluate.c calls it for --by. */
#include "cli/evaluate_by_classes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/evaluate_calibration.h"
#include "cli/figures.h"
#include "eval/class_metric.h"

enum { NAME = 160, METRICS = 3 };

static const char *const names[METRICS] = {"accuracy", "balanced_accuracy", "macro_f1"};

/* The data that one call works on. */
typedef struct dividing {
    const mien_options *options;
    mien_thread_pool *pool;
    mien_table_writer **writer;
    const char *target;
    const cli_labels *l;
    const mien_class_metric *metrics[METRICS];
    int *value;     /* [rows] -1: the cell is missing */
    int64_t *dense; /* [rows] its group, numbered from 0 among rows with a value */
    int64_t groups;
    double *times; /* [groups] how often each is drawn */
    int64_t lone;  /* values of which the gap has no interval */
} dividing;

/* Groups numbered anew: those of the labels are below some count of table rows. */
static mien_status number_groups(dividing *d) {
    int64_t most = 0;
    for (int64_t i = 0; i < d->l->rows; i++) {
        most = d->l->group[i] > most ? d->l->group[i] : most;
    }
    int64_t *number = mien_alloc((size_t)most + 1, sizeof *number);
    if (!number) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < d->l->rows; i++) {
        int64_t *of = &number[d->l->group[i]];
        if (d->value[i] >= 0) {
            *of = *of ? *of : ++d->groups;
            d->dense[i] = *of - 1;
        }
    }
    mien_free(number);
    d->times = mien_alloc((size_t)d->groups + 1, sizeof *d->times);
    return d->times ? MIEN_OK : MIEN_ENOMEM;
}

/* Each metric inside less outside, mean over the seeds; rows count as often as their
 * group is drawn (all once: whole). False: one side is empty. */
static bool differ(const dividing *d, int which, bool whole, double *difference) {
    const cli_labels *l = d->l;
    memset(difference, 0, METRICS * sizeof *difference);
    for (int64_t s = 0; s < l->seeds; s++) {
        mien_class_counts side[2] = {{.classes = l->classes}, {.classes = l->classes}};
        for (int64_t i = 0; i < l->rows; i++) {
            if (d->value[i] < 0) {
                continue;
            }
            double times = whole ? 1 : d->times[d->dense[i]];
            mien_class_counts *c = &side[d->value[i] != which];
            int truth = l->truth[s * l->rows + i];
            int answer = l->prediction[s * l->rows + i];
            c->sums.n += times;
            c->truth[truth] += times;
            c->predicted[answer] += times;
            c->right[truth] += truth == answer ? times : 0;
        }
        if (!(side[0].sums.n > 0 && side[1].sums.n > 0)) {
            return false;
        }
        for (int m = 0; m < METRICS; m++) {
            difference[m] +=
                (d->metrics[m]->of(&side[0]) - d->metrics[m]->of(&side[1])) /
                (double)l->seeds;
        }
    }
    return true;
}

/* Whether the rows with this value, or those with another, are of one group, of which
 * nothing says how far another would be. */
static bool is_lone(const dividing *d, int which) {
    bool lone = false;
    for (int other = 0; other < 2; other++) {
        int64_t count = 0;
        memset(d->times, 0, (size_t)d->groups * sizeof *d->times);
        for (int64_t i = 0; i < d->l->rows; i++) {
            bool in = d->value[i] >= 0 && (d->value[i] != which) == other;
            count += in && d->times[d->dense[i]]++ == 0;
        }
        lone = lone || count < 2;
    }
    return lone;
}

/* gaps [METRICS]: percentiles of the differences over groups drawn with replacement;
 * none where a side is of one group. */
static mien_status find_gaps(dividing *d, int which, mien_interval *gaps) {
    const mien_interval_options o = cli_intervals_of(d->options);
    size_t repeats = (size_t)o.repeats;
    double *x = mien_alloc(METRICS * repeats, sizeof *x), one[METRICS];
    int64_t n[METRICS] = {0};
    if (!x) {
        return MIEN_ENOMEM;
    }
    bool lone = is_lone(d, which);
    d->lone += lone;
    differ(d, which, true, one);
    for (int m = 0; m < METRICS; m++) {
        gaps[m].value = one[m];
    }
    for (int r = 0; r < o.repeats && !lone; r++) {
        mien_stream s;
        mien_stream_init(&s, o.seed, (uint64_t)r, 0);
        memset(d->times, 0, (size_t)d->groups * sizeof *d->times);
        for (int64_t k = 0; k < d->groups; k++) {
            d->times[(int64_t)(mien_stream_uniform(&s) * (double)d->groups)]++;
        }
        bool both = differ(d, which, false, one);
        for (int m = 0; both && m < METRICS; m++) {
            if (isfinite(one[m])) {
                x[(size_t)m * repeats + (size_t)n[m]++] = one[m];
            }
        }
    }
    for (int m = 0; m < METRICS; m++) {
        cli_percentiles(x + (size_t)m * repeats, n[m], o.level, &gaps[m]);
    }
    mien_free(x);
    return MIEN_OK;
}

/* The rows of one value, their groups and how many of these there are. */
typedef struct inside {
    int64_t rows, groups, *group, *across; /* across NULL: nothing */
    int *truth, *prediction;               /* [seeds, rows] */
    mien_class_answers *each;
} inside;

static void inside_clear(inside *in) {
    mien_free(in->group);
    mien_free(in->across);
    mien_free(in->truth);
    mien_free(in->prediction);
    mien_free(in->each);
}

static mien_status inside_init(inside *in, const dividing *d, int which) {
    const cli_labels *l = d->l;
    size_t n = (size_t)(l->rows * l->seeds);
    *in = (inside){.group = mien_alloc((size_t)l->rows, sizeof *in->group),
        .truth = mien_alloc(n, sizeof *in->truth),
        .prediction = mien_alloc(n, sizeof *in->prediction),
        .across = l->across ? mien_alloc((size_t)l->rows, sizeof *in->across) : NULL,
        .each = mien_alloc((size_t)l->seeds, sizeof *in->each)};
    if (!in->group || (l->across && !in->across) || !in->truth || !in->prediction ||
        !in->each) {
        return MIEN_ENOMEM;
    }
    memset(d->times, 0, (size_t)d->groups * sizeof *d->times);
    for (int64_t i = 0; i < l->rows; i++) {
        if (d->value[i] == which) {
            in->groups += d->times[d->dense[i]]++ == 0;
            if (in->across) {
                in->across[in->rows] = l->across[i];
            }
            in->group[in->rows++] = d->dense[i];
        }
    }
    for (int64_t s = 0, at = 0; s < l->seeds; s++) {
        in->each[s] = (mien_class_answers){.n = in->rows,
            .classes = l->classes,
            .truth = in->truth + at,
            .prediction = in->prediction + at};
        for (int64_t i = 0; i < l->rows; i++) {
            if (d->value[i] == which) {
                in->truth[at] = l->truth[s * l->rows + i];
                in->prediction[at++] = l->prediction[s * l->rows + i];
            }
        }
    }
    return MIEN_OK;
}

static mien_status write_value(dividing *d, const char *text, int which) {
    const mien_interval_options o = cli_intervals_of(d->options);
    mien_interval own[METRICS], gaps[METRICS];
    inside in;
    mien_status status = inside_init(&in, d, which);
    bool others = false;
    for (int64_t i = 0; i < d->l->rows; i++) {
        others = others || (d->value[i] >= 0 && d->value[i] != which);
    }
    if (status == MIEN_OK) {
        const mien_class_sample sample = {
            in.each, (int)d->l->seeds, in.group, in.across};
        status =
            mien_class_intervals(d->metrics, METRICS, &sample, NULL, &o, d->pool, own);
    }
    if (status == MIEN_OK && others) {
        status = find_gaps(d, which, gaps);
    }
    for (int k = 0; status == MIEN_OK && k < (others ? 2 : 1) * METRICS; k++) {
        int m = others ? k / 2 : k;
        bool gap = others && k % 2;
        char name[NAME];
        const cli_figures_of of = {d->target, name, in.rows, in.groups};
        snprintf(name, sizeof name, "%s[%.100s]%s", names[m], text, gap ? "-rest" : "");
        status =
            cli_figures_interval(d->options, d->writer, &of, gap ? &gaps[m] : &own[m]);
    }
    inside_clear(&in);
    return status;
}

mien_status cli_labels_write_by(const mien_options *options, mien_thread_pool *pool,
    mien_table_writer **writer, const char *target, const cli_labels *labels,
    const mien_table *table, const char *column) {
    size_t rows = (size_t)labels->rows;
    const char *texts[CLI_BY_VALUES_MAX];
    int count = 0;
    dividing d = {.options = options,
        .pool = pool,
        .writer = writer,
        .target = target,
        .l = labels,
        .value = mien_alloc(rows, sizeof *d.value),
        .dense = mien_alloc(rows, sizeof *d.dense)};
    mien_status status = d.value && d.dense ? MIEN_OK : MIEN_ENOMEM;
    for (int m = 0; m < METRICS; m++) {
        d.metrics[m] = mien_class_metric_find(names[m]);
    }
    if (status == MIEN_OK) {
        status = cli_by_values(
            table, column, labels->row, labels->rows, d.value, texts, &count);
    }
    if (status == MIEN_OK) {
        status = number_groups(&d);
    }
    for (int v = 0; status == MIEN_OK && v < count; v++) {
        status = write_value(&d, texts[v], v);
    }
    cli_figures_lone(status == MIEN_OK ? d.lone : 0);
    mien_free(d.value);
    mien_free(d.dense);
    mien_free(d.times);
    return status;
}
