/* SPDX-License-Identifier: MIT */
/* Histograms of one scale side by side, a panel a group, all with the same bins and the
 * same height of the largest share: groups of different size can be compared by shape.
 */
#include "report/svg.h"
#include "base/need.h"

#include <math.h>
#include <stdio.h>

enum {
    BINS = 10,
    ACROSS = 3,
    WIDTH = 860,
    PANEL = 250,
    GAP = 44,
    LEFT = 12,
    TOP = 40,
    HEAD = 26,
    PLOT = 110,
    BOTTOM = 40
};

/* The bin of a value; the upper end belongs to the last. −1: outside or missing. */
static int bin_of(double value, const double range[2]) {
    double at = (value - range[0]) / (range[1] - range[0]) * BINS;
    if (!(at >= 0 && at <= BINS)) {
        return -1;
    }
    return at == BINS ? BINS - 1 : (int)at;
}

static int64_t count_bins(
    const mien_figure_group *g, const double range[2], int64_t bins[BINS]) {
    int64_t n = 0;
    for (int b = 0; b < BINS; b++) {
        bins[b] = 0;
    }
    for (int64_t i = 0; i < g->count; i++) {
        int b = bin_of(g->value[i], range);
        if (b >= 0) {
            bins[b]++;
            n++;
        }
    }
    return n;
}

static void draw_panel(mien_string *out, const mien_figure_group *g,
    const double range[2], double most, double left, double top) {
    int64_t bins[BINS], n = count_bins(g, range, bins);
    double width = (double)PANEL / BINS, bottom = top + PLOT;
    char words[160], end[MIEN_NUMBER_MAX];
    snprintf(words, sizeof words, "%.100s (%lld)", g->name, (long long)n);
    mien_svg(out, "<text x='#' y='#' font-size='13' font-weight='600'>$</text>\n", left,
        top - 8, words);
    for (int b = 0; b < BINS; b++) {
        double height = n ? (double)bins[b] / (double)n / most * PLOT : 0;
        if (bins[b]) {
            mien_svg(out,
                "<rect class='band' x='#' y='#' width='#' height='#' "
                "fill='currentColor' fill-opacity='0.6'>",
                left + b * width + 1, bottom - height, width - 2, height);
            mien_string_addf(out, "<title>%lld</title></rect>", (long long)bins[b]);
        }
    }
    mien_svg(out,
        "<line class='rule' x1='#' y1='#' x2='#' y2='#' stroke='currentColor'/>", left,
        bottom, left + PANEL, bottom);
    for (int e = 0; e < 2; e++) {
        mien_svg(out, "<text class='tick' x='#' y='#' text-anchor='$'>$</text>\n",
            left + e * PANEL, bottom + 16, e ? "end" : "start",
            mien_fixed(range[e], range[e] == floor(range[e]) ? 0 : 2, end));
    }
}

mien_status mien_figure_histograms(mien_string *out, const char *title,
    const mien_figure_axis *axis, const mien_figure_group *groups, int count) {
    MIEN_NEED(out, title, axis, groups);
    double range[2], most = 0;
    char words[128];
    int rows = (count + ACROSS - 1) / ACROSS;
    mien_axis_range(axis->minimum, axis->maximum, count ? groups[0].value : NULL,
        count ? groups[0].count : 0, range);
    for (int k = 0; k < count; k++) {
        int64_t bins[BINS], n = count_bins(&groups[k], range, bins);
        for (int b = 0; b < BINS && n; b++) {
            most = fmax(most, (double)bins[b] / (double)n);
        }
    }
    snprintf(words, sizeof words, "%d histograms of %.60s in %d bins, by share.", count,
        axis->name, (int)BINS);
    mien_svg_begin(out, WIDTH, TOP + rows * (HEAD + PLOT + BOTTOM), title, words);
    mien_svg(
        out, "<text class='head' x='4' y='20' font-weight='600'>$</text>\n", title);
    for (int k = 0; k < count; k++) {
        draw_panel(out, &groups[k], range, most > 0 ? most : 1,
            LEFT + k % ACROSS * (PANEL + GAP),
            TOP + HEAD + (double)(k / ACROSS) * (HEAD + PLOT + BOTTOM));
    }
    mien_svg_end(out);
    return mien_string_status(out);
}
