/* SPDX-License-Identifier: MIT */
/* Short steps for writing a network down; after a failure the rest do nothing. */
#include "models/builder.h"

#include <stdio.h>

#define NAME_MAX_BYTES 128
#define EPSILON 1e-5
#define MOMENTUM 0.1

/* The node's name from the caller's format; every step starts so. */
#define TAKE_NAME                                                                      \
    char name[NAME_MAX_BYTES];                                                         \
    va_list arguments;                                                                 \
    va_start(arguments, format);                                                       \
    write_name(b, name, format, arguments);                                            \
    va_end(arguments)

MIEN_PRINTF(3, 0)
static void write_name(
    mien_builder *b, char name[NAME_MAX_BYTES], const char *format, va_list arguments) {
    int length = vsnprintf(name, NAME_MAX_BYTES, format, arguments);
    if (b->status == MIEN_OK && (length < 0 || length >= NAME_MAX_BYTES)) {
        b->status = mien_fail(MIEN_ELIMIT, "a node's name is longer than %d bytes: %s",
            NAME_MAX_BYTES - 1, name);
    }
}

mien_node mien_build_conv(mien_builder *b, mien_node x,
    const mien_conv2d_options *options, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_conv2d(b->graph, name, x, options, &y);
    }
    return y;
}

mien_node mien_build_norm(mien_builder *b, mien_node x, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_batch_norm(b->graph, name, x, EPSILON, MOMENTUM, &y);
    }
    return y;
}

mien_node mien_build_norm_with(mien_builder *b, mien_node x, double epsilon,
    double momentum, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_batch_norm(b->graph, name, x, epsilon, momentum, &y);
    }
    return y;
}

mien_node mien_build_activation(
    mien_builder *b, mien_node x, mien_activation activation, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_activate(b->graph, name, x, activation, 0, &y);
    }
    return y;
}

mien_node mien_build_max_pool(mien_builder *b, mien_node x, int kernel, int stride,
    int padding, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    mien_pool2d_options options =
        mien_pool2d_options_of(MIEN_POOL_MAX, kernel, stride, padding);
    if (b->status == MIEN_OK) {
        b->status = mien_pool2d(b->graph, name, x, &options, &y);
    }
    return y;
}

mien_node mien_build_pool(mien_builder *b, mien_node x,
    const mien_pool2d_options *options, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_pool2d(b->graph, name, x, options, &y);
    }
    return y;
}

mien_node mien_build_average(
    mien_builder *b, mien_node x, int size, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status =
            mien_adaptive_pool2d(b->graph, name, x, MIEN_POOL_AVERAGE, size, size, &y);
    }
    return y;
}

mien_node mien_build_linear(
    mien_builder *b, mien_node x, int64_t features, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_linear(b->graph, name, x, features, true, &y);
    }
    return y;
}

mien_node mien_build_project(
    mien_builder *b, mien_node x, int64_t features, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_project(b->graph, name, x, features, &y);
    }
    return y;
}

mien_node mien_build_dropout(
    mien_builder *b, mien_node x, double rate, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_dropout(b->graph, name, x, rate, &y);
    }
    return y;
}

mien_node mien_build_add(
    mien_builder *b, mien_node x, mien_node other, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_add(b->graph, name, x, other, &y);
    }
    return y;
}

mien_node mien_build_concat(
    mien_builder *b, const mien_node *inputs, int count, const char *format, ...) {
    TAKE_NAME;
    mien_node y = inputs[0];
    if (b->status == MIEN_OK) {
        b->status = mien_concat(b->graph, name, inputs, count, 1, &y);
    }
    return y;
}

mien_node mien_build_flatten(mien_builder *b, mien_node x, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_flatten(b->graph, name, x, &y);
    }
    return y;
}

mien_node mien_build_layer_norm(mien_builder *b, mien_node x, double epsilon,
    mien_layer_norm_form form, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_layer_norm(b->graph, name, x, epsilon, form, &y);
    }
    return y;
}

mien_node mien_build_weights(mien_builder *b, mien_node x, mien_node key,
    const mien_attention_options *options, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_attention_weights(b->graph, name, x, key, options, &y);
    }
    return y;
}

mien_node mien_build_mix(
    mien_builder *b, mien_node x, mien_node value, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_attention_mix(b->graph, name, x, value, &y);
    }
    return y;
}

mien_node mien_build_reshape(mien_builder *b, mien_node x, const int64_t *shape_rest,
    int count, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_reshape(b->graph, name, x, shape_rest, count, &y);
    }
    return y;
}

mien_node mien_build_pooled(
    mien_builder *b, mien_node x, mien_node mask, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    const int tokens = -2;
    if (b->status == MIEN_OK) {
        b->status = mask < 0 ? mien_reduce(b->graph, name, x, MIEN_REDUCE_MEAN, &tokens,
                                   1, false, &y)
                             : mien_masked_mean(b->graph, name, x, mask, &y);
    }
    return y;
}

mien_node mien_build_position(mien_builder *b, mien_node x, const char *format, ...) {
    TAKE_NAME;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_position(b->graph, name, x, &y);
    }
    return y;
}

mien_node mien_build_alias(mien_builder *b, mien_node x, const char *format, ...) {
    TAKE_NAME;
    if (b->status == MIEN_OK) {
        b->status = mien_graph_alias(b->graph, name, x);
    }
    return x;
}
