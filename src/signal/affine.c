/* SPDX-License-Identifier: MIT */
/* Affine maps of the plane, exact where they only flip and turn by right angles. */
#include "signal/augment.h"
#include "base/need.h"

#include <math.h>

mien_affine mien_affine_identity(void) {
    return (mien_affine){.xx = 1.0, .yy = 1.0};
}

mien_affine mien_affine_then(const mien_affine *a, const mien_affine *b) {
    MIEN_NEED_OR((mien_affine){0}, a, b);
    return (mien_affine){
        .xx = b->xx * a->xx + b->xy * a->yx,
        .xy = b->xx * a->xy + b->xy * a->yy,
        .x0 = b->xx * a->x0 + b->xy * a->y0 + b->x0,
        .yx = b->yx * a->xx + b->yy * a->yx,
        .yy = b->yx * a->xy + b->yy * a->yy,
        .y0 = b->yx * a->x0 + b->yy * a->y0 + b->y0,
    };
}

mien_status mien_affine_inverse(const mien_affine *map, mien_affine *inverse) {
    MIEN_NEED(map, inverse);
    double determinant = map->xx * map->yy - map->xy * map->yx;
    if (!isfinite(determinant) || fabs(determinant) < 1e-12) {
        return mien_fail(
            MIEN_EINVAL, "a map of determinant %g flattens the picture", determinant);
    }
    mien_affine r = {
        .xx = map->yy / determinant,
        .xy = -map->xy / determinant,
        .yx = -map->yx / determinant,
        .yy = map->xx / determinant,
    };
    r.x0 = -(r.xx * map->x0 + r.xy * map->y0);
    r.y0 = -(r.yx * map->x0 + r.yy * map->y0);
    *inverse = r;
    return MIEN_OK;
}

void mien_turn(double angle_deg, double *sine, double *cosine) {
    static const double sines[] = {0.0, 1.0, 0.0, -1.0};
    const double pi = 3.14159265358979323846;
    double rest = fmod(angle_deg, 360.0);
    if (rest < 0.0) {
        rest += 360.0;
    }
    double quarter = rest / 90.0;
    if (quarter == floor(quarter)) {
        *sine = sines[(int)quarter % 4];
        *cosine = sines[((int)quarter + 1) % 4];
        return;
    }
    *sine = sin(rest * pi / 180.0);
    *cosine = cos(rest * pi / 180.0);
}
