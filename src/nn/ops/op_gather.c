/* SPDX-License-Identifier: MIT */
/* Listed places along a dimension, in any order, each as often as it is listed. */
#include <stdio.h>

#include "nn/plan/select.h"
#include "base/need.h"

static const mien_option options[] = {
    {.name = "axis",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = -MIEN_RANK_MAX,
        .maximum = MIEN_RANK_MAX - 1,
        .help = "dimension; below 0: from the end"},
    {.name = "places",
        .type = MIEN_OPTION_TEXT,
        .help = "places divided by commas; below 0: from the end"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    mien_select_settings *s = settings;
    const char *text = mien_options_text(given, "places");
    s->axis = (int)mien_options_int(given, "axis");
    s->count = text ? mien_op_ints(text, MIEN_SELECT_MAX, s->places) : -1;
    return s->count > 0 ? MIEN_OK
                        : mien_fail(MIEN_EINVAL,
                              "places: \"%s\" is not 1 to %d whole numbers divided by "
                              "commas",
                              text ? text : "", MIEN_SELECT_MAX);
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    mien_select_settings *s = node->settings;
    mien_status status = mien_select_axis(s, inputs[0]);
    if (status != MIEN_OK) {
        return status;
    }
    int64_t n = inputs[0]->shape[s->axis];
    for (int i = 0; i < s->count; i++) {
        if (s->places[i] < -n || s->places[i] >= n) {
            return mien_fail(MIEN_ESHAPE, "place %d is outside a dimension of %lld",
                s->places[i], (long long)n);
        }
        s->places[i] += s->places[i] < 0 ? (int)n : 0;
    }
    mien_op_same_shape(node, inputs);
    node->shape[s->axis] = s->count;
    return MIEN_OK;
}

const mien_op mien_op_gather = {
    .name = "gather",
    .summary = "Listed places along a dimension",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(mien_select_settings),
    .parse = parse,
    .shape = shape,
    .prepare = mien_select_prepare,
    .backward = mien_select_backward,
    .reference = mien_select_reference,
};

mien_status mien_gather(mien_graph *graph, const char *name, mien_node x, int axis,
    const int *places, int count, mien_node *y) {
    MIEN_NEED(graph, name, places || count < 1, y);
    size_t size = 64 + 12 * (size_t)(count > 0 ? count : 0);
    char *text = mien_alloc(size, 1);
    if (!text) {
        return MIEN_ENOMEM;
    }
    size_t used = (size_t)snprintf(text, size, "axis=%d places=", axis);
    for (int i = 0; i < count; i++) {
        used +=
            (size_t)snprintf(text + used, size - used, "%s%d", i ? "," : "", places[i]);
    }
    mien_status status = mien_graph_add(graph, "gather", name, &x, 1, text, y);
    mien_free(text);
    return status;
}
