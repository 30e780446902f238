/* SPDX-License-Identifier: MIT */
/* Shared by slice and gather: places picked along one dimension. */
#include "nn/plan/select.h"

#include <string.h>

#include "nn/kernel.h"

mien_status mien_select_axis(mien_select_settings *s, const mien_op_node *x) {
    int axis = s->axis < 0 ? s->axis + x->rank : s->axis;
    if (axis < 0 || axis >= x->rank || x->shape[axis] < 0) {
        return mien_fail(MIEN_ESHAPE, "axis %d is no dimension to pick from", s->axis);
    }
    s->axis = axis;
    return MIEN_OK;
}

static int64_t place_of(const mien_select_settings *s, int64_t i) {
    return s->count ? s->places[i] : s->start + i * s->step;
}

/* Runs of `inner` values: `in` of them in x for `out` in y, `outer` times. */
typedef struct runs {
    int64_t outer, in, out, inner;
} runs;

static runs runs_of(int rank, int axis, const int64_t *x, const int64_t *y) {
    runs r = {1, x[axis], y[axis], 1};
    for (int i = 0; i < rank; i++) {
        r.outer *= i < axis ? x[i] : 1;
        r.inner *= i > axis ? x[i] : 1;
    }
    return r;
}

void mien_select_reference(const mien_reference *r) {
    const mien_select_settings *s = r->node->settings;
    runs n = runs_of(r->node->rank, s->axis, r->x_shape[0], r->y_shape);
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t place = place_of(s, i / n.inner % n.out);
        int64_t outer = i / n.inner / n.out;
        r->y[i] = r->x[0][(outer * n.in + place) * n.inner + i % n.inner];
    }
}

static void forward(const mien_kernel_call *c) {
    const mien_select_settings *s = c->node->settings;
    runs n = runs_of(c->node->rank, s->axis, c->x_shape[0], c->y_shape);
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->y_count / 2))
    for (int64_t o = 0; o < n.outer; o++) {
        const float *x = c->x[0] + o * n.in * n.inner;
        float *y = c->y + o * n.out * n.inner;
        for (int64_t i = 0; i < n.out; i++) {
            memcpy(y + i * n.inner, x + place_of(s, i) * n.inner,
                (size_t)n.inner * sizeof *y);
        }
    }
}

static void backward(const mien_kernel_call *c) {
    const mien_select_settings *s = c->node->settings;
    runs n = runs_of(c->node->rank, s->axis, c->x_shape[0], c->y_shape);
    if (!c->dx[0]) {
        return;
    }
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->x_count[0] / 2))
    for (int64_t o = 0; o < n.outer; o++) {
        const float *dy = c->dy + o * n.out * n.inner;
        float *dx = c->dx[0] + o * n.in * n.inner;
        memset(dx, 0, (size_t)(n.in * n.inner) * sizeof *dx);
        for (int64_t i = 0; i < n.out; i++) {
            float *to = dx + place_of(s, i) * n.inner;
            for (int64_t k = 0; k < n.inner; k++) {
                to[k] += dy[i * n.inner + k];
            }
        }
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

mien_status mien_select_prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

mien_status mien_select_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}
