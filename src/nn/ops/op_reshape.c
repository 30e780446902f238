/* SPDX-License-Identifier: MIT */
/* The same values under another shape; the batch stays. */
#include <stdio.h>
#include <string.h>

#include "nn/plan/plan.h"
#include "base/need.h"

typedef struct reshape {
    int count, dims[MIEN_RANK_MAX];
} reshape;

static const mien_option options[] = {
    {.name = "shape",
        .type = MIEN_OPTION_TEXT,
        .help =
            "dimensions after the first, divided by commas; one may be -1: the rest"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    reshape *s = settings;
    const char *text = mien_options_text(given, "shape");
    int free = 0;
    s->count = text ? mien_op_ints(text, MIEN_RANK_MAX - 1, s->dims) : -1;
    bool good = s->count > 0;
    for (int i = 0; i < s->count; i++) {
        free += s->dims[i] == -1;
        good &= s->dims[i] > 0 || s->dims[i] == -1;
    }
    return good && free <= 1
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "shape: \"%s\" is not 1 to %d whole numbers above 0 (one may be "
                     "-1) divided by commas",
                     text ? text : "", MIEN_RANK_MAX - 1);
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const reshape *s = node->settings;
    const mien_op_node *x = inputs[0];
    int64_t count = mien_shape_count(x->rank - 1, x->shape + 1), known = 1;
    for (int i = 0; i < s->count; i++) {
        known *= s->dims[i] > 0 ? s->dims[i] : 1;
        if (known > count) {
            break;
        }
    }
    node->rank = 1 + s->count;
    node->shape[0] = x->shape[0];
    int64_t product = 1;
    for (int i = 0; i < s->count && known <= count; i++) {
        node->shape[1 + i] = s->dims[i] > 0 ? s->dims[i] : count / known;
        product *= node->shape[1 + i];
    }
    return product == count && known <= count
               ? MIEN_OK
               : mien_fail(MIEN_ESHAPE, "%lld values an item do not fill that shape",
                     (long long)count);
}

const mien_op mien_op_reshape = {
    .name = "reshape",
    .summary = "The same values under another shape",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(reshape),
    .parse = parse,
    .shape = shape,
    .passes = mien_op_passes,
    .prepare = mien_builder_pass,
    .reference = mien_op_pass_reference,
};

mien_status mien_reshape(mien_graph *graph, const char *name, mien_node x,
    const int64_t *shape_rest, int count, mien_node *y) {
    MIEN_NEED(graph, name, shape_rest || count < 1, y);
    char text[256] = "shape=";
    size_t used = strlen(text);
    for (int i = 0; i < count && used < sizeof text; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld",
            i ? "," : "", (long long)shape_rest[i]);
    }
    return mien_graph_add(graph, "reshape", name, &x, 1, text, y);
}
