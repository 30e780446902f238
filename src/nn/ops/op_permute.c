/* SPDX-License-Identifier: MIT */
/* Dimensions in another order; the batch stays first. */
#include <stdio.h>
#include <string.h>

#include "nn/ops/gradient.h"
#include "nn/kernel.h"
#include "base/need.h"

typedef struct permute {
    int rank, order[MIEN_RANK_MAX];
} permute;

static const mien_option options[] = {
    {.name = "order",
        .type = MIEN_OPTION_TEXT,
        .help = "for each dimension of the result, which of x it is: 0,2,1"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    permute *s = settings;
    const char *text = mien_options_text(given, "order");
    unsigned seen = 0;
    s->rank = text ? mien_op_ints(text, MIEN_RANK_MAX, s->order) : -1;
    bool good = s->rank > 0 && s->order[0] == 0;
    for (int i = 0; good && i < s->rank; i++) {
        good = s->order[i] >= 0 && s->order[i] < s->rank && !(seen >> s->order[i] & 1);
        seen |= good ? 1u << s->order[i] : 0;
    }
    return good ? MIEN_OK
                : mien_fail(MIEN_EINVAL,
                      "order: \"%s\" is not 0 and then each other dimension once",
                      text ? text : "");
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const permute *s = node->settings;
    if (inputs[0]->rank != s->rank) {
        return mien_fail(
            MIEN_ESHAPE, "an order of %d dimensions for %d", s->rank, inputs[0]->rank);
    }
    node->rank = s->rank;
    for (int i = 0; i < s->rank; i++) {
        node->shape[i] = inputs[0]->shape[s->order[i]];
    }
    return MIEN_OK;
}

/* How far a step along each dimension of y moves in x. */
static void strides_of(const permute *s, const int64_t *x, int64_t *strides) {
    int64_t own[MIEN_RANK_MAX], stride = 1;
    for (int i = s->rank - 1; i >= 0; i--) {
        own[i] = stride;
        stride *= x[i];
    }
    for (int i = 0; i < s->rank; i++) {
        strides[i] = own[s->order[i]];
    }
}

static int64_t place_of(int rank, const int64_t *y, const int64_t *strides, int64_t i) {
    int64_t at = 0;
    for (int d = rank - 1; d >= 0; d--) {
        at += i % y[d] * strides[d];
        i /= y[d];
    }
    return at;
}

static void reference(const mien_reference *r) {
    const permute *s = r->node->settings;
    int64_t strides[MIEN_RANK_MAX];
    strides_of(s, r->x_shape[0], strides);
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = r->x[0][place_of(s->rank, r->y_shape, strides, i)];
    }
}

/* Along the last dimension of y, line by line; back: the same way round. */
static void forward(const mien_kernel_call *c) {
    const permute *s = c->node->settings;
    int64_t strides[MIEN_RANK_MAX], line = c->y_shape[s->rank - 1];
    strides_of(s, c->x_shape[0], strides);
    int64_t along = strides[s->rank - 1];
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->y_count))
    for (int64_t l = 0; l < c->y_count / line; l++) {
        const float *x = c->x[0] + place_of(s->rank - 1, c->y_shape, strides, l);
        for (int64_t i = 0; i < line; i++) {
            c->y[l * line + i] = x[i * along];
        }
    }
}

static void backward(const mien_kernel_call *c) {
    const permute *s = c->node->settings;
    int64_t strides[MIEN_RANK_MAX], line = c->y_shape[s->rank - 1];
    strides_of(s, c->x_shape[0], strides);
    int64_t along = strides[s->rank - 1];
    if (!c->dx[0]) {
        return;
    }
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->y_count))
    for (int64_t l = 0; l < c->y_count / line; l++) {
        float *dx = c->dx[0] + place_of(s->rank - 1, c->y_shape, strides, l);
        for (int64_t i = 0; i < line; i++) {
            dx[i * along] = c->dy[l * line + i];
        }
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

/* The memory of x read in y's order: a layout that the next operators take as it is
 * (row-major, or channels last), or NULL. Only where nobody writes over it later for
 * another reader, and nothing is learnt of it. */
static mien_status seen_from(
    mien_builder *b, const mien_group *group, dnnl_memory_desc_t *seen) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const permute *s = n->settings;
    mien_value_ref x = mien_builder_value(b, n->inputs[0]);
    int axes[MIEN_RANK_MAX];
    for (int i = 0; i < s->rank; i++) {
        axes[s->order[i]] = i;
    }
    *seen = NULL;
    if (!mien_builder_dies(b, n->inputs[0]) || mien_builder_learns(b, group->main)) {
        return MIEN_OK;
    }
    mien_status status = MIEN_DNNL(dnnl_memory_desc_permute_axes(seen, x.md, axes));
    if (status == MIEN_OK && !mien_md_is_plain(*seen) &&
        !mien_md_is_channels_last(*seen)) {
        dnnl_memory_desc_destroy(*seen);
        *seen = NULL;
    }
    return status;
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    mien_value_ref y =
        mien_builder_value(b, mien_builder_node(b, group->main)->inputs[0]);
    dnnl_memory_desc_t seen = NULL;
    mien_status status = seen_from(b, group, &seen);
    if (status != MIEN_OK || !seen) {
        return status == MIEN_OK ? mien_kernel_prepare(b, group, &kernel) : status;
    }
    status = mien_builder_md(b, seen, &y.md);
    dnnl_memory_desc_destroy(seen);
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, y);
    }
    return status;
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_permute = {
    .name = "permute",
    .summary = "Dimensions in another order",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(permute),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_permute(mien_graph *graph, const char *name, mien_node x,
    const int *order, int rank, mien_node *y) {
    MIEN_NEED(graph, name, order || rank < 1, y);
    char text[160] = "order=";
    size_t used = strlen(text);
    for (int i = 0; i < rank && used < sizeof text; i++) {
        used += (size_t)snprintf(
            text + used, sizeof text - used, "%s%d", i ? "," : "", order[i]);
    }
    return mien_graph_add(graph, "permute", name, &x, 1, text, y);
}
