/* SPDX-License-Identifier: MIT */
/* What imported transformers and their like consist of, as it runs when nothing is
 * trained: attention as one step, layouts that are only seen differently, gates and
 * scales of channels; against the plain-C reference, which runs every operator. */
#include "nn/kernels/tokens.h"

#include "nn/nets.h"

#define TOLERANCE 1e-5 /* of the largest value */

static mien_plan_options options_of(int64_t batch) {
    mien_plan_options o = mien_plan_options_default();
    o.batch = batch;
    o.threads = 1 + (int)batch % 2;
    o.measure = false;
    return o;
}

static mien_node add(mien_graph *graph, const char *op, const char *name,
    const mien_node *inputs, int count, const char *options) {
    mien_node y;
    assert_good(mien_graph_add(graph, op, name, inputs, count, options, &y));
    return y;
}

/* [N, T, H D] → heads of queries, keys and values → softmax(q kᵀ) v → [N, T, H D] */
static mien_graph *attention(
    int64_t tokens, int heads, int64_t width, bool turned, bool back) {
    mien_graph *graph = NULL;
    mien_node x, part[3];
    char shape_text[64];
    const int64_t shape[3] = {MIEN_BATCH, tokens, heads * width};
    const char *const order[3] = {
        "order=0,2,1,3", turned ? "order=0,2,1,3" : "order=0,2,3,1", "order=0,2,1,3"};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 3, shape, &x));
    snprintf(shape_text, sizeof shape_text, "shape=%d,%d,%d", (int)tokens, heads,
        (int)width);
    for (int i = 0; i < 3; i++) {
        char name[16], options[32];
        snprintf(options, sizeof options, "out=%d", heads * (int)width);
        snprintf(name, sizeof name, "part%d", i);
        part[i] = add(graph, "linear", name, &x, 1, options);
        snprintf(name, sizeof name, "heads%d", i);
        part[i] = add(graph, "reshape", name, &part[i], 1, shape_text);
        snprintf(name, sizeof name, "turned%d", i);
        part[i] = add(graph, "permute", name, &part[i], 1, order[i]);
    }
    x = add(graph, "matmul", "scores", part, 2, turned ? "transpose-b=yes" : "");
    x = add(graph, "softmax", "shares", &x, 1, "");
    x = add(graph, "matmul", "mixed", (mien_node[]){x, part[2]}, 2, "");
    if (back) {
        x = add(graph, "permute", "back", &x, 1, "order=0,2,1,3");
        snprintf(shape_text, sizeof shape_text, "shape=%d,%d", (int)tokens,
            heads * (int)width);
        x = add(graph, "reshape", "joined", &x, 1, shape_text);
        x = add(graph, "linear", "out", &x, 1, "out=5");
    }
    return graph;
}

static void attention_is_one_step_and_right(void **state) {
    (void)state;
    static const struct {
        int64_t tokens;
        int heads;
        int64_t width;
        bool turned, back;
    } cases[] = {{1, 1, 16, false, true}, {7, 3, 16, true, true},
        {67, 1, 32, false, true}, {20, 2, 64, true, false}, {13, 2, 80, false, true},
        {9, 2, 12, false, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int64_t batch = 1; batch <= 2; batch++) {
            mien_graph *graph = attention(cases[i].tokens, cases[i].heads,
                cases[i].width, cases[i].turned, cases[i].back);
            mien_plan_options o = options_of(batch);
            mien_plan_info info;
            nets_check(graph, &o, TOLERANCE, &info);
            const mien_tokens *loops = mien_tokens_best();
            if (loops && cases[i].width % loops->lanes == 0) {
                assert_true(
                    info.operators - info.reorders <= 3 + 3 + 1 + cases[i].back);
            }
            mien_graph_free(&graph);
        }
    }
}

/* Shares that are read are there; and what is trained has gradients. */
static void attention_whose_shares_are_wanted_is_right(void **state) {
    (void)state;
    mien_graph *graph = attention(6, 2, 16, true, true);
    mien_plan_options o = options_of(2);
    const mien_node outputs[] = {
        mien_graph_find(graph, "shares"), mien_graph_find(graph, "out")};
    o.outputs = outputs;
    o.outputs_count = 2;
    nets_check(graph, &o, TOLERANCE, NULL);
    nets_check_gradients(graph, 2, true, 10, 5e-3);
    mien_graph_free(&graph);
}

/* A block of ConvNeXt: channels last for the norm and the products, then first again,
 * a number for each channel, and the sum; one of them turned, read twice. */
static mien_graph *block(bool also) {
    mien_graph *graph = NULL;
    mien_node x, y, scale;
    const int64_t shape[4] = {MIEN_BATCH, 16, 5, 6};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 4, shape, &x));
    x = add(graph, "conv2d", "stem", &x, 1, "out=32 kernel=1,1");
    y = add(graph, "conv2d", "filter", &x, 1, "out=32 kernel=3,3 padding=1 groups=32");
    mien_node seen = add(graph, "permute", "last", &y, 1, "order=0,2,3,1");
    y = add(graph, "layer_norm", "norm", &seen, 1, "");
    y = add(graph, "linear", "wide", &y, 1, "out=64");
    y = add(graph, "gelu", "gelu", &y, 1, "");
    y = add(graph, "linear", "narrow", &y, 1, "out=32");
    if (also) {
        y = add(graph, "binary", "again", (mien_node[]){y, seen}, 2, "function=add");
    }
    y = add(graph, "permute", "first", &y, 1, "order=0,3,1,2");
    scale = add(graph, "constant", "scale", NULL, 0, "shape=32,1,1");
    y = add(graph, "binary", "scaled", (mien_node[]){scale, y}, 2, "function=mul");
    add(graph, "add", "sum", (mien_node[]){y, x}, 2, "");
    return graph;
}

static void layouts_that_are_only_seen_differently_are_right(void **state) {
    (void)state;
    for (int also = 0; also < 2; also++) {
        mien_graph *graph = block(also);
        for (int64_t batch = 1; batch <= 2; batch++) {
            mien_plan_options o = options_of(batch);
            nets_check(graph, &o, TOLERANCE, NULL);
        }
        nets_check_gradients(graph, 2, true, 10, 5e-3);
        mien_graph_free(&graph);
    }
}

/* A block of EfficientNet: what all places have in common decides how much of each
 * channel goes on. */
static void gates_of_channels_are_right(void **state) {
    (void)state;
    mien_graph *graph = NULL;
    mien_node x, gate;
    const int64_t shape[4] = {MIEN_BATCH, 8, 6, 7};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 4, shape, &x));
    x = add(graph, "conv2d", "point", &x, 1, "out=32 kernel=1,1");
    x = add(graph, "activation", "silu", &x, 1, "function=silu");
    gate = add(graph, "adaptive_avg_pool2d", "mean", &x, 1, "size=1,1");
    gate = add(graph, "conv2d", "fewer", &gate, 1, "out=4 kernel=1,1");
    gate = add(graph, "activation", "silu2", &gate, 1, "function=silu");
    gate = add(graph, "conv2d", "more", &gate, 1, "out=32 kernel=1,1");
    gate = add(graph, "sigmoid", "gate", &gate, 1, "");
    x = add(graph, "multiply", "gated", (mien_node[]){x, gate}, 2, "");
    add(graph, "conv2d", "project", &x, 1, "out=8 kernel=1,1");
    for (int64_t batch = 1; batch <= 2; batch++) {
        mien_plan_options o = options_of(batch);
        nets_check(graph, &o, TOLERANCE, NULL);
    }
    nets_check_gradients(graph, 2, true, 10, 5e-3);
    mien_graph_free(&graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attention_is_one_step_and_right),
        cmocka_unit_test(attention_whose_shares_are_wanted_is_right),
        cmocka_unit_test(layouts_that_are_only_seen_differently_are_right),
        cmocka_unit_test(gates_of_channels_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
