/* SPDX-License-Identifier: MIT */
/* mien compare: is one run better than another on the same trials? */
#include "cli/compare.h"
#include "cli/compare_runs.h"
#include "cli/compare_table.h"
#include "cli/evaluate_classes.h"
#include "cli/evaluate_pairs.h"
#include "cli/figures.h"
#include "cli/figures_over.h"
#include "cli/train_axes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { METRICS_MAX = 32 };

static const mien_option options[] = {
    {.name = "baseline",
        .type = MIEN_OPTION_FLAG,
        .help = "With the run's own baseline instead of a second run"},
    {.name = "margin",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NUMBER | METRIC=NUMBER,…",
        .help =
            "How small a difference does not matter: says which runs are equivalent, "
            "different, or neither for sure"},
    CLI_OVER_OPTION,
    CLI_FIGURE_OPTIONS,
    {0},
};

/* The things that every comparison of a target needs. */
typedef struct scene {
    const mien_options *options;
    mien_thread_pool *pool;
    const cli_comparison *runs;
    cli_differences *found;
    const cli_over *over;
    const char *target;
} scene;

static mien_status keep_row(const scene *s, const cli_figures_of *of, double a,
    double b, const mien_interval *i, double p) {
    cli_difference one = {.metric = of->metric,
        .run = s->runs->b.table ? s->runs->b.path : "baseline",
        .rows = of->rows,
        .groups = of->groups,
        .a = a,
        .b = b,
        .apart = *i,
        .p = p};
    snprintf(one.target, sizeof one.target, "%s", of->target);
    return cli_differences_add(s->found, &one);
}

static mien_status nothing_common(const scene *s) {
    const cli_comparison *r = s->runs;
    return mien_fail(MIEN_EFORMAT,
        "%s and %s: no trial has a truth and predictions of %s in both", r->a.path,
        r->b.table ? r->b.path : "its baseline", s->target);
}

/* ---- numbers ------------------------------------------------------------------- */

/* Predictions of every seed of a, then of b, for one pair. */
static mien_status read_pair(
    const scene *s, int64_t pair, double *each, double null[2]) {
    const cli_comparison *r = s->runs;
    const cli_side *sides[] = {&r->a, &r->b};
    const int64_t rows[] = {r->row_a[pair], r->row_b[pair]};
    mien_status status = MIEN_OK;
    for (int k = 0; k < 2; k++) {
        const mien_table *t = sides[k]->table;
        null[k] = (double)NAN;
        for (int64_t n = 0; status == MIEN_OK && t && n < sides[k]->seeds; n++) {
            status = cli_number_at(t, n * sides[k]->rows + rows[k],
                cli_column_of(t, s->target, "prediction"), each++);
        }
        if (status == MIEN_OK && t) {
            status = cli_number_at(
                t, rows[k], cli_column_of(t, s->target, "null"), &null[k]);
        }
    }
    if (status == MIEN_OK && !r->b.table) {
        status = isfinite(null[0])
                     ? MIEN_OK
                     : cli_baseline_number(r, s->target, rows[0], &null[0]);
        *each = null[1] = null[0];
    }
    return status;
}

static mien_status read_pairs(const scene *s, cli_pairs *pairs) {
    const cli_comparison *r = s->runs;
    int truth = cli_column_of(r->a.table, s->target, "truth");
    double *each = mien_alloc((size_t)pairs->seeds, sizeof *each);
    mien_status status = each ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < r->count; i++) {
        double rated, null[2];
        status = cli_number_at(r->a.table, r->row_a[i], truth, &rated);
        if (status == MIEN_OK) {
            status = read_pair(s, i, each, null);
        }
        if (status == MIEN_OK) {
            cli_pairs_add(pairs, rated, each, null, r->row_a[i]);
        }
    }
    mien_free(each);
    return status == MIEN_OK && !pairs->count ? nothing_common(s) : status;
}

static double mean_of(const mien_metric *metric, const mien_sample *of) {
    double sum = 0;
    for (int k = 0; k < of->count; k++) {
        const mien_pairs pairs = {of->n, of->truth, of->predictions[k], of->null};
        sum += mien_metric_value(metric, &pairs);
    }
    return sum / of->count;
}

/* A correlation is of prediction − null; of the null prediction itself nothing is left,
 * and 0 is what it knows: the gain over it is the correlation. */
static bool gain_of_correlation(const mien_metric *metric, const mien_interval *alone,
    double *b, mien_interval *i) {
    if (metric->scale == MIEN_SCALE_CORRELATION && isnan(*b)) {
        *b = 0;
        *i = *alone;
        return true;
    }
    return false;
}

static mien_status write_numbers(const scene *s, const cli_pairs *p) {
    mien_interval_options o = cli_intervals_of(s->options);
    double p_apart[METRICS_MAX], p_alone[METRICS_MAX];
    const int64_t count_a = s->runs->a.seeds;
    mien_sample a = cli_pairs_sample(p, 0, count_a, 0);
    mien_sample b = cli_pairs_sample(p, count_a, p->seeds - count_a, 1);
    mien_interval apart[METRICS_MAX], alone[METRICS_MAX];
    int count;
    const mien_metric *const *metrics = cli_usual_metrics(&count);
    if (!p->has_null[0] || !p->has_null[1]) {
        a.null = b.null = NULL; /* what only one side has would be no fair comparison */
    }
    o.p = p_apart;
    mien_status status = mien_intervals(metrics, count, &a, &b, &o, s->pool, apart);
    if (status == MIEN_OK && !s->runs->b.table) {
        o.p = p_alone;
        status = mien_intervals(metrics, count, &a, NULL, &o, s->pool, alone);
    }
    for (int m = 0; status == MIEN_OK && m < count; m++) {
        const cli_figures_of of = {s->target, metrics[m]->name, p->count, p->groups};
        double of_b = mean_of(metrics[m], &b);
        bool gain = !s->runs->b.table &&
                    gain_of_correlation(metrics[m], &alone[m], &of_b, &apart[m]);
        status = keep_row(s, &of, mean_of(metrics[m], &a), of_b, &apart[m],
            gain ? p_alone[m] : p_apart[m]);
    }
    return status;
}

static mien_status compare_numbers(const scene *s) {
    const cli_comparison *r = s->runs;
    cli_pairs pairs = {0};
    int64_t seeds = r->a.seeds + (r->b.table ? r->b.seeds : 1);
    mien_status status = cli_pairs_init(&pairs, r->count, seeds, r->a.table);
    if (status == MIEN_OK) {
        status = read_pairs(s, &pairs);
    }
    if (status == MIEN_OK) {
        status = cli_over_pairs(s->over, &pairs);
    }
    if (status == MIEN_OK) {
        cli_pairs_tell(&pairs, r->a.table, s->target);
        cli_figures_few(pairs.groups);
        status = write_numbers(s, &pairs);
    }
    cli_pairs_clear(&pairs);
    return status;
}

/* ---- classes ------------------------------------------------------------------- */

static mien_status check_classes(
    const scene *s, const cli_labels *a, const cli_labels *b) {
    bool same = a->classes == b->classes;
    for (int k = 0; same && k < a->classes; k++) {
        same = strcmp(mien_table_name(s->runs->a.table, a->first + k),
                   mien_table_name(s->runs->b.table, b->first + k)) == 0;
    }
    return same ? MIEN_OK
                : mien_fail(MIEN_EFORMAT,
                      "%s and %s: %s has other classes, or in another order",
                      s->runs->a.path, s->runs->b.path, s->target);
}

static mien_status read_classes(const scene *s, cli_labels *a, cli_labels *b) {
    const cli_comparison *r = s->runs;
    mien_status status = cli_labels_read(a, r->a.table, s->target, r->row_a, r->count);
    if (status == MIEN_OK && !a->rows) {
        status = nothing_common(s);
    }
    if (status != MIEN_OK) {
        return status;
    }
    if (!r->b.table) {
        return cli_baseline_labels(r, s->target, a, b);
    }
    status = cli_labels_read(b, r->b.table, s->target, r->row_b, r->count);
    return status == MIEN_OK ? check_classes(s, a, b) : status;
}

static double class_mean_of(
    const mien_class_metric *metric, const mien_class_sample *of) {
    double sum = 0;
    for (int k = 0; k < of->count; k++) {
        sum += mien_class_metric_value(metric, &of->answers[k]);
    }
    return sum / of->count;
}

static mien_status write_classes(const scene *s, const cli_labels *labels,
    const mien_class_answers *each, int count_a, int count_b) {
    mien_interval_options o = cli_intervals_of(s->options);
    double p[METRICS_MAX];
    const mien_class_sample a = {each, count_a, labels->group, labels->across};
    const mien_class_sample b = {
        each + count_a, count_b, labels->group, labels->across};
    mien_interval intervals[METRICS_MAX];
    int count;
    const mien_class_metric *const *metrics = cli_class_metrics(&count);
    o.p = p;
    mien_status status =
        mien_class_intervals(metrics, count, &a, &b, &o, s->pool, intervals);
    for (int m = 0; status == MIEN_OK && m < count; m++) {
        const cli_figures_of of = {
            s->target, metrics[m]->name, labels->rows, labels->groups};
        status = keep_row(s, &of, class_mean_of(metrics[m], &a),
            class_mean_of(metrics[m], &b), &intervals[m], p[m]);
    }
    return status;
}

static mien_status compare_classes(const scene *s) {
    cli_labels a = {0}, b = {0};
    mien_status status = read_classes(s, &a, &b);
    mien_class_answers *each = mien_alloc((size_t)(a.seeds + b.seeds), sizeof *each);
    status = status == MIEN_OK && !each ? MIEN_ENOMEM : status;
    if (status == MIEN_OK) {
        status = cli_over_labels(s->over, &a);
    }
    for (int64_t k = 0; status == MIEN_OK && k < a.seeds + b.seeds; k++) {
        each[k] = k < a.seeds ? cli_labels_answers(&a, k)
                              : cli_labels_answers(&b, k - a.seeds);
    }
    if (status == MIEN_OK) {
        cli_labels_tell(&a, s->runs->a.table, s->target);
        cli_figures_few(a.groups);
        status = write_classes(s, &a, each, (int)a.seeds, (int)b.seeds);
    }
    mien_free(each);
    cli_labels_clear(&a);
    cli_labels_clear(&b);
    return status;
}

/* ---- both ---------------------------------------------------------------------- */

static mien_status compare_target(const scene *s) {
    const cli_comparison *r = s->runs;
    bool classes = cli_has_classes(r->a.table, s->target);
    if (r->b.table && cli_has_classes(r->b.table, s->target) != classes) {
        return mien_fail(MIEN_EFORMAT, "%s is of classes in %s and a number in %s",
            s->target, classes ? r->a.path : r->b.path,
            classes ? r->b.path : r->a.path);
    }
    mien_status status = cli_comparison_check_truth(r, s->target);
    if (status != MIEN_OK) {
        return status;
    }
    return classes ? compare_classes(s) : compare_numbers(s);
}

static bool has_target(const mien_table *table, const char *target) {
    char found[CLI_TARGET_NAME];
    for (int c = 0; c < mien_table_columns(table); c++) {
        if (cli_target_of_column(table, c, found) && strcmp(found, target) == 0) {
            return true;
        }
    }
    return false;
}

static mien_status compare_targets(cli *c, scene *s) {
    const cli_comparison *r = s->runs;
    char target[CLI_TARGET_NAME];
    mien_status status = MIEN_OK;
    int found = 0;
    s->target = target;
    for (int k = 0; status == MIEN_OK && k < mien_table_columns(r->a.table); k++) {
        if (!cli_target_of_column(r->a.table, k, target)) {
            continue;
        }
        if (r->b.table && !has_target(r->b.table, target)) {
            cli_say(c, "%s is only in %s", target, r->a.path);
            continue;
        }
        found++;
        status = compare_target(s);
    }
    if (status == MIEN_OK && !found) {
        return mien_fail(MIEN_EFORMAT,
            "%s and %s have no target in common: a pair of columns NAME_truth, "
            "NAME_prediction",
            r->a.path, r->b.table ? r->b.path : "its baseline");
    }
    return status;
}

static void tell_pairing(cli *c, const cli_comparison *r) {
    if (!r->b.table) {
        return;
    }
    const cli_side *sides[] = {&r->a, &r->b};
    for (int k = 0; k < 2; k++) {
        if (sides[k]->rows > r->count) {
            cli_say(c, "%lld of %lld trials of %s are not in the other: left out",
                (long long)(sides[k]->rows - r->count), (long long)sides[k]->rows,
                sides[k]->path);
        }
    }
    if (r->other_folds) {
        mien_log(MIEN_LOG_WARN, "cli",
            "%lld of %lld trials were held out by other folds in %s than in %s: part "
            "of "
            "the difference is what each had to learn from",
            (long long)r->other_folds, (long long)r->count, r->a.path, r->b.path);
    }
}

/* b NULL: the baseline of a. */
static mien_status compare_with(cli *c, const mien_options *o, mien_thread_pool *pool,
    const char *a, const char *b, cli_differences *found) {
    cli_comparison runs;
    cli_over over = {0};
    mien_status status = cli_comparison_open(&runs, a, b);
    if (status == MIEN_OK) {
        status = cli_over_read(&over, o, a, runs.a.table);
    }
    if (status == MIEN_OK) {
        scene s = {
            .options = o, .pool = pool, .runs = &runs, .found = found, .over = &over};
        tell_pairing(c, &runs);
        status = compare_targets(c, &s);
    }
    cli_over_clear(&over);
    cli_comparison_close(&runs);
    return status;
}

mien_status cli_compare(cli *c, const mien_options *o, int count,
    const char *const *paths, cli_differences *found) {
    mien_thread_pool *pool = NULL;
    mien_status status = mien_thread_pool_new(c->threads, &pool);
    for (int k = 1; status == MIEN_OK && k < count; k++) {
        status = compare_with(c, o, pool, paths[0], paths[k], found);
    }
    if (status == MIEN_OK && count == 1) {
        status = compare_with(c, o, pool, paths[0], NULL, found);
    }
    if (status == MIEN_OK) {
        cli_differences_adjust(found);
    }
    mien_thread_pool_free(&pool);
    return status;
}

static mien_status compare_paths(
    cli *c, const mien_options *o, int count, const char *const *paths) {
    bool baseline = mien_options_flag(o, "baseline");
    if ((count >= 2) == baseline) {
        return cli_usage(c, baseline ? "--baseline takes the place of the second run"
                                     : "a second run, or --baseline, is missing");
    }
    cli_differences found = {.runs = baseline ? 1 : count - 1};
    mien_table_writer *writer = NULL;
    mien_status status = cli_margin_check(mien_options_text(o, "margin"));
    if (status == MIEN_OK && found.runs > MIEN_HOLM_MAX) {
        status = cli_usage(c, "more than %d runs", (int)MIEN_HOLM_MAX);
    }
    status = status ? status : cli_compare(c, o, count, paths, &found);
    status = status ? status : cli_differences_write(o, &found, &writer);
    status = cli_close_rows(&writer, status);
    cli_differences_clear(&found);
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    cli_run_paths runs;
    mien_status status = cli_run_paths_open(&runs, count, positional);
    status = status ? status
                    : compare_paths(c, o, runs.count, (const char *const *)runs.path);
    cli_run_paths_clear(&runs);
    return status;
}

const cli_command cli_command_compare = {
    .name = "compare",
    .summary = "Judge the difference of two runs",
    .synopsis = "RUN RUN… | RUN --baseline",
    .text =
        "Each RUN is a run folder, or a table with columns trial, NAME_truth, "
        "NAME_prediction and (for the\nbootstrap) group. Rows are paired by trial; "
        "those "
        "that only one has are left out and counted. Of\neach target and metric: the "
        "figure of the first (a), of the second (b), and a - b with an\n"
        "interval from whole groups, the same in both. Of several "
        "seeds "
        "each figure is the\nmean over the seeds' own, taken within each resample. "
        "Runs "
        "that held trials out by other folds are\ncompared with a warning, runs with "
        "other truths not at all. --baseline: the mean, or the shares of\nthe classes, "
        "of each fold's training rows; its correlation is 0.\n\n"
        "A folder of a study with a list of values (backbone: [a, b]) stands for its "
        "runs.\n\n"
        "Of several runs each is compared with the first, and p_holm is adjusted for "
        "their number.\n--margin says of which difference nothing hangs on: the "
        "verdict "
        "is equivalent where the whole\ninterval lies within it, different where "
        "p_holm "
        "is below 1 - level, and else undecided:\nan interval that holds 0 says "
        "neither.",
    .examples = "  mien compare runs/oasis-network runs/oasis\n"
                "  mien compare runs/oasis --baseline -f csv -o gain.csv\n"
                "  mien compare runs/a runs/b runs/c --margin r=0.02\n",
    .options = options,
    .positional_min = 1,
    .positional_max = 1 + MIEN_HOLM_MAX,
    .run = run,
};
