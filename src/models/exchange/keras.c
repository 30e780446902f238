/* SPDX-License-Identifier: MIT */
/* Shared by Keras' networks. */
#include "models/exchange/keras.h"

#include <stdio.h>

#define NAME_MAX_BYTES 128
/* Keras' 0.99 is what is kept, ours what is taken */
#define MOMENTUM 0.01

#define TAKE_NAME                                                                      \
    char name[NAME_MAX_BYTES];                                                         \
    va_list arguments;                                                                 \
    va_start(arguments, format);                                                       \
    vsnprintf(name, sizeof name, format, arguments);                                   \
    va_end(arguments)

/* [top, left, bottom, right] for SAME; kernel and sides are [height, width]. */
static void same_padding(const mien_builder *b, mien_node x, const int kernel[2],
    int stride, int padding[4]) {
    int64_t shape[MIEN_RANK_MAX] = {0};
    mien_graph_shape(b->graph, x, shape);
    for (int i = 0; i < 2; i++) {
        int64_t side = shape[2 + i], out = (side + stride - 1) / stride;
        int64_t total = (out - 1) * stride + kernel[i] - side;
        total = total > 0 ? total : 0;
        padding[i] = (int)(total / 2);
        padding[2 + i] = (int)(total - total / 2);
    }
}

mien_node mien_keras_build_conv(mien_builder *b, mien_node x,
    const mien_keras_conv *conv, const char *format, ...) {
    TAKE_NAME;
    mien_conv2d_options options = mien_conv2d_options_of(conv->out, 1, conv->stride, 0);
    options.kernel[0] = conv->height;
    options.kernel[1] = conv->width;
    options.bias = conv->bias;
    options.groups = conv->depthwise ? conv->out : 1;
    if (conv->padding == MIEN_KERAS_SAME) {
        same_padding(b, x, options.kernel, conv->stride, options.padding);
    }
    return mien_build_conv(b, x, &options, "%s", name);
}

mien_node mien_keras_build_norm(
    mien_builder *b, mien_node x, double epsilon, const char *format, ...) {
    TAKE_NAME;
    return mien_build_norm_with(b, x, epsilon, MOMENTUM, "%s", name);
}

mien_node mien_keras_build_pool(mien_builder *b, mien_node x, mien_pool_kind kind,
    int kernel, int stride, mien_keras_padding padding, const char *format, ...) {
    TAKE_NAME;
    mien_pool2d_options options = mien_pool2d_options_of(kind, kernel, stride, 0);
    options.count_padding = false;
    if (padding == MIEN_KERAS_SAME) {
        same_padding(b, x, options.kernel, stride, options.padding);
    }
    return mien_build_pool(b, x, &options, "%s", name);
}

mien_status mien_keras_build_end(mien_builder *b, mien_node x, mien_node *last) {
    x = mien_build_average(b, x, 1, "avg_pool");
    x = mien_build_flatten(b, x, "flatten");
    if (b->status == MIEN_OK) {
        *last = x;
    }
    return b->status;
}

mien_preprocess mien_keras_preprocess_tf(void) {
    return (mien_preprocess){.fit = MIEN_FIT_SQUASH,
        .crop_height = 224,
        .crop_width = 224,
        .resize = MIEN_RESIZE_NEAREST,
        .scale = 1 / 127.5,
        .mean = {1, 1, 1},
        .deviation = {1, 1, 1}};
}

mien_preprocess mien_keras_preprocess_caffe(void) {
    return (mien_preprocess){.fit = MIEN_FIT_SQUASH,
        .crop_height = 224,
        .crop_width = 224,
        .resize = MIEN_RESIZE_NEAREST,
        .bgr = true,
        .scale = 1,
        .mean = {103.939, 116.779, 123.68},
        .deviation = {1, 1, 1}};
}

mien_status mien_keras_vgg_build(
    mien_graph *graph, mien_node input, const int convolutions[5], mien_node *last) {
    static const int64_t widths[5] = {64, 128, 256, 512, 512};
    mien_builder b = {.graph = graph};
    mien_node x = input;
    for (int i = 0; i < 5; i++) {
        mien_keras_conv conv = {widths[i], 3, 3, 1, MIEN_KERAS_SAME, true, false};
        for (int k = 1; k <= convolutions[i]; k++) {
            x = mien_keras_build_conv(&b, x, &conv, "block%d_conv%d", i + 1, k);
            x = mien_build_activation(
                &b, x, MIEN_RELU, "block%d_conv%d_relu", i + 1, k);
        }
        x = mien_keras_build_pool(
            &b, x, MIEN_POOL_MAX, 2, 2, MIEN_KERAS_VALID, "block%d_pool", i + 1);
    }
    return mien_keras_build_end(&b, x, last);
}
