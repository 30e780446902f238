/* SPDX-License-Identifier: MIT */
/* Effects on a series, moment by moment, as lanes of bars below its panel. */
#include "report/timeline_tracks.h"

#include <math.h>

enum { LANE = 20, ABOVE = 28, BELOW = 8, HALF = 9 };

typedef struct lanes {
    mien_string *out;
    const mien_plot *panel;
    const double *time;
    int64_t count;
    const mien_figure_series *series;
    double largest; /* effect, which a whole half of a lane stands for */
} lanes;

double mien_timeline_tracks_height(const mien_figure_series *series) {
    return series->effects_count > 0 ? ABOVE + LANE * series->effects_count + BELOW : 0;
}

static double effect_at(const mien_figure_series *s, int64_t i, int lane) {
    return s->effect[i * s->effects_count + lane];
}

/* The lane of the largest effect of a moment, the first of equals; -1: none is known.
 */
static int driver_of(const mien_figure_series *s, int64_t i) {
    int driver = -1;
    double largest = 0;
    for (int k = 0; k < s->effects_count; k++) {
        double e = fabs(effect_at(s, i, k));
        if (e > largest) {
            largest = e;
            driver = k;
        }
    }
    return driver;
}

static double middle_of(const lanes *l, int lane) {
    return l->panel->top + l->panel->height + ABOVE + (lane + 0.5) * LANE;
}

/* A moment reaches half way to its neighbours, and at the ends as far out as in. */
static double edge_after(const lanes *l, int64_t i) {
    if (l->count < 2) {
        return l->panel->left + (double)(i + 1) * l->panel->width;
    }
    double step = i < 0 ? l->time[0] - l->time[1] : 0, at = l->time[i < 0 ? 0 : i];
    if (i >= 0) {
        step = i + 1 < l->count ? l->time[i + 1] - l->time[i]
                                : l->time[i] - l->time[i - 1];
    }
    double x = mien_plot_x(l->panel, at + step / 2);
    return fmin(fmax(x, l->panel->left), l->panel->left + l->panel->width);
}

/* All bars of one lane and look are one path. */
static void draw_bars(const lanes *l, int lane, bool up, bool strong) {
    double middle = middle_of(l, lane);
    mien_svg(l->out, "<path class='$' fill='currentColor' fill-opacity='$' d='",
        up ? "up" : "down", strong ? "0.95" : "0.28");
    for (int64_t i = 0; i < l->count; i++) {
        double e = effect_at(l->series, i, lane);
        double height = fmin(fabs(e) / l->largest, 1) * HALF;
        if (!isfinite(e) || (e > 0) != up || height < 0.25 ||
            (driver_of(l->series, i) == lane) != strong) {
            continue;
        }
        double left = edge_after(l, i - 1);
        mien_svg(l->out, "M# #h#v#h#z", left, middle, edge_after(l, i) - left,
            up ? -height : height, left - edge_after(l, i));
    }
    mien_string_add(l->out, "\"/>\n");
}

static void draw_lane(const lanes *l, int lane) {
    double y = middle_of(l, lane);
    mien_svg(l->out, "<text class='tick' x='#' y='#' text-anchor='end'>$</text>",
        l->panel->left - 8, y + 4, l->series->effects[lane]);
    mien_svg(l->out,
        "<line class='grid' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
        "stroke-opacity='0.2'/>\n",
        l->panel->left, y, l->panel->left + l->panel->width, y);
    for (int look = 0; look < 4; look++) {
        draw_bars(l, lane, look % 2 == 0, look >= 2);
    }
}

/* Outliers would flatten all others: the scale ends where 1 % of the largest effects
 * begin. */
static double scale_of(const mien_figure_series *s, int64_t count) {
    double low = 0, high = 0;
    for (int64_t i = 0; i < count * s->effects_count; i++) {
        high = isfinite(s->effect[i]) ? fmax(high, fabs(s->effect[i])) : high;
    }
    for (int step = 0; step < 20; step++) {
        double at = (low + high) / 2;
        int64_t above = 0;
        for (int64_t i = 0; i < count; i++) {
            int k = driver_of(s, i);
            above += k >= 0 && fabs(effect_at(s, i, k)) > at;
        }
        if (above * 100 > count) {
            low = at;
        } else {
            high = at;
        }
    }
    return high;
}

void mien_timeline_tracks_draw(mien_string *out, const mien_plot *panel,
    const double *time_s, int64_t count, const mien_figure_series *series) {
    lanes l = {out, panel, time_s, count, series, 0};
    char text[MIEN_NUMBER_MAX];
    if (series->effects_count < 1 || count < 1) {
        return;
    }
    l.largest = scale_of(series, count);
    mien_svg(out,
        "<text class='hint' font-size='12' x='#' y='#'>What each input adds (strong: "
        "the "
        "most at that moment); a whole half lane is $</text>\n",
        panel->left, panel->top + panel->height + ABOVE - 7,
        mien_fixed(l.largest, 2, text));
    for (int k = 0; k < series->effects_count && l.largest > 0; k++) {
        draw_lane(&l, k);
    }
}

void mien_timeline_tracks_describe(
    mien_string *out, const mien_figure_series *series, int64_t count) {
    int best = -1;
    int64_t most = 0;
    for (int k = 0; k < series->effects_count; k++) {
        int64_t driven = 0;
        for (int64_t i = 0; i < count; i++) {
            driven += driver_of(series, i) == k;
        }
        if (driven > most) {
            most = driven;
            best = k;
        }
    }
    if (best >= 0) {
        mien_string_addf(out, " What adds most to it is %s at %.0f %% of the moments.",
            series->effects[best], 100.0 * (double)most / (double)count);
    }
}
