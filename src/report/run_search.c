/* SPDX-License-Identifier: MIT */
/* What a search tried and chose: the key search of results.json as a table of what each
 * fold took, a table of the best points, and all points as lines over parallel axes.
 * report_runs.c calls it; runs without a search have nothing here. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 15, AXES_MAX = 32, TOP = 64, HEIGHT = 260, BOTTOM = 40, SIDE = 84 };

typedef char number[MIEN_NUMBER_MAX];

typedef struct search {
    const mien_value *value, *over, *points;
    int axes;
    int64_t count;
    bool rises; /* else the score is minus the figure */
    const char *score;
} search;

static const char *text_of(const mien_value *map, const char *key) {
    const char *text = mien_value_text(mien_value_get(map, key));
    return text ? text : "";
}

static double score_of(const mien_value *point) {
    return mien_value_number(mien_value_get(point, "score"), NAN);
}

/* The figure itself, as its metric has it. */
static const char *figure_text(const search *s, const mien_value *point, number text) {
    double score = score_of(point);
    return isfinite(score) ? mien_fixed(s->rises ? score : -score, 4, text) : "failed";
}

static const char *key_at(const search *s, int axis) {
    return text_of(mien_value_at(s->over, axis), "key");
}

/* ---- tables ---------------------------------------------------------------------- */

static void head_row(mien_string *out, const search *s, const char *first) {
    mien_svg(out, "<thead><tr><th scope='col'>$</th>", first);
    for (int a = 0; a < s->axes; a++) {
        mien_svg(out, "<th scope='col'>$</th>", key_at(s, a));
    }
    mien_svg(out, "<th scope='col' class='n'>$</th></tr></thead>\n<tbody>\n", s->score);
}

static void point_row(
    mien_string *out, const search *s, const mien_value *point, const char *name) {
    const mien_value *values = mien_value_get(point, "values");
    number text;
    mien_svg(out, "<tr><th scope='row'>$</th>", name);
    for (int a = 0; a < s->axes; a++) {
        const mien_value *value = mien_value_get(values, key_at(s, a));
        const char *said = value ? mien_value_text(value) : "–";
        mien_svg(out, "<td>$</td>", said && *said ? said : "none");
    }
    mien_svg(out, "<td class='n'>$</td></tr>\n", figure_text(s, point, text));
}

static void add_chosen(mien_string *out, const search *s) {
    const mien_value *chosen = mien_value_get(s->value, "chosen");
    mien_svg(out, "<div class='table'><table>\n<caption>What each fold chose on inner "
                  "folds of its training part, and the model on all rows</caption>\n");
    head_row(out, s, "Rows");
    for (int64_t k = 0; k < mien_value_count(chosen); k++) {
        const mien_value *one = mien_value_at(chosen, k);
        point_row(out, s, one, text_of(one, "search"));
    }
    mien_string_add(out, "</tbody></table></div>\n");
}

static int by_score(const void *a, const void *b) {
    const mien_value *const *x = a, *const *y = b;
    double p = score_of(*x), q = score_of(*y);
    double wp = mien_value_number(mien_value_get(*x, "budget"), 1);
    double wq = mien_value_number(mien_value_get(*y, "budget"), 1);
    p = isfinite(p) ? p : -INFINITY;
    q = isfinite(q) ? q : -INFINITY;
    if (wp > wq || wp < wq) {
        return wp < wq ? 1 : -1;
    }
    if (p > q || p < q) {
        return p < q ? 1 : -1;
    }
    return mien_value_int(mien_value_get(*x, "point"), 0) <
                   mien_value_int(mien_value_get(*y, "point"), 0)
               ? -1
               : 1;
}

static void add_best(
    mien_string *out, const search *s, const mien_value *const *sorted) {
    int64_t rows = s->count < ROWS_MAX ? s->count : ROWS_MAX;
    mien_string_addf(out,
        "<div class=\"table\"><table>\n<caption>The best %lld of %lld points, judged "
        "on "
        "inner folds; search.csv has all</caption>\n",
        (long long)rows, (long long)s->count);
    head_row(out, s, "Point");
    for (int64_t k = 0; k < rows; k++) {
        char name[48];
        double budget = mien_value_number(mien_value_get(sorted[k], "budget"), 1);
        int length = snprintf(name, sizeof name, "%lld",
            (long long)mien_value_int(mien_value_get(sorted[k], "point"), 0));
        if (budget < 1) {
            snprintf(
                name + length, sizeof name - (size_t)length, " (effort %.2g)", budget);
        }
        point_row(out, s, sorted[k], name);
    }
    mien_string_add(out, "</tbody></table></div>\n");
}

/* ---- parallel coordinates -------------------------------------------------------- */

/* Where a point stands on an axis, 0 to 1; NaN: the axis does not count there. */
static double place_of(const search *s, int axis, const mien_value *point) {
    const mien_value *a = mien_value_at(s->over, axis),
                     *list = mien_value_get(a, "values");
    const char *text = mien_value_text(
        mien_value_get(mien_value_get(point, "values"), key_at(s, axis)));
    int64_t count = mien_value_count(list);
    double x = NAN;
    if (!text) {
        return NAN;
    }
    if (list) {
        for (int64_t v = 0; v < count; v++) {
            const char *value = mien_value_text(mien_value_at(list, v));
            if (value && strcmp(value, text) == 0) {
                return count > 1 ? (double)v / (double)(count - 1) : 0.5;
            }
        }
        return NAN;
    }
    double low = mien_value_number(mien_value_get(a, "low"), NAN),
           high = mien_value_number(mien_value_get(a, "high"), NAN);
    bool is_log = mien_value_bool(mien_value_get(a, "log"), false);
    mien_parse_number(text, &x);
    return is_log ? log(x / low) / log(high / low) : (x - low) / (high - low);
}

typedef struct picture {
    const search *s;
    mien_string *out;
    double left, step, low, high; /* of scores */
} picture;

static double y_of(double place) {
    return TOP + (1 - place) * HEIGHT;
}

static void end_label(const picture *p, int axis, double place, const char *text) {
    char cut[24];
    snprintf(cut, sizeof cut, "%.22s", *text ? text : "none");
    mien_svg(p->out,
        "<text class='tick halo' x='#' y='#' text-anchor='middle'>$</text>\n",
        p->left + axis * p->step, y_of(place) + (place > 0.5 ? -6 : 16), cut);
}

static void draw_axis(const picture *p, int axis) {
    const search *s = p->s;
    const mien_value *a = mien_value_at(s->over, axis),
                     *list = mien_value_get(a, "values");
    int64_t count = mien_value_count(list);
    double x = p->left + axis * p->step;
    char text[32];
    mien_svg(p->out,
        "<line class='rule' x1='#' y1='#' x2='#' y2='#' stroke='currentColor'/>\n", x,
        (double)TOP, x, (double)TOP + HEIGHT);
    mien_svg(p->out, "<text class='axis' x='#' y='#' text-anchor='middle'>$</text>\n",
        x, axis % 2 ? TOP - 40.0 : TOP - 24.0, key_at(s, axis));
    for (int64_t v = 0; v < count; v++) {
        const char *value = mien_value_text(mien_value_at(list, v));
        end_label(p, axis, count > 1 ? (double)v / (double)(count - 1) : 0.5,
            value ? value : "");
    }
    if (!list) {
        end_label(p, axis, 0,
            mien_format_double(mien_value_number(mien_value_get(a, "low"), 0), text));
        end_label(p, axis, 1,
            mien_format_double(mien_value_number(mien_value_get(a, "high"), 0), text));
    }
}

static void draw_scores(const picture *p) {
    const search *s = p->s;
    double x = p->left + s->axes * p->step;
    number text;
    mien_svg(p->out,
        "<line class='rule' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
        "stroke-width='2'/>\n",
        x, (double)TOP, x, (double)TOP + HEIGHT);
    mien_svg(p->out, "<text class='axis' x='#' y='#' text-anchor='middle'>$</text>\n",
        x, TOP - 24.0, s->score);
    end_label(p, s->axes, 0, mien_fixed(s->rises ? p->low : -p->low, 3, text));
    end_label(p, s->axes, 1, mien_fixed(s->rises ? p->high : -p->high, 3, text));
}

/* One point from axis to axis; an axis that does not count is passed over. The look
 * says its rank: dark and thick the best, faint the worst. */
static void draw_point(const picture *p, const mien_value *point, int64_t rank) {
    const search *s = p->s;
    double share = s->count > 1 ? (double)rank / (double)(s->count - 1) : 0;
    bool begun = false;
    number opacity;
    mien_string_add(p->out, "<path class=\"line\" fill=\"none\" d=\"");
    for (int a = 0; a <= s->axes; a++) {
        double place = a < s->axes ? place_of(s, a, point)
                                   : (score_of(point) - p->low) / (p->high - p->low);
        if (isfinite(place)) {
            mien_svg(p->out, begun ? "L# #" : "M# #", p->left + a * p->step,
                y_of(fmin(fmax(place, 0), 1)));
            begun = true;
        }
    }
    mien_svg(p->out, "' stroke='currentColor' stroke-width='#' stroke-opacity='$'/>\n",
        rank == 0 ? 3.0 : 1.2,
        mien_fixed(rank == 0 ? 1 : 0.75 - 0.6 * share, 2, opacity));
}

static mien_status add_figure(
    mien_string *out, const search *s, const mien_value *const *sorted) {
    double width = 2 * SIDE + (double)s->axes * fmax(110, fmin(180, 900.0 / s->axes));
    picture p = {.s = s,
        .out = out,
        .left = SIDE,
        .step = (width - 2 * SIDE) / s->axes,
        .low = INFINITY,
        .high = -INFINITY};
    char words[160];
    for (int64_t k = 0; k < s->count; k++) {
        double score = score_of(sorted[k]);
        p.low = isfinite(score) ? fmin(p.low, score) : p.low;
        p.high = isfinite(score) ? fmax(p.high, score) : p.high;
    }
    if (!(p.low < p.high)) {
        return MIEN_OK; /* all alike, or none judged: there is nothing to see */
    }
    snprintf(words, sizeof words,
        "%lld points as lines over %d keys and their score; the best is the thick one.",
        (long long)s->count, s->axes);
    mien_string_add(out, "<figure>");
    mien_svg_begin(out, width, TOP + HEIGHT + BOTTOM, "Points of the search", words);
    for (int64_t k = s->count - 1; k >= 0; k--) {
        if (isfinite(score_of(sorted[k]))) {
            draw_point(&p, sorted[k], k);
        }
    }
    for (int a = 0; a < s->axes; a++) {
        draw_axis(&p, a);
    }
    draw_scores(&p);
    mien_svg_end(out);
    mien_string_add(out, "</figure>\n");
    return mien_string_status(out);
}

/* ---- all ------------------------------------------------------------------------- */

mien_status mien_run_search(mien_page *page, const mien_run *run) {
    search s = {.value = mien_value_get(run->results, "search")};
    s.over = mien_value_get(s.value, "over");
    s.points = mien_value_get(s.value, "points");
    s.count = mien_value_count(s.points);
    s.rises = mien_value_bool(mien_value_get(s.value, "rises"), true);
    s.score = text_of(s.value, "score");
    if (mien_value_count(s.over) < 1 || mien_value_count(s.over) > AXES_MAX ||
        s.count < 1) {
        return MIEN_OK;
    }
    s.axes = (int)mien_value_count(s.over);
    const mien_value **sorted = mien_alloc((size_t)s.count, sizeof *sorted);
    mien_string out;
    mien_string_init(&out);
    mien_status status =
        sorted ? mien_page_heading(page, "What was searched") : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        for (int64_t k = 0; k < s.count; k++) {
            sorted[k] = mien_value_at(s.points, k);
        }
        qsort((void *)sorted, (size_t)s.count, sizeof *sorted, by_score);
        mien_svg(&out,
            "<p>Strategy $. The figures above are of what each fold chose without its "
            "own rows; those below, by which points were chosen, are better than new "
            "rows will show.</p>\n",
            text_of(s.value, "strategy"));
        add_chosen(&out, &s);
        status = add_figure(&out, &s, sorted);
        add_best(&out, &s, sorted);
        status = status ? status : mien_string_status(&out);
    }
    if (status == MIEN_OK) {
        status = mien_page_html(page, out.text);
    }
    mien_string_clear(&out);
    mien_free((void *)sorted);
    return status;
}
