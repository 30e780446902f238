/* SPDX-License-Identifier: MIT */
/* A scanpath as a grey picture: lines from fixation to fixation, discs where the eye
 * rested. Lines and discs have the pixels that OpenCV's line() and circle() set. */
#include <math.h>
#include <stdlib.h>

#include "base/need.h"
#include "mien/gaze.h"

enum { SIDE_MAX = 4096, RADIUS_MAX = 4 * SIDE_MAX };

typedef struct canvas {
    int64_t side;
    unsigned char *pixel;
} canvas;

typedef struct point {
    int64_t x, y;
} point;

/* ---- lines ----------------------------------------------------------------- */

/* Sides of the picture that a point lies beyond: Cohen & Sutherland's outcode. */
enum { LEFT = 1, RIGHT = 2, ABOVE = 4, BELOW = 8 };

static int beyond(const canvas *c, point p) {
    return (p.x < 0             ? LEFT
               : p.x >= c->side ? RIGHT
                                : 0) |
           (p.y < 0             ? ABOVE
               : p.y >= c->side ? BELOW
                                : 0);
}

/* Moves a along the line to b onto a border: first onto the upper or lower one. */
static void move_vertically(const canvas *c, point *a, point b) {
    int64_t to = beyond(c, *a) & ABOVE ? 0 : c->side - 1;
    a->x +=
        (int64_t)((double)(to - a->y) * (double)(b.x - a->x) / (double)(b.y - a->y));
    a->y = to;
}

static void move_horizontally(const canvas *c, point *a, point b) {
    int64_t to = beyond(c, *a) & LEFT ? 0 : c->side - 1;
    a->y +=
        (int64_t)((double)(to - a->x) * (double)(b.y - a->y) / (double)(b.x - a->x));
    a->x = to;
}

/* False if nothing of the line is in the picture. */
static bool clip(const canvas *c, point *a, point *b) {
    if (beyond(c, *a) & beyond(c, *b)) {
        return false;
    }
    if (beyond(c, *a) & (ABOVE | BELOW)) {
        move_vertically(c, a, *b);
    }
    if (beyond(c, *b) & (ABOVE | BELOW)) {
        move_vertically(c, b, *a);
    }
    if (beyond(c, *a) & beyond(c, *b)) {
        return false;
    }
    if (beyond(c, *a)) {
        move_horizontally(c, a, *b);
    }
    if (beyond(c, *b)) {
        move_horizontally(c, b, *a);
    }
    return !beyond(c, *a) && !beyond(c, *b);
}

/* Bresenham's line from left to right, a pixel for each step of the longer axis. */
static void draw_line(const canvas *c, point a, point b) {
    if (!clip(c, &a, &b)) {
        return;
    }
    if (b.x < a.x) {
        point t = a;
        a = b;
        b = t;
    }
    int64_t dx = b.x - a.x, dy = llabs(b.y - a.y), down = b.y < a.y ? -1 : 1;
    bool steep = dy > dx;
    int64_t longer = steep ? dy : dx, shorter = steep ? dx : dy;
    int64_t error = longer - 2 * shorter;
    for (int64_t i = 0; i <= longer; i++) {
        c->pixel[a.y * c->side + a.x] = 255;
        bool both = error < 0;
        error += both ? 2 * (longer - shorter) : -2 * shorter;
        a.x += steep ? both : 1;
        a.y += steep || both ? down : 0;
    }
}

/* ---- discs ----------------------------------------------------------------- */

/* Half of 255 and half of what is there, rounded to even; left … right of row y. */
static void blend_row(const canvas *c, int64_t y, int64_t left, int64_t right) {
    left = left < 0 ? 0 : left;
    right = right < c->side ? right : c->side - 1;
    for (int64_t x = left; y >= 0 && y < c->side && x <= right; x++) {
        unsigned char *p = &c->pixel[y * c->side + x];
        *p = (unsigned char)rint(0.5 * 255 + 0.5 * *p);
    }
}

/* Half-widths of the rows of a disc by the midpoint circle: [radius + 1], from the
 * middle row on. */
static void half_widths(int64_t radius, int16_t *half) {
    int64_t across = radius, error = 0;
    for (int64_t i = 0; i <= radius; i++) {
        half[i] = -1;
    }
    for (int64_t row = 0; across >= row; row++) {
        half[row] = (int16_t)(across > half[row] ? across : half[row]);
        half[across] = (int16_t)(row > half[across] ? row : half[across]);
        error += 2 * row + 1;
        if (error > 0) {
            error -= 2 * across - 1;
            across--;
        }
    }
}

static void blend_disc(const canvas *c, point p, int64_t radius) {
    int16_t half[RADIUS_MAX + 1];
    half_widths(radius, half);
    for (int64_t row = -radius; row <= radius; row++) {
        int64_t wide = half[llabs(row)];
        if (wide >= 0) {
            blend_row(c, p.y + row, p.x - wide, p.x + wide);
        }
    }
}

/* ---- the path -------------------------------------------------------------- */

/* Far outside points are kept where 64-bit products cannot overflow. */
static point at(const double *x, const double *y, int64_t i, int side) {
    const double far = 1e6;
    return (point){(int64_t)fmax(-far, fmin(far, x[i] * side)),
        (int64_t)fmax(-far, fmin(far, y[i] * side))};
}

static void draw_fixation(const canvas *c, point from, point to) {
    double way = hypot((double)(to.x - from.x), (double)(to.y - from.y));
    int64_t radius = (int64_t)(way / 5);
    draw_line(c, from, to);
    /* gaze so far outside is no gaze: the disc is bounded, the line is not */
    blend_disc(c, to, radius < RADIUS_MAX ? radius : RADIUS_MAX);
}

mien_status mien_scanpath_draw(const double *x, const double *y, const double *fixation,
    int64_t n, int side, unsigned char *picture) {
    MIEN_NEED(x || n < 1, y || n < 1, fixation || n < 1, picture);
    if (side < 1 || side > SIDE_MAX || n < 2) {
        return mien_fail(MIEN_EINVAL,
            "a scanpath of %lld points in a picture of %d × %d: 2 points and a side of "
            "1 "
            "to %d are needed",
            (long long)n, side, side, SIDE_MAX);
    }
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i])) {
            return mien_fail(
                MIEN_EINVAL, "point %lld of the scanpath is missing", (long long)i);
        }
    }
    canvas c = {side, picture};
    for (int64_t i = 0; i < (int64_t)side * side; i++) {
        picture[i] = 0;
    }
    point last = at(x, y, 0, side);
    for (int64_t i = 0; i + 1 < n; i++) {
        if (fixation[i] != fixation[i + 1]) {
            point here = at(x, y, i, side);
            draw_fixation(&c, last, here);
            last = here;
        }
    }
    draw_line(&c, last, at(x, y, n - 2, side));
    return MIEN_OK;
}
