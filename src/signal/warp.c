/* SPDX-License-Identifier: MIT */
/* Resampling of a picture through one affine map.
 *
 * A tap outside the picture is another pixel (nearest, reflect, mirror) or the fill
 * colour: what scipy.ndimage calls nearest, reflect, mirror and grid-constant. Places
 * are doubles, weights floats; inside the picture and at its border the same sums are
 * made, so that the fast way changes no bit. */
#include "signal/augment.h"

#include <math.h>

static bool is_whole(double x) {
    return x == floor(x);
}

/* Every place of the result is one of the picture's places. */
static bool permutes(const mien_affine *back) {
    double across = fabs(back->xx) + fabs(back->yx),
           down = fabs(back->xy) + fabs(back->yy);
    return is_whole(back->xx) && is_whole(back->xy) && is_whole(back->yx) &&
           is_whole(back->yy) && across == 1.0 && down == 1.0 &&
           is_whole(0.5 * (back->xx + back->xy) + back->x0 - 0.5) &&
           is_whole(0.5 * (back->yx + back->yy) + back->y0 - 0.5);
}

bool mien_warp_init(mien_warp *warp, const mien_affine *map, const mien_frame *frame) {
    if (mien_affine_inverse(map, &warp->back) != MIEN_OK) {
        return false;
    }
    warp->height = frame->height;
    warp->width = frame->width;
    warp->nearest = warp->nearest || permutes(&warp->back);
    return true;
}

/* The pixel that stands for index i of n; −1: the fill colour. */
static int folded(mien_fill fill, int64_t i, int n) {
    if (i >= 0 && i < n) {
        return (int)i;
    }
    int64_t period;
    switch (fill) {
    case MIEN_FILL_CONSTANT:
        return -1;
    case MIEN_FILL_NEAREST:
        return i < 0 ? 0 : n - 1;
    case MIEN_FILL_REFLECT:
        period = 2 * (int64_t)n;
        i = (i % period + period) % period;
        return (int)(i < n ? i : period - 1 - i);
    case MIEN_FILL_MIRROR:
        if (n == 1) {
            return 0;
        }
        period = 2 * (int64_t)n - 2;
        i = (i % period + period) % period;
        return (int)(i < n ? i : period - i);
    }
    return -1;
}

static mien_pixel tap(const mien_warp *w, int64_t y, int64_t x) {
    int row = folded(w->fill, y, w->height), column = folded(w->fill, x, w->width);
    return row < 0 || column < 0
               ? w->colour
               : w->pixels[(size_t)row * (size_t)w->width + (size_t)column];
}

/* Far places give the same as near ones and stay integers. */
static double tamed(double x) {
    const double far = 1e9;
    return x < -far ? -far : x > far ? far : x;
}

static inline mien_pixel blend(mien_pixel upper_left, mien_pixel upper_right,
    mien_pixel lower_left, mien_pixel lower_right, float fx, float fy) {
    float gx = 1.0f - fx, gy = 1.0f - fy;
    return (upper_left * gx + upper_right * fx) * gy +
           (lower_left * gx + lower_right * fx) * fy;
}

static inline void put(mien_pixel pixel, float *const out[3], int j) {
    out[0][j] = pixel[0];
    out[1][j] = pixel[1];
    out[2][j] = pixel[2];
}

/* A line of places: column j is sampled at (x + j dx, y + j dy). */
typedef struct line {
    double x, y, dx, dy;
} line;

static void outer(
    const mien_warp *w, const line *l, int begin, int end, float *const out[3]) {
    for (int j = begin; j < end; j++) {
        double x = tamed(l->x + j * l->dx), y = tamed(l->y + j * l->dy);
        if (w->nearest) {
            put(tap(w, (int64_t)floor(y + 0.5), (int64_t)floor(x + 0.5)), out, j);
            continue;
        }
        int64_t left = (int64_t)floor(x), top = (int64_t)floor(y);
        float fx = (float)(x - (double)left), fy = (float)(y - (double)top);
        put(blend(tap(w, top, left), tap(w, top, left + 1), tap(w, top + 1, left),
                tap(w, top + 1, left + 1), fx, fy),
            out, j);
    }
}

static void inner_bilinear(
    const mien_warp *w, const line *l, int begin, int end, float *const out[3]) {
    for (int j = begin; j < end; j++) {
        double x = l->x + j * l->dx, y = l->y + j * l->dy;
        int left = (int)x, top = (int)y;
        const mien_pixel *at = w->pixels + (ptrdiff_t)top * w->width + left;
        put(blend(at[0], at[1], at[w->width], at[w->width + 1],
                (float)(x - (double)left), (float)(y - (double)top)),
            out, j);
    }
}

static void inner_nearest(
    const mien_warp *w, const line *l, int begin, int end, float *const out[3]) {
    for (int j = begin; j < end; j++) {
        int column = (int)(l->x + j * l->dx + 0.5), row = (int)(l->y + j * l->dy + 0.5);
        put(w->pixels[(ptrdiff_t)row * w->width + column], out, j);
    }
}

static bool is_inner(const mien_warp *w, const line *l, int j) {
    double reach = w->nearest ? 0.5 : 1.0; /* the last place has no pixel after it */
    double x = l->x + j * l->dx, y = l->y + j * l->dy;
    return x >= 0.0 && x < w->width - reach && y >= 0.0 && y < w->height - reach;
}

/* Narrows [*low, *high] to where 0 <= at + j step < limit, by a guess that is_inner()
 * makes exact: places rise or fall along a row, so two good ends mean a good middle. */
static void narrow(double at, double step, double limit, double *low, double *high) {
    if (step == 0.0) {
        if (at < 0.0 || at >= limit) {
            *high = *low - 1.0;
        }
        return;
    }
    double a = -at / step, b = (limit - at) / step;
    double first = a < b ? a : b, last = a < b ? b : a;
    *low = first > *low ? first : *low;
    *high = last < *high ? last : *high;
}

static void find_inner(const mien_warp *w, const line *l, int *begin, int *end) {
    double low = 0.0, high = w->width - 1.0, reach = w->nearest ? 0.5 : 1.0;
    narrow(l->x, l->dx, w->width - reach, &low, &high);
    narrow(l->y, l->dy, w->height - reach, &low, &high);
    *begin = *end = 0;
    if (!(low <= high)) {
        return;
    }
    int from = (int)ceil(low), to = (int)floor(high) + 1;
    while (from < to && !is_inner(w, l, from)) {
        from++;
    }
    while (from < to && !is_inner(w, l, to - 1)) {
        to--;
    }
    if (from < to) {
        *begin = from;
        *end = to;
    }
}

void mien_warp_row(const mien_warp *w, int y, float *const out[3]) {
    const mien_affine *b = &w->back;
    line l = {
        .x = b->xx * 0.5 + b->xy * (y + 0.5) + b->x0 - 0.5,
        .y = b->yx * 0.5 + b->yy * (y + 0.5) + b->y0 - 0.5,
        .dx = b->xx,
        .dy = b->yx,
    };
    int begin, end;
    find_inner(w, &l, &begin, &end);
    outer(w, &l, 0, begin, out);
    if (w->nearest) {
        inner_nearest(w, &l, begin, end, out);
    } else {
        inner_bilinear(w, &l, begin, end, out);
    }
    outer(w, &l, end, w->width, out);
}
