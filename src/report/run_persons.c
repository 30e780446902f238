/* SPDX-License-Identifier: MIT */
/* Each person of a run as a dot on a strip: r of rating and prediction within the
 * person's own trials. Comes in: a run of numbers whose predictions name persons; goes
 * out: a figure with a strip for each target, and words. Called by report_runs.c;
 * nothing of runs of fewer than PERSONS_LEAST persons with enough trials. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PERSONS_LEAST = 4, TRIALS_LEAST = 6, WIDTH = 760, LEFT = 170, RIGHT = 40 };
enum { TOP = 44, STRIP = 74, BOTTOM = 52, LEVELS = 5 };

/* A person's row of one target: sorted by person, then summed. */
typedef struct trial {
    const char *person;
    double truth, prediction; /* of the prediction what is over its null */
} trial;

typedef struct dot {
    const char *person;
    int trials;
    double r;
} dot;

static int by_person(const void *a, const void *b) {
    return strcmp(((const trial *)a)->person, ((const trial *)b)->person);
}

static int by_r(const void *a, const void *b) {
    double x = ((const dot *)a)->r, y = ((const dot *)b)->r;
    return (x > y) - (x < y);
}

/* Rows of the first seed whose prediction is known (of several seeds their mean), less
 * what would have been predicted without the model. */
static int64_t take(const mien_run *run, const mien_run_target *t, trial *list) {
    char column[160];
    int64_t n = 0;
    snprintf(column, sizeof column, "%.140s_null", t->name);
    for (int64_t i = 0; i < run->rows; i++) {
        const char *person = mien_run_cell(run, i, "person");
        double null = 0;
        if (!*person || !isfinite(t->truth[i]) || !isfinite(t->prediction[i])) {
            continue;
        }
        mien_parse_number(mien_run_cell(run, i, column), &null);
        list[n++] = (trial){person, t->truth[i], t->prediction[i] - null};
    }
    return n;
}

static double correlation(const trial *x, int64_t n) {
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (int64_t i = 0; i < n; i++) {
        a += x[i].truth / (double)n;
        b += x[i].prediction / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        double u = x[i].truth - a, v = x[i].prediction - b;
        aa += u * u;
        bb += v * v;
        ab += u * v;
    }
    return aa > 1e-12 && bb > 1e-12 ? ab / sqrt(aa * bb) : (double)NAN;
}

/* Persons by their r; those with few trials, or whose ratings are all the same, are
 * left out and counted. */
static int64_t gather(trial *list, int64_t n, dot *dots, int64_t *left_out) {
    int64_t count = 0;
    *left_out = 0;
    qsort(list, (size_t)n, sizeof *list, by_person);
    for (int64_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && strcmp(list[to].person, list[from].person) == 0;
             to++) {
        }
        double r = to - from < TRIALS_LEAST ? (double)NAN
                                            : correlation(list + from, to - from);
        if (isfinite(r)) {
            dots[count++] = (dot){list[from].person, (int)(to - from), r};
        } else {
            ++*left_out;
        }
    }
    qsort(dots, (size_t)count, sizeof *dots, by_r);
    return count;
}

/* ---- the figure ------------------------------------------------------------------ */

static double mean_of(const dot *dots, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += dots[i].r / (double)n;
    }
    return sum;
}

/* Dots lie on LEVELS levels in turn, so that neighbours do not hide each other. */
static void draw_strip(mien_string *out, const mien_plot *p, const char *target,
    const dot *dots, int64_t n, double middle) {
    char text[160], number[MIEN_NUMBER_MAX];
    const double mean = mien_plot_x(p, mean_of(dots, n));
    mien_svg(out, "<text x='#' y='#' text-anchor='end'>$</text>\n", p->left - 14,
        middle + 4.5, target);
    for (int64_t i = 0; i < n; i++) {
        double y = middle + 9.0 * (double)(i * 2 % LEVELS - LEVELS / 2);
        snprintf(text, sizeof text, "%.80s: r %s, %d trials", dots[i].person,
            mien_fixed(dots[i].r, 3, number), dots[i].trials);
        mien_svg(out,
            "<circle class='dot' cx='#' cy='#' r='4' fill-opacity='0.55'><title>$"
            "</title></circle>",
            mien_plot_x(p, dots[i].r), y, text);
    }
    mien_svg(out,
        "<line x1='#' y1='#' x2='#' y2='#' stroke='currentColor' stroke-width='3'>"
        "<title>$</title></line>\n",
        mean, middle - 27, mean, middle + 27, "mean over persons");
}

typedef struct strips {
    dot *dots[MIEN_RUN_TARGETS_MAX];
    int64_t count[MIEN_RUN_TARGETS_MAX], left_out[MIEN_RUN_TARGETS_MAX];
    int shown;
} strips;

static void draw(mien_string *out, const mien_run *run, const strips *s) {
    double height = TOP + (double)STRIP * s->shown + BOTTOM;
    mien_plot p = {
        LEFT, TOP, WIDTH - LEFT - RIGHT, (double)STRIP * s->shown, -1, 1, 0, 1};
    int at = 0;
    mien_string_add(out, "<figure>\n");
    mien_svg_begin(out, WIDTH, height, "Each person on a strip",
        "A dot for each person at the correlation of ratings and predictions within "
        "that person's trials; the bar is their mean");
    mien_svg(out, "<text class='head' x='#' y='#'>$</text>\n", 4.0, 22.0,
        "Each person: r within the person's own trials");
    mien_axis_x(out, &p, "Pearson r of rating and prediction");
    mien_svg(out,
        "<line class='rule' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
        "stroke-dasharray='4 4'/>\n",
        mien_plot_x(&p, 0), p.top, mien_plot_x(&p, 0), p.top + p.height);
    for (int t = 0; t < run->targets; t++) {
        if (s->count[t] >= PERSONS_LEAST) {
            draw_strip(out, &p, run->target[t].name, s->dots[t], s->count[t],
                p.top + STRIP * (at++ + 0.5));
        }
    }
    mien_svg_end(out);
    mien_string_add(out, "</figure>\n");
}

static mien_status add_words(mien_page *page, const mien_run *run, const strips *s) {
    mien_string words;
    mien_string_init(&words);
    for (int t = 0; t < run->targets; t++) {
        int64_t n = s->count[t], above = 0;
        char number[MIEN_NUMBER_MAX];
        for (int64_t i = 0; i < n; i++) {
            above += s->dots[t][i].r > 0;
        }
        if (n >= PERSONS_LEAST) {
            mien_string_addf(&words,
                "%s: of %lld persons %lld are above 0, the mean is %s. ",
                run->target[t].name, (long long)n, (long long)above,
                mien_fixed(mean_of(s->dots[t], n), 3, number));
        }
        if (n >= PERSONS_LEAST && s->left_out[t]) {
            mien_string_addf(&words,
                "%lld more have fewer than %d trials, or the same rating in all. ",
                (long long)s->left_out[t], TRIALS_LEAST);
        }
    }
    mien_string_add(&words,
        "A dot is a person, at r of ratings and held-out predictions less what would "
        "be "
        "predicted without the model; with few trials a "
        "person's r is far from certain, so that the spread of dots is wider than that "
        "of persons.");
    mien_status status = mien_string_status(&words);
    status = status ? status : mien_page_paragraph(page, words.text);
    mien_string_clear(&words);
    return status;
}

mien_status mien_run_persons(mien_page *page, const mien_run *run) {
    strips s = {.shown = 0};
    trial *list = mien_alloc((size_t)run->rows, sizeof *list);
    mien_status status = list ? MIEN_OK : MIEN_ENOMEM;
    mien_string out;
    mien_string_init(&out);
    for (int t = 0; status == MIEN_OK && t < run->targets; t++) {
        s.dots[t] = mien_alloc((size_t)run->rows, sizeof *s.dots[t]);
        status = s.dots[t] ? MIEN_OK : MIEN_ENOMEM;
        if (status == MIEN_OK && !run->target[t].classes) {
            int64_t n = take(run, &run->target[t], list);
            s.count[t] = gather(list, n, s.dots[t], &s.left_out[t]);
            s.shown += s.count[t] >= PERSONS_LEAST;
        }
    }
    if (status == MIEN_OK && s.shown) {
        status = mien_page_heading(page, "Each person");
        status = status ? status : add_words(page, run, &s);
        draw(&out, run, &s);
        status = status ? status : mien_string_status(&out);
        status = status ? status : mien_page_html(page, out.text);
    }
    for (int t = 0; t < run->targets; t++) {
        mien_free(s.dots[t]);
    }
    mien_free(list);
    mien_string_clear(&out);
    return status;
}
