/* SPDX-License-Identifier: MIT */
/* Bars from zero with their intervals, in groups: a name a group, a look a kind. */
#include "report/run.h"
#include "report/svg.h"

#include <math.h>
#include <stdio.h>

enum {
    WIDTH = 760,
    LEFT = 250,
    RIGHT = 96,
    TOP = 44,
    BAR = 13,
    ROW = 21,
    SPACE = 12,
    BOTTOM = 56
};

static void draw_bar(
    mien_string *out, const mien_plot *p, const mien_figure_bar *b, double y) {
    static const char *const opacities[] = {"0.75", "0.4", "0.15"};
    const mien_interval *i = &b->interval;
    double zero = mien_plot_x(p, 0), x = mien_plot_x(p, i->value);
    char text[MIEN_NUMBER_MAX];
    mien_svg(out, "<text x='#' y='#' font-size='13' text-anchor='end'>$</text>",
        p->left - 14, y + 4.5, b->name);
    mien_svg(out,
        "<rect class='band' x='#' y='#' width='#' height='#' fill='currentColor' "
        "fill-opacity='$' stroke='currentColor' stroke-width='0.7'/>",
        fmin(zero, x), y - BAR / 2.0, fabs(x - zero), (double)BAR,
        opacities[b->look % 3]);
    if (isfinite(i->low) && isfinite(i->high)) {
        double a = mien_plot_x(p, i->low), z = mien_plot_x(p, i->high);
        mien_svg(out,
            "<path class='rule' d='M# #v8m0 -4H#m0 -4v8' fill='none' "
            "stroke='currentColor' stroke-width='1.5'/>",
            a, y - 4, z);
    }
    mien_svg(out, "<text class='tick' x='#' y='#'>$</text>\n", p->left + p->width + 14,
        y + 4.5, mien_fixed(i->value, 3, text));
}

static void range_of(const mien_figure_bar *bars, int count, double range[2]) {
    double low = 0, high = 0;
    for (int k = 0; k < count; k++) {
        const mien_interval *i = &bars[k].interval;
        low = fmin(low, isfinite(i->low) ? i->low : i->value);
        high = fmax(high, isfinite(i->high) ? i->high : i->value);
    }
    double room = 0.04 * (high - low);
    mien_axis_range(
        low < 0 ? low - room : 0, high > 0 ? high + room : 0, NULL, 0, range);
}

mien_status mien_figure_bars(mien_string *out, const char *title, const char *axis,
    const mien_figure_bar *bars, int count) {
    double range[2], height = 0;
    char words[128];
    for (int k = 0; k < count; k++) {
        height += ROW + (bars[k].space_before && k ? SPACE : 0);
    }
    range_of(bars, count, range);
    mien_plot p = {LEFT, TOP, WIDTH - LEFT - RIGHT, height, range[0], range[1], 0, 1};
    snprintf(words, sizeof words,
        "%d bars from zero, with their 95 %% intervals as "
        "lines.",
        count);
    mien_svg_begin(out, WIDTH, TOP + height + BOTTOM, title, words);
    mien_svg(
        out, "<text class='head' x='4' y='20' font-weight='600'>$</text>\n", title);
    mien_axis_x(out, &p, axis);
    double zero = mien_plot_x(&p, 0), y = TOP;
    for (int k = 0; k < count; k++) {
        y += bars[k].space_before && k ? SPACE : 0;
        draw_bar(out, &p, &bars[k], y + ROW / 2.0);
        y += ROW;
    }
    mien_svg(out,
        "<line class='rule' x1='#' y1='#' x2='#' y2='#' stroke='currentColor'/>\n",
        zero, (double)TOP, zero, TOP + height);
    mien_svg_end(out);
    return mien_string_status(out);
}
