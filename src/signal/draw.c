/* SPDX-License-Identifier: MIT */
/* Draws the augmentation of one picture from its own stream of numbers, and the map
 * that it makes. */
#include "signal/augment.h"
#include "base/need.h"

#include <math.h>
#include <string.h>

/* Kinds turn, stretch and shear about the centre. */
static mien_affine about_centre(const mien_affine *map, const mien_frame *frame) {
    mien_affine to = mien_affine_identity(), from = mien_affine_identity();
    from.x0 = 0.5 * frame->width;
    from.y0 = 0.5 * frame->height;
    to.x0 = -from.x0;
    to.y0 = -from.y0;
    mien_affine half = mien_affine_then(&to, map);
    return mien_affine_then(&half, &from);
}

static bool is_identity(const mien_affine *m) {
    return m->xx == 1.0 && m->xy == 0.0 && m->x0 == 0.0 && m->yx == 0.0 &&
           m->yy == 1.0 && m->y0 == 0.0;
}

static void compose(const mien_augment *augment, mien_augment_draw *draw) {
    mien_frame frame = {draw->height, draw->width};
    draw->map = mien_affine_identity();
    for (int i = 0; i < augment->count; i++) {
        const mien_augment_step *step = &augment->steps[i];
        if (draw->does[i] && step->kind->work->map) {
            mien_affine map = step->kind->work->map(draw->value[i], &frame, step);
            map = about_centre(&map, &frame);
            draw->map = mien_affine_then(&draw->map, &map);
        }
    }
    draw->moves = !is_identity(&draw->map);
}

void mien_augment_draw_make(const mien_augment *augment, int height, int width,
    mien_stream *stream, mien_augment_draw *draw) {
    MIEN_NEED_OR(, augment, stream, draw);
    mien_frame frame = {height, width};
    memset(draw, 0, sizeof *draw);
    draw->height = height;
    draw->width = width;
    draw->noise = mien_stream_word(stream);
    for (int i = 0; i < augment->count; i++) {
        const mien_augment_step *step = &augment->steps[i];
        const mien_augment_work *work = step->kind->work;
        if (work->phase != MIEN_AUGMENT_MOVES && work->phase != MIEN_AUGMENT_PAINTS) {
            continue;
        }
        bool chosen = mien_stream_uniform(stream) < step->p;
        bool changes = !work->draw || work->draw(step, &frame, stream, draw->value[i]);
        draw->does[i] = chosen && changes;
    }
    compose(augment, draw);
}

void mien_augment_draw_soften(const mien_augment *augment, mien_augment_draw *draw) {
    MIEN_NEED_OR(, augment, draw);
    for (int i = 0; i < augment->count; i++) {
        const mien_augment_work *work = augment->steps[i].kind->work;
        bool stays =
            work->stays == MIEN_STAYS_ALWAYS ||
            (work->stays == MIEN_STAYS_IF_SQUARE && draw->height == draw->width);
        if (work->phase == MIEN_AUGMENT_MOVES && !stays) {
            draw->does[i] = false;
        }
    }
    compose(augment, draw);
}

int64_t mien_augment_draw_points(
    const mien_augment_draw *draw, int64_t n, const double *points, double *moved) {
    MIEN_NEED_OR(0, draw, points || n < 1, moved || n < 1);
    const mien_affine *m = &draw->map;
    int64_t outside = 0;
    for (int64_t i = 0; i < n; i++) {
        double x = points[2 * i], y = points[2 * i + 1];
        if (draw->moves) {
            double px = x * draw->width, py = y * draw->height;
            x = (m->xx * px + m->xy * py + m->x0) / draw->width;
            y = (m->yx * px + m->yy * py + m->y0) / draw->height;
        }
        outside += x < 0.0 || x > 1.0 || y < 0.0 || y > 1.0;
        moved[2 * i] = x;
        moved[2 * i + 1] = y;
    }
    return outside;
}

static double clipped(double x) {
    return x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x; /* NaN stays */
}

bool mien_augment_draw_gaze(const mien_augment *augment, mien_augment_draw *draw,
    int64_t n, const double *points, double *moved) {
    MIEN_NEED_OR(false, augment, draw, points || n < 1, moved || n < 1);
    bool softened = false;
    for (int64_t i = 0; i < n; i++) {
        /* a point is tried by itself, so that points may be moved in place */
        double point[2] = {clipped(points[2 * i]), clipped(points[2 * i + 1])};
        softened = softened || mien_augment_draw_points(draw, 1, point, point) > 0;
    }
    if (softened) {
        mien_augment_draw_soften(augment, draw);
    }
    for (int64_t i = 0; i < n; i++) {
        double point[2] = {clipped(points[2 * i]), clipped(points[2 * i + 1])};
        mien_augment_draw_points(draw, 1, point, moved + 2 * i);
    }
    return softened;
}
