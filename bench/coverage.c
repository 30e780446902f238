/* SPDX-License-Identifier: MIT */
/* How often mien's intervals hold what they are about, by simulation with known truth:
 * bench/coverage.py builds and runs it and writes the table of docs/numerics.md. One
 * line a cell: what is drawn, the number of groups, the figure, and the share of
 * repeats whose 95 % interval holds the true figure, by leaving groups out and by the
 * bootstrap (n/a: not run). Use: coverage REPEATS BOOTSTRAPPED_REPEATS */
#include <mien/eval.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EACH = 20, GROUPS_MAX = 50, ROWS_MAX = 2 * EACH * GROUPS_MAX, METRICS = 5 };

/* What a population of groups is like: the correlation of truth and prediction, the
 * share of variance between groups of truth and error, how groups' error variances
 * differ (SD of a logarithm), and whether groups have from 2 to 2 · EACH rows. */
typedef struct population {
    const char *name;
    double rho, between_truth, between_error, uneven;
    bool lopsided;
} population;

static const population populations[] = {
    {"rows independent", 0, 0, 0, 0, false},
    {"rows independent", 0.7, 0, 0, 0, false},
    {"groups differ", 0, 0.3, 0.3, 0, false},
    {"groups differ", 0.7, 0.3, 0.3, 0, false},
    {"errors uneven", 0.7, 0.3, 0.3, 0.25, false},
    {"sizes 2 to 40", 0.5, 0.3, 0.3, 0, true},
};
enum { POPULATIONS = sizeof populations / sizeof *populations };
static const int group_counts[] = {5, 10, 20, 50};
enum { COUNTS = 4 };

typedef struct sample {
    int64_t n;
    double truth[ROWS_MAX], prediction[2][ROWS_MAX];
    int64_t group[ROWS_MAX];
    int label[ROWS_MAX], answer[ROWS_MAX];
} sample;

static mien_random source;

static double normal(void) {
    return mien_random_normal(&source);
}

static int rows_of(const population *p, int g, int groups) {
    return p->lopsided ? 2 + g * (2 * EACH - 2) / (groups - 1) : EACH;
}

/* Two predictions of one truth, alike and independent. */
static void draw(const population *p, int groups, sample *s) {
    s->n = 0;
    for (int g = 0; g < groups; g++) {
        double truth = normal(), error[2] = {normal(), normal()};
        double size[2];
        for (int k = 0; k < 2; k++) {
            size[k] = exp(p->uneven * normal() - p->uneven * p->uneven);
        }
        int rows = rows_of(p, g, groups);
        for (int i = 0; i < rows; i++, s->n++) {
            double t =
                sqrt(p->between_truth) * truth + sqrt(1 - p->between_truth) * normal();
            s->truth[s->n] = t;
            s->group[s->n] = g;
            for (int k = 0; k < 2; k++) {
                double e = sqrt(p->between_error) * error[k] +
                           sqrt(1 - p->between_error) * normal();
                s->prediction[k][s->n] =
                    p->rho * t + sqrt(1 - p->rho * p->rho) * e * size[k];
            }
        }
    }
}

/* E t = E p = 0, var t = var p = 1, cov = rho; errors are mixtures of normals, so that
 * MAE is known where sizes are even, else by many draws. */
static void truths_of(const population *p, double *figures) {
    double square = 2 - 2 * p->rho;
    figures[0] = figures[1] = p->rho;
    figures[2] = sqrt(square);
    figures[4] = 1 - square;
    figures[3] = sqrt(square * 2 / acos(-1));
    if (p->uneven > 0) {
        double sum = 0;
        int n = 4000000;
        for (int i = 0; i < n; i++) {
            double size = exp(p->uneven * normal() - p->uneven * p->uneven);
            double variance =
                (1 - p->rho) * (1 - p->rho) + (1 - p->rho * p->rho) * size * size;
            sum += sqrt(variance * 2 / acos(-1));
        }
        figures[3] = sum / n;
    }
}

static bool holds(const mien_interval *i, double value) {
    return i->low <= value && value <= i->high;
}

static void stop_on(mien_status status) {
    if (status != MIEN_OK) {
        fprintf(stderr, "coverage: %s\n", mien_error());
        exit(1);
    }
}

static void line(const char *kind, const population *p, int groups, const char *figure,
    const double *share) {
    printf("%s\t%s\t%g\t%d\t%s", kind, p->name, p->rho, groups, figure);
    for (int k = 0; k < 2; k++) {
        if (share[k] < 0) {
            printf("\tn/a");
        } else {
            printf("\t%.4f", share[k]);
        }
    }
    printf("\n");
    fflush(stdout);
}

/* Shares of repeats: of each figure held, and of each difference whose interval holds
 * 0. */
static void run_numbers(const population *p, int groups, const int *repeats) {
    static sample s;
    const mien_metric *metrics[METRICS];
    double truths[METRICS], held[METRICS][2] = {{0}}, same[METRICS][2] = {{0}};
    truths_of(p, truths);
    for (int m = 0; m < METRICS; m++) {
        metrics[m] = mien_metric_at(m);
    }
    for (int r = 0; r < repeats[0]; r++) {
        draw(p, groups, &s);
        const double *a[] = {s.prediction[0]}, *b[] = {s.prediction[1]};
        const mien_sample first = {s.n, s.truth, a, 1, NULL, s.group, NULL};
        const mien_sample second = {s.n, s.truth, b, 1, NULL, s.group, NULL};
        for (int k = 0; k < 2 && r < repeats[k]; k++) {
            mien_interval alone[METRICS], apart[METRICS];
            mien_interval_options o = mien_interval_options_default();
            o.rule = k ? MIEN_INTERVAL_BOOTSTRAP : MIEN_INTERVAL_JACKKNIFE;
            o.seed = (uint64_t)r;
            o.repeats = 1000;
            stop_on(mien_intervals(metrics, METRICS, &first, NULL, &o, NULL, alone));
            stop_on(mien_intervals(metrics, METRICS, &first, &second, &o, NULL, apart));
            for (int m = 0; m < METRICS; m++) {
                held[m][k] += holds(&alone[m], truths[m]);
                same[m][k] += holds(&apart[m], 0);
            }
        }
    }
    for (int m = 0; m < METRICS; m++) {
        for (int k = 0; k < 2; k++) {
            held[m][k] = repeats[k] ? held[m][k] / repeats[k] : -1;
            same[m][k] = repeats[k] ? 1 - same[m][k] / repeats[k] : -1;
        }
        line("interval", p, groups, metrics[m]->name, held[m]);
        line("difference", p, groups, metrics[m]->name, same[m]);
    }
}

/* Two classes, right with a probability that differs between groups. */
static void run_classes(double right, double between, int groups, const int *repeats) {
    static sample s;
    const population p = {
        between > 0 ? "groups differ" : "rows independent", right, 0, 0, 0, false};
    const mien_class_metric *accuracy = mien_class_metric_find("accuracy");
    double odds = log(right / (1 - right)), truth = 0, held[2] = {0};
    for (int i = 0; i < 2000000; i++) {
        truth += 1 / (1 + exp(-odds - between * normal())) / 2000000;
    }
    for (int r = 0; r < repeats[0]; r++) {
        s.n = 0;
        for (int g = 0; g < groups; g++) {
            double share = 1 / (1 + exp(-odds - between * normal()));
            for (int i = 0; i < EACH; i++, s.n++) {
                s.label[s.n] = i % 2;
                s.answer[s.n] =
                    mien_random_uniform(&source) < share ? i % 2 : 1 - i % 2;
                s.group[s.n] = g;
            }
        }
        const mien_class_answers answers = {
            .n = s.n, .classes = 2, .truth = s.label, .prediction = s.answer};
        const mien_class_sample of = {&answers, 1, s.group, NULL};
        for (int k = 0; k < 2 && r < repeats[k]; k++) {
            mien_interval i;
            mien_interval_options o = mien_interval_options_default();
            o.rule = k ? MIEN_INTERVAL_BOOTSTRAP : MIEN_INTERVAL_JACKKNIFE;
            o.seed = (uint64_t)r;
            o.repeats = 1000;
            stop_on(mien_class_intervals(&accuracy, 1, &of, NULL, &o, NULL, &i));
            held[k] += holds(&i, truth);
        }
    }
    for (int k = 0; k < 2; k++) {
        held[k] = repeats[k] ? held[k] / repeats[k] : -1;
    }
    line("interval", &p, groups, "accuracy", held);
}

int main(int count, char **words) {
    int repeats[2] = {
        count > 1 ? atoi(words[1]) : 2000, count > 2 ? atoi(words[2]) : 500};
    mien_random_init(&source, 1);
    for (int p = 0; p < POPULATIONS; p++) {
        for (int g = 0; g < COUNTS; g++) {
            run_numbers(&populations[p], group_counts[g], repeats);
        }
    }
    for (int k = 0; k < 4; k++) {
        for (int g = 0; g < COUNTS; g++) {
            run_classes(k % 2 ? 0.8 : 0.5, k / 2, group_counts[g], repeats);
        }
    }
    return 0;
}
