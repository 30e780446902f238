/* SPDX-License-Identifier: MIT */
/* Shared by the four pooling rows: windows, the plan's steps and the plain-C
 * reference. */
#include "nn/ops/pool.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "nn/ops/gradient.h"

static const char *const no_yes[] = {"no", "yes", NULL};

#define WINDOW_OPTIONS                                                                 \
    {.name = "kernel", .type = MIEN_OPTION_TEXT, .help = "height,width"},              \
        {.name = "stride",                                                             \
            .type = MIEN_OPTION_TEXT,                                                  \
            .help = "down,across; default: kernel"},                                   \
        {.name = "padding",                                                            \
            .type = MIEN_OPTION_TEXT,                                                  \
            .initial = "0",                                                            \
            .help = "all, or down,across, or top,left,bottom,right"},                  \
    {                                                                                  \
        .name = "ceil", .type = MIEN_OPTION_CHOICE, .initial = "no",                   \
        .choices = no_yes, .help = "a last window may reach over the edge"             \
    }

const mien_option mien_pooling_options[] = {WINDOW_OPTIONS, {0}};
const mien_option mien_pooling_average_options[] = {
    WINDOW_OPTIONS,
    {.name = "count-padding",
        .type = MIEN_OPTION_CHOICE,
        .initial = "yes",
        .choices = no_yes,
        .help = "padding counts as zeros in the mean"},
    {0},
};
const mien_option mien_pooling_adaptive_options[] = {
    {.name = "size", .type = MIEN_OPTION_TEXT, .help = "height,width of the result"},
    {0},
};

mien_status mien_pooling_parse(const mien_options *given, void *settings) {
    mien_pooling_settings *s = settings;
    mien_status status = mien_op_pair(given, "kernel", 1, s->kernel);
    if (status != MIEN_OK) {
        return status;
    }
    memcpy(s->stride, s->kernel, sizeof s->stride);
    if (mien_options_text(given, "stride")) {
        status = mien_op_pair(given, "stride", 1, s->stride);
    }
    if (status == MIEN_OK) {
        status = mien_op_padding(given, "padding", s->padding);
    }
    for (int i = 0; status == MIEN_OK && i < 4; i++) {
        if (s->padding[i] > s->kernel[i % 2] / 2) {
            status =
                mien_fail(MIEN_EINVAL, "padding %d is more than half the kernel %d",
                    s->padding[i], s->kernel[i % 2]);
        }
    }
    s->ceil = !strcmp(mien_options_text(given, "ceil"), "yes");
    return status;
}

mien_status mien_pooling_parse_average(const mien_options *given, void *settings) {
    mien_pooling_settings *s = settings;
    s->average = true;
    s->count_padding = !strcmp(mien_options_text(given, "count-padding"), "yes");
    return mien_pooling_parse(given, settings);
}

mien_status mien_pooling_parse_adaptive(const mien_options *given, void *settings) {
    mien_pooling_settings *s = settings;
    s->adaptive = true;
    return mien_op_pair(given, "size", 1, s->out);
}

mien_status mien_pooling_parse_adaptive_average(
    const mien_options *given, void *settings) {
    ((mien_pooling_settings *)settings)->average = true;
    return mien_pooling_parse_adaptive(given, settings);
}

mien_status mien_pooling_shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_pooling_settings *s = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank != 4) {
        return mien_fail(MIEN_ESHAPE, "it takes [N, C, H, W]");
    }
    mien_op_same_shape(node, inputs);
    for (int i = 0; i < 2; i++) {
        int64_t in = x->shape[2 + i], room;
        if (s->adaptive) {
            node->shape[2 + i] = s->out[i];
            continue;
        }
        room = in + s->padding[i] + s->padding[2 + i] - s->kernel[i];
        if (room < 0) {
            return mien_fail(MIEN_ESHAPE,
                "a window of %d does not fit %s %lld with its padding", s->kernel[i],
                i ? "width" : "height", (long long)in);
        }
        int64_t out = (room + (s->ceil ? s->stride[i] - 1 : 0)) / s->stride[i] + 1;
        /* as PyTorch: the last window must begin inside x or the padding before it */
        if (s->ceil && (out - 1) * s->stride[i] >= in + s->padding[i]) {
            out--;
        }
        node->shape[2 + i] = out;
    }
    return MIEN_OK;
}

bool mien_pooling_passes(
    const mien_op_node *node, const mien_op_node *const *inputs, mien_mode mode) {
    const mien_pooling_settings *s = node->settings;
    (void)mode;
    return s->adaptive && s->out[0] == inputs[0]->shape[2] &&
           s->out[1] == inputs[0]->shape[3];
}

/* ---- windows ----------------------------------------------------------------------
 */

/* Rows (or columns) [first, end) that go into place i, and how many the mean divides
 * by. */
typedef struct window {
    int64_t first, end, count;
} window;

static window window_of(
    const mien_pooling_settings *s, int axis, int64_t in, int64_t out, int64_t i) {
    if (s->adaptive) {
        int64_t first = i * in / out, end = ((i + 1) * in + out - 1) / out;
        return (window){first, end, end - first};
    }
    int64_t first = i * s->stride[axis] - s->padding[axis];
    int64_t end = first + s->kernel[axis], edge = in + s->padding[2 + axis];
    int64_t padded = (end < edge ? end : edge) - first;
    first = first > 0 ? first : 0;
    end = end < in ? end : in;
    return (window){first, end, s->count_padding ? padded : end - first};
}

void mien_pooling_reference(const mien_reference *r) {
    const mien_pooling_settings *s = r->node->settings;
    const int64_t *xs = r->x_shape[0], *ys = r->y_shape;
    for (int64_t i = 0; i < r->y_count; i++) {
        window h = window_of(s, 0, xs[2], ys[2], i / ys[3] % ys[2]);
        window w = window_of(s, 1, xs[3], ys[3], i % ys[3]);
        const double *x = r->x[0] + i / (ys[2] * ys[3]) * xs[2] * xs[3];
        double sum = 0, most = -DBL_MAX;
        for (int64_t row = h.first; row < h.end; row++) {
            for (int64_t column = w.first; column < w.end; column++) {
                double v = x[row * xs[3] + column];
                sum += v;
                most = v > most ? v : most;
            }
        }
        r->y[i] = s->average ? sum / (double)(h.count * w.count) : most;
    }
}

/* ---- own kernel, on row-major planes: for windows the library has no name for
 * -------- */

typedef struct plain {
    const mien_pooling_settings *pool;
    int64_t planes, in[2], out[2];
} plain;

static float plain_point(
    const mien_pooling_settings *s, const float *x, int64_t width, window h, window w) {
    double sum = 0;
    float most = -FLT_MAX;
    for (int64_t row = h.first; row < h.end; row++) {
        for (int64_t column = w.first; column < w.end; column++) {
            float v = x[row * width + column];
            sum += (double)v;
            most = v > most ? v : most;
        }
    }
    return s->average ? (float)(sum / (double)(h.count * w.count)) : most;
}

static void run_plain(const mien_step *step) {
    const plain *k = step->settings;
    const float *x = mien_step_data(step, DNNL_ARG_SRC);
    float *y = mien_step_data(step, DNNL_ARG_DST);
#pragma omp parallel for num_threads(step->threads)
    for (int64_t p = 0; p < k->planes; p++) {
        float *out = y + p * k->out[0] * k->out[1];
        for (int64_t i = 0; i < k->out[0]; i++) {
            window h = window_of(k->pool, 0, k->in[0], k->out[0], i);
            for (int64_t j = 0; j < k->out[1]; j++) {
                window w = window_of(k->pool, 1, k->in[1], k->out[1], j);
                *out++ =
                    plain_point(k->pool, x + p * k->in[0] * k->in[1], k->in[1], h, w);
            }
        }
    }
}

/* Spreads dy over the window: evenly, or to its first largest value. */
static void plain_point_back(const mien_pooling_settings *s, const float *x,
    int64_t width, window h, window w, float dy, float *dx) {
    int64_t most = h.first * width + w.first;
    for (int64_t row = h.first; row < h.end; row++) {
        for (int64_t column = w.first; column < w.end; column++) {
            int64_t i = row * width + column;
            if (s->average) {
                dx[i] += dy / (float)(h.count * w.count);
            } else {
                most = x[i] > x[most] ? i : most;
            }
        }
    }
    if (!s->average) {
        dx[most] += dy;
    }
}

static void run_plain_back(const mien_step *step) {
    const plain *k = step->settings;
    const float *x = mien_step_data(step, DNNL_ARG_SRC);
    const float *dy = mien_step_data(step, DNNL_ARG_DIFF_DST);
    float *dx = mien_step_data(step, DNNL_ARG_DIFF_SRC);
    int64_t in = k->in[0] * k->in[1], out = k->out[0] * k->out[1];
#pragma omp parallel for num_threads(step->threads)
    for (int64_t p = 0; p < k->planes; p++) {
        memset(dx + p * in, 0, (size_t)in * sizeof *dx);
        for (int64_t i = 0; i < out; i++) {
            window h = window_of(k->pool, 0, k->in[0], k->out[0], i / k->out[1]);
            window w = window_of(k->pool, 1, k->in[1], k->out[1], i % k->out[1]);
            plain_point_back(k->pool, x ? x + p * in : NULL, k->in[1], h, w,
                dy[p * out + i], dx + p * in);
        }
    }
}

static mien_status plain_back(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_pooling_settings *s = n->settings;
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    mien_value_ref from, dy = mien_builder_gradient(b, group->last), dx;
    dnnl_memory_desc_t in = NULL, out = NULL;
    mien_step *step = NULL;
    plain *k = mien_arena_alloc(b->program->arena, 1, sizeof *k);
    mien_builder_shape(b, n->inputs[0], x);
    mien_builder_shape(b, group->main, y);
    mien_status status = k ? mien_md_plain(&in, 4, x) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_md_plain(&out, 4, y);
    }
    if (status == MIEN_OK) {
        status = mien_builder_in(b, group->main, dy, out, &dy);
    }
    if (status == MIEN_OK && !s->average) {
        status = mien_builder_plain(b, n->inputs[0], &from);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, in, &dx);
    }
    if (status == MIEN_OK) {
        *k = (plain){s, y[0] * y[1], {x[2], x[3]}, {y[2], y[3]}};
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK && !s->average) {
        status = mien_step_value(b, step, DNNL_ARG_SRC, from);
    }
    if (status == MIEN_OK) {
        step->run = run_plain_back;
        step->settings = k;
        status = mien_step_value(b, step, DNNL_ARG_DIFF_SRC, dx);
    }
    dnnl_memory_desc_destroy(in);
    dnnl_memory_desc_destroy(out);
    return status == MIEN_OK ? mien_builder_gradient_add(b, n->inputs[0], dx) : status;
}

static mien_status prepare_plain(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    mien_value_ref from, to;
    dnnl_memory_desc_t md = NULL;
    mien_step *step = NULL;
    plain *k = mien_arena_alloc(b->program->arena, 1, sizeof *k);
    mien_builder_shape(b, n->inputs[0], x);
    mien_builder_shape(b, group->main, y);
    mien_status status = k ? mien_builder_plain(b, n->inputs[0], &from) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_md_plain(&md, 4, y);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, group->last, md, &to);
        dnnl_memory_desc_destroy(md);
    }
    if (status == MIEN_OK) {
        *k = (plain){n->settings, y[0] * y[1], {x[2], x[3]}, {y[2], y[3]}};
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        step->run = run_plain;
        step->settings = k;
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
    }
    return status;
}

/* ---- the library's pooling
 * ----------------------------------------------------------- */

/* The equal windows of an adaptive pool whose size divides; false if they are not
 * equal. */
static bool regular(const mien_pooling_settings *s, const int64_t *x, const int64_t *y,
    mien_pooling_settings *r) {
    *r = *s;
    for (int i = 0; i < 2; i++) {
        if (s->adaptive) {
            if (x[2 + i] % y[2 + i]) {
                return false;
            }
            r->kernel[i] = r->stride[i] = (int)(x[2 + i] / y[2 + i]);
        }
        int64_t over = (y[1 + 1 + i] - 1) * r->stride[i] + r->kernel[i] - x[2 + i] -
                       r->padding[i] - r->padding[2 + i];
        /* the library divides by the whole window, PyTorch only by what lies in the
         * padding */
        if (over > 0 && s->average && s->count_padding) {
            return false;
        }
        if (over > 0) {
            r->padding[2 + i] += (int)over;
        }
    }
    return true;
}

static dnnl_alg_kind_t algorithm_of(const mien_pooling_settings *s) {
    return !s->average        ? dnnl_pooling_max
           : s->count_padding ? dnnl_pooling_avg_include_padding
                              : dnnl_pooling_avg_exclude_padding;
}

static mien_status describe(mien_builder *b, const mien_pooling_settings *s,
    bool trains, const_dnnl_memory_desc_t src, const int64_t *y,
    dnnl_primitive_desc_t *pd) {
    dnnl_dims_t kernel = {s->kernel[0], s->kernel[1]};
    dnnl_dims_t strides = {s->stride[0], s->stride[1]};
    dnnl_dims_t dilation = {0, 0};
    dnnl_dims_t before = {s->padding[0], s->padding[1]};
    dnnl_dims_t after = {s->padding[2], s->padding[3]};
    mien_group none = {0};
    dnnl_memory_desc_t dst = NULL;
    dnnl_primitive_attr_t attr = NULL;
    mien_status status = mien_md_any(&dst, 4, y);
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &attr);
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_pooling_forward_primitive_desc_create(pd,
            b->plan->engine, trains ? dnnl_forward_training : dnnl_forward_inference,
            algorithm_of(s), src, dst, strides, kernel, dilation, before, after, attr));
        dnnl_primitive_attr_destroy(attr);
    }
    if (dst) {
        dnnl_memory_desc_destroy(dst);
    }
    return status;
}

/* Where each largest value was, which the gradient needs. */
static mien_status add_places(
    mien_builder *b, mien_node node, mien_step *step, const_dnnl_primitive_desc_t pd) {
    const_dnnl_memory_desc_t md = mien_pd_md(pd, dnnl_query_workspace_md);
    mien_value_ref places;
    if (!md || !dnnl_memory_desc_get_size(md)) {
        return MIEN_OK;
    }
    mien_status status = mien_builder_workspace(b, node, md, &places);
    return status == MIEN_OK ? mien_step_value(b, step, DNNL_ARG_WORKSPACE, places)
                             : status;
}

mien_status mien_pooling_prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from = mien_builder_value(b, n->inputs[0]), to;
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    mien_pooling_settings s;
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_builder_shape(b, n->inputs[0], x);
    mien_builder_shape(b, group->main, y);
    if (!regular(n->settings, x, y, &s)) {
        return prepare_plain(b, group);
    }
    bool trains = mien_builder_learns(b, group->main);
    mien_status status = describe(b, &s, trains, from.md, y, &pd);
    if (status == MIEN_OK) {
        status =
            mien_builder_new(b, group->last, mien_pd_md(pd, dnnl_query_dst_md), &to);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK && trains) {
        status = add_places(b, group->main, step, pd);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
        return mien_step_primitive(b, step, pd);
    }
    if (pd) {
        dnnl_primitive_desc_destroy(pd);
    }
    return status;
}

static mien_status describe_back(mien_builder *b, const mien_pooling_settings *s,
    const_dnnl_memory_desc_t src, const int64_t *y, dnnl_primitive_desc_t *pd) {
    dnnl_dims_t kernel = {s->kernel[0], s->kernel[1]};
    dnnl_dims_t strides = {s->stride[0], s->stride[1]};
    dnnl_dims_t dilation = {0, 0};
    dnnl_dims_t before = {s->padding[0], s->padding[1]};
    dnnl_dims_t after = {s->padding[2], s->padding[3]};
    mien_group none = {0};
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t forward = NULL;
    mien_status status = describe(b, s, true, src, y, &forward);
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &attr);
    }
    if (status == MIEN_OK) {
        status =
            MIEN_DNNL(dnnl_pooling_backward_primitive_desc_create(pd, b->plan->engine,
                algorithm_of(s), src, mien_pd_md(forward, dnnl_query_dst_md), strides,
                kernel, dilation, before, after, forward, attr));
    }
    dnnl_primitive_attr_destroy(attr);
    dnnl_primitive_desc_destroy(forward);
    return status;
}

mien_status mien_pooling_backward(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from = mien_builder_value(b, n->inputs[0]);
    mien_value_ref dy = mien_builder_gradient(b, group->last), dx;
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    mien_pooling_settings s;
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_builder_shape(b, n->inputs[0], x);
    mien_builder_shape(b, group->main, y);
    if (!regular(n->settings, x, y, &s)) {
        return plain_back(b, group);
    }
    mien_status status = describe_back(b, &s, from.md, y, &pd);
    if (status == MIEN_OK) {
        status = mien_builder_in(
            b, group->main, dy, mien_pd_md(pd, dnnl_query_diff_dst_md), &dy);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, mien_pd_md(pd, dnnl_query_diff_src_md), &dx);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DIFF_SRC, dx);
    }
    if (status == MIEN_OK) {
        status = add_places(b, group->main, step, pd);
    }
    if (status == MIEN_OK) {
        status = mien_step_primitive(b, step, pd);
        return status == MIEN_OK ? mien_builder_gradient_add(b, n->inputs[0], dx)
                                 : status;
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

/* ---- the usual way to add them
 * ------------------------------------------------------- */

mien_pool2d_options mien_pool2d_options_of(
    mien_pool_kind kind, int kernel, int stride, int padding) {
    return (mien_pool2d_options){.kind = kind,
        .kernel = {kernel, kernel},
        .stride = {stride, stride},
        .padding = {padding, padding, padding, padding},
        .count_padding = true};
}

mien_status mien_pool2d(mien_graph *graph, const char *name, mien_node x,
    const mien_pool2d_options *o, mien_node *y) {
    MIEN_NEED(graph, name, o, y);
    char text[192];
    bool average = o->kind == MIEN_POOL_AVERAGE;
    snprintf(text, sizeof text,
        "kernel=%d,%d stride=%d,%d padding=%d,%d,%d,%d ceil=%s%s", o->kernel[0],
        o->kernel[1], o->stride[0], o->stride[1], o->padding[0], o->padding[1],
        o->padding[2], o->padding[3], o->ceil ? "yes" : "no",
        !average           ? ""
        : o->count_padding ? " count-padding=yes"
                           : " count-padding=no");
    return mien_graph_add(
        graph, average ? "avg_pool2d" : "max_pool2d", name, &x, 1, text, y);
}

mien_status mien_adaptive_pool2d(mien_graph *graph, const char *name, mien_node x,
    mien_pool_kind kind, int height, int width, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[64];
    snprintf(text, sizeof text, "size=%d,%d", height, width);
    return mien_graph_add(graph,
        kind == MIEN_POOL_AVERAGE ? "adaptive_avg_pool2d" : "adaptive_max_pool2d", name,
        &x, 1, text, y);
}
