/* SPDX-License-Identifier: MIT */
/* A small network of every kind of layer against PyTorch's result. Golden:
 * python/golden/nn_block.py. */
#include <stdio.h>

#include "nn/nets.h"

#define VALUES_MAX 1024

/* The values called name in the golden file. */
static int64_t golden(const char *name, float *values) {
    char word[64];
    long long count = 0;
    FILE *file = fopen(support_source("tests/golden/nn_block.txt"), "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "#%*[^\n]"), 0);
    while (fscanf(file, "%63s %lld", word, &count) == 2) {
        assert_true(count <= VALUES_MAX);
        for (int64_t i = 0; i < count; i++) {
            assert_int_equal(fscanf(file, "%f", &values[i]), 1);
        }
        if (!strcmp(word, name)) {
            fclose(file);
            return count;
        }
    }
    fail_msg("%s is not in the golden file", name);
    return 0;
}

static mien_node add(mien_graph *graph, const char *op, const char *name, mien_node a,
    mien_node b, const char *options) {
    mien_node inputs[2] = {a, b}, y = -1;
    assert_good(mien_graph_add(graph, op, name, inputs, b < 0 ? 1 : 2, options, &y));
    return y;
}

static mien_graph *build(void) {
    int64_t shape[4] = {MIEN_BATCH, 3, 13, 11};
    mien_graph *g = NULL;
    mien_node x, y;
    assert_good(mien_graph_new(&g));
    assert_good(mien_graph_input(g, "x", 4, shape, &x));
    x = add(g, "conv2d", "stem", x, -1, "out=8 kernel=3 stride=2 padding=1 bias=no");
    x = add(g, "batch_norm", "bn", x, -1, "");
    x = add(g, "relu6", "r1", x, -1, "");
    y = add(
        g, "conv2d", "depth", x, -1, "out=8 kernel=3 padding=2 dilation=2 groups=8");
    y = add(g, "leaky_relu", "r2", y, -1, "alpha=0.1");
    y = add(g, "conv2d", "point", y, -1, "out=8 kernel=1 bias=no");
    y = add(g, "batch_norm", "bn2", y, -1, "epsilon=1e-3");
    x = add(g, "add", "sum", y, x, "");
    x = add(g, "relu", "r3", x, -1, "");
    x = add(g, "max_pool2d", "pool", x, -1, "kernel=3 stride=2 padding=1 ceil=yes");
    y = add(g, "conv2d", "side", x, -1, "out=4 kernel=1,3 padding=0,1 groups=2");
    y = add(g, "elu", "r4", y, -1, "");
    y = add(g, "sigmoid", "r5", y, -1, "");
    x = add(g, "concat", "cat", x, y, "axis=1");
    x = add(
        g, "avg_pool2d", "mean", x, -1, "kernel=3 stride=1 padding=1 count-padding=no");
    y = add(g, "adaptive_max_pool2d", "most", x, -1, "size=1");
    y = add(g, "tanh", "r6", y, -1, "");
    x = add(g, "adaptive_avg_pool2d", "cells", x, -1, "size=2");
    x = add(g, "multiply", "gate", x, y, "");
    x = add(g, "flatten", "flat", x, -1, "");
    x = add(g, "linear", "fc", x, -1, "out=5");
    x = add(g, "batch_norm", "bn3", x, -1, "");
    add(g, "softmax", "y", x, -1, "");
    return g;
}

static void every_kind_of_layer_gives_what_pytorch_gives(void **state) {
    (void)state;
    mien_graph *graph = build();
    mien_parameters *parameters = NULL;
    mien_plan *plan = NULL;
    mien_plan_options options = mien_plan_options_default();
    float values[VALUES_MAX];
    assert_good(mien_parameters_new(graph, &parameters));
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        mien_tensor *t = mien_parameters_at(parameters, i);
        assert_int_equal(
            golden(mien_parameters_name(parameters, i), values), mien_tensor_count(t));
        memcpy(t->data, values, mien_tensor_bytes(t));
    }
    options.batch = 2;
    for (options.micro_batch = 1; options.micro_batch <= 2; options.micro_batch++) {
        assert_good(mien_plan_new(graph, parameters, &options, &plan));
        int64_t count = golden("x", values);
        memcpy(mien_plan_input(plan, 0), values, (size_t)count * sizeof *values);
        assert_good(mien_plan_run(plan));
        count = golden("y", values);
        assert_int_equal(count, 10);
        assert_close(mien_plan_output(plan, 0)->data, values, count, 1e-5, 1e-6);
        mien_plan_free(&plan);
    }
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_layer_gives_what_pytorch_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
