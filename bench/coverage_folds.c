/* SPDX-License-Identifier: MIT */
/* What bench/coverage.c does not draw: intervals under each rule of folds, with the
 * null prediction of each fold; conformal intervals and sets; p by permuted labels
 * through all folds. Predictions are drawn, no network is trained. bench/coverage.py
 * builds and runs it and writes the tables of docs/numerics.md. One line a cell: kind,
 * what is drawn, how many groups or rows, the figure, the share (of permutations:
 * Kolmogorov and Smirnov's p). Use: coverage_folds REPEATS */
#include <mien/data.h>
#include <mien/eval.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EACH = 20, GROUPS_MAX = 200, ROWS_MAX = 2 * EACH * GROUPS_MAX, METRICS = 3 };
enum { REPEATS_MAX = 5000, NAME = 8 };
static const int group_counts[] = {5, 10, 20, 50, 200};
enum { COUNTS = sizeof group_counts / sizeof *group_counts };
static const double rho = 0.7, between = 0.3;

static mien_random source;

static double normal(void) {
    return mien_random_normal(&source);
}

static void stop_on(mien_status status) {
    if (status != MIEN_OK) {
        fprintf(stderr, "coverage_folds: %s\n", mien_error());
        exit(1);
    }
}

static void line(
    const char *kind, const char *what, int count, const char *figure, double share) {
    printf("%s\t%s\t%d\t%s\t%.4f\n", kind, what, count, figure, share);
    fflush(stdout);
}

/* ---- rules of folds -------------------------------------------------------------- */

typedef struct rows {
    int64_t n;
    double truth[ROWS_MAX], error[2][ROWS_MAX], null[ROWS_MAX], prediction[2][ROWS_MAX];
    int label[ROWS_MAX], fold[ROWS_MAX];
    int64_t group[ROWS_MAX], stimulus[ROWS_MAX];
    const char *name[ROWS_MAX], *other[ROWS_MAX], *split[ROWS_MAX];
} rows;
static rows all, tested;
static char names[2 * GROUPS_MAX][NAME];

static double part(double share, double of_group, double of_stimulus, bool crossed) {
    double rest = 1 - share - (crossed ? share : 0);
    return sqrt(share) * of_group + (crossed ? sqrt(share) * of_stimulus : 0) +
           sqrt(rest) * normal();
}

static void draw(int groups, bool crossed) {
    static double stimulus[3][EACH];
    for (int k = 0; k < 3 * EACH; k++) {
        stimulus[k / EACH][k % EACH] = normal();
    }
    all.n = 0;
    for (int g = 0; g < groups; g++) {
        double of_group[3] = {normal(), normal(), normal()};
        for (int i = 0; i < EACH; i++, all.n++) {
            double x[3];
            for (int k = 0; k < 3; k++) {
                x[k] = part(between, of_group[k], stimulus[k][i], crossed);
            }
            all.truth[all.n] = x[0];
            all.error[0][all.n] = x[1];
            all.error[1][all.n] = x[2];
            all.label[all.n] = x[0] > 0;
            all.group[all.n] = g;
            all.stimulus[all.n] = i;
            all.name[all.n] = names[g];
            all.other[all.n] = names[i];
            all.split[all.n] = g % 2 ? "train" : "test";
        }
    }
}

/* The mean of what a fold's model learns from. */
static double mean_of_training(int fold, int folds_across) {
    double sum = 0, n = 0;
    for (int64_t i = 0; i < all.n; i++) {
        bool held = folds_across ? all.fold[i] / folds_across == fold / folds_across ||
                                       all.fold[i] % folds_across == fold % folds_across
                                 : all.fold[i] == fold;
        sum += held ? 0 : all.truth[i];
        n += !held;
    }
    return sum / n;
}

/* Predictions are made around each fold's own training mean. */
static void predict(int folds, int folds_across) {
    tested.n = 0;
    for (int k = 0; k < folds; k++) {
        double null = mean_of_training(k, folds_across);
        for (int64_t i = 0; i < all.n; i++) {
            if (all.fold[i] != k) {
                continue;
            }
            int64_t at = tested.n++;
            tested.truth[at] = all.truth[i];
            tested.null[at] = null;
            tested.group[at] = all.group[i];
            tested.stimulus[at] = all.stimulus[i];
            for (int m = 0; m < 2; m++) {
                tested.prediction[m][at] =
                    null + rho * all.truth[i] + sqrt(1 - rho * rho) * all.error[m][i];
            }
        }
    }
}

static const char *const figures[METRICS] = {"r", "rmse", "r2"};

/* intervals [2][METRICS]: of the first model, and of the difference of both. */
static void judge(bool crossed, int groups, mien_interval intervals[2][METRICS]) {
    const mien_metric *metrics[METRICS];
    mien_crossed_figure crossed_figures[METRICS];
    const double *a[] = {tested.prediction[0]}, *b[] = {tested.prediction[1]};
    const mien_sample one = {
        tested.n, tested.truth, a, 1, tested.null, tested.group, NULL};
    const mien_sample two = {
        tested.n, tested.truth, b, 1, tested.null, tested.group, NULL};
    const mien_crossed_sample x = {
        tested.n, tested.truth, a, 1, tested.null, tested.group, tested.stimulus};
    const mien_crossed_sample y = {
        tested.n, tested.truth, b, 1, tested.null, tested.group, tested.stimulus};
    for (int m = 0; m < METRICS; m++) {
        metrics[m] = mien_metric_find(figures[m]);
        crossed_figures[m] = (mien_crossed_figure){metrics[m], false};
    }
    for (int k = 0; k < 2; k++) {
        stop_on(crossed ? mien_crossed_intervals(crossed_figures, METRICS, &x,
                              k ? &y : NULL, groups, EACH, NULL, NULL, intervals[k])
                        : mien_intervals(metrics, METRICS, &one, k ? &two : NULL, NULL,
                              NULL, intervals[k]));
    }
}

/* What a figure is on average in this design: r that of the population, errors by their
 * squares over all repeats. */
typedef struct sums {
    double error, null, n;
} sums;

static void add_sums(sums *s) {
    for (int64_t i = 0; i < tested.n; i++) {
        double e = tested.truth[i] - tested.prediction[0][i];
        double z = tested.truth[i] - tested.null[i];
        s->error += e * e;
        s->null += z * z;
        s->n++;
    }
}

static void run_rule(mien_fold_rule rule, int groups, int repeats) {
    static mien_interval kept[REPEATS_MAX][2][METRICS];
    const bool crossed = rule == MIEN_FOLDS_CROSSED;
    const bool single = rule == MIEN_FOLDS_PRESCRIBED || rule == MIEN_FOLDS_NAMES;
    sums s = {0, 0, 0};
    for (int r = 0; r < repeats; r++) {
        mien_fold_options o = mien_fold_options_default();
        int folds = 0;
        draw(single ? 2 * groups : groups, crossed);
        o.rule = rule;
        o.seed = (uint32_t)r;
        o.k = groups < 5 || crossed ? 4 : 5;
        o.k_across = 4;
        o.hold_out = groups;
        o.share = 0.5;
        o.group = all.name;
        o.label = all.label;
        o.value = all.truth;
        o.split = all.split;
        o.across = all.other;
        o.classes = 2;
        if (rule == MIEN_FOLDS_STRATIFIED_GROUPS || crossed) {
            o.label = NULL;
        }
        stop_on(mien_folds_deal(all.n, &o, all.fold, &folds));
        predict(folds, crossed ? o.k_across : 0);
        judge(crossed, groups, kept[r]);
        add_sums(&s);
    }
    const double truth[METRICS] = {rho, sqrt(s.error / s.n), 1 - s.error / s.null};
    for (int m = 0; m < METRICS; m++) {
        double held = 0, apart = 0;
        for (int r = 0; r < repeats; r++) {
            held += kept[r][0][m].low <= truth[m] && truth[m] <= kept[r][0][m].high;
            apart += kept[r][1][m].low > 0 || kept[r][1][m].high < 0;
        }
        line("rule", mien_fold_rule_name(rule), groups, figures[m], held / repeats);
        line("rule-difference", mien_fold_rule_name(rule), groups, figures[m],
            apart / repeats);
    }
}

/* ---- conformal ------------------------------------------------------------------- */

/* Errors that grow with the prediction, skewed; n rows to learn widths from. */
static void pairs_of(int64_t n, double *truth, double *prediction) {
    for (int64_t i = 0; i < n; i++) {
        double e = normal();
        prediction[i] = 4 * mien_random_uniform(&source);
        e = 0.8 * e + 0.3 * (e * e - 1);
        truth[i] = prediction[i] + (0.3 + 0.25 * prediction[i]) * e;
    }
}

static void run_conformal(int64_t n, int parts, int repeats) {
    enum { NEXT = 60, MOST = 2000 };
    static double truth[MOST], prediction[MOST], next[NEXT], said[NEXT];
    static const char *const titles[] = {
        "all", "low third", "middle third", "high third"};
    double held[4] = {0}, count[4] = {0};
    for (int r = 0; r < repeats; r++) {
        mien_conformal c;
        pairs_of(n, truth, prediction);
        pairs_of(NEXT, next, said);
        stop_on(mien_conformal_fit(truth, prediction, n, 1, 0.9, parts, &c));
        for (int i = 0; i < NEXT; i++) {
            double low, high;
            int third = 1 + (int)(said[i] / 4 * 3);
            mien_conformal_interval(&c, said[i], &low, &high);
            for (int k = 0; k < 4; k++) {
                bool in = k == 0 || k == third;
                count[k] += in;
                held[k] += in && next[i] >= low && next[i] <= high;
            }
        }
    }
    for (int k = 0; k < 4; k++) {
        line("conformal", parts == 1 ? "one width" : "a width for each third", (int)n,
            titles[k], held[k] / count[k]);
    }
}

/* ---- permutations ---------------------------------------------------------------- */

/* r of out-of-fold predictions by least squares on one feature. */
static double fitted_r(const double *x, const double *y, const int *fold, int folds,
    int64_t n, double *prediction, double *null) {
    for (int k = 0; k < folds; k++) {
        double mx = 0, my = 0, xx = 0, xy = 0, count = 0;
        for (int64_t i = 0; i < n; i++) {
            if (fold[i] != k) {
                mx += x[i];
                my += y[i];
                count++;
            }
        }
        mx /= count;
        my /= count;
        for (int64_t i = 0; i < n; i++) {
            if (fold[i] != k) {
                xx += (x[i] - mx) * (x[i] - mx);
                xy += (x[i] - mx) * (y[i] - my);
            }
        }
        for (int64_t i = 0; i < n; i++) {
            if (fold[i] == k) {
                prediction[i] = my + xy / xx * (x[i] - mx);
                null[i] = my;
            }
        }
    }
    const mien_pairs pairs = {n, y, prediction, null};
    return mien_metric_value(mien_metric_find("r"), &pairs);
}

static int rising(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The largest gap between p and what is uniform on 1/(B + 1), 2/(B + 1), …, 1, and its
 * p. */
static double kolmogorov(double *p, int n, int permutations) {
    double gap = 0, tail = 0;
    qsort(p, (size_t)n, sizeof *p, rising);
    for (int k = 1; k <= permutations + 1; k++) {
        double at = (double)k / (permutations + 1), below = 0;
        for (int i = 0; i < n; i++) {
            below += p[i] <= at + 1e-9;
        }
        gap = fmax(gap, fabs(below / n - at));
    }
    double z = gap * (sqrt(n) + 0.12 + 0.11 / sqrt(n));
    for (int k = 1; k < 100; k++) {
        tail += 2 * (k % 2 ? 1 : -1) * exp(-2.0 * k * k * z * z);
    }
    return fmin(1, fmax(0, tail));
}

static void run_permutation(int64_t n, int repeats) {
    enum { MOST = 200, PERMUTATIONS = 99 };
    static double p[REPEATS_MAX];
    double x[MOST], y[MOST], prediction[MOST], null[MOST], drawn[PERMUTATIONS];
    double other[MOST];
    int64_t from[MOST];
    int fold[MOST];
    for (int r = 0; r < repeats; r++) {
        for (int64_t i = 0; i < n; i++) {
            x[i] = normal();
            y[i] = normal();
        }
        stop_on(mien_folds_make(n, NULL, 5, (uint32_t)r, fold));
        double seen = fitted_r(x, y, fold, 5, n, prediction, null);
        for (int b = 0; b < PERMUTATIONS; b++) {
            stop_on(mien_permutation_draw(n, NULL, 1, (uint64_t)r, (uint64_t)b, from));
            for (int64_t i = 0; i < n; i++) {
                other[i] = y[from[i]];
            }
            drawn[b] = fitted_r(x, other, fold, 5, n, prediction, null);
        }
        p[r] = mien_permutation_p(seen, drawn, PERMUTATIONS, true);
    }
    line("permutation", "labels through 5 folds", (int)n, "p",
        kolmogorov(p, repeats, PERMUTATIONS));
}

int main(int count, char **words) {
    static const mien_fold_rule rules[] = {MIEN_FOLDS_ROWS, MIEN_FOLDS_GROUPS,
        MIEN_FOLDS_STRATIFIED, MIEN_FOLDS_STRATIFIED_GROUPS, MIEN_FOLDS_LEAVE_GROUP,
        MIEN_FOLDS_PRESCRIBED, MIEN_FOLDS_NAMES, MIEN_FOLDS_CLASS_SHARE,
        MIEN_FOLDS_CROSSED};
    int repeats = count > 1 ? atoi(words[1]) : 2000;
    repeats = repeats < REPEATS_MAX ? repeats : REPEATS_MAX;
    for (int g = 0; g < 2 * GROUPS_MAX; g++) {
        snprintf(names[g], sizeof names[g], "g%03d", g);
    }
    mien_random_init(&source, 2);
    for (int n = 60; n <= 600; n *= n == 120 ? 5 : 2) {
        run_conformal(n, 1, repeats);
        run_conformal(n, 3, repeats);
    }
    for (int n = 20; n <= 200; n *= n == 40 ? 5 : 2) {
        run_permutation(n, repeats);
    }
    for (int g = 0; g < COUNTS; g++) {
        for (size_t k = 0; k < sizeof rules / sizeof *rules; k++) {
            run_rule(rules[k], group_counts[g], repeats);
        }
    }
    return 0;
}
