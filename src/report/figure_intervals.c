/* SPDX-License-Identifier: MIT */
/* Estimates with their intervals, one a line: told apart by shape and by their names.
 */
#include "report/run.h"
#include "report/svg.h"

#include <math.h>
#include <stdio.h>

enum {
    WIDTH = 760,
    LEFT = 250,
    RIGHT = 96,
    TOP = 44,
    ROW = 30,
    SPACE = 14,
    BOTTOM = 56
};

static void draw_mark(
    mien_string *out, const mien_figure_estimate *e, double x, double y) {
    switch (e->mark) {
    case MIEN_MARK_DOT:
        mien_svg(out, "<circle class='dot' cx='#' cy='#' r='5.5'/>", x, y);
        break;
    case MIEN_MARK_SQUARE:
        mien_svg(out,
            "<rect class='hollow' x='#' y='#' width='10' height='10' fill='none' "
            "stroke='currentColor' stroke-width='2'/>",
            x - 5, y - 5);
        break;
    case MIEN_MARK_DIAMOND:
        mien_svg(out,
            "<path class='hollow' d='M# #l6.5 6.5l-6.5 6.5l-6.5 -6.5z' fill='none' "
            "stroke='currentColor' stroke-width='2'/>",
            x, y - 6.5);
        break;
    case MIEN_MARK_BAR:
        mien_svg(out,
            "<line class='line' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
            "stroke-width='3'/>",
            x, y - 9, x, y + 9);
        break;
    }
}

static void draw_estimate(
    mien_string *out, const mien_plot *p, const mien_figure_estimate *e, double y) {
    char text[MIEN_NUMBER_MAX];
    const mien_interval *i = &e->interval;
    mien_svg(out, "<text x='#' y='#' text-anchor='end'>$</text>", p->left - 14, y + 4.5,
        e->name);
    if (isfinite(i->low) && isfinite(i->high)) {
        mien_svg(out,
            "<line class='line' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
            "stroke-width='2'/>",
            mien_plot_x(p, i->low), y, mien_plot_x(p, i->high), y);
    }
    draw_mark(out, e, mien_plot_x(p, i->value), y);
    double end = p->left + p->width + 14;
    mien_svg(out, "<text class='tick' x='#' y='#'>$</text>\n", end, y + 4.5,
        mien_fixed(i->value, 3, text));
}

static void range_of(const mien_figure_estimate *e, int count, double range[2]) {
    double low = 0, high = 0;
    for (int k = 0; k < count; k++) {
        const double values[3] = {
            e[k].interval.value, e[k].interval.low, e[k].interval.high};
        for (int v = 0; v < 3; v++) {
            low = isfinite(values[v]) ? fmin(low, values[v]) : low;
            high = isfinite(values[v]) ? fmax(high, values[v]) : high;
        }
    }
    if (low >= -1 && high <= 1) { /* correlations: the natural scale */
        high = 1;
        low = low < -0.05 ? -1 : fmin(low, 0);
    }
    mien_axis_range(low, high, NULL, 0, range);
}

mien_status mien_figure_intervals(mien_string *out, const char *title, const char *axis,
    const mien_figure_estimate *estimates, int count, double chance) {
    double range[2], height = 0;
    int drawn = 0;
    char words[128];
    for (int k = 0; k < count; k++) {
        height += estimates[k].space_before && k ? ROW + SPACE : ROW;
        drawn += isfinite(estimates[k].interval.value);
    }
    range_of(estimates, count, range);
    mien_plot p = {LEFT, TOP, WIDTH - LEFT - RIGHT, height, range[0], range[1], 0, 1};
    snprintf(words, sizeof words,
        "%d estimates as marks, with their 95 %% intervals as lines.", drawn);
    mien_svg_begin(out, WIDTH, TOP + height + BOTTOM, title, words);
    mien_svg(
        out, "<text class='head' x='4' y='20' font-weight='600'>$</text>\n", title);
    mien_axis_x(out, &p, axis);
    if (isfinite(chance) && chance >= range[0] && chance <= range[1]) {
        mien_svg(out,
            "<line class='rule' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
            "stroke-dasharray='5 4'/>\n",
            mien_plot_x(&p, chance), p.top, mien_plot_x(&p, chance), p.top + height);
    }
    double y = TOP;
    for (int k = 0; k < count; k++) {
        y += estimates[k].space_before && k ? SPACE : 0;
        if (isfinite(estimates[k].interval.value)) {
            draw_estimate(out, &p, &estimates[k], y + ROW / 2.0);
        }
        y += ROW;
    }
    mien_svg_end(out);
    return mien_string_status(out);
}
