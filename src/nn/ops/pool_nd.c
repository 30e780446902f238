/* SPDX-License-Identifier: MIT */
/* Shared by pools in one and in three dimensions: windows, and kernels of our own on
 * row-major values. One dimension is three of which two are 1. */
#include "nn/ops/pool_nd.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "nn/ops/gradient.h"
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
 * ---------------------------------------------------------------------- */

/* Places [first, end) along a dimension, and how many the mean divides by. */
typedef struct side {
    int64_t first, end, count;
} side;

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

/* The window of place i along dimension k of three. */
static side side_of(const mien_pool_nd_settings *s, int k, int64_t in, int64_t i) {
    int own = k - (MIEN_WINDOW_DIMS - s->dims);
    if (own < 0) {
        return (side){0, 1, 1};
    }
    int64_t first = i * s->stride[own] - s->before[own];
    int64_t end = first + s->kernel[own], edge = in + s->after[own];
    int64_t padded = (end < edge ? end : edge) - first;
    first = first > 0 ? first : 0;
    end = end < in ? end : in;
    return (side){first, end, s->count_padding ? padded : end - first};
}

void mien_pool_nd_reference(const mien_reference *r) {
    const mien_pool_nd_settings *s = r->node->settings;
    sides in = sides_of(s, r->x_shape[0]), out = sides_of(s, r->y_shape);
    for (int64_t i = 0; i < r->y_count; i++) {
        side depth = side_of(s, 0, in.d[0], i / (out.d[1] * out.d[2]) % out.d[0]);
        side height = side_of(s, 1, in.d[1], i / out.d[2] % out.d[1]);
        side width = side_of(s, 2, in.d[2], i % out.d[2]);
        const double *x = r->x[0] + i / area_of(out) * area_of(in);
        double sum = 0, most = -DBL_MAX;
        for (int64_t d = depth.first; d < depth.end; d++) {
            for (int64_t h = height.first; h < height.end; h++) {
                for (int64_t w = width.first; w < width.end; w++) {
                    double v = x[(d * in.d[1] + h) * in.d[2] + w];
                    sum += v;
                    most = v > most ? v : most;
                }
            }
        }
        double count = (double)(depth.count * height.count * width.count);
        r->y[i] = s->average ? sum / count : most;
    }
}

/* ---- plan: a line of results at a time, point by point of the window, so that the
 * innermost loop runs along the line and has no branch */

#define LINE 256

/* Up to LINE results from `first` on of one line, and the rows of x they come from. */
typedef struct line {
    const mien_pool_nd_settings *pool;
    sides in;
    side depth, height;
    int64_t first, count;
    int last; /* the last dimension among the settings' */
} line;

/* Results [from, to) of the line to which point w of the window belongs, and where the
 * first of them finds it. */
typedef struct reach {
    int64_t from, to, at;
} reach;

static reach reach_of(const line *l, int64_t w) {
    int64_t stride = l->pool->stride[l->last];
    int64_t shift = w - l->pool->before[l->last] + l->first * stride;
    int64_t from = shift < 0 ? (-shift + stride - 1) / stride : 0;
    int64_t room = l->in.d[2] - 1 - shift;
    int64_t to = room < 0 ? 0 : room / stride + 1;
    return (reach){from, to < l->count ? to : l->count, shift + from * stride};
}

/* Largest values, or sums, over one row of x. */
static void row_forward(const line *l, const float *row, float *y) {
    int64_t stride = l->pool->stride[l->last];
    for (int64_t w = 0; w < l->pool->kernel[l->last]; w++) {
        reach r = reach_of(l, w);
        if (l->pool->average) {
            for (int64_t i = r.from; i < r.to; i++) {
                y[i] += row[r.at + (i - r.from) * stride];
            }
        } else {
            for (int64_t i = r.from; i < r.to; i++) {
                float v = row[r.at + (i - r.from) * stride];
                y[i] = v > y[i] ? v : y[i];
            }
        }
    }
}

static int64_t count_of(const line *l, int64_t i) {
    side width = side_of(l->pool, 2, l->in.d[2], l->first + i);
    return l->depth.count * l->height.count * width.count;
}

static void line_forward(const line *l, const float *x, float *y) {
    for (int64_t i = 0; i < l->count; i++) {
        y[i] = l->pool->average ? 0 : -FLT_MAX;
    }
    for (int64_t d = l->depth.first; d < l->depth.end; d++) {
        for (int64_t h = l->height.first; h < l->height.end; h++) {
            row_forward(l, x + (d * l->in.d[1] + h) * l->in.d[2], y);
        }
    }
    for (int64_t i = 0; l->pool->average && i < l->count; i++) {
        y[i] /= (float)count_of(l, i);
    }
}

/* Gradients of one row of x: `rest` to each point, or to the first largest value, after
 * which nothing is left of it. */
static void row_backward(
    const line *l, const float *row, const float *y, float *rest, float *dx) {
    int64_t stride = l->pool->stride[l->last];
    for (int64_t w = 0; w < l->pool->kernel[l->last]; w++) {
        reach r = reach_of(l, w);
        if (l->pool->average) {
            for (int64_t i = r.from; i < r.to; i++) {
                dx[r.at + (i - r.from) * stride] += rest[i];
            }
        } else {
            for (int64_t i = r.from; i < r.to; i++) {
                int64_t at = r.at + (i - r.from) * stride;
                float part = (float)(row[at] == y[i]) * rest[i];
                dx[at] += part;
                rest[i] -= part;
            }
        }
    }
}

static void line_backward(
    const line *l, const float *x, const float *y, const float *dy, float *dx) {
    float rest[LINE];
    for (int64_t i = 0; i < l->count; i++) {
        rest[i] = l->pool->average ? dy[i] / (float)count_of(l, i) : dy[i];
    }
    for (int64_t d = l->depth.first; d < l->depth.end; d++) {
        for (int64_t h = l->height.first; h < l->height.end; h++) {
            int64_t row = (d * l->in.d[1] + h) * l->in.d[2];
            row_backward(l, x ? x + row : NULL, y, rest, dx + row);
        }
    }
}

static int64_t work_of(const mien_kernel_call *c) {
    const mien_pool_nd_settings *s = c->node->settings;
    int64_t each = 2;
    for (int i = 0; i < s->dims; i++) {
        each *= s->kernel[i];
    }
    return c->y_count * each;
}

/* All lines of one plane, forward or back. */
static void run_plane(const mien_kernel_call *c, int64_t p, bool back) {
    const mien_pool_nd_settings *s = c->node->settings;
    sides in = sides_of(s, c->x_shape[0]), out = sides_of(s, c->y_shape);
    const float *x = c->x[0] ? c->x[0] + p * area_of(in) : NULL;
    for (int64_t n = 0; n < out.d[0] * out.d[1]; n++) {
        line l = {s, in, side_of(s, 0, in.d[0], n / out.d[1]),
            side_of(s, 1, in.d[1], n % out.d[1]), 0, 0, s->dims - 1};
        for (; l.first < out.d[2]; l.first += LINE) {
            int64_t at = (p * out.d[0] * out.d[1] + n) * out.d[2] + l.first;
            l.count = out.d[2] - l.first < LINE ? out.d[2] - l.first : LINE;
            if (back) {
                line_backward(&l, x, c->y ? c->y + at : NULL, c->dy + at,
                    c->dx[0] + p * area_of(in));
            } else {
                line_forward(&l, x, c->y + at);
            }
        }
    }
}

static void forward(const mien_kernel_call *c) {
#pragma omp parallel for num_threads(mien_kernel_threads(c, work_of(c)))
    for (int64_t p = 0; p < c->y_shape[0] * c->y_shape[1]; p++) {
        run_plane(c, p, false);
    }
}

static void backward(const mien_kernel_call *c) {
    int64_t planes = c->y_shape[0] * c->y_shape[1], all = c->x_count[0] / planes;
    if (!c->dx[0]) {
        return;
    }
#pragma omp parallel for num_threads(mien_kernel_threads(c, work_of(c)))
    for (int64_t p = 0; p < planes; p++) {
        memset(c->dx[0] + p * all, 0, (size_t)all * sizeof *c->dx[0]);
        run_plane(c, p, true);
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

/* ---- plan: the library's pool, where nothing is learnt and x lies in blocks of
 * channels, as convolutions leave it: it stays so */

static mien_status describe(mien_builder *b, const mien_pool_nd_settings *s,
    const_dnnl_memory_desc_t src, const int64_t *y, dnnl_primitive_desc_t *pd) {
    dnnl_dims_t kernel_size, strides, dilation = {0}, before, after;
    mien_group none = {0};
    dnnl_memory_desc_t dst = NULL;
    dnnl_primitive_attr_t attr = NULL;
    for (int i = 0; i < s->dims; i++) {
        kernel_size[i] = s->kernel[i];
        strides[i] = s->stride[i];
        before[i] = s->before[i];
        after[i] = s->after[i];
    }
    mien_status status = mien_md_any(&dst, 2 + s->dims, y);
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &attr);
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_pooling_forward_primitive_desc_create(pd,
            b->plan->engine, dnnl_forward_inference,
            !s->average        ? dnnl_pooling_max
            : s->count_padding ? dnnl_pooling_avg_include_padding
                               : dnnl_pooling_avg_exclude_padding,
            src, dst, strides, kernel_size, dilation, before, after, attr));
    }
    dnnl_primitive_attr_destroy(attr);
    dnnl_memory_desc_destroy(dst);
    return status;
}

static mien_status add_step(mien_builder *b, const mien_group *group,
    mien_value_ref from, dnnl_primitive_desc_t pd) {
    mien_value_ref to;
    mien_step *step = NULL;
    mien_status status =
        mien_builder_new(b, group->last, mien_pd_md(pd, dnnl_query_dst_md), &to);
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
        return mien_step_primitive(b, step, pd);
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

mien_status mien_pool_nd_prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_pool_nd_settings *s = n->settings;
    mien_value_ref from = mien_builder_value(b, n->inputs[0]);
    int64_t y[MIEN_RANK_MAX];
    dnnl_primitive_desc_t pd = NULL;
    if (s->dims < 3 || s->ceil || mien_builder_learns(b, group->main) ||
        mien_md_is_plain(from.md)) {
        return mien_kernel_prepare(b, group, &kernel);
    }
    mien_builder_shape(b, group->main, y);
    mien_status status = describe(b, s, from.md, y, &pd);
    if (status == MIEN_OK && mien_pd_is_reference(pd)) {
        dnnl_primitive_desc_destroy(pd);
        return mien_kernel_prepare(b, group, &kernel);
    }
    return status == MIEN_OK ? add_step(b, group, from, pd) : status;
}

mien_status mien_pool_nd_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

/* ---- the usual way to add them
 * ------------------------------------------------------- */

mien_status mien_pool1d(mien_graph *graph, const char *name, mien_node x,
    mien_pool_kind kind, int kernel_size, int stride, int padding, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[96];
    snprintf(text, sizeof text, "kernel=%d stride=%d padding=%d", kernel_size, stride,
        padding);
    return mien_graph_add(graph,
        kind == MIEN_POOL_AVERAGE ? "avg_pool1d" : "max_pool1d", name, &x, 1, text, y);
}

mien_status mien_pool3d(mien_graph *graph, const char *name, mien_node x,
    mien_pool_kind kind, const int kernel_size[3], const int stride[3],
    const int padding[3], mien_node *y) {
    MIEN_NEED(graph, name, kernel_size, stride, padding, y);
    char text[192];
    snprintf(text, sizeof text, "kernel=%d,%d,%d stride=%d,%d,%d padding=%d,%d,%d",
        kernel_size[0], kernel_size[1], kernel_size[2], stride[0], stride[1], stride[2],
        padding[0], padding[1], padding[2]);
    return mien_graph_add(graph,
        kind == MIEN_POOL_AVERAGE ? "avg_pool3d" : "max_pool3d", name, &x, 1, text, y);
}
