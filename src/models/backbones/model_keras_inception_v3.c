/* SPDX-License-Identifier: MIT */
/* InceptionV3 (Szegedy et al. 2016) without its top, layer for layer as Keras builds
 * it. Its batch-norms have no scale: that parameter of ours stays 1. */
#include "models/exchange/keras.h"

#include <stdio.h>

/* Convolutions and pools have no names of their own: Keras counts them. */
typedef struct network {
    mien_builder b;
    int convolutions, max_pools, average_pools;
} network;

static void counted(char name[32], const char *base, int number) {
    snprintf(name, 32, number ? "%s_%d" : "%s", base, number);
}

/* Convolution, batch-norm, ReLU. */
static mien_node conv_of(network *n, mien_node x, const mien_keras_conv *conv) {
    char name[32];
    int number = n->convolutions++;
    counted(name, "conv2d", number);
    x = mien_keras_build_conv(&n->b, x, conv, "%s", name);
    counted(name, "batch_normalization", number);
    x = mien_keras_build_norm(&n->b, x, MIEN_KERAS_EPSILON, "%s", name);
    counted(name, "activation", number);
    return mien_build_activation(&n->b, x, MIEN_RELU, "%s", name);
}

static mien_node conv(network *n, mien_node x, int64_t out, int height, int width) {
    const mien_keras_conv c = {out, height, width, 1, MIEN_KERAS_SAME, false, false};
    return conv_of(n, x, &c);
}

/* 3×3 without padding. */
static mien_node valid(network *n, mien_node x, int64_t out, int stride) {
    const mien_keras_conv c = {out, 3, 3, stride, MIEN_KERAS_VALID, false, false};
    return conv_of(n, x, &c);
}

static mien_node max_pool(network *n, mien_node x) {
    char name[32];
    counted(name, "max_pooling2d", n->max_pools++);
    return mien_keras_build_pool(
        &n->b, x, MIEN_POOL_MAX, 3, 2, MIEN_KERAS_VALID, "%s", name);
}

static mien_node average_conv(network *n, mien_node x, int64_t out) {
    char name[32];
    counted(name, "average_pooling2d", n->average_pools++);
    x = mien_keras_build_pool(
        &n->b, x, MIEN_POOL_AVERAGE, 3, 1, MIEN_KERAS_SAME, "%s", name);
    return conv(n, x, out, 1, 1);
}

static mien_node stem(network *n, mien_node x) {
    x = valid(n, x, 32, 2);
    x = valid(n, x, 32, 1);
    x = max_pool(n, conv(n, x, 64, 3, 3));
    x = conv(n, x, 80, 1, 1);
    return max_pool(n, valid(n, x, 192, 1));
}

/* mixed0 to mixed2 */
static mien_node block_a(network *n, mien_node x, int64_t pooled, int index) {
    mien_node y[4];
    y[0] = conv(n, x, 64, 1, 1);
    y[1] = conv(n, conv(n, x, 48, 1, 1), 64, 5, 5);
    y[2] = conv(n, conv(n, conv(n, x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
    y[3] = average_conv(n, x, pooled);
    return mien_build_concat(&n->b, y, 4, "mixed%d", index);
}

static mien_node block_b(network *n, mien_node x) {
    mien_node y[3];
    y[0] = valid(n, x, 384, 2);
    y[1] = valid(n, conv(n, conv(n, x, 64, 1, 1), 96, 3, 3), 96, 2);
    y[2] = max_pool(n, x);
    return mien_build_concat(&n->b, y, 3, "mixed3");
}

/* mixed4 to mixed7: 7×7 convolutions as 1×7 and 7×1 */
static mien_node block_c(network *n, mien_node x, int64_t width, int index) {
    mien_node y[4];
    y[0] = conv(n, x, 192, 1, 1);
    y[1] = conv(n, conv(n, conv(n, x, width, 1, 1), width, 1, 7), 192, 7, 1);
    y[2] = conv(n, conv(n, conv(n, x, width, 1, 1), width, 7, 1), width, 1, 7);
    y[2] = conv(n, conv(n, y[2], width, 7, 1), 192, 1, 7);
    y[3] = average_conv(n, x, 192);
    return mien_build_concat(&n->b, y, 4, "mixed%d", index);
}

static mien_node block_d(network *n, mien_node x) {
    mien_node y[3];
    y[0] = valid(n, conv(n, x, 192, 1, 1), 320, 2);
    y[1] = conv(n, conv(n, conv(n, x, 192, 1, 1), 192, 1, 7), 192, 7, 1);
    y[1] = valid(n, y[1], 192, 2);
    y[2] = max_pool(n, x);
    return mien_build_concat(&n->b, y, 3, "mixed8");
}

/* A 1×3 and a 3×1 convolution side by side. */
static mien_node fork_of(network *n, mien_node x, const char *name) {
    mien_node y[2];
    y[0] = conv(n, x, 384, 1, 3);
    y[1] = conv(n, x, 384, 3, 1);
    return mien_build_concat(&n->b, y, 2, "%s", name);
}

/* mixed9 and mixed10 */
static mien_node block_e(network *n, mien_node x, int i) {
    mien_node y[4];
    char name[32];
    y[0] = conv(n, x, 320, 1, 1);
    snprintf(name, sizeof name, "mixed9_%d", i);
    y[1] = fork_of(n, conv(n, x, 384, 1, 1), name);
    counted(name, "concatenate", i);
    y[2] = fork_of(n, conv(n, conv(n, x, 448, 1, 1), 384, 3, 3), name);
    y[3] = average_conv(n, x, 192);
    return mien_build_concat(&n->b, y, 4, "mixed%d", 9 + i);
}

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    static const int64_t widths[4] = {128, 160, 160, 192};
    network n = {.b = {.graph = graph}};
    mien_node x = stem(&n, input);
    for (int i = 0; i < 3; i++) {
        x = block_a(&n, x, i == 0 ? 32 : 64, i);
    }
    x = block_b(&n, x);
    for (int i = 0; i < 4; i++) {
        x = block_c(&n, x, widths[i], 4 + i);
    }
    x = block_d(&n, x);
    for (int i = 0; i < 2; i++) {
        x = block_e(&n, x, i);
    }
    return mien_keras_build_end(&n.b, x, last);
}

const mien_backbone mien_model_keras_inception_v3 = {
    .name = "keras_inception_v3",
    .summary = "InceptionV3 of Keras, no top: 21.8 M parameters, 5.7 GFLOP a picture, "
               "2048 features",
    .feature = "mixed10",
    .minimum_size = 75,
    .preprocess = mien_keras_preprocess_tf,
    .build = build,
    .weights_file = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
    .weights_url = MIEN_KERAS_URL
    "inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
    .weights_md5 = "bcbd6486424b2319ff4ef7d526e38f63",
    .weights_licence = MIEN_KERAS_LICENCE,
};
