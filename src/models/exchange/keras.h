/* SPDX-License-Identifier: MIT */
/* Shared by Keras' networks: TensorFlow's padding, batch-norm constants,
 * preprocessing, and where their weights are published. */
#ifndef MIEN_MODELS_KERAS_H
#define MIEN_MODELS_KERAS_H

#include "models/backbones/backbone.h"
#include "models/builder.h"

/** Where Keras publishes its weights (keras.applications of Keras 3.15). */
#define MIEN_KERAS_URL "https://storage.googleapis.com/tensorflow/keras-applications/"
#define MIEN_KERAS_LICENCE                                                             \
    "Apache-2.0 (keras.applications); trained on ImageNet, research terms"
#define MIEN_KERAS_EPSILON 1e-3

/** VALID pads nothing. SAME gives ⌈side / stride⌉ and pads what that needs: half of it
 * before, and the odd one after. */
typedef enum mien_keras_padding {
    MIEN_KERAS_VALID,
    MIEN_KERAS_SAME
} mien_keras_padding;

/** A convolution of height × width without bias; groups: 1, or the channels of x. */
typedef struct mien_keras_conv {
    int64_t out;
    int height, width, stride;
    mien_keras_padding padding;
    bool bias, depthwise;
} mien_keras_conv;

mien_node mien_keras_build_conv(mien_builder *b, mien_node x,
    const mien_keras_conv *conv, const char *format, ...) MIEN_PRINTF(4, 5);
/** Batch-norm with Keras' momentum. */
mien_node mien_keras_build_norm(mien_builder *b, mien_node x, double epsilon,
    const char *format, ...) MIEN_PRINTF(4, 5);
/** 3 × 3 or 2 × 2 … window; an average counts no padding. */
mien_node mien_keras_build_pool(mien_builder *b, mien_node x, mien_pool_kind kind,
    int kernel, int stride, mien_keras_padding padding, const char *format, ...)
    MIEN_PRINTF(7, 8);
/** The end of a network without top: the global average, as the last node. Returns the
 * builder's status. */
mien_status mien_keras_build_end(mien_builder *b, mien_node x, mien_node *last);

/** Nearest pixel to 224 × 224 whatever the aspect, as Keras' loader does; then
 * x / 127.5 − 1, RGB ("tf"). */
mien_preprocess mien_keras_preprocess_tf(void);
/** … then BGR minus the means of ImageNet ("caffe"). */
mien_preprocess mien_keras_preprocess_caffe(void);

/** convolutions in each of the five blocks of a VGG. */
mien_status mien_keras_vgg_build(
    mien_graph *graph, mien_node input, const int convolutions[5], mien_node *last);

#endif
