/* SPDX-License-Identifier: MIT */
/* Small networks with everything that plans fuse, share or may do wrongly in place. */
#ifndef MIEN_TESTS_NN_SMALL_NETS_H
#define MIEN_TESTS_NN_SMALL_NETS_H

#include <stdio.h>

#include "nn/nets.h"

static inline mien_graph *graph_of(int64_t channels, int64_t side, mien_node *x) {
    mien_graph *graph = NULL;
    int64_t shape[4] = {MIEN_BATCH, channels, side, side};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 4, shape, x));
    return graph;
}

/* conv → batch-norm → activation; the activation is called NAME.act */
static inline mien_node block(mien_graph *graph, const char *name, mien_node x,
    const mien_conv2d_options *options, int activation) {
    char text[64];
    mien_conv2d_options o = *options;
    o.bias = false;
    snprintf(text, sizeof text, "%s.conv", name);
    assert_good(mien_conv2d(graph, text, x, &o, &x));
    snprintf(text, sizeof text, "%s.bn", name);
    assert_good(mien_batch_norm(graph, text, x, 1e-5, 0.1, &x));
    if (activation >= 0) {
        snprintf(text, sizeof text, "%s.act", name);
        assert_good(mien_activate(graph, text, x, (mien_activation)activation, 0, &x));
    }
    return x;
}

static inline mien_node square(mien_graph *graph, const char *name, mien_node x,
    int64_t out, int kernel, int stride, int activation) {
    mien_conv2d_options o = mien_conv2d_options_of(out, kernel, stride, kernel / 2);
    return block(graph, name, x, &o, activation);
}

/** Part of the head that dropout takes in training. */
static double small_nets_dropout = 0.2;

static inline mien_node head(mien_graph *graph, mien_node x, int64_t classes) {
    assert_good(mien_adaptive_pool2d(graph, "pool", x, MIEN_POOL_AVERAGE, 1, 1, &x));
    assert_good(mien_flatten(graph, "flat", x, &x));
    assert_good(mien_dropout(graph, "drop", x, small_nets_dropout, &x));
    assert_good(mien_linear(graph, "fc", x, classes, true, &x));
    return x;
}

/* A residual network: a block with the identity, one with a projection. */
static inline mien_graph *residual(void) {
    mien_node x, y, z;
    mien_graph *graph = graph_of(3, 33, &x);
    mien_pool2d_options pool = mien_pool2d_options_of(MIEN_POOL_MAX, 3, 2, 1);
    x = square(graph, "stem", x, 16, 7, 2, MIEN_RELU);
    assert_good(mien_pool2d(graph, "maxpool", x, &pool, &x));
    y = square(graph, "a1", x, 16, 3, 1, MIEN_RELU);
    y = square(graph, "a2", y, 16, 3, 1, -1);
    assert_good(mien_add(graph, "a.add", y, x, &y));
    assert_good(mien_activate(graph, "a.relu", y, MIEN_RELU, 0, &x));
    y = square(graph, "b1", x, 24, 3, 2, MIEN_RELU);
    y = square(graph, "b2", y, 24, 3, 1, -1);
    z = square(graph, "b.down", x, 24, 1, 2, -1);
    assert_good(mien_add(graph, "b.add", y, z, &y));
    assert_good(mien_activate(graph, "b.relu", y, MIEN_RELU, 0, &y));
    head(graph, y, 10);
    return graph;
}

/* Inverted residuals: thin ends, a wide depthwise middle, sums without an activation.
 */
static inline mien_graph *inverted(void) {
    mien_node x, y;
    mien_graph *graph = graph_of(3, 30, &x);
    mien_conv2d_options depthwise = mien_conv2d_options_of(48, 3, 1, 1);
    depthwise.groups = 48;
    x = square(graph, "stem", x, 8, 3, 2, MIEN_RELU6);
    y = square(graph, "expand", x, 48, 1, 1, MIEN_RELU6);
    y = block(graph, "depth", y, &depthwise, MIEN_RELU6);
    y = square(graph, "project", y, 8, 1, 1, -1);
    assert_good(mien_add(graph, "sum", x, y, &x));
    y = square(graph, "expand2", x, 48, 1, 1, MIEN_RELU6);
    depthwise.stride[0] = depthwise.stride[1] = 2;
    y = block(graph, "depth2", y, &depthwise, MIEN_RELU6);
    y = square(graph, "project2", y, 12, 1, 1, -1);
    head(graph, y, 7);
    return graph;
}

/* Everything that a plan may be tempted to do wrongly in place. */
static inline mien_graph *tangle(void) {
    mien_node x, a, b, c, d, e, parts[3];
    mien_graph *graph = graph_of(8, 9, &x);
    a = square(graph, "a", x, 8, 3, 1, MIEN_RELU);
    b = square(graph, "b", a, 8, 1, 1, -1);
    assert_good(mien_add(graph, "own", b, a, &c)); /* the convolution's own input */
    assert_good(mien_add(graph, "twice", c, c, &d));
    assert_good(mien_multiply(graph, "squared", d, d, &d));
    e = square(graph, "e", d, 8, 3, 1, -1);
    assert_good(mien_add(graph, "late", e, c, &e)); /* c is read again below */
    assert_good(mien_activate(graph, "elu", e, MIEN_ELU, 0, &e));
    assert_good(mien_add(graph, "one", e, a, &e));
    assert_good(mien_add(graph, "two", e, c, &e));
    assert_good(mien_activate(graph, "sigmoid", e, MIEN_SIGMOID, 0, &d));
    assert_good(mien_activate(graph, "tanh", e, MIEN_TANH, 0, &b));
    parts[0] = d;
    parts[1] = b;
    parts[2] = x;
    assert_good(mien_concat(graph, "concat", parts, 3, 1, &e));
    assert_good(mien_batch_norm(graph, "norm", e, 1e-3, 0.1, &e));
    assert_good(mien_activate(graph, "leaky", e, MIEN_LEAKY_RELU, 0.2, &e));
    assert_good(mien_adaptive_pool2d(graph, "scale", e, MIEN_POOL_AVERAGE, 1, 1, &d));
    assert_good(mien_multiply(graph, "gate", e, d, &e));
    assert_good(mien_flatten(graph, "flat", e, &e));
    assert_good(mien_linear(graph, "fc1", e, 20, false, &e));
    assert_good(mien_batch_norm(graph, "norm1", e, 1e-5, 0.1, &e));
    assert_good(mien_activate(graph, "relu1", e, MIEN_RELU, 0, &e));
    assert_good(mien_linear(graph, "fc2", e, 20, true, &d));
    assert_good(mien_add(graph, "skip", d, e, &e));
    assert_good(mien_softmax(graph, "softmax", e, &e));
    return graph;
}

#endif
