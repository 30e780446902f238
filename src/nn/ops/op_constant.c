/* SPDX-License-Identifier: MIT */
/* A value of its own, the same for every batch: a table, a class token, a factor. It is
 * a parameter, NODE.value, trained or not. */
#include <string.h>

#include "nn/kernel.h"

typedef struct constant {
    int count, dims[MIEN_RANK_MAX];
    bool learns;
} constant;

static const mien_option options[] = {
    {.name = "shape",
        .type = MIEN_OPTION_TEXT,
        .initial = "1",
        .help = "dimensions divided by commas"},
    {.name = "learns",
        .type = MIEN_OPTION_FLAG,
        .initial = "no",
        .help = "it can be trained"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    constant *s = settings;
    const char *text = mien_options_text(given, "shape");
    s->learns = mien_options_flag(given, "learns");
    s->count = mien_op_ints(text, MIEN_RANK_MAX, s->dims);
    for (int i = 0; i < s->count; i++) {
        if (s->dims[i] < 1) {
            s->count = -1;
        }
    }
    return s->count > 0
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "shape: \"%s\" is not 1 to %d whole numbers above 0 divided by "
                     "commas",
                     text, MIEN_RANK_MAX);
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const constant *s = node->settings;
    (void)inputs;
    if (node->inputs_count > 0) {
        return mien_fail(MIEN_EINVAL, "%d inputs, it takes none", node->inputs_count);
    }
    node->rank = s->count;
    for (int i = 0; i < s->count; i++) {
        node->shape[i] = s->dims[i];
    }
    mien_op_node_own(
        node, "value", s->learns, MIEN_INITIAL_ZERO, 0, node->rank, node->shape);
    return MIEN_OK;
}

static void reference(const mien_reference *r) {
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = (double)r->parameters[0][i];
    }
}

static void forward(const mien_kernel_call *c) {
    memcpy(c->y, c->parameters[0], (size_t)c->y_count * sizeof *c->y);
}

static void backward(const mien_kernel_call *c) {
    if (c->gradients[0]) {
        memcpy(c->gradients[0], c->dy, (size_t)c->y_count * sizeof *c->dy);
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_constant = {
    .name = "constant",
    .summary = "A value of its own",
    .options = options,
    .inputs_min = 0,
    .inputs_max = 0,
    .settings_size = sizeof(constant),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
