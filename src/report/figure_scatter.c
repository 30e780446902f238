/* SPDX-License-Identifier: MIT */
/* One value against another: dots, or the path of a film. */
#include "report/svg.h"
#include "base/need.h"

#include <math.h>
#include <stdio.h>

enum { SIDE = 372, LEFT = 66, TOP = 40, RIGHT = 18, BOTTOM = 54, WAYPOINTS = 1500 };

typedef struct scatter {
    mien_string *out;
    mien_plot plot;
    const double *x, *y;
    int64_t count, drawn;
} scatter;

static bool is_shown(const scatter *s, int64_t i) {
    return isfinite(s->x[i]) && isfinite(s->y[i]);
}

static double inside(double value, double low, double high) {
    return fmin(fmax(value, low), high);
}

static void place(const scatter *s, int64_t i, double *x, double *y) {
    const mien_plot *p = &s->plot;
    *x = mien_plot_x(p, inside(s->x[i], p->x_low, p->x_high));
    *y = mien_plot_y_inside(p, s->y[i]);
}

static void draw_identity(const scatter *s) {
    const mien_plot *p = &s->plot;
    double low = fmax(p->x_low, p->y_low), high = fmin(p->x_high, p->y_high);
    if (!(high > low)) {
        return;
    }
    mien_svg(s->out,
        "<line class='rule' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
        "stroke-dasharray='5 4'/>\n",
        mien_plot_x(p, low), mien_plot_y(p, low), mien_plot_x(p, high),
        mien_plot_y(p, high));
}

/* Above the dots, or they would hide it. */
static void name_identity(const scatter *s) {
    const mien_plot *p = &s->plot;
    if (p->x_low == p->y_low &&
        p->x_high == p->y_high) { /* the line climbs at 45 degrees */
        double x = p->left + 0.86 * p->width, y = p->top + 0.14 * p->height - 6;
        mien_svg(s->out,
            "<text class='hint halo' font-size='12' x='#' y='#' text-anchor='middle' "
            "transform='rotate(-45 # #)'>equal</text>\n",
            x, y, x, y);
    }
}

/* The middle of both scales, where a square has four meaningful quarters. */
static void draw_middle(const scatter *s) {
    const mien_plot *p = &s->plot;
    double x = p->left + p->width / 2, y = p->top + p->height / 2;
    mien_svg(s->out,
        "<path class='rule' d='M# #V#M# #H#' fill='none' stroke='currentColor' "
        "stroke-dasharray='2 4'/>\n",
        x, p->top, p->top + p->height, p->left, y, p->left + p->width);
}

static void draw_path(const scatter *s) {
    int64_t step = s->count / WAYPOINTS + 1;
    double x, y;
    bool open = false;
    mien_string_add(s->out, "<path class=\"line\" fill=\"none\" "
                            "stroke=\"currentColor\" stroke-width=\"1.2\" "
                            "stroke-opacity=\"0.55\" stroke-linejoin=\"round\" d=\"");
    for (int64_t i = 0; i < s->count; i += step) {
        if (is_shown(s, i)) {
            place(s, i, &x, &y);
            mien_svg(s->out, open ? "L# #" : "M# #", x, y);
        }
        open = is_shown(s, i);
    }
    mien_string_add(s->out, "\"/>\n");
}

/* Where the path begins (hollow circle) and ends (square), each with its word; on the
 * side of the dot that is away from the other end. */
static void draw_ends(const scatter *s) {
    int64_t first = 0, last = s->count - 1;
    while (first < s->count && !is_shown(s, first)) {
        first++;
    }
    while (last > first && !is_shown(s, last)) {
        last--;
    }
    if (first >= s->count) {
        return;
    }
    double x0, y0, x1, y1;
    place(s, first, &x0, &y0);
    place(s, last, &x1, &y1);
    bool above = y0 <= y1;
    mien_svg(s->out,
        "<circle class='hollow' cx='#' cy='#' r='5' fill='none' stroke='currentColor' "
        "stroke-width='2'/><text class='hint halo' x='#' y='#' "
        "text-anchor='middle'>start</text>\n",
        x0, y0, x0, above ? y0 - 10 : y0 + 20);
    mien_svg(s->out,
        "<rect class='dot' x='#' y='#' width='9' height='9'/>"
        "<text class='hint halo' x='#' y='#' text-anchor='middle'>end</text>\n",
        x1 - 4.5, y1 - 4.5, x1, above ? y1 + 20 : y1 - 10);
}

static void draw_dots(const scatter *s, const char *const *labels, double radius) {
    mien_svg(s->out, "<g class='dot' fill-opacity='0.28' stroke-opacity='0.75'>\n");
    for (int64_t i = 0; i < s->count; i++) {
        double x, y;
        if (!is_shown(s, i)) {
            continue;
        }
        place(s, i, &x, &y);
        if (labels && labels[i]) {
            char a[MIEN_NUMBER_MAX], b[MIEN_NUMBER_MAX];
            mien_svg(s->out,
                "<circle cx='#' cy='#' r='#'><title>$: $, $</title></circle>\n", x, y,
                radius, labels[i], mien_fixed(s->x[i], 2, a),
                mien_fixed(s->y[i], 2, b));
        } else {
            mien_svg(s->out, "<circle cx='#' cy='#' r='#'/>\n", x, y, radius);
        }
    }
    mien_string_add(s->out, "</g>\n");
}

/* The same in words. */
static void describe(const scatter *s, const char *x_name, const char *y_name,
    bool connect, char *text, size_t size) {
    double x_low = INFINITY, x_high = -INFINITY, y_low = INFINITY, y_high = -INFINITY;
    for (int64_t i = 0; i < s->count; i++) {
        if (is_shown(s, i)) {
            x_low = fmin(x_low, s->x[i]);
            x_high = fmax(x_high, s->x[i]);
            y_low = fmin(y_low, s->y[i]);
            y_high = fmax(y_high, s->y[i]);
        }
    }
    char n[4][MIEN_NUMBER_MAX];
    snprintf(text, size,
        "%lld %s. Across: %.120s, from %s to %s. Upward: %.120s, from %s to %s.",
        (long long)s->drawn, connect ? "moments joined in order" : "points", x_name,
        mien_fixed(x_low, 2, n[0]), mien_fixed(x_high, 2, n[1]), y_name,
        mien_fixed(y_low, 2, n[2]), mien_fixed(y_high, 2, n[3]));
}

mien_status mien_figure_scatter(mien_string *out, const char *title,
    const mien_figure_axis *x_axis, const double *x, const mien_figure_axis *y_axis,
    const double *y, const char *const *labels, int64_t count, bool identity_line,
    bool connect) {
    MIEN_NEED(out, title, x_axis, x || count < 1, y_axis, y || count < 1);
    scatter s = {.out = out, .x = x, .y = y, .count = count};
    double xr[2], yr[2];
    mien_axis_range(x_axis->minimum, x_axis->maximum, x, count, xr);
    mien_axis_range(y_axis->minimum, y_axis->maximum, y, count, yr);
    s.plot = (mien_plot){LEFT, TOP, SIDE, SIDE, xr[0], xr[1], yr[0], yr[1]};
    for (int64_t i = 0; i < count; i++) {
        s.drawn += is_shown(&s, i);
    }
    char text[512];
    describe(&s, x_axis->name, y_axis->name, connect, text, sizeof text);
    mien_svg_begin(out, LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM, title, text);
    mien_svg(out, "<text class='head' x='#' y='20' font-weight='600'>$</text>\n",
        (double)LEFT, title);
    mien_axis_x(out, &s.plot, x_axis->name);
    mien_axis_y(out, &s.plot, 8, y_axis->name);
    if (identity_line) {
        draw_identity(&s);
    } else {
        draw_middle(&s);
    }
    if (connect) {
        draw_path(&s);
    }
    draw_dots(&s, labels,
        count > 2000 ? 1.6
        : connect    ? (count > 200 ? 0.9 : 2.2)
                     : 3.2);
    if (identity_line) {
        name_identity(&s);
    }
    if (connect) {
        draw_ends(&s);
    }
    if (s.drawn == 0) {
        mien_svg(out,
            "<text class='hint' x='#' y='#' text-anchor='middle'>no values</text>\n",
            s.plot.left + SIDE / 2.0, s.plot.top + SIDE / 2.0 - 8);
    }
    mien_svg_end(out);
    return mien_string_status(out);
}
