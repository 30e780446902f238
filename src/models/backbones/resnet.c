/* SPDX-License-Identifier: MIT */
/* Shared by the ResNets (He et al. 2016; stride on the 3×3 convolution, as
 * torchvision). */
#include "models/backbones/resnet.h"

#include <stdio.h>

#include "models/builder.h"

#define STAGES 4

typedef struct block {
    char path[32]; /* "layer2.0" */
    int64_t in, width, out;
    int stride;
    bool bottleneck;
} block;

static mien_node conv_norm(mien_builder *b, mien_node x, const block *k, int number,
    int64_t out, int kernel, int stride) {
    mien_conv2d_options options =
        mien_conv2d_options_of(out, kernel, stride, kernel / 2);
    options.bias = false;
    x = mien_build_conv(b, x, &options, "%s.conv%d", k->path, number);
    return mien_build_norm(b, x, "%s.bn%d", k->path, number);
}

/* the first ReLU of a block is "relu", the n-th after it "relu_n" */
static mien_node relu(mien_builder *b, mien_node x, const block *k, int number) {
    return number == 0
               ? mien_build_activation(b, x, MIEN_RELU, "%s.relu", k->path)
               : mien_build_activation(b, x, MIEN_RELU, "%s.relu_%d", k->path, number);
}

static mien_node shortcut(mien_builder *b, mien_node x, const block *k) {
    if (k->stride == 1 && k->in == k->out) {
        return x;
    }
    mien_conv2d_options options = mien_conv2d_options_of(k->out, 1, k->stride, 0);
    options.bias = false;
    x = mien_build_conv(b, x, &options, "%s.downsample.0", k->path);
    x = mien_build_norm(b, x, "%s.downsample.1", k->path);
    return mien_build_alias(b, x, "%s.downsample", k->path);
}

static mien_node residual(mien_builder *b, mien_node x, const block *k) {
    mien_node y = x;
    int relus = 0;
    if (k->bottleneck) {
        y = conv_norm(b, y, k, 1, k->width, 1, 1);
        y = relu(b, y, k, relus++);
        y = conv_norm(b, y, k, 2, k->width, 3, k->stride);
        y = relu(b, y, k, relus++);
        y = conv_norm(b, y, k, 3, k->out, 1, 1);
    } else {
        y = conv_norm(b, y, k, 1, k->width, 3, k->stride);
        y = relu(b, y, k, relus++);
        y = conv_norm(b, y, k, 2, k->out, 3, 1);
    }
    y = mien_build_add(b, y, shortcut(b, x, k), "%s.add", k->path);
    y = relu(b, y, k, relus);
    return mien_build_alias(b, y, "%s", k->path);
}

/* Small pictures lose no detail in a first stride: 3 × 3 and a plain pool of 2. */
static mien_node stem(mien_builder *b, mien_node x, const mien_resnet *design) {
    mien_conv2d_options options = mien_conv2d_options_of(design->widths[0],
        design->small ? 3 : 7, design->small ? 1 : 2, design->small ? 1 : 3);
    options.bias = false;
    x = mien_build_conv(b, x, &options, "conv1");
    x = mien_build_norm(b, x, "bn1");
    x = mien_build_activation(b, x, MIEN_RELU, "relu");
    return design->small ? mien_build_max_pool(b, x, 2, 2, 0, "maxpool")
                         : mien_build_max_pool(b, x, 3, 2, 1, "maxpool");
}

mien_status mien_resnet_build(
    mien_graph *graph, mien_node input, const mien_resnet *design, mien_node *last) {
    mien_builder b = {.graph = graph};
    mien_node x = stem(&b, input, design);
    int64_t channels = design->widths[0];
    for (int stage = 0; stage < STAGES; stage++) {
        for (int i = 0; i < design->blocks[stage]; i++) {
            block k = {.in = channels,
                .width = design->widths[stage],
                .stride = stage > 0 && i == 0 ? 2 : 1,
                .bottleneck = design->bottleneck};
            k.out = design->bottleneck ? 4 * k.width : k.width;
            snprintf(k.path, sizeof k.path, "layer%d.%d", stage + 1, i);
            x = residual(&b, x, &k);
            channels = k.out;
        }
        mien_build_alias(&b, x, "layer%d", stage + 1);
    }
    x = mien_build_average(&b, x, 1, "avgpool");
    x = mien_build_flatten(&b, x, "flatten");
    if (design->classes > 0) {
        x = mien_build_linear(&b, x, design->classes, "fc");
    }
    if (b.status == MIEN_OK) {
        *last = x;
    }
    return b.status;
}
