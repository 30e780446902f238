/* SPDX-License-Identifier: MIT */
/* A film's series over time, one panel each, above a strip of its pictures. */
#include "report/svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "report/stack.h"
#include "report/timeline_scene.h"
#include "report/timeline_tracks.h"

/* A panel is HEAD of title and PANEL of plot; AXIS below the last; then the strip. */
enum {
    WIDTH = 860,
    LEFT = 46,
    LEFT_OF_LANES = 108, /* for their names */
    RIGHT = 14,
    TITLE = 34,
    HEAD = 30,
    PANEL = 132,
    AXIS = 46,
    STRIP = 58,
    LEAD = 16,
    GAP = 6
};

/* Longer series are drawn by the extremes of each half pixel. */
enum { BUCKETS = 2 * (WIDTH - LEFT - RIGHT) };

typedef struct timeline {
    mien_string *out;
    const double *time;
    int64_t count;
    const mien_figure_scene *scene; /* NULL: none */
    mien_plot plot;
} timeline;

/* ---- time ---------------------------------------------------------------------- */

/* "0:05", "1:02:03"; "2.5 s" where the whole film is short. */
static char *time_text(double s, double step, double end, char text[MIEN_NUMBER_MAX]) {
    if (end < 20 || step < 1) {
        char number[MIEN_NUMBER_MAX];
        int decimals = step >= 1 ? 0 : step >= 0.1 ? 1 : 2;
        snprintf(text, MIEN_NUMBER_MAX, "%.20s s", mien_fixed(s, decimals, number));
        return text;
    }
    long long whole = llround(s);
    const char *sign = whole < 0 ? "−" : "";
    whole = whole < 0 ? -whole : whole;
    if (whole >= 3600) {
        snprintf(text, MIEN_NUMBER_MAX, "%s%lld:%02lld:%02lld", sign, whole / 3600,
            whole / 60 % 60, whole % 60);
    } else {
        snprintf(text, MIEN_NUMBER_MAX, "%s%lld:%02lld", sign, whole / 60, whole % 60);
    }
    return text;
}

static double time_step(double length) {
    static const double steps[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30,
        60, 120, 300, 600, 900, 1800, 3600, 7200};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (length / steps[i] <= 10) {
            return steps[i];
        }
    }
    return mien_ticks_of(0, length, 10).step;
}

static void draw_time_axis(const timeline *t, double top, bool words) {
    const mien_plot *p = &t->plot;
    double step = time_step(p->x_high - p->x_low), bottom = p->top + p->height;
    double first = ceil(p->x_low / step - 1e-9) * step;
    for (int i = 0; first + i * step <= p->x_high + 1e-9 * step && i < 64; i++) {
        double x = mien_plot_x(p, first + i * step);
        char text[MIEN_NUMBER_MAX];
        if (words) {
            mien_svg(t->out,
                "<text class='tick' x='#' y='#' text-anchor='middle'>$</text>\n", x,
                bottom + 18, time_text(first + i * step, step, p->x_high, text));
        } else {
            mien_svg(t->out,
                "<line class='grid' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
                "stroke-opacity='0.12'/>",
                x, top, x, bottom);
        }
    }
}

/* A moment between the marks of the axis: in short films a digit more than they have.
 */
static char *moment_text(const mien_plot *p, double s, char text[MIEN_NUMBER_MAX]) {
    double step = time_step(p->x_high - p->x_low);
    return time_text(s, p->x_high < 20 ? step / 10 : step, p->x_high, text);
}

/* ---- one panel ----------------------------------------------------------------- */

/* Points are taken in runs of `stride`, so that long films stay small files. */
static int64_t stride_of(const timeline *t) {
    return t->count / BUCKETS + 1;
}

static void extreme(
    const double *v, int64_t begin, int64_t end, int64_t *low, int64_t *high) {
    *low = *high = -1;
    for (int64_t i = begin; i < end; i++) {
        if (isfinite(v[i])) {
            *low = *low < 0 || v[i] < v[*low] ? i : *low;
            *high = *high < 0 || v[i] > v[*high] ? i : *high;
        }
    }
}

static void line_to(const timeline *t, const double *v, int64_t i, bool open) {
    mien_svg(t->out, open ? "L# #" : "M# #", mien_plot_x(&t->plot, t->time[i]),
        mien_plot_y_inside(&t->plot, v[i]));
}

/* A moment alone is a dot of the line's round cap. */
static void close_run(const timeline *t, int64_t *points) {
    mien_string_add(t->out, *points == 1 ? "h0" : "");
    *points = 0;
}

static void draw_line(const timeline *t, const double *v, const char *look) {
    int64_t stride = stride_of(t), points = 0; /* of the unbroken run */
    mien_string_addf(t->out,
        "<path %s fill=\"none\" stroke=\"currentColor\" stroke-linejoin=\"round\" "
        "stroke-linecap=\"round\" d=\"",
        look);
    for (int64_t i = 0; i < t->count; i += stride) {
        int64_t low, high, end = i + stride < t->count ? i + stride : t->count;
        extreme(v, i, end, &low, &high);
        if (low < 0) {
            close_run(t, &points);
            continue;
        }
        line_to(t, v, low < high ? low : high, points++ > 0);
        if (low != high) {
            line_to(t, v, low < high ? high : low, points++ > 0);
        }
    }
    close_run(t, &points);
    mien_string_add(t->out, "\"/>\n");
}

static bool has_band(const mien_figure_series *s, int64_t i) {
    return isfinite(s->low[i]) && isfinite(s->high[i]);
}

/* One closed shape for each run of moments that have an interval. */
static void draw_band_run(
    const timeline *t, const mien_figure_series *s, int64_t begin, int64_t end) {
    int64_t stride = stride_of(t), low, high;
    const mien_plot *p = &t->plot;
    int64_t last = begin + (end - 1 - begin) / stride * stride;
    if (end - begin == 1) { /* a moment alone gets some width */
        double x = mien_plot_x(p, t->time[begin]),
               y = mien_plot_y_inside(p, s->high[begin]);
        mien_svg(
            t->out, "M# #h6V#h-6Z", x - 3, y, mien_plot_y_inside(p, s->low[begin]));
        return;
    }
    mien_string_add(t->out, "M");
    for (int64_t i = begin; i < end; i += stride) {
        extreme(s->high, i, i + stride < end ? i + stride : end, &low, &high);
        mien_svg(t->out, "# # ", mien_plot_x(p, t->time[i]),
            mien_plot_y_inside(p, s->high[high]));
    }
    for (int64_t i = last; i >= begin; i -= stride) {
        extreme(s->low, i, i + stride < end ? i + stride : end, &low, &high);
        mien_svg(t->out, "# # ", mien_plot_x(p, t->time[i]),
            mien_plot_y_inside(p, s->low[low]));
    }
    mien_string_add(t->out, "Z");
}

static void draw_band(const timeline *t, const mien_figure_series *s) {
    mien_string_add(t->out,
        "<path class=\"band\" fill=\"currentColor\" fill-opacity=\"0.15\" d=\"");
    int64_t begin = 0;
    for (int64_t i = 0; i <= t->count; i++) {
        if (i == t->count || !has_band(s, i)) {
            if (i > begin) {
                draw_band_run(t, s, begin, i);
            }
            begin = i + 1;
        }
    }
    mien_string_add(t->out, "\"/>\n");
}

/* A mark and its words at one moment, kept inside the figure. */
static void draw_extreme(const timeline *t, const double *v, int64_t i, bool peak) {
    const mien_plot *p = &t->plot;
    double x = mien_plot_x(p, t->time[i]), y = mien_plot_y_inside(p, v[i]);
    char words[2 * MIEN_NUMBER_MAX + 16], value[MIEN_NUMBER_MAX], when[MIEN_NUMBER_MAX];
    snprintf(words, sizeof words, "%s %s at %s", peak ? "high" : "low",
        mien_fixed(v[i], 2, value), moment_text(p, t->time[i], when));
    double room = 66;
    const char *anchor = x < p->left + room              ? "start"
                         : x > p->left + p->width - room ? "end"
                                                         : "middle";
    double word_x = strcmp(anchor, "start") == 0 ? fmax(x - 8, p->left + 4)
                    : strcmp(anchor, "end") == 0 ? fmin(x + 8, p->left + p->width - 4)
                                                 : x;
    double word_y =
        peak ? fmax(y - 11, p->top + 12) : fmin(y + 21, p->top + p->height - 5);
    mien_svg(t->out,
        peak ? "<path class='hollow' d='M# #l5 8.5h-10z' fill='none' "
               "stroke='currentColor' "
               "stroke-width='1.8'/>"
             : "<path class='hollow' d='M# #l5 -8.5h-10z' fill='none' "
               "stroke='currentColor' "
               "stroke-width='1.8'/>",
        x, peak ? y - 5.5 : y + 5.5);
    mien_svg(t->out,
        "<text class='hint halo' font-size='12' x='#' y='#' text-anchor='$'>$</text>\n",
        word_x, word_y, anchor, words);
}

/* Whether two moments differ by more than both intervals together allow by chance: the
 * half widths add as errors do. Unknown intervals forbid nothing. */
static bool beyond_noise(const mien_figure_series *s, int64_t low, int64_t high) {
    if (!s->low || !s->high || !has_band(s, low) || !has_band(s, high)) {
        return true;
    }
    double below = s->value[high] - s->low[high], above = s->high[low] - s->value[low];
    return s->value[high] - s->value[low] > hypot(below, above);
}

static void draw_extremes(const timeline *t, const mien_figure_series *s) {
    int64_t low, high;
    const double *v = s->value;
    extreme(v, 0, t->count, &low, &high);
    if (low < 0 || t->count < 3 || !beyond_noise(s, low, high)) {
        return;
    }
    double apart =
        mien_plot_y_inside(&t->plot, v[low]) - mien_plot_y_inside(&t->plot, v[high]);
    double across = fabs(
        mien_plot_x(&t->plot, t->time[low]) - mien_plot_x(&t->plot, t->time[high]));
    if (apart < 8 || (apart < 26 && across < 20)) {
        return; /* flat: there is nothing to point at */
    }
    draw_extreme(t, v, high, true);
    draw_extreme(t, v, low, false);
}

static mien_status draw_shares(const timeline *t, const mien_figure_series *s) {
    const mien_plot *p = &t->plot;
    mien_svg(t->out, "<text x='#' y='#' font-weight='600'>$</text>\n", p->left,
        p->top - 10, s->name);
    draw_time_axis(t, p->top, false);
    mien_axis_y(t->out, p, 5, NULL);
    return mien_stack_draw(t->out, p, t->time, t->count, s);
}

/* Thick and thin, on the right above the panel. */
static void name_lines(const timeline *t, double from_right) {
    const mien_plot *p = &t->plot;
    double right = p->left + p->width - from_right, y = p->top - 14;
    mien_svg(t->out,
        "<line class='line' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
        "stroke-width='2'/><text class='hint' font-size='12' x='#' "
        "y='#'>predicted</text>",
        right - 150, y, right - 130, y, right - 125, y + 4);
    mien_svg(t->out,
        "<line class='rule' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
        "stroke-width='1.3'/><text class='hint' font-size='12' x='#' y='#' "
        "text-anchor='end'>rated</text>\n",
        right - 57, y, right - 37, y, right, y + 4);
}

static void draw_panel(const timeline *t, const mien_figure_series *s) {
    const mien_plot *p = &t->plot;
    mien_svg(t->out, "<text x='#' y='#' font-weight='600'>$</text>\n", p->left,
        p->top - 10, s->name);
    if (s->low && s->high) {
        mien_svg(t->out,
            "<rect class='band' x='#' y='#' width='22' height='10' fill='currentColor' "
            "fill-opacity='0.15'/><text class='hint' font-size='12' x='#' y='#' "
            "text-anchor='end'>95 % interval</text>\n",
            p->left + p->width - 108, p->top - 19, p->left + p->width, p->top - 10);
    }
    if (s->truth) {
        name_lines(t, s->low ? 124 : 0);
    }
    draw_time_axis(t, p->top, false);
    mien_axis_y(t->out, p, 5, NULL);
    double middle = mien_plot_y(p, (p->y_low + p->y_high) / 2);
    mien_svg(t->out,
        "<line class='rule' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
        "stroke-dasharray='2 4'/>\n",
        p->left, middle, p->left + p->width, middle);
    if (s->low && s->high) {
        draw_band(t, s);
    }
    if (s->truth) {
        draw_line(t, s->truth, "class=\"rule\" stroke-width=\"1.3\"");
    }
    draw_line(t, s->value, "class=\"line\" stroke-width=\"2\"");
    if (!s->truth) {
        draw_extremes(t, s);
    }
    int64_t low, high;
    extreme(s->value, 0, t->count, &low, &high);
    if (low < 0) {
        mien_svg(t->out,
            "<text class='hint' x='#' y='#' text-anchor='middle'>no values</text>\n",
            p->left + p->width / 2, middle - 8);
    }
}

/* ---- the strip ----------------------------------------------------------------- */

/* Width / height from the frame header of a JPEG; 4:3 where there is none. */
static double aspect_of(const uint8_t *b, size_t n) {
    size_t i = 2;
    while (i + 9 < n && b[i] == 0xff) {
        bool frame = b[i + 1] >= 0xc0 && b[i + 1] <= 0xcf && b[i + 1] != 0xc4 &&
                     b[i + 1] != 0xc8 && b[i + 1] != 0xcc;
        if (frame) {
            int h = b[i + 5] << 8 | b[i + 6], w = b[i + 7] << 8 | b[i + 8];
            return h > 0 && w > 0 ? fmin(fmax((double)w / h, 0.4), 2.4) : 4.0 / 3;
        }
        i += 2 + (size_t)(b[i + 2] << 8 | b[i + 3]);
    }
    return 4.0 / 3;
}

static void draw_thumbnail(const timeline *t, const mien_figure_thumbnail *shot,
    double left, double width, double top) {
    const mien_plot *p = &t->plot;
    double x = mien_plot_x(p, shot->time_s);
    char when[MIEN_NUMBER_MAX];
    moment_text(p, shot->time_s, when);
    mien_svg(t->out,
        "<path class='rule' d='M# #V#L# #' fill='none' stroke='currentColor' "
        "stroke-opacity='0.6'/>",
        x, top, top + 5, left + width / 2, top + LEAD);
    mien_svg(t->out,
        "<image x='#' y='#' width='#' height='#' preserveAspectRatio='xMidYMid slice' "
        "href='",
        left, top + LEAD, width, (double)STRIP);
    mien_html_jpeg(t->out, shot->jpeg, shot->jpeg_bytes);
    mien_svg(t->out, "'><title>$</title></image>\n", when);
}

static int64_t nearest(
    const timeline *t, const mien_figure_thumbnail *shots, int64_t count, double x) {
    int64_t best = 0;
    for (int64_t k = 1; k < count; k++) {
        if (fabs(mien_plot_x(&t->plot, shots[k].time_s) - x) <
            fabs(mien_plot_x(&t->plot, shots[best].time_s) - x)) {
            best = k;
        }
    }
    return best;
}

/* Draws as many pictures as fit, from edge to edge: in each place the one nearest in
 * time, unless that belongs to a neighbour. Lines lead from the pictures to their
 * moments. */
static void draw_strip(
    const timeline *t, const mien_figure_thumbnail *shots, int64_t count, double top) {
    const mien_plot *p = &t->plot;
    double width = STRIP * aspect_of(shots[0].jpeg, shots[0].jpeg_bytes);
    int places = (int)((p->width + GAP) / (width + GAP));
    double pitch = places > 1 ? (p->width - width) / (places - 1) : 0;
    int64_t last = -1;
    for (int i = 0; i < places; i++) {
        double left = p->left + i * pitch, centre = left + width / 2;
        int64_t best = nearest(t, shots, count, centre);
        double x = mien_plot_x(p, shots[best].time_s);
        bool edge = (i == 0 && x < centre) || (i == places - 1 && x > centre);
        bool near = edge || fabs(x - centre) <= pitch / 2 + 1;
        if (near && best != last && x >= p->left - 1 && x <= p->left + p->width + 1) {
            draw_thumbnail(t, &shots[best], left, width, top);
            last = best;
        }
    }
}

/* ---- the figure ---------------------------------------------------------------- */

static void describe_shares(
    mien_string *out, const timeline *t, const mien_figure_series *s) {
    double mean = 0;
    int band = mien_stack_largest(s, t->count, &mean);
    if (band >= 0) {
        mien_string_addf(out, " %s: on average %s has most, %.0f %%.", s->name,
            s->bands[band], 100 * mean);
    }
}

static void describe(mien_string *out, const timeline *t,
    const mien_figure_series *series, int count, int64_t shots) {
    char a[MIEN_NUMBER_MAX], b[MIEN_NUMBER_MAX];
    mien_string_addf(out, "%lld moments over %s seconds.", (long long)t->count,
        mien_fixed(t->count ? t->plot.x_high - t->plot.x_low : 0, 1, a));
    for (int s = 0; s < count; s++) {
        int64_t low, high;
        if (series[s].bands_count > 0) {
            describe_shares(out, t, &series[s]);
            continue;
        }
        extreme(series[s].value, 0, t->count, &low, &high);
        if (low >= 0) {
            mien_string_addf(out, " %s between %s and %s.", series[s].name,
                mien_fixed(series[s].value[low], 2, a),
                mien_fixed(series[s].value[high], 2, b));
        }
        if (series[s].effects_count > 0) {
            mien_timeline_tracks_describe(out, &series[s], t->count);
        }
    }
    mien_timeline_scene_describe(out, t->scene);
    mien_string_add(out, shots ? " Below, pictures of the film at their times." : "");
}

static mien_status draw(const timeline *frame, const char *title,
    const mien_figure_series *series, int series_count,
    const mien_figure_thumbnail *shots, int64_t shots_count, const char *words) {
    timeline t = *frame;
    double panels = 0;
    for (int s = 0; s < series_count; s++) {
        panels += HEAD + PANEL + mien_timeline_tracks_height(&series[s]);
    }
    const double scene = mien_timeline_scene_height(t.scene);
    panels += scene;
    double height = TITLE + panels + AXIS + (shots_count ? LEAD + STRIP + 4 : 0);
    mien_svg_begin(t.out, WIDTH, height, title, words);
    mien_svg(t.out, "<text class='head' x='#' y='20' font-weight='600'>$</text>\n",
        t.plot.left, title);
    mien_status status = MIEN_OK;
    double top = TITLE;
    for (int s = 0; status == MIEN_OK && s < series_count; s++) {
        double range[2] = {0, 1};
        bool shares = series[s].bands_count > 0;
        if (!shares) {
            mien_axis_range(
                series[s].minimum, series[s].maximum, series[s].value, t.count, range);
        }
        t.plot.top = top + HEAD;
        t.plot.y_low = range[0];
        t.plot.y_high = range[1];
        if (shares) {
            status = draw_shares(&t, &series[s]);
        } else {
            draw_panel(&t, &series[s]);
            mien_timeline_tracks_draw(t.out, &t.plot, t.time, t.count, &series[s]);
        }
        top += HEAD + PANEL + mien_timeline_tracks_height(&series[s]);
    }
    if (series_count) {
        t.plot.top = top;
        mien_timeline_scene_draw(t.out, &t.plot, t.scene);
        t.plot.top = top + scene - PANEL;
        draw_time_axis(&t, t.plot.top + t.plot.height, true);
        mien_svg(t.out,
            "<text class='hint' font-size='12' x='#' y='#' "
            "text-anchor='end'>time</text>\n",
            t.plot.left - 20, t.plot.top + t.plot.height + 18);
    }
    if (shots_count) {
        draw_strip(&t, shots, shots_count, TITLE + panels + AXIS - LEAD);
    }
    mien_svg_end(t.out);
    return status == MIEN_OK ? mien_string_status(t.out) : status;
}

mien_status mien_figure_timeline_of_film(mien_string *out, const char *title,
    const double *time_s, int64_t count, const mien_figure_series *series,
    int series_count, const mien_figure_thumbnail *thumbnails, int64_t thumbnails_count,
    const mien_figure_scene *scene) {
    MIEN_NEED(out, title, time_s || count < 1, series || series_count < 1,
        thumbnails || thumbnails_count < 1);
    double range[2];
    mien_string words;
    mien_axis_range(NAN, NAN, time_s, count, range);
    timeline t = {.out = out, .time = time_s, .count = count, .scene = scene};
    if (count == 1 && isfinite(time_s[0])) {
        range[0] = time_s[0];
        range[1] = time_s[0] + 1;
    }
    if (count > 1 && scene && scene->moments > 0) { /* the last moment has its sound */
        const double last = time_s[count - 1], step = last - time_s[count - 2];
        range[1] =
            fmax(range[1], fmin((double)scene->moments * scene->step_s, last + step));
    }
    double left = mien_timeline_scene_height(scene) > 0 ? LEFT_OF_LANES : LEFT;
    for (int s = 0; s < series_count; s++) {
        left = series[s].effects_count > 0 ? LEFT_OF_LANES : left;
    }
    t.plot = (mien_plot){.left = left,
        .width = WIDTH - left - RIGHT,
        .height = PANEL,
        .x_low = range[0],
        .x_high = range[1],
        .y_high = 1};
    mien_string_init(&words);
    describe(&words, &t, series, series_count, thumbnails_count);
    mien_status status = mien_string_status(&words);
    if (status == MIEN_OK) {
        status = draw(
            &t, title, series, series_count, thumbnails, thumbnails_count, words.text);
    }
    mien_string_clear(&words);
    return status;
}

mien_status mien_figure_timeline(mien_string *out, const char *title,
    const double *time_s, int64_t count, const mien_figure_series *series,
    int series_count, const mien_figure_thumbnail *thumbnails,
    int64_t thumbnails_count) {
    return mien_figure_timeline_of_film(out, title, time_s, count, series, series_count,
        thumbnails, thumbnails_count, NULL);
}
