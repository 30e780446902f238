/* SPDX-License-Identifier: MIT */
/* MobileNet, width 1 (Howard et al. 2017) without its top, as Keras builds it. */
#include "models/exchange/keras.h"

#define BLOCKS 13

static const struct {
    int64_t out;
    int stride;
} blocks[BLOCKS] = {{64, 1}, {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2}, {512, 1},
    {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};

static mien_node norm_relu6(mien_builder *b, mien_node x, const char *part, int index) {
    x = mien_keras_build_norm(b, x, MIEN_KERAS_EPSILON, "conv_%s_%d_bn", part, index);
    return mien_build_activation(b, x, MIEN_RELU6, "conv_%s_%d_relu", part, index);
}

/* Stride 2 comes after one row and column of zeros at the bottom and right, whatever
 * the size: SAME's way with an even side. */
static mien_node depthwise(
    mien_builder *b, mien_node x, int64_t channels, int index, int stride) {
    mien_conv2d_options options = mien_conv2d_options_of(channels, 3, stride, 1);
    options.groups = channels;
    options.bias = false;
    if (stride == 2) {
        options.padding[0] = options.padding[1] = 0;
    }
    x = mien_build_conv(b, x, &options, "conv_dw_%d", index);
    return norm_relu6(b, x, "dw", index);
}

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    mien_builder b = {.graph = graph};
    mien_keras_conv first = {32, 3, 3, 2, MIEN_KERAS_SAME, false, false};
    mien_node x = mien_keras_build_conv(&b, input, &first, "conv1");
    x = mien_keras_build_norm(&b, x, MIEN_KERAS_EPSILON, "conv1_bn");
    x = mien_build_activation(&b, x, MIEN_RELU6, "conv1_relu");
    int64_t channels = first.out;
    for (int i = 0; i < BLOCKS; i++) {
        mien_keras_conv point = {blocks[i].out, 1, 1, 1, MIEN_KERAS_SAME, false, false};
        x = depthwise(&b, x, channels, i + 1, blocks[i].stride);
        x = mien_keras_build_conv(&b, x, &point, "conv_pw_%d", i + 1);
        x = norm_relu6(&b, x, "pw", i + 1);
        channels = point.out;
    }
    return mien_keras_build_end(&b, x, last);
}

const mien_backbone mien_model_keras_mobilenet = {
    .name = "keras_mobilenet",
    .summary = "MobileNet v1 of Keras, no top: 3.2 M parameters, 1.1 GFLOP a picture, "
               "1024 features",
    .feature = "conv_pw_13_relu",
    .minimum_size = 32,
    .preprocess = mien_keras_preprocess_tf,
    .build = build,
    .weights_file = "mobilenet_1_0_224_tf_no_top.h5",
    .weights_url = MIEN_KERAS_URL "mobilenet/mobilenet_1_0_224_tf_no_top.h5",
    .weights_licence = MIEN_KERAS_LICENCE,
};
