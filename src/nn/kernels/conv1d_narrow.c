/* SPDX-License-Identifier: MIT */
/* Training of one-dimensional convolutions with few channels: a product for each point
 * of the kernel. x [N, I, L], y [N, O, T]. */
#include "nn/kernels/conv1d_narrow.h"

#include <string.h>

#include "nn/ops/conv_nd.h"
#include "nn/ops/gradient.h"
#include "nn/kernels/narrow.h"

#define CHANNELS 128 /* beyond, the library's convolutions are as good */

typedef mien_conv_nd_settings conv;

bool mien_conv1d_narrow(const mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const conv *s = n->settings;
    return s->dims == 1 && s->stride[0] == 1 && s->groups == 1 && s->out <= CHANNELS &&
           mien_builder_node(b, n->inputs[0])->shape[1] <= CHANNELS &&
           mien_builder_learns(b, group->last);
}

typedef struct sizes {
    int64_t items, in, length, out, times, points; /* N, I, L, O, T, kernel */
} sizes;

static sizes sizes_of(const mien_kernel_call *c) {
    const conv *s = c->node->settings;
    const int64_t *x = c->x_shape[0], *y = c->y_shape;
    return (sizes){x[0], x[1], x[2], y[1], y[2], s->kernel[0]};
}

/* Places [from, to) of y that see a place of x through a point of the kernel, and where
 * the first of them sees it. */
typedef struct span {
    int64_t from, to, at;
} span;

static span span_of(const mien_kernel_call *c, const sizes *z, int64_t point) {
    const conv *s = c->node->settings;
    int64_t shift = point * s->dilation[0] - s->before[0];
    int64_t from = shift < 0 ? -shift : 0, to = z->length - shift;
    to = to < z->times ? to : z->times;
    return (span){from, to, from + shift};
}

/* The scratch of a call: the part that threads share, and a part for each. */
typedef struct desk {
    float *weights; /* turned to [points, O, I], going back to [points, I, O] */
    float *ones;    /* [T] */
    float *own; /* of each thread: x turned to [L, I], gradients [points, O, I], [O] */
    int64_t own_count;
} desk;

static desk desk_of(const mien_kernel_call *c, const sizes *z) {
    int64_t weights = z->points * z->out * z->in;
    float *at = c->scratch;
    return (desk){.weights = at,
        .ones = at + weights,
        .own = at + weights + z->times,
        .own_count = z->length * z->in + weights + z->out};
}

static int parts_of(const mien_kernel_call *c, const sizes *z) {
    int threads =
        mien_kernel_threads(c, z->items * z->points * z->out * z->in * z->times / 16);
    return z->items < threads ? (int)z->items : threads;
}

static int64_t scratch(const mien_kernel_call *c, bool back, bool trains) {
    sizes z = sizes_of(c);
    desk k = desk_of(&(mien_kernel_call){0}, &z);
    int64_t weights = z.points * z.out * z.in;
    (void)trains;
    return back ? weights + z.times + parts_of(c, &z) * k.own_count : weights;
}

static void turn_weights(
    const mien_kernel_call *c, const sizes *z, bool back, float *to) {
    int64_t o_step = back ? 1 : z->in, i_step = back ? z->out : 1;
    for (int64_t o = 0; o < z->out; o++) {
        for (int64_t i = 0; i < z->in; i++) {
            for (int64_t k = 0; k < z->points; k++) {
                to[k * z->out * z->in + o * o_step + i * i_step] =
                    c->parameters[0][(o * z->in + i) * z->points + k];
            }
        }
    }
}

typedef struct work {
    const mien_kernel_call *call;
    sizes z;
    desk desk;
    int parts;
} work;

/* ---- forward --------------------------------------------------------------------- */

static void forward_items(const void *context, int64_t first, int64_t last) {
    const work *w = context;
    const mien_kernel_call *c = w->call;
    const sizes *z = &w->z;
    for (int64_t n = first; n < last; n++) {
        const float *x = c->x[0] + n * z->in * z->length;
        float *y = c->y + n * z->out * z->times;
        for (int64_t o = 0; o < z->out; o++) {
            float bias = c->parameters[1] ? c->parameters[1][o] : 0;
            for (int64_t t = 0; t < z->times; t++) {
                y[o * z->times + t] = bias;
            }
        }
        for (int64_t k = 0; k < z->points; k++) {
            span s = span_of(c, z, k);
            mien_narrow_product p = {.m = z->out,
                .n = s.to - s.from,
                .k = z->in,
                .a = w->desk.weights + k * z->out * z->in,
                .a_row = z->in,
                .a_term = 1,
                .b = x + s.at,
                .b_row = z->length,
                .c = y + s.from,
                .c_row = z->times,
                .adds = true};
            mien_narrow_best()->product(&p);
        }
    }
}

static void forward(const mien_kernel_call *c) {
    work w = {.call = c, .z = sizes_of(c)};
    w.desk = desk_of(c, &w.z);
    turn_weights(c, &w.z, false, w.desk.weights);
    mien_in_parts(parts_of(c, &w.z), w.z.items, forward_items, &w);
}

/* ---- gradients ------------------------------------------------------------------- */

static void input_back(const work *w, const float *dy, float *dx) {
    const sizes *z = &w->z;
    memset(dx, 0, (size_t)(z->in * z->length) * sizeof *dx);
    for (int64_t k = 0; k < z->points; k++) {
        span s = span_of(w->call, z, k);
        mien_narrow_product p = {.m = z->in,
            .n = s.to - s.from,
            .k = z->out,
            .a = w->desk.weights + k * z->out * z->in,
            .a_row = z->out,
            .a_term = 1,
            .b = dy + s.from,
            .b_row = z->times,
            .c = dx + s.at,
            .c_row = z->length,
            .adds = true};
        mien_narrow_best()->product(&p);
    }
}

/* Adds one item's part to a thread's gradients of weights, [points, O, I]. */
static void weights_back(
    const work *w, const float *x, const float *dy, float *turned, float *sums) {
    const sizes *z = &w->z;
    mien_narrow_best()->turn(x, z->in, z->length, turned);
    for (int64_t k = 0; k < z->points; k++) {
        span s = span_of(w->call, z, k);
        mien_narrow_product p = {.m = z->out,
            .n = z->in,
            .k = s.to - s.from,
            .a = dy + s.from,
            .a_row = z->times,
            .a_term = 1,
            .b = turned + s.at * z->in,
            .b_row = z->in,
            .c = sums + k * z->out * z->in,
            .c_row = z->in,
            .adds = true};
        mien_narrow_best()->product(&p);
    }
}

static void bias_back(const work *w, const float *dy, float *sums) {
    const sizes *z = &w->z;
    const mien_narrow_product p = {.m = z->out,
        .n = 1,
        .k = z->times,
        .a = dy,
        .a_row = z->times,
        .a_term = 1,
        .b = w->desk.ones,
        .b_row = z->times,
        .c = sums,
        .c_row = 1,
        .adds = true};
    mien_narrow_best()->dots(&p);
}

static void backward_part(const void *context, int64_t part, int64_t end) {
    const work *w = context;
    const mien_kernel_call *c = w->call;
    const sizes *z = &w->z;
    for (; part < end; part++) {
        float *turned = w->desk.own + part * w->desk.own_count;
        float *sums = turned + z->length * z->in;
        float *biases = sums + z->points * z->out * z->in;
        memset(sums, 0, (size_t)(z->points * z->out * z->in + z->out) * sizeof *sums);
        for (int64_t n = z->items * part / w->parts;
             n < z->items * (part + 1) / w->parts; n++) {
            const float *dy = c->dy + n * z->out * z->times;
            if (c->dx[0]) {
                input_back(w, dy, c->dx[0] + n * z->in * z->length);
            }
            if (c->gradients[0]) {
                weights_back(w, c->x[0] + n * z->in * z->length, dy, turned, sums);
            }
            if (c->gradients[1]) {
                bias_back(w, dy, biases);
            }
        }
    }
}

/* Adds the threads' gradients up, in their order. */
static void gather(const work *w) {
    const mien_kernel_call *c = w->call;
    const sizes *z = &w->z;
    for (int64_t o = 0; c->gradients[1] && o < z->out; o++) {
        const float *from = w->desk.own + w->desk.own_count - z->out + o;
        float sum = 0;
        for (int part = 0; part < w->parts; part++) {
            sum += from[part * w->desk.own_count];
        }
        c->gradients[1][o] = sum;
    }
    for (int64_t at = 0; c->gradients[0] && at < z->out * z->in; at++) {
        for (int64_t k = 0; k < z->points; k++) {
            const float *from =
                w->desk.own + z->length * z->in + k * z->out * z->in + at;
            float sum = 0;
            for (int part = 0; part < w->parts; part++) {
                sum += from[part * w->desk.own_count];
            }
            c->gradients[0][at * z->points + k] = sum;
        }
    }
}

static void backward(const mien_kernel_call *c) {
    work w = {.call = c, .z = sizes_of(c)};
    w.desk = desk_of(c, &w.z);
    w.parts = parts_of(c, &w.z);
    turn_weights(c, &w.z, true, w.desk.weights);
    for (int64_t t = 0; t < w.z.times; t++) {
        w.desk.ones[t] = 1;
    }
    mien_in_parts(w.parts, w.parts, backward_part, &w);
    gather(&w);
}

const mien_kernel mien_conv1d_narrow_kernel = {
    .forward = forward, .backward = backward, .scratch = scratch};
