/* SPDX-License-Identifier: MIT */
/* Xception (Chollet 2017) without its top, layer for layer as Keras builds it. */
#include "models/exchange/keras.h"

#include <stdio.h>

static mien_node norm(mien_builder *b, mien_node x, const char *layer) {
    return mien_keras_build_norm(b, x, MIEN_KERAS_EPSILON, "%s_bn", layer);
}

static mien_node relu(mien_builder *b, mien_node x, const char *layer) {
    return mien_build_activation(b, x, MIEN_RELU, "%s_act", layer);
}

/* A separable convolution: one filter a channel, then a 1×1 convolution. */
static mien_node separable(mien_builder *b, mien_node x, int block, int number,
    int64_t in, int64_t out, bool relu_before) {
    const mien_keras_conv depth = {in, 3, 3, 1, MIEN_KERAS_SAME, false, true};
    const mien_keras_conv point = {out, 1, 1, 1, MIEN_KERAS_VALID, false, false};
    char layer[32];
    snprintf(layer, sizeof layer, "block%d_sepconv%d", block, number);
    if (relu_before) {
        x = relu(b, x, layer);
    }
    x = mien_keras_build_conv(b, x, &depth, "%s.depthwise", layer);
    x = mien_keras_build_conv(b, x, &point, "%s.pointwise", layer);
    mien_build_alias(b, x, "%s", layer);
    return norm(b, x, layer);
}

/* Keras counts what has no name of its own: "conv2d", "conv2d_1", … */
static void counted(char name[32], const char *base, int number) {
    snprintf(name, 32, number ? "%s_%d" : "%s", base, number);
}

static mien_node halved(mien_builder *b, mien_node x, int64_t out, int number) {
    const mien_keras_conv conv = {out, 1, 1, 2, MIEN_KERAS_SAME, false, false};
    char name[32];
    counted(name, "conv2d", number);
    x = mien_keras_build_conv(b, x, &conv, "%s", name);
    counted(name, "batch_normalization", number);
    return mien_keras_build_norm(b, x, MIEN_KERAS_EPSILON, "%s", name);
}

static mien_node sum(mien_builder *b, mien_node x, mien_node y, int number) {
    char name[32];
    counted(name, "add", number);
    return mien_build_add(b, x, y, "%s", name);
}

/* Two separable convolutions and a pool beside a 1×1 convolution. */
static mien_node down(mien_builder *b, mien_node x, int block, int64_t in,
    int64_t middle, int64_t out, int number, int add) {
    mien_node shortcut = halved(b, x, out, number);
    x = separable(b, x, block, 1, in, middle, block != 2);
    x = separable(b, x, block, 2, middle, out, true);
    x = mien_keras_build_pool(
        b, x, MIEN_POOL_MAX, 3, 2, MIEN_KERAS_SAME, "block%d_pool", block);
    return sum(b, x, shortcut, add);
}

static mien_node stem(mien_builder *b, mien_node x) {
    const mien_keras_conv one = {32, 3, 3, 2, MIEN_KERAS_VALID, false, false};
    const mien_keras_conv two = {64, 3, 3, 1, MIEN_KERAS_VALID, false, false};
    x = mien_keras_build_conv(b, x, &one, "block1_conv1");
    x = relu(b, norm(b, x, "block1_conv1"), "block1_conv1");
    x = mien_keras_build_conv(b, x, &two, "block1_conv2");
    return relu(b, norm(b, x, "block1_conv2"), "block1_conv2");
}

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    enum { WIDTH = 728, FIRST = 5, MIDDLE = 8 };
    mien_builder b = {.graph = graph};
    mien_node x = stem(&b, input);
    x = down(&b, x, 2, 64, 128, 128, 0, 0);
    x = down(&b, x, 3, 128, 256, 256, 1, 1);
    x = down(&b, x, 4, 256, WIDTH, WIDTH, 2, 2);
    for (int i = 0; i < MIDDLE; i++) {
        mien_node shortcut = x;
        for (int k = 1; k <= 3; k++) {
            x = separable(&b, x, FIRST + i, k, WIDTH, WIDTH, true);
        }
        x = sum(&b, x, shortcut, 3 + i);
    }
    x = down(&b, x, 13, WIDTH, WIDTH, 1024, 3, 3 + MIDDLE);
    x = separable(&b, x, 14, 1, 1024, 1536, false);
    x = relu(&b, x, "block14_sepconv1");
    x = separable(&b, x, 14, 2, 1536, 2048, false);
    x = relu(&b, x, "block14_sepconv2");
    return mien_keras_build_end(&b, x, last);
}

const mien_backbone mien_model_keras_xception = {
    .name = "keras_xception",
    .summary = "Xception of Keras, no top: 20.9 M parameters, 9.1 GFLOP a picture, "
               "2048 features",
    .feature = "block14_sepconv2_act",
    .minimum_size = 71,
    .preprocess = mien_keras_preprocess_tf,
    .build = build,
    .weights_file = "xception_weights_tf_dim_ordering_tf_kernels_notop.h5",
    .weights_url =
        MIEN_KERAS_URL "xception/xception_weights_tf_dim_ordering_tf_kernels_notop.h5",
    .weights_md5 = "b0042744bf5b25fce3cb969f33bebb97",
    .weights_licence = MIEN_KERAS_LICENCE,
};
