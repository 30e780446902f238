/* SPDX-License-Identifier: MIT */
/* A range of places along a dimension. */
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
    {.name = "start",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .help = "first place; below 0: from the end"},
    {.name = "stop",
        .type = MIEN_OPTION_INT,
        .help = "place after the last; below 0: from the end; default: the end"},
    {.name = "step",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = 1 << 30,
        .help = "distance of places"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    mien_select_settings *s = settings;
    s->axis = (int)mien_options_int(given, "axis");
    s->start = mien_options_int(given, "start");
    s->stop =
        mien_options_given(given, "stop") ? mien_options_int(given, "stop") : INT64_MAX;
    s->step = mien_options_int(given, "step");
    return MIEN_OK;
}

/* A place of n, counted from the front. */
static int64_t from_front(int64_t place, int64_t n) {
    int64_t at = place < 0 ? place + n : place;
    return at < 0 ? 0 : at > n ? n : at;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    mien_select_settings *s = node->settings;
    mien_status status = mien_select_axis(s, inputs[0]);
    if (status != MIEN_OK) {
        return status;
    }
    int64_t n = inputs[0]->shape[s->axis];
    s->start = from_front(s->start, n);
    s->stop = from_front(s->stop, n);
    if (s->start >= s->stop) {
        return mien_fail(MIEN_ESHAPE, "nothing from %lld to %lld of %lld",
            (long long)s->start, (long long)s->stop, (long long)n);
    }
    mien_op_same_shape(node, inputs);
    node->shape[s->axis] = (s->stop - s->start - 1) / s->step + 1;
    return MIEN_OK;
}

const mien_op mien_op_slice = {
    .name = "slice",
    .summary = "A range of places along a dimension",
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

mien_status mien_slice(mien_graph *graph, const char *name, mien_node x, int axis,
    int64_t start, int64_t stop, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[96];
    int used =
        snprintf(text, sizeof text, "axis=%d start=%lld", axis, (long long)start);
    if (stop != INT64_MAX) {
        snprintf(
            text + used, sizeof text - (size_t)used, " stop=%lld", (long long)stop);
    }
    return mien_graph_add(graph, "slice", name, &x, 1, text, y);
}
