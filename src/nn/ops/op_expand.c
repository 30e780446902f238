/* SPDX-License-Identifier: MIT */
/* A value repeated along dimensions where it has 1, or that it lacks: of a constant,
 * which has no batch, every item of the batch gets one. */
#include <string.h>

#include "nn/ops/broadcast.h"

typedef struct expand {
    int count, dims[MIEN_RANK_MAX];
} expand;

static const mien_option options[] = {
    {.name = "shape",
        .type = MIEN_OPTION_TEXT,
        .initial = "1",
        .help = "dimensions after the batch, divided by commas"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    expand *s = settings;
    const char *text = mien_options_text(given, "shape");
    s->count = mien_op_ints(text, MIEN_RANK_MAX - 1, s->dims);
    for (int i = 0; i < s->count; i++) {
        s->count = s->dims[i] > 0 ? s->count : -1;
    }
    return s->count > 0
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "shape: \"%s\" is not 1 to %d whole numbers above 0 divided by "
                     "commas",
                     text, MIEN_RANK_MAX - 1);
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const expand *s = node->settings;
    const mien_op_node *x = inputs[0];
    bool batch = x->shape[0] < 0;
    int behind = x->rank - batch;
    node->rank = 1 + s->count;
    node->shape[0] = batch ? x->shape[0] : MIEN_BATCH;
    bool good = batch ? behind == s->count : behind <= s->count;
    for (int d = 0; d < s->count; d++) {
        node->shape[1 + d] = s->dims[d];
        int from = x->rank - s->count + d;
        int64_t own = good && from >= (int)batch ? x->shape[from] : 1;
        good = good && (own == 1 || own == s->dims[d]);
    }
    return good ? MIEN_OK
                : mien_fail(MIEN_ESHAPE,
                      "dimensions are compared from the last; they must be equal, or 1 "
                      "where the value is repeated");
}

static void reference(const mien_reference *r) {
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = r->x[0][mien_broadcast_index(r, 0, i)];
    }
}

static void forward(const mien_kernel_call *c) {
    mien_broadcast b = mien_broadcast_here(c);
    int last = b.rank - 1;
    int64_t n = b.size[last], step = b.stride[0][last];
    for (int64_t r = 0; r < b.runs; r++) {
        int64_t at;
        mien_broadcast_at(&b, 1, r, &at);
        for (int64_t i = 0; i < n; i++) {
            c->y[r * n + i] = c->x[0][at + i * step];
        }
    }
}

static void backward(const mien_kernel_call *c) {
    mien_broadcast b = mien_broadcast_here(c);
    int last = b.rank - 1;
    int64_t n = b.size[last], step = b.stride[0][last];
    if (!c->dx[0]) {
        return;
    }
    memset(c->dx[0], 0, (size_t)c->x_count[0] * sizeof *c->dx[0]);
    for (int64_t r = 0; r < b.runs; r++) {
        int64_t at;
        mien_broadcast_at(&b, 1, r, &at);
        for (int64_t i = 0; i < n; i++) {
            c->dx[0][at + i * step] += c->dy[r * n + i];
        }
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_expand = {
    .name = "expand",
    .summary = "A value repeated along dimensions where it has 1",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(expand),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
