/* SPDX-License-Identifier: MIT */
/* Calibration of numbers: the slope, what intervals hold (in all and by thirds of the
 * prediction), and figures by the values of a column. cmd_evaluate.c calls it. */
#include "cli/evaluate_calibration.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/evaluate_reliability.h"
#include "cli/figures.h"

enum { NAME = 160, BY_METRICS = 3 };

/* ---- intervals ------------------------------------------------------------------- */

/* A pair and its prediction, to tell which third of the predictions it lies in. */
typedef struct ranked {
    double prediction;
    int64_t pair;
} ranked;

static int ascending(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    return x->prediction != y->prediction ? (x->prediction > y->prediction ? 1 : -1)
                                          : (x->pair > y->pair) - (x->pair < y->pair);
}

static mien_status find_thirds(const cli_pairs *p, int *third) {
    ranked *order = mien_alloc((size_t)p->count, sizeof *order);
    for (int64_t i = 0; order && i < p->count; i++) {
        order[i] = (ranked){p->prediction[i], i};
    }
    if (!order) {
        return MIEN_ENOMEM;
    }
    qsort(order, (size_t)p->count, sizeof *order, ascending);
    for (int64_t i = 0; i < p->count; i++) {
        third[order[i].pair] = (int)(3 * i / p->count);
    }
    mien_free(order);
    return MIEN_OK;
}

/* The share of some pairs whose truth lies within its interval, as an accuracy: that
 * has intervals over groups. third -1: of all. */
static mien_status write_covered(const mien_options *options, mien_thread_pool *pool,
    mien_table_writer **writer, const cli_figures_of *name, const cli_pairs *p,
    const int *third, int which) {
    const mien_class_metric *accuracy = mien_class_metric_find("accuracy");
    const mien_interval_options o = cli_intervals_of(options);
    size_t n = (size_t)p->count;
    int *truth = mien_alloc(n, sizeof *truth), *held = mien_alloc(n, sizeof *held);
    int64_t *group = mien_alloc(n, sizeof *group), count = 0;
    int64_t *across = mien_alloc(n, sizeof *across);
    mien_interval interval;
    mien_status status = truth && held && group && across ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < p->count; i++) {
        if (which < 0 || third[i] == which) {
            held[count] = p->truth[i] < p->low[i] || p->truth[i] > p->high[i];
            across[count] = p->across ? p->across[i] : 0;
            group[count++] = p->group[i];
        }
    }
    if (status == MIEN_OK && count) {
        const mien_class_answers answers = {
            .n = count, .classes = 2, .truth = truth, .prediction = held};
        const mien_class_sample sample = {
            &answers, 1, group, p->across ? across : NULL};
        status = mien_class_intervals(&accuracy, 1, &sample, NULL, &o, pool, &interval);
        cli_figures_of of = *name;
        of.rows = count;
        status = status == MIEN_OK
                     ? cli_figures_interval(options, writer, &of, &interval)
                     : status;
    }
    mien_free(truth);
    mien_free(held);
    mien_free(group);
    mien_free(across);
    return status;
}

static mien_status write_bounds(const mien_options *options, mien_thread_pool *pool,
    mien_table_writer **writer, const char *target, const cli_pairs *p) {
    static const char *const names[] = {
        "covered", "covered_low", "covered_middle", "covered_high"};
    int *third = mien_alloc((size_t)p->count, sizeof *third);
    double width = 0;
    mien_status status = third ? find_thirds(p, third) : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < 4; k++) {
        const cli_figures_of of = {target, names[k], p->count, p->groups};
        status = write_covered(options, pool, writer, &of, p, third, k - 1);
    }
    for (int64_t i = 0; i < p->count; i++) {
        width += (p->high[i] - p->low[i]) / (double)p->count;
    }
    if (status == MIEN_OK) {
        const cli_figures_of of = {target, "width", p->count, p->groups};
        const mien_interval mean = {width, (double)NAN, (double)NAN};
        status = cli_figures_interval(options, writer, &of, &mean);
    }
    mien_free(third);
    return status == MIEN_OK ? cli_pairs_write_narrowest(options, writer, target, p)
                             : status;
}

mien_status cli_pairs_write_calibration(const mien_options *options,
    mien_thread_pool *pool, mien_table_writer **writer, const char *target,
    const cli_pairs *pairs) {
    const mien_metric *slope = mien_metric_find("slope");
    const mien_interval_options o = cli_intervals_of(options);
    const mien_sample sample = cli_pairs_sample(pairs, 0, pairs->seeds, 0);
    const cli_figures_of of = {target, "slope", pairs->count, pairs->groups};
    mien_interval interval;
    mien_status status = mien_intervals(&slope, 1, &sample, NULL, &o, pool, &interval);
    if (status == MIEN_OK) {
        status = cli_figures_interval(options, writer, &of, &interval);
    }
    return status == MIEN_OK && pairs->has_bounds
               ? write_bounds(options, pool, writer, target, pairs)
               : status;
}

/* ---- by a column ----------------------------------------------------------------- */

/* Pairs of one value, or all others. */
typedef struct part {
    double *truth, *prediction, *null; /* [room], prediction [seeds, room] */
    const double **each;
    int64_t *group, *across, count, room, groups; /* across NULL: nothing */
} part;

static void part_clear(part *s) {
    mien_free(s->truth);
    mien_free(s->prediction);
    mien_free(s->null);
    mien_free((void *)s->each);
    mien_free(s->group);
    mien_free(s->across);
}

static mien_status part_init(part *s, const cli_pairs *p) {
    /* groups drawn anew may hold more rows than there are */
    size_t n = 4 * (size_t)p->count + 64, seeds = (size_t)p->seeds;
    *s = (part){.room = (int64_t)n,
        .truth = mien_alloc(n, sizeof(double)),
        .prediction = mien_alloc(n * seeds, sizeof(double)),
        .null = mien_alloc(n, sizeof(double)),
        .each = mien_alloc(seeds, sizeof *s->each),
        .group = mien_alloc(n, sizeof(int64_t)),
        .across = p->across ? mien_alloc(n, sizeof(int64_t)) : NULL};
    for (int64_t k = 0; s->each && k < p->seeds; k++) {
        s->each[k] = s->prediction + k * s->room;
    }
    return s->truth && s->prediction && s->null && s->each && s->group &&
                   (s->across || !p->across)
               ? MIEN_OK
               : MIEN_ENOMEM;
}

static void part_add(part *s, const cli_pairs *p, int64_t i, int64_t group) {
    s->truth[s->count] = p->truth[i];
    s->null[s->count] = p->null[i];
    s->group[s->count] = group;
    if (s->across) {
        s->across[s->count] = p->across[i];
    }
    for (int64_t k = 0; k < p->seeds; k++) {
        s->prediction[k * s->room + s->count] = p->prediction[k * p->room + i];
    }
    s->count++;
}

static mien_sample sample_of(const part *s, const cli_pairs *p) {
    return (mien_sample){.n = s->count,
        .truth = s->truth,
        .predictions = s->each,
        .count = (int)p->seeds,
        .null = p->has_null[0] ? s->null : NULL,
        .group = s->group,
        .across = s->across};
}

static double value_of(const mien_metric *metric, const part *s, const cli_pairs *p) {
    double sum = 0;
    for (int64_t k = 0; k < p->seeds; k++) {
        const mien_pairs pairs = {
            s->count, s->truth, s->each[k], p->has_null[0] ? s->null : NULL};
        sum += mien_metric_value(metric, &pairs) / (double)p->seeds;
    }
    return sum;
}

/* The data that one call works on. */
typedef struct dividing {
    const mien_options *options;
    mien_thread_pool *pool;
    mien_table_writer **writer;
    const char *target;
    const cli_pairs *p;
    const int *value; /* [pairs] −1: the cell is missing */
    int64_t *drawn;   /* [rows of groups] how often each group is drawn */
    part inside, outside;
    int64_t lone; /* values of which the gap has no interval */
} dividing;

static int64_t groups_of(const dividing *d, int which, bool other) {
    int64_t count = 0;
    memset(d->drawn, 0, (size_t)d->p->group_rows * sizeof *d->drawn);
    for (int64_t i = 0; i < d->p->count; i++) {
        bool in = d->value[i] >= 0 && (d->value[i] == which) != other;
        if (in && d->drawn[d->p->group[i]]++ == 0) {
            count++;
        }
    }
    return count;
}

/* Divides the resampled rows into those inside and outside the group, each row as
 * often as its group is drawn. */
static void divide(dividing *d, int which, bool whole) {
    d->inside.count = d->outside.count = 0;
    for (int64_t i = 0; i < d->p->count; i++) {
        int64_t times = whole ? 1 : d->drawn[d->p->group[i]];
        for (int64_t k = 0;
             d->value[i] >= 0 && k < times && d->inside.count < d->inside.room &&
             d->outside.count < d->outside.room;
             k++) {
            part_add(d->value[i] == which ? &d->inside : &d->outside, d->p, i,
                d->p->group[i]);
        }
    }
}

static void draw_groups(
    dividing *d, const int64_t *list, int64_t count, mien_stream *s) {
    memset(d->drawn, 0, (size_t)d->p->group_rows * sizeof *d->drawn);
    for (int64_t k = 0; k < count; k++) {
        d->drawn[list[(int64_t)(mien_stream_uniform(s) * (double)count)]]++;
    }
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void cli_percentiles(double *x, int64_t n, double level, mien_interval *interval) {
    interval->low = interval->high = (double)NAN;
    if (n > 1) {
        qsort(x, (size_t)n, sizeof *x, by_value);
        double tail = (1 - level) / 2 * (double)(n - 1);
        interval->low = x[(int64_t)floor(tail)];
        interval->high = x[(int64_t)ceil((double)(n - 1) - tail)];
    }
}

/* Percentiles of the difference over groups drawn with replacement; none where a side
 * is of one group, of which nothing says how far another would be. */
static mien_status gap(dividing *d, const mien_metric *metric, int which,
    const int64_t *list, int64_t groups, mien_interval *out) {
    const mien_interval_options o = cli_intervals_of(d->options);
    double *x = mien_alloc((size_t)o.repeats, sizeof *x);
    int64_t n = 0;
    if (!x) {
        return MIEN_ENOMEM;
    }
    bool lone = groups_of(d, which, false) < 2 || groups_of(d, which, true) < 2;
    divide(d, which, true);
    *out = (mien_interval){
        value_of(metric, &d->inside, d->p) - value_of(metric, &d->outside, d->p),
        (double)NAN, (double)NAN};
    for (int r = 0; r < o.repeats && !lone; r++) {
        mien_stream s;
        mien_stream_init(&s, o.seed, (uint64_t)r, 0);
        draw_groups(d, list, groups, &s);
        divide(d, which, false);
        double one = d->inside.count && d->outside.count
                         ? value_of(metric, &d->inside, d->p) -
                               value_of(metric, &d->outside, d->p)
                         : (double)NAN;
        if (isfinite(one)) {
            x[n++] = one;
        }
    }
    cli_percentiles(x, n, o.level, out);
    mien_free(x);
    return MIEN_OK;
}

/* What the intervals of one value hold, and how wide they are. */
static mien_status write_value_bounds(dividing *d, const char *text, int which) {
    char name[NAME];
    double width = 0;
    int64_t count = 0;
    cli_figures_of of = {d->target, name, 0, groups_of(d, which, false)};
    for (int64_t i = 0; i < d->p->count; i++) {
        if (d->value[i] == which) {
            width += d->p->high[i] - d->p->low[i];
            count++;
        }
    }
    const mien_interval mean = {width / (double)count, (double)NAN, (double)NAN};
    of.rows = count;
    snprintf(name, sizeof name, "covered[%.100s]", text);
    mien_status status =
        write_covered(d->options, d->pool, d->writer, &of, d->p, d->value, which);
    snprintf(name, sizeof name, "width[%.100s]", text);
    return status == MIEN_OK ? cli_figures_interval(d->options, d->writer, &of, &mean)
                             : status;
}

static mien_status write_value(
    dividing *d, const char *text, int which, const int64_t *list, int64_t groups) {
    static const char *const names[BY_METRICS] = {"r", "rmse", "mae"};
    const mien_interval_options o = cli_intervals_of(d->options);
    mien_status status = MIEN_OK;
    d->lone += groups_of(d, which, true) > 0 &&
               (groups_of(d, which, false) < 2 || groups_of(d, which, true) < 2);
    for (int m = 0; status == MIEN_OK && m < BY_METRICS; m++) {
        const mien_metric *metric = mien_metric_find(names[m]);
        char name[NAME];
        mien_interval interval;
        divide(d, which, true);
        const mien_sample sample = sample_of(&d->inside, d->p);
        cli_figures_of of = {
            d->target, name, d->inside.count, groups_of(d, which, false)};
        snprintf(name, sizeof name, "%s[%.100s]", names[m], text);
        status = mien_intervals(&metric, 1, &sample, NULL, &o, d->pool, &interval);
        if (status == MIEN_OK) {
            status = cli_figures_interval(d->options, d->writer, &of, &interval);
        }
        if (status == MIEN_OK && d->outside.count) {
            status = gap(d, metric, which, list, groups, &interval);
            snprintf(name, sizeof name, "%s[%.100s]-rest", names[m], text);
        }
        if (status == MIEN_OK && d->outside.count) {
            status = cli_figures_interval(d->options, d->writer, &of, &interval);
        }
    }
    bool bounds = d->p->has_bounds && mien_options_flag(d->options, "calibration");
    return status == MIEN_OK && bounds ? write_value_bounds(d, text, which) : status;
}

mien_status cli_by_values(const mien_table *table, const char *column,
    const int64_t *row, int64_t rows, int *value, const char **texts, int *count) {
    int at = mien_table_column(table, column);
    *count = 0;
    if (at < 0) {
        return mien_fail(MIEN_ENOTFOUND, "%s: has no column \"%s\" to go by",
            mien_table_file(table), column);
    }
    for (int64_t i = 0; i < rows; i++) {
        const char *cell = mien_table_cell(table, row[i], at);
        int v = 0;
        if (!cell || mien_cell_missing(cell)) {
            value[i] = -1;
            continue;
        }
        while (v < *count && strcmp(texts[v], cell) != 0) {
            v++;
        }
        if (v == CLI_BY_VALUES_MAX) {
            return mien_fail(MIEN_ELIMIT,
                "--by %s: more than %d different values: name a coarser column", column,
                (int)CLI_BY_VALUES_MAX);
        }
        if (v == *count) {
            texts[(*count)++] = cell;
        }
        value[i] = v;
    }
    return MIEN_OK;
}

mien_status cli_pairs_write_by(const mien_options *options, mien_thread_pool *pool,
    mien_table_writer **writer, const char *target, const cli_pairs *pairs,
    const mien_table *table, const char *column) {
    const cli_pairs *p = pairs;
    int count = 0;
    const char *texts[CLI_BY_VALUES_MAX];
    int *value = mien_alloc((size_t)p->count, sizeof *value);
    int64_t *list = mien_alloc((size_t)p->group_rows, sizeof *list), groups = 0;
    dividing d = {options, pool, writer, target, p, value,
        mien_alloc((size_t)p->group_rows, sizeof *d.drawn), {0}, {0}, 0};
    mien_status status = value && list && d.drawn ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = cli_by_values(table, column, p->row, p->count, value, texts, &count);
    }
    for (int64_t g = 0; status == MIEN_OK && g < p->group_rows; g++) {
        if (p->known[g]) {
            list[groups++] = g;
        }
    }
    if (status == MIEN_OK) {
        status = part_init(&d.inside, p);
    }
    if (status == MIEN_OK) {
        status = part_init(&d.outside, p);
    }
    for (int v = 0; status == MIEN_OK && v < count; v++) {
        status = write_value(&d, texts[v], v, list, groups);
    }
    cli_figures_lone(status == MIEN_OK ? d.lone : 0);
    part_clear(&d.inside);
    part_clear(&d.outside);
    mien_free(d.drawn);
    mien_free(list);
    mien_free(value);
    return status;
}
