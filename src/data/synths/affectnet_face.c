/* SPDX-License-Identifier: MIT */
/* Draws schematic faces: the mouth's bend is the valence, the eyes' height the arousal,
 * brows and the mouth's opening and slant tell the expression. */
#include <math.h>

#include "data/synths/affectnet_synth.h"

/* Slant of the brows (up at the nose: above 0), how far the mouth is open, how far its
 * line slants, wrinkles at the nose. */
static const struct {
    double brow, open, skew, nose;
} looks[MIEN_PLANTED_EXPRESSIONS] = {{0, 0, 0, 0}, {0, .35, 0, 0}, {.9, 0, 0, 0},
    {.3, 1, 0, 0}, {.8, .6, 0, 0}, {-.4, .1, .25, 1}, {-1, .2, 0, .4}, {-.2, 0, .9, 0}};

const double mien_planted_expression[MIEN_PLANTED_EXPRESSIONS][2] = {{0, 0}, {.68, .2},
    {-.6, -.35}, {.15, .7}, {-.35, .72}, {-.65, .3}, {-.5, .55}, {-.4, .05}};

/* How deep a point is within an ellipse: 1 in the middle, 0 at its rim, below outside.
 */
static double inside(double x, double y, double cx, double cy, double rx, double ry) {
    double dx = (x - cx) / rx, dy = (y - cy) / ry;
    return 1 - dx * dx - dy * dy;
}

/* Whether a point lies on a line of this half width. */
static bool on_line(
    double x, double y, double x0, double y0, double x1, double y1, double half) {
    double lx = x1 - x0, ly = y1 - y0;
    double t = ((x - x0) * lx + (y - y0) * ly) / (lx * lx + ly * ly);
    t = fmax(0, fmin(1, t));
    return hypot(x - x0 - t * lx, y - y0 - t * ly) < half;
}

/* Shade of the features at a point of a head of radius 1, in [-1, 1] from its middle:
 * 0 skin, 1 dark, -1 light. */
static double feature_at(const mien_face_drawing *f, double x, double y) {
    const double brow = looks[f->expression].brow, open = looks[f->expression].open;
    double side = x < 0 ? -1 : 1, ax = fabs(x);
    double eye = 0.09 + 0.07 * fmax(-1, fmin(1, f->arousal));
    if (inside(ax, y, 0.38, -0.2, 0.06, fmin(0.06, eye)) > 0) {
        return 1;
    }
    if (inside(ax, y, 0.38, -0.2, 0.16, eye) > 0) {
        return -1;
    }
    double lift = 0.12 * brow;
    if (on_line(ax, y, 0.2, -0.45 - lift, 0.56, -0.45 + lift, 0.035)) {
        return 1;
    }
    if (looks[f->expression].nose > 0 && ax < 0.14 &&
        fabs(y + 0.02 - 0.05 * looks[f->expression].nose) < 0.015) {
        return 0.7;
    }
    /* a parabola, whose ends are up where valence is above 0 */
    double slant = looks[f->expression].skew * 0.2 * side * ax / 0.4;
    double line = 0.48 - 0.3 * f->valence * (ax * ax / 0.16 - 0.5) - slant;
    double half = 0.035 + 0.14 * open * fmax(0, 1 - ax * ax / 0.16);
    return ax < 0.4 && fabs(y - line) < half ? 1 : 0;
}

mien_status mien_face_draw(const mien_face_drawing *face, mien_tensor **image) {
    const mien_face_drawing *f = face;
    const int64_t shape[] = {f->size, f->size, 3};
    mien_status status = mien_tensor_new(MIEN_U8, 3, shape, image);
    unsigned char *pixel = status ? NULL : (*image)->data;
    for (int i = 0; pixel && i < f->size * f->size; i++) {
        double x = ((double)(i % f->size) + 0.5) / f->size;
        double y = ((double)(i / f->size) + 0.5) / f->size;
        double hx = (x - f->middle[0]) / f->scale, hy = (y - f->middle[1]) / f->scale;
        bool head = inside(hx, hy, 0, 0, 0.85, 1) > 0;
        double shade = head ? feature_at(f, hx, hy) : 0;
        for (int c = 0; c < 3; c++) {
            double v = head ? f->skin[c] - 24 * hy * hy : f->ground[c] + 40 * (y - 0.5);
            v = shade > 0 ? v * (1 - 0.8 * shade) : shade < 0 ? 240 : v;
            pixel[3 * i + c] = (unsigned char)rint(fmax(0, fmin(255, v)));
        }
    }
    return status;
}

/* ---- what can be told ----------------------------------------------------------- */

double mien_face_accuracy(const mien_face_plan *plan) {
    return fmax(1 - plan->wrong, plan->wrong / (MIEN_PLANTED_EXPRESSIONS - 1));
}

double mien_face_accuracy_by_values(const mien_face_plan *plan) {
    enum { K = MIEN_PLANTED_EXPRESSIONS, STEPS = 400 };
    double sum = 0, step = 4.0 / STEPS, s = fmax(plan->spread, 0.02);
    double other = plan->wrong / (K - 1);
    for (int i = 0; i < STEPS * STEPS; i++) { /* squares from -2 to 2 */
        double v = -2 + step * (i % STEPS + 0.5), a = -2 + step * (i / STEPS + 0.5);
        double best = 0, all = 0;
        for (int k = 0; k < K; k++) {
            double dv = (v - mien_planted_expression[k][0]) / s;
            double da = (a - mien_planted_expression[k][1]) / s;
            double density =
                exp(-0.5 * (dv * dv + da * da)) / (2 * 3.14159265358979 * s * s);
            best = fmax(best, density / K);
            all += density / K;
        }
        /* the likeliest expression is the likeliest label while fewer than 7/8 are
         * wrong */
        sum += ((1 - plan->wrong) * best + other * (all - best)) * step * step;
    }
    return sum;
}

double mien_face_r(const mien_face_plan *plan, int which) {
    double mean = 0, variance = 0;
    for (int k = 0; k < MIEN_PLANTED_EXPRESSIONS; k++) {
        mean += mien_planted_expression[k][which] / MIEN_PLANTED_EXPRESSIONS;
    }
    for (int k = 0; k < MIEN_PLANTED_EXPRESSIONS; k++) {
        double d = mien_planted_expression[k][which] - mean;
        variance += d * d / MIEN_PLANTED_EXPRESSIONS;
    }
    variance += plan->spread * plan->spread;
    return sqrt(variance / (variance + plan->noise * plan->noise));
}
