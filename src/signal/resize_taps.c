/* SPDX-License-Identifier: MIT */
/* Which input pixels make an output pixel, and with which weights, for each kernel.
 *
 * Pillow (fixed point) and the antialiased torch kernels are one method: a kernel f of
 * half-width s is stretched by the shrink factor r = max(1, from / to), centred on
 * (i + 0.5) × from / to, sampled at the pixel centres, and normalised to sum 1. They
 * differ in precision (double, then rounded to 22 bits; float) only. The other torch
 * kernels interpolate at the point itself. Golden: python/golden/resize.py. */
#include "signal/resize.h"

#include <math.h>
#include <string.h>

bool mien_resize_is_fixed(mien_resize resize) {
    return resize == MIEN_RESIZE_NEAREST || resize == MIEN_RESIZE_NEAREST_TORCH ||
           resize == MIEN_RESIZE_BILINEAR || resize == MIEN_RESIZE_BICUBIC;
}

static double triangle(double x) {
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

/* Keys' cubic convolution with a = -0.5 */
static double cubic(double x) {
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0) {
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    }
    return x < 2.0 ? (((x - 5.0) * x + 8.0) * x - 4.0) * a : 0.0;
}

typedef struct axis {
    int from, to;
    bool cubic;
} axis;

/* Half-width of the stretched kernel. */
static double support(const axis *a) {
    double shrink = (double)a->from / a->to;
    return (a->cubic ? 2.0 : 1.0) * (shrink < 1.0 ? 1.0 : shrink);
}

static void spread(
    mien_taps *taps, int t, int first, int length, const double *weight) {
    taps->first[t] = first;
    taps->length[t] = length;
    for (int k = 0; k < length; k++) {
        if (taps->fixed) {
            double w = weight[k] * (1 << MIEN_RESIZE_BITS);
            taps->fixed[(size_t)t * taps->most + k] =
                (int32_t)(w < 0 ? w - 0.5 : w + 0.5);
        } else {
            taps->weight[(size_t)t * taps->most + k] = (float)weight[k];
        }
    }
}

static void averaged(mien_taps *taps, const axis *a, int t, int i) {
    double scale = (double)a->from / a->to, half = support(a);
    double centre = (i + 0.5) * scale, inverse = 1.0 / (scale < 1.0 ? 1.0 : scale);
    int first = (int)(centre - half + 0.5), last = (int)(centre + half + 0.5);
    first = first < 0 ? 0 : first;
    last = last > a->from ? a->from : last;
    double *weight = taps->scratch, sum = 0.0;
    for (int k = 0; k < last - first; k++) {
        double x = (k + first - centre + 0.5) * inverse;
        weight[k] = a->cubic ? cubic(x) : triangle(x);
        sum += weight[k];
    }
    for (int k = 0; k < last - first; k++) {
        weight[k] /= sum;
    }
    spread(taps, t, first, last - first, weight);
}

/* The same in float, as torch does it: positions far from the origin are rounded. */
static void averaged_torch(mien_taps *taps, const axis *a, int t, int i) {
    float scale = (float)a->from / (float)a->to, size = a->cubic ? 4.0f : 2.0f;
    float half = scale >= 1.0f ? size * 0.5f * scale : size * 0.5f;
    float centre = scale * ((float)i + 0.5f);
    float inverse = scale >= 1.0f ? 1.0f / scale : 1.0f;
    int first = (int)(centre - half + 0.5f), last = (int)(centre + half + 0.5f);
    first = first < 0 ? 0 : first;
    last = last > a->from ? a->from : last;
    double *weight = taps->scratch, sum = 0.0;
    for (int k = 0; k < last - first; k++) {
        float x = ((float)(k + first) - centre + 0.5f) * inverse;
        weight[k] = a->cubic ? cubic((double)x) : triangle((double)x);
        sum += weight[k];
    }
    for (int k = 0; k < last - first; k++) {
        weight[k] /= sum;
    }
    spread(taps, t, first, last - first, weight);
}

static void linear_torch(mien_taps *taps, const axis *a, int t, int i) {
    float x = (float)a->from / (float)a->to * ((float)i + 0.5f) - 0.5f;
    x = x < 0.0f ? 0.0f : x;
    int first = (int)x;
    first = first > a->from - 1 ? a->from - 1 : first;
    double share = (double)(x - (float)first);
    share = share > 1.0 ? 1.0 : share;
    double weight[2] = {1.0 - share, share};
    if (first == a->from - 1) {
        weight[0] = 1.0;
    }
    spread(taps, t, first, first == a->from - 1 ? 1 : 2, weight);
}

/* Four taps, a = -0.75; those outside fall on the edge pixel. */
static void cubic_torch(mien_taps *taps, const axis *a, int t, int i) {
    const double c = -0.75;
    float x = (float)a->from / (float)a->to * ((float)i + 0.5f) - 0.5f;
    int base = (int)floorf(x);
    double u = (double)(x - (float)base), v = 1.0 - u;
    double four[4] = {(((u + 1) - 5) * (u + 1) + 8) * (u + 1) * c - 4 * c,
        ((c + 2) * u - (c + 3)) * u * u + 1, ((c + 2) * v - (c + 3)) * v * v + 1,
        (((v + 1) - 5) * (v + 1) + 8) * (v + 1) * c - 4 * c};
    int first = base - 1 < 0 ? 0 : base - 1;
    first = first > a->from - 1 ? a->from - 1 : first;
    double weight[4] = {0, 0, 0, 0};
    int length = 1;
    for (int k = 0; k < 4; k++) {
        int at = base - 1 + k;
        at = at < 0 ? 0 : at > a->from - 1 ? a->from - 1 : at;
        weight[at - first] += four[k];
        length = at - first + 1 > length ? at - first + 1 : length;
    }
    spread(taps, t, first, length, weight);
}

static int nearest_torch(const axis *a, int i) {
    if (a->to == a->from) {
        return i;
    }
    if (a->to == 2 * (int64_t)a->from) {
        return i / 2;
    }
    int at = (int)((float)i * ((float)a->from / (float)a->to));
    return at > a->from - 1 ? a->from - 1 : at;
}

/* Pillow walks along the axis adding the step: its rounding is part of the result. */
static void nearest_all(mien_taps *taps, const axis *a, int begin) {
    const double one = 1.0;
    double step = (double)a->from / a->to, x = step * 0.5;
    for (int i = 0; i < begin + taps->count; i++, x += step) {
        if (i >= begin) {
            int at = (int)x;
            spread(taps, i - begin, at > a->from - 1 ? a->from - 1 : at, 1, &one);
        }
    }
}

static void fill(mien_taps *taps, const axis *a, int begin, mien_resize resize) {
    const double one = 1.0;
    if (a->from ==
        a->to) { /* kernels are 1 at their centre, 0 at other pixels' centres */
        for (int t = 0; t < taps->count; t++) {
            spread(taps, t, begin + t, 1, &one);
        }
        return;
    }
    if (resize == MIEN_RESIZE_NEAREST) {
        nearest_all(taps, a, begin);
        return;
    }
    for (int t = 0; t < taps->count; t++) {
        int i = begin + t;
        switch (resize) {
        case MIEN_RESIZE_NEAREST:
        case MIEN_RESIZE_NEAREST_TORCH:
            spread(taps, t, nearest_torch(a, i), 1, &one);
            break;
        case MIEN_RESIZE_BILINEAR:
        case MIEN_RESIZE_BICUBIC:
            averaged(taps, a, t, i);
            break;
        case MIEN_RESIZE_BILINEAR_TORCH:
            linear_torch(taps, a, t, i);
            break;
        case MIEN_RESIZE_BICUBIC_TORCH:
            cubic_torch(taps, a, t, i);
            break;
        case MIEN_RESIZE_BILINEAR_AA_TORCH:
        case MIEN_RESIZE_BICUBIC_AA_TORCH:
            averaged_torch(taps, a, t, i);
            break;
        }
    }
}

static void measure(mien_taps *taps, int from, int to) {
    taps->begin = from;
    taps->end = 0;
    for (int t = 0; t < taps->count; t++) {
        int end = taps->first[t] + taps->length[t];
        taps->begin = taps->first[t] < taps->begin ? taps->first[t] : taps->begin;
        taps->end = end > taps->end ? end : taps->end;
    }
    taps->copy = from == to;
}

/* Gives every position the same number of weights (zeros beside its own), so that the
 * inner loops have a fixed length; exact, as a zero weight adds nothing. */
static void even_out(mien_taps *taps) {
    int longest = 0;
    for (int t = 0; t < taps->count; t++) {
        longest = taps->length[t] > longest ? taps->length[t] : longest;
    }
    if (taps->end - taps->begin < longest) {
        return;
    }
    for (int t = 0; t < taps->count; t++) {
        int room = taps->end - longest,
            back = taps->first[t] > room ? taps->first[t] - room : 0;
        size_t size = sizeof(int32_t);
        char *weight = taps->fixed ? (char *)taps->fixed : (char *)taps->weight;
        weight += (size_t)t * (size_t)taps->most * size;
        memmove(weight + (size_t)back * size, weight, (size_t)taps->length[t] * size);
        memset(weight, 0, (size_t)back * size);
        taps->first[t] -= back;
        taps->length[t] = longest;
    }
    taps->even = longest;
}

mien_status mien_taps_init(
    mien_taps *taps, int from, int to, int begin, int count, mien_resize resize) {
    memset(taps, 0, sizeof *taps);
    axis a = {.from = from,
        .to = to,
        .cubic = resize == MIEN_RESIZE_BICUBIC || resize == MIEN_RESIZE_BICUBIC_TORCH ||
                 resize == MIEN_RESIZE_BICUBIC_AA_TORCH};
    taps->count = count;
    taps->most = (int)ceil(support(&a)) * 2 + 2; /* one for an odd last pair */
    size_t room = (size_t)taps->most;
    taps->first = mien_alloc((size_t)count, sizeof *taps->first);
    taps->length = mien_alloc((size_t)count, sizeof *taps->length);
    taps->scratch = mien_alloc(room, sizeof *taps->scratch);
    if (mien_resize_is_fixed(resize)) {
        taps->fixed = mien_alloc((size_t)count * room, sizeof *taps->fixed);
    } else {
        taps->weight = mien_alloc((size_t)count * room, sizeof *taps->weight);
    }
    if (!taps->first || !taps->length || !taps->scratch ||
        (!taps->fixed && !taps->weight)) {
        mien_taps_clear(taps);
        return MIEN_ENOMEM;
    }
    fill(taps, &a, begin, resize);
    measure(taps, from, to);
    even_out(taps);
    return MIEN_OK;
}

void mien_taps_clear(mien_taps *taps) {
    mien_free(taps->first);
    mien_free(taps->length);
    mien_free(taps->scratch);
    mien_free(taps->fixed);
    mien_free(taps->weight);
    memset(taps, 0, sizeof *taps);
}
