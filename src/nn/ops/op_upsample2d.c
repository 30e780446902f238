/* SPDX-License-Identifier: MIT */
/* Pictures made larger (or smaller) by the nearest point or bilinearly. */
#include <stdio.h>
#include <string.h>

#include "nn/kernel.h"
#include "base/need.h"
#include "nn/plan/plan.h"

typedef struct upsample {
    int size[2], scale[2]; /* one of them is 0 */
    bool bilinear, align;
} upsample;

static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const modes[] = {"nearest", "bilinear", NULL};
static const mien_option options[] = {
    {.name = "size", .type = MIEN_OPTION_TEXT, .help = "height,width of the result"},
    {.name = "scale",
        .type = MIEN_OPTION_TEXT,
        .help = "instead of size: times as high,wide"},
    {.name = "mode",
        .type = MIEN_OPTION_CHOICE,
        .initial = "nearest",
        .choices = modes,
        .help = "which point, or between which"},
    {.name = "align-corners",
        .type = MIEN_OPTION_CHOICE,
        .initial = "no",
        .choices = no_yes,
        .help = "bilinear: the corners' centres fall on each other"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    upsample *s = settings;
    bool size = mien_options_text(given, "size") != NULL;
    s->bilinear = !strcmp(mien_options_text(given, "mode"), "bilinear");
    s->align = !strcmp(mien_options_text(given, "align-corners"), "yes");
    if (size == (mien_options_text(given, "scale") != NULL)) {
        return mien_fail(MIEN_EINVAL, "either size or scale must be given");
    }
    if (s->align && !s->bilinear) {
        return mien_fail(MIEN_EINVAL, "align-corners is for mode=bilinear");
    }
    return size ? mien_op_pair(given, "size", 1, s->size)
                : mien_op_pair(given, "scale", 1, s->scale);
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const upsample *s = node->settings;
    if (inputs[0]->rank != 4) {
        return mien_fail(MIEN_ESHAPE, "it takes [N, C, H, W]");
    }
    mien_op_same_shape(node, inputs);
    for (int i = 0; i < 2; i++) {
        node->shape[2 + i] =
            s->size[i] ? s->size[i] : inputs[0]->shape[2 + i] * s->scale[i];
    }
    return MIEN_OK;
}

/* Between which two places a point lies, and how far towards the second. */
typedef struct spot {
    int64_t first, second;
    double part;
} spot;

static spot spot_of(const upsample *s, int64_t in, int64_t out, int64_t i) {
    if (!s->bilinear) {
        return (spot){i * in / out, i * in / out, 0};
    }
    double at = s->align ? (out > 1 ? (double)(i * (in - 1)) / (double)(out - 1) : 0)
                         : ((double)i + 0.5) * (double)in / (double)out - 0.5;
    at = at > 0 ? at : 0;
    int64_t first = (int64_t)at < in ? (int64_t)at : in - 1;
    int64_t second = first + 1 < in ? first + 1 : first;
    return (spot){first, second, at - (double)first};
}

static void reference(const mien_reference *r) {
    const upsample *s = r->node->settings;
    const int64_t *xs = r->x_shape[0], *ys = r->y_shape;
    for (int64_t i = 0; i < r->y_count; i++) {
        spot h = spot_of(s, xs[2], ys[2], i / ys[3] % ys[2]);
        spot w = spot_of(s, xs[3], ys[3], i % ys[3]);
        const double *x = r->x[0] + i / (ys[2] * ys[3]) * xs[2] * xs[3];
        double up = x[h.first * xs[3] + w.first] * (1 - w.part) +
                    x[h.first * xs[3] + w.second] * w.part;
        double down = x[h.second * xs[3] + w.first] * (1 - w.part) +
                      x[h.second * xs[3] + w.second] * w.part;
        r->y[i] = up * (1 - h.part) + down * h.part;
    }
}

static void forward(const mien_kernel_call *c) {
    const upsample *s = c->node->settings;
    const int64_t *xs = c->x_shape[0], *ys = c->y_shape;
#pragma omp parallel for num_threads(mien_kernel_threads(c, 8 * c->y_count))
    for (int64_t p = 0; p < ys[0] * ys[1]; p++) {
        const float *x = c->x[0] + p * xs[2] * xs[3];
        float *y = c->y + p * ys[2] * ys[3];
        for (int64_t i = 0; i < ys[2]; i++) {
            spot h = spot_of(s, xs[2], ys[2], i);
            const float *up = x + h.first * xs[3], *down = x + h.second * xs[3];
            float low = (float)h.part;
            for (int64_t k = 0; k < ys[3]; k++) {
                spot w = spot_of(s, xs[3], ys[3], k);
                float right = (float)w.part;
                float above = up[w.first] * (1 - right) + up[w.second] * right;
                float below = down[w.first] * (1 - right) + down[w.second] * right;
                y[i * ys[3] + k] = above * (1 - low) + below * low;
            }
        }
    }
}

static void backward(const mien_kernel_call *c) {
    const upsample *s = c->node->settings;
    const int64_t *xs = c->x_shape[0], *ys = c->y_shape;
    if (!c->dx[0]) {
        return;
    }
#pragma omp parallel for num_threads(mien_kernel_threads(c, 8 * c->y_count))
    for (int64_t p = 0; p < ys[0] * ys[1]; p++) {
        float *dx = c->dx[0] + p * xs[2] * xs[3];
        const float *dy = c->dy + p * ys[2] * ys[3];
        memset(dx, 0, (size_t)(xs[2] * xs[3]) * sizeof *dx);
        for (int64_t i = 0; i < ys[2]; i++) {
            spot h = spot_of(s, xs[2], ys[2], i);
            float *up = dx + h.first * xs[3], *down = dx + h.second * xs[3];
            for (int64_t k = 0; k < ys[3]; k++) {
                spot w = spot_of(s, xs[3], ys[3], k);
                float right = (float)w.part, low = (float)h.part;
                float g = dy[i * ys[3] + k];
                up[w.first] += g * (1 - low) * (1 - right);
                up[w.second] += g * (1 - low) * right;
                down[w.first] += g * low * (1 - right);
                down[w.second] += g * low * right;
            }
        }
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

/* ---- the nearest point, channels last: no reorders between convolutions -------------
 */

typedef struct nearest {
    int64_t pictures, channels, from[2], to[2];
} nearest;

static void run_nearest(const mien_step *step) {
    const nearest *s = step->settings;
    const float *x = mien_step_data(step, DNNL_ARG_SRC);
    float *y = mien_step_data(step, DNNL_ARG_DST);
    size_t pixel = (size_t)s->channels * sizeof *y;
    for (int64_t r = 0; r < s->pictures * s->to[0]; r++) {
        int64_t row = r / s->to[0] * s->from[0] + r % s->to[0] * s->from[0] / s->to[0];
        for (int64_t k = 0; k < s->to[1]; k++) {
            int64_t at = row * s->from[1] + k * s->from[1] / s->to[1];
            memcpy(y + (r * s->to[1] + k) * s->channels, x + at * s->channels, pixel);
        }
    }
}

static mien_status prepare_nearest(
    mien_builder *b, const mien_group *group, mien_value_ref from) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    dnnl_memory_desc_t md = NULL;
    mien_value_ref to;
    mien_step *step = NULL;
    nearest *s = mien_arena_alloc(b->program->arena, 1, sizeof *s);
    mien_builder_shape(b, n->inputs[0], x);
    mien_builder_shape(b, group->main, y);
    mien_status status = s ? mien_md_channels_last(&md, y) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        *s = (nearest){x[0], x[1], {x[2], x[3]}, {y[2], y[3]}};
        status = mien_builder_target(b, group, 0, false, md, &to);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        step->run = run_nearest;
        step->settings = s;
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    dnnl_memory_desc_destroy(md);
    return status == MIEN_OK ? mien_builder_finish(b, group, 0, to) : status;
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from = mien_builder_value(b, n->inputs[0]);
    if (!((const upsample *)n->settings)->bilinear && b->plan->mode == MIEN_INFER &&
        mien_md_is_channels_last(from.md)) {
        return prepare_nearest(b, group, from);
    }
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_upsample2d = {
    .name = "upsample2d",
    .summary = "Pictures at another size",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(upsample),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_upsample2d(mien_graph *graph, const char *name, mien_node x,
    int height, int width, mien_upsample_mode mode, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[96];
    snprintf(text, sizeof text, "size=%d,%d mode=%s align-corners=%s", height, width,
        modes[mode != MIEN_UPSAMPLE_NEAREST],
        no_yes[mode == MIEN_UPSAMPLE_BILINEAR_ALIGNED]);
    return mien_graph_add(graph, "upsample2d", name, &x, 1, text, y);
}
