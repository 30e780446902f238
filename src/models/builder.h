/* SPDX-License-Identifier: MIT */
/* Short steps for writing a network down; after a failure the rest do nothing. */
#ifndef MIEN_MODELS_BUILDER_H
#define MIEN_MODELS_BUILDER_H

#include "mien/nn.h"

/* Every step names its node by a printf format (a torchvision module path, or the name
 * torchvision's feature extraction gives to a function: "layer1.0.add"; the layer's
 * name in Keras' networks), takes the node x and returns the new one. */
typedef struct mien_builder {
    mien_graph *graph;
    mien_status status;
} mien_builder;

mien_node mien_build_conv(mien_builder *b, mien_node x,
    const mien_conv2d_options *options, const char *format, ...) MIEN_PRINTF(4, 5);
/** Batch-norm with torchvision's constants (1e-5, 0.1). */
mien_node mien_build_norm(mien_builder *b, mien_node x, const char *format, ...)
    MIEN_PRINTF(3, 4);
/** Batch-norm with other constants. */
mien_node mien_build_norm_with(mien_builder *b, mien_node x, double epsilon,
    double momentum, const char *format, ...) MIEN_PRINTF(5, 6);
mien_node mien_build_activation(mien_builder *b, mien_node x,
    mien_activation activation, const char *format, ...) MIEN_PRINTF(4, 5);
mien_node mien_build_max_pool(mien_builder *b, mien_node x, int kernel, int stride,
    int padding, const char *format, ...) MIEN_PRINTF(6, 7);
mien_node mien_build_pool(mien_builder *b, mien_node x,
    const mien_pool2d_options *options, const char *format, ...) MIEN_PRINTF(4, 5);
/** Adaptive average pool to size × size. */
mien_node mien_build_average(
    mien_builder *b, mien_node x, int size, const char *format, ...) MIEN_PRINTF(4, 5);
mien_node mien_build_linear(mien_builder *b, mien_node x, int64_t features,
    const char *format, ...) MIEN_PRINTF(4, 5);
/** A linear layer summed in double. */
mien_node mien_build_project(mien_builder *b, mien_node x, int64_t features,
    const char *format, ...) MIEN_PRINTF(4, 5);
mien_node mien_build_dropout(mien_builder *b, mien_node x, double rate,
    const char *format, ...) MIEN_PRINTF(4, 5);
mien_node mien_build_add(mien_builder *b, mien_node x, mien_node y, const char *format,
    ...) MIEN_PRINTF(4, 5);
/** Along the channels. */
mien_node mien_build_concat(mien_builder *b, const mien_node *inputs, int count,
    const char *format, ...) MIEN_PRINTF(4, 5);
mien_node mien_build_flatten(mien_builder *b, mien_node x, const char *format, ...)
    MIEN_PRINTF(3, 4);
mien_node mien_build_layer_norm(mien_builder *b, mien_node x, double epsilon,
    mien_layer_norm_form form, const char *format, ...) MIEN_PRINTF(5, 6);
/** How much each query looks at each key. */
mien_node mien_build_weights(mien_builder *b, mien_node query, mien_node key,
    const mien_attention_options *options, const char *format, ...) MIEN_PRINTF(5, 6);
/** Values mixed by such weights. */
mien_node mien_build_mix(mien_builder *b, mien_node weights, mien_node value,
    const char *format, ...) MIEN_PRINTF(4, 5);
/** The same values as [N, shape_rest …]. */
mien_node mien_build_reshape(mien_builder *b, mien_node x, const int64_t *shape_rest,
    int count, const char *format, ...) MIEN_PRINTF(5, 6);
/** Mean over the second last dimension, of what the mask leaves; mask −1: of all. */
mien_node mien_build_pooled(mien_builder *b, mien_node x, mien_node mask,
    const char *format, ...) MIEN_PRINTF(4, 5);
/** A learned row for each place is added. */
mien_node mien_build_position(mien_builder *b, mien_node x, const char *format, ...)
    MIEN_PRINTF(3, 4);
/** A module that ends in x gets its path as a second name. Returns x. */
mien_node mien_build_alias(mien_builder *b, mien_node x, const char *format, ...)
    MIEN_PRINTF(3, 4);

#endif
