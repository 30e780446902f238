/* SPDX-License-Identifier: MIT */
/* Rows of a film's timeline that come from the film itself: how loud its sound is,
 * where it is like speech and like music, and where its pictures are cut. */
#include "report/timeline_scene.h"

#include <math.h>

enum { ABOVE = 22, LEVEL = 34, LANE = 15, BAR = 9, BELOW = 8 };
/* What the row of the level spans. */
#define QUIET_DB (-60.0)

static bool is_heard(const mien_figure_scene *s) {
    return s->moments > 0 && s->level_db;
}

double mien_timeline_scene_height(const mien_figure_scene *scene) {
    if (!scene || (!is_heard(scene) && !scene->is_seen)) {
        return 0;
    }
    return ABOVE + (is_heard(scene) ? LEVEL + 2 * LANE : 0) +
           (scene->is_seen ? LANE : 0) + BELOW;
}

static void draw_name(
    mien_string *out, const mien_plot *p, double middle, const char *name) {
    mien_svg(out, "<text class='tick' x='#' y='#' text-anchor='end'>$</text>\n",
        p->left - 8, middle + 4, name);
}

/* The loudest moment of each pixel, from the row's bottom up. */
static void draw_level(
    mien_string *out, const mien_plot *p, double top, const mien_figure_scene *s) {
    const double bottom = top + LEVEL, span = p->x_high - p->x_low;
    draw_name(out, p, top + LEVEL / 2.0, "sound level");
    mien_svg(out, "<path class='band' fill='currentColor' fill-opacity='0.5' d='M# #",
        p->left, bottom);
    for (int x = 0; x < (int)p->width; x++) {
        const double from = p->x_low + span * x / p->width,
                     to = p->x_low + span * (x + 1) / p->width;
        int64_t first = (int64_t)floor(from / s->step_s),
                end = (int64_t)ceil(to / s->step_s);
        double level = QUIET_DB;
        first = first > 0 ? first : 0;
        for (int64_t i = first; i < end && i < s->moments; i++) {
            level = fmax(level, fmin(s->level_db[i], 0));
        }
        mien_svg(out, "L# #", p->left + x, bottom - LEVEL * (1 - level / QUIET_DB));
    }
    mien_svg(out, "V#z'/>\n", bottom);
}

/* Each run of moments that are so is a bar. */
static void draw_runs(mien_string *out, const mien_plot *p, double top,
    const mien_figure_scene *s, const bool *is, const char *name) {
    const double y = top + (LANE - BAR) / 2.0;
    int64_t begin = -1;
    draw_name(out, p, top + LANE / 2.0, name);
    mien_svg(out, "<path class='up' fill='currentColor' fill-opacity='0.7' d='");
    for (int64_t i = 0; i <= s->moments; i++) {
        if (i < s->moments && is[i]) {
            begin = begin < 0 ? i : begin;
        } else if (begin >= 0) {
            const double from =
                             fmax(mien_plot_x(p, (double)begin * s->step_s), p->left),
                         to = fmin(
                             mien_plot_x(p, (double)i * s->step_s), p->left + p->width);
            if (to > from) {
                mien_svg(
                    out, "M# #h#v#h#z", from, y, to - from, (double)BAR, from - to);
            }
            begin = -1;
        }
    }
    mien_string_add(out, "\"/>\n");
}

static void draw_cuts(
    mien_string *out, const mien_plot *p, double top, const mien_figure_scene *s) {
    draw_name(out, p, top + LANE / 2.0, "cuts");
    mien_svg(out, "<path class='rule' stroke='currentColor' fill='none' d='");
    for (int64_t i = 0; i < s->cuts; i++) {
        if (s->cut_s[i] >= p->x_low && s->cut_s[i] <= p->x_high) {
            mien_svg(out, "M# #v#", mien_plot_x(p, s->cut_s[i]),
                top + (LANE - BAR) / 2.0, (double)BAR);
        }
    }
    mien_string_add(out, "\"/>\n");
}

void mien_timeline_scene_draw(
    mien_string *out, const mien_plot *plot, const mien_figure_scene *scene) {
    double top = plot->top + ABOVE;
    if (mien_timeline_scene_height(scene) == 0) {
        return;
    }
    mien_svg(out, "<text class='hint' font-size='12' x='#' y='#'>$</text>\n",
        plot->left, plot->top + 14,
        is_heard(scene)
            ? "The film itself: level from −60 to 0 dB of full scale; what sounds like "
              "speech and like music, by rules"
            : "The film itself: it has no sound");
    if (is_heard(scene)) {
        draw_level(out, plot, top, scene);
        draw_runs(out, plot, top + LEVEL, scene, scene->speech, "like speech");
        draw_runs(out, plot, top + LEVEL + LANE, scene, scene->music, "like music");
        top += LEVEL + 2 * LANE;
    }
    if (scene->is_seen) {
        draw_cuts(out, plot, top, scene);
    }
}

void mien_timeline_scene_describe(mien_string *out, const mien_figure_scene *scene) {
    int64_t speech = 0, music = 0;
    if (mien_timeline_scene_height(scene) == 0) {
        return;
    }
    for (int64_t i = 0; is_heard(scene) && i < scene->moments; i++) {
        speech += scene->speech[i];
        music += scene->music[i];
    }
    if (is_heard(scene)) {
        mien_string_addf(out,
            " Its sound is like speech %.0f %% of the time and like music %.0f %%.",
            100.0 * (double)speech / (double)scene->moments,
            100.0 * (double)music / (double)scene->moments);
    }
    if (scene->is_seen) {
        mien_string_addf(out, " %lld cuts.", (long long)scene->cuts);
    }
}
