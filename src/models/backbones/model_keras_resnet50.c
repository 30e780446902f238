/* SPDX-License-Identifier: MIT */
/* ResNet-50 v1 (He et al. 2016: stride on the first 1×1 convolution, all with biases)
 * without its top, layer for layer as Keras builds it. */
#include "models/exchange/keras.h"

#include <stdio.h>

#define EPSILON 1.001e-5

static mien_node conv_norm(mien_builder *b, mien_node x, const char *block, int number,
    const mien_keras_conv *conv) {
    x = mien_keras_build_conv(b, x, conv, "%s_%d_conv", block, number);
    return mien_keras_build_norm(b, x, EPSILON, "%s_%d_bn", block, number);
}

static mien_node residual(mien_builder *b, mien_node x, const char *block,
    int64_t width, int stride, bool first) {
    const mien_keras_conv one = {width, 1, 1, stride, MIEN_KERAS_VALID, true, false};
    const mien_keras_conv two = {width, 3, 3, 1, MIEN_KERAS_SAME, true, false};
    const mien_keras_conv three = {4 * width, 1, 1, 1, MIEN_KERAS_VALID, true, false};
    mien_keras_conv zero = one;
    zero.out = 4 * width;
    mien_node shortcut = first ? conv_norm(b, x, block, 0, &zero) : x;
    x = conv_norm(b, x, block, 1, &one);
    x = mien_build_activation(b, x, MIEN_RELU, "%s_1_relu", block);
    x = conv_norm(b, x, block, 2, &two);
    x = mien_build_activation(b, x, MIEN_RELU, "%s_2_relu", block);
    x = conv_norm(b, x, block, 3, &three);
    x = mien_build_add(b, x, shortcut, "%s_add", block);
    return mien_build_activation(b, x, MIEN_RELU, "%s_out", block);
}

/* The zeros around the pool are as good as none: all values before it are ≥ 0. */
static mien_node stem(mien_builder *b, mien_node x) {
    mien_conv2d_options options = mien_conv2d_options_of(64, 7, 2, 3);
    x = mien_build_conv(b, x, &options, "conv1_conv");
    x = mien_keras_build_norm(b, x, EPSILON, "conv1_bn");
    x = mien_build_activation(b, x, MIEN_RELU, "conv1_relu");
    return mien_build_max_pool(b, x, 3, 2, 1, "pool1_pool");
}

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    static const int blocks[4] = {3, 4, 6, 3};
    mien_builder b = {.graph = graph};
    mien_node x = stem(&b, input);
    for (int stage = 0; stage < 4; stage++) {
        for (int i = 0; i < blocks[stage]; i++) {
            char block[32];
            snprintf(block, sizeof block, "conv%d_block%d", stage + 2, i + 1);
            x = residual(&b, x, block, (int64_t)64 << stage,
                stage > 0 && i == 0 ? 2 : 1, i == 0);
        }
    }
    return mien_keras_build_end(&b, x, last);
}

const mien_backbone mien_model_keras_resnet50 = {
    .name = "keras_resnet50",
    .summary = "ResNet-50 v1 of Keras, no top: 23.6 M parameters, 7.7 GFLOP a picture, "
               "2048 features",
    .feature = "conv5_block3_out",
    .minimum_size = 32,
    .preprocess = mien_keras_preprocess_caffe,
    .build = build,
    .weights_file = "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
    .weights_url =
        MIEN_KERAS_URL "resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
    .weights_md5 = "4d473c1dd8becc155b73f8504c6f6626",
    .weights_licence = MIEN_KERAS_LICENCE,
};
