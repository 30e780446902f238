/* SPDX-License-Identifier: MIT */
/* Three-dimensional convolution of [N, C, D, H, W]. */
#include <stdio.h>

#include "nn/ops/conv_nd.h"
#include "base/need.h"

static mien_status parse(const mien_options *given, void *settings) {
    return mien_conv_nd_parse(given, 3, settings);
}

const mien_op mien_op_conv3d = {
    .name = "conv3d",
    .summary = "Three-dimensional convolution",
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

mien_status mien_conv3d(mien_graph *graph, const char *name, mien_node x,
    int64_t out_channels, const int kernel[3], const int stride[3],
    const int padding[3], mien_node *y) {
    MIEN_NEED(graph, name, kernel, stride, padding, y);
    char text[192];
    snprintf(text, sizeof text,
        "out=%lld kernel=%d,%d,%d stride=%d,%d,%d padding=%d,%d,%d",
        (long long)out_channels, kernel[0], kernel[1], kernel[2], stride[0], stride[1],
        stride[2], padding[0], padding[1], padding[2]);
    return mien_graph_add(graph, "conv3d", name, &x, 1, text, y);
}
