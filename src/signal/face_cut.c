/* SPDX-License-Identifier: MIT */
/* Cuts a face out of a picture. In come the picture, where the face is and how it is to
 * be framed; out goes a crop of floats. Called by the input kind `face`, by `mien
 * extract` and, on films, for each face and moment.
 *
 * Every frame is one affine map from the crop's pixels to the picture's. Where the
 * picture is much finer than the crop it is halved first, as often as it takes, but
 * only where the crop looks: a patch of block means, from which four values each are
 * interpolated. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/need.h"
#include "mien/faces.h"

enum { SIDE_MAX = 1024, HALVINGS_MAX = 12 };

/* x = xx * column + xy * row + x0, y alike: from the crop into the picture. */
typedef struct look {
    double xx, xy, x0, yx, yy, y0;
} look;

/* Part of the picture, halved `level` times: pixel (i, j) is the mean of the block at
 * ((left + i) << level, (top + j) << level). */
typedef struct patch {
    int level;
    int64_t left, top, width, height;
    float *values; /* [height, width, 3] */
} patch;

mien_face_frame mien_face_frame_fer(void) {
    return (mien_face_frame){.crop = MIEN_FACE_SQUARE,
        .reference = "fer",
        .margin = 0.969,
        .shift_x = -0.003,
        .shift_y = -0.025,
        .fill = MIEN_FACE_EDGE,
        .antialias = true,
        .height = 48,
        .width = 48};
}

mien_status mien_face_frame_check(const mien_face_frame *frame) {
    MIEN_NEED(frame);
    double unused[10];
    if (frame->height < 1 || frame->height > SIDE_MAX || frame->width < 1 ||
        frame->width > SIDE_MAX) {
        return mien_fail(MIEN_EINVAL, "faces: a crop of %d x %d is not in 1-%d",
            frame->width, frame->height, SIDE_MAX);
    }
    if (!(frame->margin >= 0.1 && frame->margin <= 10)) {
        return mien_fail(
            MIEN_EINVAL, "faces: margin %g is not in 0.1-10", frame->margin);
    }
    if (!(fabs(frame->shift_x) <= 2 && fabs(frame->shift_y) <= 2)) {
        return mien_fail(MIEN_EINVAL, "faces: a shift of %g, %g is not in -2 to 2",
            frame->shift_x, frame->shift_y);
    }
    bool fitted = frame->crop == MIEN_FACE_ALIGNED;
    return fitted && strcmp(frame->reference, "ddamfn") != 0
               ? mien_face_template(frame->reference, NULL, unused)
               : MIEN_OK;
}

/* ---- where to look ----------------------------------------------------------------
 */

static mien_status look_at_box(
    const mien_face_frame *f, const double region[4], look *l) {
    double side = f->margin * fmax(region[2], region[3]);
    bool square = f->crop == MIEN_FACE_SQUARE;
    double width = square ? side : f->margin * region[2];
    double height = square ? side : f->margin * region[3];
    for (int i = 0; i < 4; i++) {
        if (!isfinite(region[i])) {
            return mien_fail(MIEN_EFORMAT, "the face's box is not known");
        }
        if (!(fabs(region[i]) <= 1e6)) {
            return mien_fail(
                MIEN_EFORMAT, "the face's box (%g) is that of no picture", region[i]);
        }
    }
    if (!(region[2] > 0 && region[3] > 0)) {
        return mien_fail(MIEN_EFORMAT, "the face's box of %g x %g has no area",
            region[2], region[3]);
    }
    if (!(region[2] >= 1 && region[3] >= 1)) {
        return mien_fail(MIEN_EFORMAT,
            "the face's box of %g x %g is smaller than a pixel", region[2], region[3]);
    }
    double left = region[0] + region[2] / 2 + f->shift_x * width - width / 2;
    double top = region[1] + region[3] / 2 + f->shift_y * height - height / 2;
    *l = (look){.xx = width / f->width, .yy = height / f->height};
    l->x0 = left + 0.5 * l->xx - 0.5;
    l->y0 = top + 0.5 * l->yy - 0.5;
    return MIEN_OK;
}

static mien_status look_at_points(
    const mien_face_frame *f, const double points[10], look *l) {
    double target[10];
    mien_similarity s;
    if (!points) {
        return mien_fail(MIEN_EFORMAT, "an aligned face needs its five points");
    }
    mien_status status = mien_face_template(f->reference, points, target);
    for (int i = 0; i < 10; i++) {
        target[i] *= i % 2 ? f->height : f->width;
    }
    if (status == MIEN_OK) {
        status = mien_similarity_fit(points, target, &s);
    }
    if (status != MIEN_OK) {
        return status;
    }
    double residual = s.residual * 112 / fmin(f->width, f->height);
    if (!(residual <= MIEN_FACE_RESIDUAL_MAX)) {
        return mien_fail(MIEN_EFORMAT,
            "the five points are no face's (or mirrored): they miss the template by "
            "%.1f of 112 pixels, more than %g",
            residual, MIEN_FACE_RESIDUAL_MAX);
    }
    double n = s.a * s.a + s.b * s.b;
    *l = (look){.xx = s.a / n, .xy = s.b / n, .yx = -s.b / n, .yy = s.a / n};
    l->x0 = -(s.a * s.tx + s.b * s.ty) / n;
    l->y0 = (s.b * s.tx - s.a * s.ty) / n;
    return fabs(l->x0) <= 1e7 && fabs(l->y0) <= 1e7
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT, "the face lies far outside of the picture");
}

/* ---- the patch --------------------------------------------------------------------
 */

/* A picture's pixel in a patch that is halved `level` times, and back. */
static double down(double x, int level) {
    return ldexp(x + 0.5, -level) - 0.5;
}

static int halvings(const mien_face_frame *f, const look *l) {
    double step = fmin(hypot(l->xx, l->yx), hypot(l->xy, l->yy));
    int level = 0;
    while (f->antialias && level < HALVINGS_MAX && ldexp(step, -level) > 2) {
        level++;
    }
    return level;
}

static void place_patch(const mien_face_frame *f, const look *l, patch *p) {
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (int corner = 0; corner < 4; corner++) {
        double i = corner % 2 ? f->width - 1 : 0, j = corner / 2 ? f->height - 1 : 0;
        double at[2] = {l->xx * i + l->xy * j + l->x0, l->yx * i + l->yy * j + l->y0};
        for (int k = 0; k < 2; k++) {
            low[k] = fmin(low[k], down(at[k], p->level));
            high[k] = fmax(high[k], down(at[k], p->level));
        }
    }
    p->left = (int64_t)floor(low[0]);
    p->top = (int64_t)floor(low[1]);
    p->width = (int64_t)floor(high[0]) + 2 - p->left;
    p->height = (int64_t)floor(high[1]) + 2 - p->top;
}

/* A crop that shows none of the picture would be its fill alone. */
static mien_status check_patch(const patch *p, const mien_tensor *image) {
    int64_t height = image->shape[0], width = image->shape[1];
    bool touches = p->left + p->width > 0 && p->top + p->height > 0 &&
                   p->left <= (width - 1) >> p->level &&
                   p->top <= (height - 1) >> p->level;
    return touches ? MIEN_OK
                   : mien_fail(MIEN_EFORMAT,
                         "the face lies outside of its picture of %lld x %lld",
                         (long long)width, (long long)height);
}

static void mean_colour(const mien_tensor *image, double mean[3]) {
    const uint8_t *pixels = image->data;
    int64_t count = image->shape[0] * image->shape[1];
    int64_t sum[3] = {0};
    for (int64_t i = 0; i < count; i++) {
        for (int c = 0; c < 3; c++) {
            sum[c] += pixels[3 * i + c];
        }
    }
    for (int c = 0; c < 3; c++) {
        mean[c] = (double)sum[c] / (double)count;
    }
}

static int64_t clamped(int64_t x, int64_t size) {
    return x < 0 ? 0 : x >= size ? size - 1 : x;
}

/* The mean of one block, of which parts may lie outside of the picture. */
static void mean_block(const mien_tensor *image, const mien_face_frame *f,
    const double outside[3], int level, int64_t column, int64_t row, float *to) {
    const uint8_t *pixels = image->data;
    int64_t height = image->shape[0], width = image->shape[1];
    int64_t side = (int64_t)1 << level, sum[3] = {0}, away = 0;
    for (int64_t y = row * side; y < (row + 1) * side; y++) {
        for (int64_t x = column * side; x < (column + 1) * side; x++) {
            bool inside = x >= 0 && x < width && y >= 0 && y < height;
            const uint8_t *p =
                pixels + 3 * (clamped(y, height) * width + clamped(x, width));
            away += !inside;
            for (int c = 0; c < 3 && (inside || f->fill == MIEN_FACE_EDGE); c++) {
                sum[c] += p[c];
            }
        }
    }
    for (int c = 0; c < 3; c++) {
        double rest = f->fill == MIEN_FACE_EDGE ? 0 : (double)away * outside[c];
        to[c] = (float)(((double)sum[c] + rest) / (double)(side * side));
    }
}

static mien_status fill_patch(
    const mien_face_frame *f, const mien_tensor *image, patch *p) {
    double outside[3] = {0};
    if (p->width > (int64_t)1 << 16 || p->height > (int64_t)1 << 16 ||
        p->width * p->height > (int64_t)1 << 26) {
        return mien_fail(MIEN_ELIMIT, "the face's box is too large to be cut out");
    }
    p->values = mien_alloc((size_t)(p->width * p->height), 3 * sizeof *p->values);
    if (!p->values) {
        return MIEN_ENOMEM;
    }
    if (f->fill == MIEN_FACE_MEAN) {
        mean_colour(image, outside);
    }
    for (int64_t j = 0; j < p->height; j++) {
        for (int64_t i = 0; i < p->width; i++) {
            mean_block(image, f, outside, p->level, p->left + i, p->top + j,
                p->values + 3 * (j * p->width + i));
        }
    }
    return MIEN_OK;
}

/* ---- sampling ----------------------------------------------------------------------
 */

static void sample(
    const mien_face_frame *f, const look *l, const patch *p, float *out) {
    for (int j = 0; j < f->height; j++) {
        for (int i = 0; i < f->width; i++, out += 3) {
            double x = down(l->xx * i + l->xy * j + l->x0, p->level) - (double)p->left;
            double y = down(l->yx * i + l->yy * j + l->y0, p->level) - (double)p->top;
            int64_t column = clamped((int64_t)floor(x), p->width - 1);
            int64_t row = clamped((int64_t)floor(y), p->height - 1);
            float u = (float)(x - (double)column), v = (float)(y - (double)row);
            const float *above = p->values + 3 * (row * p->width + column);
            const float *below = above + 3 * p->width;
            for (int c = 0; c < 3; c++) {
                float upper = above[c] + u * (above[c + 3] - above[c]);
                float lower = below[c] + u * (below[c + 3] - below[c]);
                out[c] = upper + v * (lower - upper);
            }
        }
    }
}

mien_status mien_face_cut(const mien_face_frame *frame, const mien_tensor *image,
    const double region[4], const double points[10], float *out) {
    MIEN_NEED(frame, image, region, out);
    look l;
    patch p = {0};
    char text[96];
    if (image->dtype != MIEN_U8 || image->rank != 3 || image->shape[2] != 3 ||
        image->shape[0] < 1 || image->shape[1] < 1) {
        return mien_fail(MIEN_ESHAPE,
            "faces are cut out of pictures [H, W, 3] u8, not %s",
            mien_shape_text(image->rank, image->shape, text, sizeof text));
    }
    mien_status status = mien_face_frame_check(frame);
    if (status == MIEN_OK) {
        status = frame->crop == MIEN_FACE_ALIGNED ? look_at_points(frame, points, &l)
                                                  : look_at_box(frame, region, &l);
    }
    if (status != MIEN_OK) {
        return status;
    }
    p.level = halvings(frame, &l);
    place_patch(frame, &l, &p);
    status = check_patch(&p, image);
    status = status ? status : fill_patch(frame, image, &p);
    if (status == MIEN_OK) {
        sample(frame, &l, &p, out);
    }
    mien_free(p.values);
    return status;
}
