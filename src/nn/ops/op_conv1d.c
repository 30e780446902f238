/* SPDX-License-Identifier: MIT */
/* One-dimensional convolution of [N, C, L]. */
#include <stdio.h>

#include "nn/ops/conv_nd.h"
#include "base/need.h"

static mien_status parse(const mien_options *given, void *settings) {
    return mien_conv_nd_parse(given, 1, settings);
}

const mien_op mien_op_conv1d = {
    .name = "conv1d",
    .summary = "One-dimensional convolution",
    .options = mien_conv_nd_options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_FOLDS | MIEN_PART_ACTIVATES | MIEN_PART_SUMS | MIEN_PART_NEEDS_X,
    .settings_size = sizeof(mien_conv_nd_settings),
    .parse = parse,
    .shape = mien_conv_nd_shape,
    .flops = mien_conv_nd_flops,
    .prepare = mien_conv_nd_prepare,
    .backward = mien_conv_nd_backward,
    .reference = mien_conv_nd_reference,
};

mien_status mien_conv1d(mien_graph *graph, const char *name, mien_node x,
    int64_t out_channels, int kernel, int stride, int padding, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[128];
    snprintf(text, sizeof text, "out=%lld kernel=%d stride=%d padding=%d",
        (long long)out_channels, kernel, stride, padding);
    return mien_graph_add(graph, "conv1d", name, &x, 1, text, y);
}
