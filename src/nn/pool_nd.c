/* SPDX-License-Identifier: MIT */
/* What pools in one and in three dimensions share: windows, and kernels of our own on
 * row-major values. One dimension is three of which two are 1. */
#include "nn/pool_nd.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "nn/kernel.h"

static const char *const no_yes[] = {"no", "yes", NULL};

#define WINDOW_OPTIONS                                                                 \
    {.name = "kernel",                                                                 \
        .type = MIEN_OPTION_TEXT,                                                      \
        .help = "for all dimensions, or each"},                                        \
        {.name = "stride", .type = MIEN_OPTION_TEXT, .help = "default: kernel"},       \
        {.name = "padding",                                                            \
            .type = MIEN_OPTION_TEXT,                                                  \
            .initial = "0",                                                            \
            .help = "for all dimensions, each, or all before, then all after"},        \
    {                                                                                  \
        .name = "ceil", .type = MIEN_OPTION_CHOICE, .initial = "no",                   \
        .choices = no_yes, .help = "a last window may reach over the edge"             \
    }

const mien_option mien_pool_nd_options[] = {WINDOW_OPTIONS, {0}};
const mien_option mien_pool_nd_average_options[] = {
    WINDOW_OPTIONS,
    {.name = "count-padding",
        .type = MIEN_OPTION_CHOICE,
        .initial = "yes",
        .choices = no_yes,
        .help = "padding counts as zeros in the mean"},
    {0},
};

mien_status mien_pool_nd_parse(
    const mien_options *given, int dims, bool average, void *settings) {
    mien_pool_nd_settings *s = settings;
    s->dims = dims;
    s->average = average;
    s->ceil = !strcmp(mien_options_text(given, "ceil"), "yes");
    s->count_padding =
        average && !strcmp(mien_options_text(given, "count-padding"), "yes");
    mien_status status = mien_window_numbers(given, "kernel", 1, dims, s->kernel);
    memcpy(s->stride, s->kernel, sizeof s->stride);
    if (status == MIEN_OK && mien_options_text(given, "stride")) {
        status = mien_window_numbers(given, "stride", 1, dims, s->stride);
    }
    if (status == MIEN_OK) {
        status = mien_window_padding(given, "padding", dims, s->before, s->after);
    }
    for (int i = 0; status == MIEN_OK && i < dims; i++) {
        int most = s->before[i] > s->after[i] ? s->before[i] : s->after[i];
        if (most > s->kernel[i] / 2) {
            status = mien_fail(MIEN_EINVAL,
                "padding %d is more than half the kernel %d", most, s->kernel[i]);
        }
    }
    return status;
}

mien_status mien_pool_nd_shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_pool_nd_settings *s = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank != 2 + s->dims) {
        return mien_fail(
            MIEN_ESHAPE, "it takes [N, C, %s]", s->dims == 1 ? "L" : "D, H, W");
    }
    mien_op_same_shape(node, inputs);
    for (int i = 0; i < s->dims; i++) {
        int64_t in = x->shape[2 + i];
        int64_t room = in + s->before[i] + s->after[i] - s->kernel[i];
        if (room < 0) {
            return mien_fail(MIEN_ESHAPE,
                "a window of %d does not fit %lld with its padding", s->kernel[i],
                (long long)in);
        }
        int64_t out = (room + (s->ceil ? s->stride[i] - 1 : 0)) / s->stride[i] + 1;
        /* as PyTorch: the last window must begin inside x or the padding before it */
        if (s->ceil && (out - 1) * s->stride[i] >= in + s->before[i]) {
            out--;
        }
        node->shape[2 + i] = out;
    }
    return MIEN_OK;
}

/* ---- windows
 * --------------------------------------------------------------------------
 */

/* Places [first, end) along each of three dimensions; how many the mean divides by, and
 * the part of that which the first two dimensions make. */
typedef struct box {
    int64_t first[MIEN_WINDOW_DIMS], end[MIEN_WINDOW_DIMS], outer, count;
} box;

/* The three last dimensions of a shape; those that are missing, which come first, 1. */
typedef struct sides {
    int64_t d[MIEN_WINDOW_DIMS];
} sides;

static sides sides_of(const mien_pool_nd_settings *s, const int64_t *shape) {
    sides all = {{1, 1, 1}};
    for (int i = 0; i < s->dims; i++) {
        all.d[MIEN_WINDOW_DIMS - s->dims + i] = shape[2 + i];
    }
    return all;
}

static int64_t area_of(sides s) {
    return s.d[0] * s.d[1] * s.d[2];
}

/* The window of place i along dimension k; gives how many the mean divides by. */
static inline int64_t set_side(
    const mien_pool_nd_settings *s, int k, int64_t in, int64_t i, box *b) {
    int own = k - (MIEN_WINDOW_DIMS - s->dims);
    int64_t first = i * s->stride[own] - s->before[own];
    int64_t end = first + s->kernel[own], edge = in + s->after[own];
    int64_t padded = (end < edge ? end : edge) - first;
    b->first[k] = first > 0 ? first : 0;
    b->end[k] = end < in ? end : in;
    return s->count_padding ? padded : b->end[k] - b->first[k];
}

/* The windows of a line of places, which differ in the last dimension only. */
static box line_of(const mien_pool_nd_settings *s, sides in, sides out, int64_t line) {
    box b = {{0, 0, 0}, {1, 1, 1}, 1, 1};
    for (int k = 1; k >= MIEN_WINDOW_DIMS - s->dims; k--) {
        b.outer *= set_side(s, k, in.d[k], line % out.d[k], &b);
        line /= out.d[k];
    }
    return b;
}

static inline void move_to(
    const mien_pool_nd_settings *s, sides in, int64_t i, box *b) {
    b->count = b->outer * set_side(s, 2, in.d[2], i, b);
}

void mien_pool_nd_reference(const mien_reference *r) {
    const mien_pool_nd_settings *s = r->node->settings;
    sides in = sides_of(s, r->x_shape[0]), out = sides_of(s, r->y_shape);
    for (int64_t i = 0; i < r->y_count; i++) {
        box b = line_of(s, in, out, i % area_of(out) / out.d[2]);
        move_to(s, in, i % out.d[2], &b);
        const double *x = r->x[0] + i / area_of(out) * area_of(in);
        double sum = 0, most = -DBL_MAX;
        for (int64_t d = b.first[0]; d < b.end[0]; d++) {
            for (int64_t h = b.first[1]; h < b.end[1]; h++) {
                for (int64_t w = b.first[2]; w < b.end[2]; w++) {
                    double v = x[(d * in.d[1] + h) * in.d[2] + w];
                    sum += v;
                    most = v > most ? v : most;
                }
            }
        }
        r->y[i] = s->average ? sum / (double)b.count : most;
    }
}

/* ---- plan ---------------------------------------------------------------------------
 */

static inline float value_of(
    const mien_pool_nd_settings *s, const float *x, sides in, const box *b) {
    float sum = 0, most = -FLT_MAX;
    for (int64_t d = b->first[0]; d < b->end[0]; d++) {
        for (int64_t h = b->first[1]; h < b->end[1]; h++) {
            const float *line = x + (d * in.d[1] + h) * in.d[2];
            for (int64_t w = b->first[2]; w < b->end[2]; w++) {
                sum += line[w];
                most = line[w] > most ? line[w] : most;
            }
        }
    }
    return s->average ? sum / (float)b->count : most;
}

static int64_t work_of(const mien_kernel_call *c) {
    const mien_pool_nd_settings *s = c->node->settings;
    int64_t each = 8;
    for (int i = 0; i < s->dims; i++) {
        each *= s->kernel[i];
    }
    return c->y_count * each;
}

static void forward(const mien_kernel_call *c) {
    const mien_pool_nd_settings *s = c->node->settings;
    sides in = sides_of(s, c->x_shape[0]), out = sides_of(s, c->y_shape);
    int64_t points = area_of(out);
#pragma omp parallel for num_threads(mien_kernel_threads(c, work_of(c)))
    for (int64_t p = 0; p < c->y_count / points; p++) {
        float *y = c->y + p * points;
        for (int64_t line = 0; line < out.d[0] * out.d[1]; line++) {
            box b = line_of(s, in, out, line);
            for (int64_t i = 0; i < out.d[2]; i++) {
                move_to(s, in, i, &b);
                *y++ = value_of(s, c->x[0] + p * area_of(in), in, &b);
            }
        }
    }
}

/* Spreads dy over the window: evenly, or to its first largest value. */
static inline void spread(const mien_pool_nd_settings *s, const float *x, sides in,
    const box *b, float dy, float *dx) {
    int64_t most = (b->first[0] * in.d[1] + b->first[1]) * in.d[2] + b->first[2];
    for (int64_t d = b->first[0]; d < b->end[0]; d++) {
        for (int64_t h = b->first[1]; h < b->end[1]; h++) {
            for (int64_t w = b->first[2]; w < b->end[2]; w++) {
                int64_t i = (d * in.d[1] + h) * in.d[2] + w;
                if (s->average) {
                    dx[i] += dy / (float)b->count;
                } else {
                    most = x[i] > x[most] ? i : most;
                }
            }
        }
    }
    if (!s->average) {
        dx[most] += dy;
    }
}

static void backward(const mien_kernel_call *c) {
    const mien_pool_nd_settings *s = c->node->settings;
    sides in = sides_of(s, c->x_shape[0]), out = sides_of(s, c->y_shape);
    int64_t points = area_of(out), all = area_of(in);
    if (!c->dx[0]) {
        return;
    }
#pragma omp parallel for num_threads(mien_kernel_threads(c, work_of(c)))
    for (int64_t p = 0; p < c->y_count / points; p++) {
        const float *x = c->x[0] ? c->x[0] + p * all : NULL, *dy = c->dy + p * points;
        float *dx = c->dx[0] + p * all;
        memset(dx, 0, (size_t)all * sizeof *dx);
        for (int64_t line = 0; line < out.d[0] * out.d[1]; line++) {
            box b = line_of(s, in, out, line);
            for (int64_t i = 0; i < out.d[2]; i++) {
                move_to(s, in, i, &b);
                spread(s, x, in, &b, *dy++, dx);
            }
        }
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

mien_status mien_pool_nd_prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

mien_status mien_pool_nd_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

/* ---- the usual way to add them
 * ------------------------------------------------------- */

mien_status mien_pool1d(mien_graph *graph, const char *name, mien_node x,
    mien_pool_kind kind, int kernel_size, int stride, int padding, mien_node *y) {
    char text[96];
    snprintf(text, sizeof text, "kernel=%d stride=%d padding=%d", kernel_size, stride,
        padding);
    return mien_graph_add(graph,
        kind == MIEN_POOL_AVERAGE ? "avg_pool1d" : "max_pool1d", name, &x, 1, text, y);
}

mien_status mien_pool3d(mien_graph *graph, const char *name, mien_node x,
    mien_pool_kind kind, const int kernel_size[3], const int stride[3],
    const int padding[3], mien_node *y) {
    char text[192];
    snprintf(text, sizeof text, "kernel=%d,%d,%d stride=%d,%d,%d padding=%d,%d,%d",
        kernel_size[0], kernel_size[1], kernel_size[2], stride[0], stride[1], stride[2],
        padding[0], padding[1], padding[2]);
    return mien_graph_add(graph,
        kind == MIEN_POOL_AVERAGE ? "avg_pool3d" : "max_pool3d", name, &x, 1, text, y);
}
