/* SPDX-License-Identifier: MIT */
/* Shared by sum, mean and max over dimensions. */
#include "nn/ops/reduce.h"

#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "nn/kernel.h"

static const char *const no_yes[] = {"no", "yes", NULL};
const mien_option mien_reduce_options[] = {
    {.name = "dims",
        .type = MIEN_OPTION_TEXT,
        .initial = "-1",
        .help = "dimensions divided by commas; below 0: from the end"},
    {.name = "keep",
        .type = MIEN_OPTION_CHOICE,
        .initial = "no",
        .choices = no_yes,
        .help = "leaves them as dimensions of 1"},
    {0},
};

mien_status mien_reduce_parse(const mien_options *given, void *settings) {
    mien_reduce_settings *s = settings;
    const char *text = mien_options_text(given, "dims");
    s->count = mien_op_ints(text, MIEN_RANK_MAX, s->dims);
    s->keep = !strcmp(mien_options_text(given, "keep"), "yes");
    return s->count > 0 ? MIEN_OK
                        : mien_fail(MIEN_EINVAL,
                              "dims: \"%s\" is not 1 to %d whole numbers divided by "
                              "commas",
                              text, MIEN_RANK_MAX);
}

mien_status mien_reduce_shape(mien_op_node *node, const mien_op_node *const *inputs) {
    mien_reduce_settings *s = node->settings;
    const mien_op_node *x = inputs[0];
    for (int i = 0; i < s->count; i++) {
        int dim = s->dims[i] < 0 ? s->dims[i] + x->rank : s->dims[i];
        if (dim < 0 || dim >= x->rank || x->shape[dim] < 0 || s->over[dim]) {
            return mien_fail(MIEN_ESHAPE,
                "%d is no dimension to reduce, or twice there", s->dims[i]);
        }
        s->over[dim] = true;
    }
    for (int i = 0; i < x->rank; i++) {
        if (!s->over[i] || s->keep) {
            node->shape[node->rank++] = s->over[i] ? 1 : x->shape[i];
        }
    }
    if (node->rank == 0) {
        node->shape[node->rank++] = 1;
    }
    return MIEN_OK;
}

/* How far a step along each dimension of x moves in y: 0 where it is reduced. */
static void strides_of(
    const mien_reduce_settings *s, int rank, const int64_t *x, int64_t *strides) {
    int64_t stride = 1;
    for (int i = rank - 1; i >= 0; i--) {
        strides[i] = s->over[i] ? 0 : stride;
        stride *= s->over[i] ? 1 : x[i];
    }
}

static int rank_of(const mien_reduce_settings *s, const mien_op_node *node) {
    int kept = 0;
    for (int i = 0; i < MIEN_RANK_MAX; i++) {
        kept += s->over[i];
    }
    return s->keep ? node->rank : node->rank + kept;
}

/* Place in y of value i of x. */
static int64_t place_of(int rank, const int64_t *x, const int64_t *strides, int64_t i) {
    int64_t at = 0;
    for (int d = rank - 1; d >= 0; d--) {
        at += i % x[d] * strides[d];
        i /= x[d];
    }
    return at;
}

void mien_reduce_reference(const mien_reference *r) {
    const mien_reduce_settings *s = r->node->settings;
    int64_t strides[MIEN_RANK_MAX], count = 1;
    int rank = rank_of(s, r->node);
    for (int i = 0; i < rank; i++) {
        count *= r->x_shape[0][i];
    }
    strides_of(s, rank, r->x_shape[0], strides);
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = s->kind == MIEN_REDUCE_MAX ? -1e300 : 0;
    }
    for (int64_t i = 0; i < count; i++) {
        double *y = &r->y[place_of(rank, r->x_shape[0], strides, i)];
        double x = r->x[0][i];
        *y = s->kind != MIEN_REDUCE_MAX ? *y + x : x > *y ? x : *y;
    }
    for (int64_t i = 0; s->kind == MIEN_REDUCE_MEAN && i < r->y_count; i++) {
        r->y[i] *= (double)r->y_count / (double)count;
    }
}

/* ---- plan: dimensions that go the same way are one, so that at most a few are left
 * ------- */

typedef struct walk {
    int rank;
    int64_t shape[MIEN_RANK_MAX], strides[MIEN_RANK_MAX];
    int64_t inner; /* of x, each `inner_stride` apart in y (0 or 1) */
    int64_t inner_stride;
} walk;

static walk walk_of(const mien_kernel_call *c) {
    const mien_reduce_settings *s = c->node->settings;
    int64_t strides[MIEN_RANK_MAX];
    int rank = rank_of(s, c->node), last = rank - 1;
    walk w = {.inner = 1};
    strides_of(s, rank, c->x_shape[0], strides);
    w.inner_stride = s->over[last] ? 0 : 1;
    while (last >= 0 && s->over[last] == s->over[rank - 1]) {
        w.inner *= c->x_shape[0][last--];
    }
    for (w.rank = 0; w.rank <= last; w.rank++) {
        w.shape[w.rank] = c->x_shape[0][w.rank];
        w.strides[w.rank] = strides[w.rank];
    }
    return w;
}

/* Sums, in doubles for runs; of whole rows in the precision of y. */
static void forward_sum(const mien_kernel_call *c, const walk *w, float scale) {
    memset(c->y, 0, (size_t)c->y_count * sizeof *c->y);
    for (int64_t i = 0; i < c->x_count[0] / w->inner; i++) {
        float *y = c->y + place_of(w->rank, w->shape, w->strides, i);
        const float *x = c->x[0] + i * w->inner;
        if (w->inner_stride) {
            for (int64_t k = 0; k < w->inner; k++) {
                y[k] += x[k];
            }
            continue;
        }
        double sum = 0;
        for (int64_t k = 0; k < w->inner; k++) {
            sum += (double)x[k];
        }
        *y += (float)sum;
    }
    for (int64_t i = 0; scale != 1 && i < c->y_count; i++) {
        c->y[i] *= scale;
    }
}

static void forward_max(const mien_kernel_call *c, const walk *w) {
    for (int64_t i = 0; i < c->y_count; i++) {
        c->y[i] = -3e38f;
    }
    for (int64_t i = 0; i < c->x_count[0] / w->inner; i++) {
        float *y = c->y + place_of(w->rank, w->shape, w->strides, i);
        const float *x = c->x[0] + i * w->inner;
        for (int64_t k = 0; k < w->inner; k++) {
            float *to = &y[k * w->inner_stride];
            *to = x[k] > *to || x[k] != x[k] ? x[k] : *to; /* keeps a NaN */
        }
    }
}

static float scale_of(const mien_kernel_call *c) {
    const mien_reduce_settings *s = c->node->settings;
    return s->kind == MIEN_REDUCE_MEAN
               ? (float)((double)c->y_count / (double)c->x_count[0])
               : 1;
}

static void forward(const mien_kernel_call *c) {
    const mien_reduce_settings *s = c->node->settings;
    walk w = walk_of(c);
    if (s->kind == MIEN_REDUCE_MAX) {
        forward_max(c, &w);
    } else {
        forward_sum(c, &w, scale_of(c));
    }
}

/* Largest values that are equal share the gradient, as PyTorch's amax has it. */
static int64_t scratch(const mien_kernel_call *c, bool back, bool trains) {
    const mien_reduce_settings *s = c->node->settings;
    (void)trains;
    return back && s->kind == MIEN_REDUCE_MAX ? c->y_count : 0;
}

static void backward_max(const mien_kernel_call *c, const walk *w) {
    memset(c->scratch, 0, (size_t)c->y_count * sizeof *c->scratch);
    for (int back = 0; back < 2; back++) {
        for (int64_t i = 0; i < c->x_count[0] / w->inner; i++) {
            int64_t at = place_of(w->rank, w->shape, w->strides, i);
            const float *x = c->x[0] + i * w->inner;
            float *dx = c->dx[0] + i * w->inner;
            for (int64_t k = 0; k < w->inner; k++) {
                int64_t to = at + k * w->inner_stride;
                bool most = x[k] == c->y[to];
                if (back) {
                    dx[k] = most ? c->dy[to] / c->scratch[to] : 0;
                } else {
                    c->scratch[to] += (float)most;
                }
            }
        }
    }
}

static void backward(const mien_kernel_call *c) {
    const mien_reduce_settings *s = c->node->settings;
    walk w = walk_of(c);
    if (!c->dx[0]) {
        return;
    }
    if (s->kind == MIEN_REDUCE_MAX) {
        backward_max(c, &w);
        return;
    }
    float scale = scale_of(c);
    for (int64_t i = 0; i < c->x_count[0] / w.inner; i++) {
        const float *dy = c->dy + place_of(w.rank, w.shape, w.strides, i);
        float *dx = c->dx[0] + i * w.inner;
        for (int64_t k = 0; k < w.inner; k++) {
            dx[k] = scale * dy[k * w.inner_stride];
        }
    }
}

static const mien_kernel kernel = {
    .forward = forward, .backward = backward, .scratch = scratch};

mien_status mien_reduce_prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

mien_status mien_reduce_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

mien_status mien_reduce(mien_graph *graph, const char *name, mien_node x,
    mien_reduction reduction, const int *dims, int count, bool keep, mien_node *y) {
    MIEN_NEED(graph, name, dims || count < 1, y);
    static const char *const names[] = {"sum", "mean", "max"};
    char text[160] = "dims=";
    size_t used = strlen(text);
    if ((unsigned)reduction >= sizeof names / sizeof *names || count < 1 ||
        count > MIEN_RANK_MAX) {
        return mien_fail(MIEN_EINVAL, "%s: reduction %d over %d dimensions",
            name ? name : "", (int)reduction, count);
    }
    for (int i = 0; i < count; i++) {
        used += (size_t)snprintf(
            text + used, sizeof text - used, "%s%d", i ? "," : "", dims[i]);
    }
    snprintf(text + used, sizeof text - used, " keep=%s", no_yes[keep]);
    return mien_graph_add(graph, names[reduction], name, &x, 1, text, y);
}
