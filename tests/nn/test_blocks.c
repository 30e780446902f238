/* SPDX-License-Identifier: MIT */
/* Blocks of several layers in training mode: outputs and every gradient of Σ c y
 * against PyTorch's. Golden: python/golden/blocks.py. */
#include <stdio.h>

#include "nn/nets.h"

#define TOLERANCE 1e-4 /* of the largest value of each tensor */
#define VALUES_MAX 1024
#define OUTPUTS_MAX 2

/* The values called BLOCK/NAME in the golden file; 0: there are none. */
static int64_t golden(const char *block, const char *name, float *values) {
    char word[96], wanted[96];
    long long count = 0;
    FILE *file = fopen(support_source("tests/golden/blocks.txt"), "r");
    assert_non_null(file);
    snprintf(wanted, sizeof wanted, "%s/%s", block, name);
    assert_int_equal(fscanf(file, "#%*[^\n]"), 0);
    while (fscanf(file, "%95s %lld", word, &count) == 2) {
        assert_true(count <= VALUES_MAX);
        for (int64_t i = 0; i < count; i++) {
            assert_int_equal(fscanf(file, "%f", &values[i]), 1);
        }
        if (!strcmp(word, wanted)) {
            fclose(file);
            return count;
        }
    }
    fclose(file);
    return 0;
}

static void fill(const char *block, const char *name, float *to, int64_t count) {
    float values[VALUES_MAX];
    if (golden(block, name, values) != count) {
        fail_msg("%s/%s is not in the golden file, or of another size", block, name);
    }
    memcpy(to, values, (size_t)count * sizeof *to);
}

static void compare(
    const char *block, const char *prefix, const char *name, const mien_tensor *got) {
    float want[VALUES_MAX];
    double wide[VALUES_MAX];
    char full[80];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    assert_non_null(got);
    fill(block, full, want, mien_tensor_count(got));
    for (int64_t i = 0; i < mien_tensor_count(got); i++) {
        wide[i] = (double)want[i];
    }
    double error = nets_error(got, wide);
    if (!(error <= TOLERANCE)) {
        fail_msg("%s %s: off by %g of the largest value", block, full, error);
    }
}

typedef struct block {
    const char *name;
    int64_t batch;
    mien_graph *graph;
    int outputs_count;
    mien_node outputs[OUTPUTS_MAX];
    const char *names[OUTPUTS_MAX];
} block;

static void feed(const block *b, mien_plan *plan) {
    for (int i = 0; i < mien_graph_nodes(b->graph); i++) {
        if (!mien_graph_at(b->graph, i)->op) {
            fill(b->name, mien_graph_name(b->graph, i), mien_plan_input(plan, i),
                nets_count(b->graph, i, b->batch));
        }
    }
}

static void compare_gradients(
    const block *b, mien_plan *plan, mien_parameters *parameters) {
    float unused[VALUES_MAX];
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        if (mien_parameters_trainable(parameters, i)) {
            compare(b->name, "d:", mien_parameters_name(parameters, i),
                mien_plan_gradient(plan, i));
        }
    }
    for (int i = 0; i < mien_graph_nodes(b->graph); i++) {
        char name[64];
        snprintf(name, sizeof name, "d:%s", mien_graph_name(b->graph, i));
        if (!mien_graph_at(b->graph, i)->op && golden(b->name, name, unused)) {
            compare(b->name, "", name, mien_plan_input_gradient(plan, i));
        }
    }
}

static void check(block *b, int threads) {
    mien_parameters *parameters = NULL;
    mien_plan *plan = NULL;
    mien_plan_options options = mien_plan_options_default();
    assert_good(mien_parameters_new(b->graph, &parameters));
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        mien_tensor *t = mien_parameters_at(parameters, i);
        if (mien_parameters_trainable(parameters, i)) {
            fill(b->name, mien_parameters_name(parameters, i), t->data,
                mien_tensor_count(t));
        }
    }
    options.mode = MIEN_TRAIN;
    options.batch = b->batch;
    options.threads = threads;
    options.input_gradients = true;
    options.outputs = b->outputs;
    options.outputs_count = b->outputs_count;
    assert_good(mien_plan_new(b->graph, parameters, &options, &plan));
    for (int round = 0; round < 2; round++) { /* the second finds used memory */
        feed(b, plan);
        assert_good(mien_plan_run(plan));
        for (int i = 0; i < b->outputs_count; i++) {
            char name[64];
            compare(b->name, "", b->names[i], mien_plan_output(plan, i));
            snprintf(name, sizeof name, "c:%s", b->names[i]);
            fill(b->name, name, mien_plan_output_gradient(plan, i),
                mien_tensor_count(mien_plan_output(plan, i)));
        }
        assert_good(mien_plan_backward(plan));
        compare_gradients(b, plan, parameters);
    }
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
}

static void check_all(block *b) {
    check(b, 1);
    check(b, 3);
    mien_graph_free(&b->graph);
}

static mien_node input(block *b, const char *name, int rank, const int64_t *shape) {
    mien_node x = -1;
    if (!b->graph) {
        assert_good(mien_graph_new(&b->graph));
    }
    assert_good(mien_graph_input(b->graph, name, rank, shape, &x));
    return x;
}

#define SHAPE(...) ((const int64_t[]){__VA_ARGS__})

static void a_transformer_block_learns_as_in_pytorch(void **state) {
    (void)state;
    block b = {"encoder", 3, NULL, 2, {0}, {"y", "weights"}};
    mien_node x = input(&b, "x", 3, SHAPE(MIEN_BATCH, 5, 8)), y;
    mien_node mask = input(&b, "mask", 2, SHAPE(5, 5));
    mien_attention_options o = mien_attention_options_of(2);
    o.mask = mask;
    assert_good(mien_layer_norm(b.graph, "norm1", x, 1e-5, MIEN_LAYER_NORM_ROOT, &y));
    assert_good(mien_attention(b.graph, "attention", y, y, y, &o, &y, &b.outputs[1]));
    assert_good(mien_add(b.graph, "sum1", x, y, &x));
    assert_good(mien_layer_norm(b.graph, "norm2", x, 1e-5, MIEN_LAYER_NORM_ROOT, &y));
    assert_good(mien_linear(b.graph, "up", y, 12, true, &y));
    assert_good(mien_gelu(b.graph, "gelu", y, &y));
    assert_good(mien_linear(b.graph, "down", y, 8, true, &y));
    assert_good(mien_add(b.graph, "sum2", x, y, &b.outputs[0]));
    check_all(&b);
}

static void attention_to_another_sequence_hides_its_padding(void **state) {
    (void)state;
    block b = {"cross", 2, NULL, 1, {0}, {"y"}};
    mien_node x = input(&b, "x", 3, SHAPE(MIEN_BATCH, 3, 6));
    mien_node memory = input(&b, "memory", 3, SHAPE(MIEN_BATCH, 4, 6));
    mien_attention_options o = mien_attention_options_of(3);
    o.mask = input(&b, "hidden", 2, SHAPE(MIEN_BATCH, 4));
    o.mask_rule = MIEN_MASK_HIDE;
    assert_good(mien_attention(
        b.graph, "attention", x, memory, memory, &o, &b.outputs[0], NULL));
    check_all(&b);
}

static void a_cnn_lstm_learns_as_in_pytorch(void **state) {
    (void)state;
    block b = {"convlstm", 8, NULL, 1, {0}, {"y"}};
    mien_node x = input(&b, "x", 3, SHAPE(MIEN_BATCH, 3, 22));
    assert_good(mien_conv1d(b.graph, "conv1", x, 6, 3, 1, 0, &x));
    assert_good(mien_activate(b.graph, "r1", x, MIEN_RELU, 0, &x));
    assert_good(mien_conv1d(b.graph, "conv2", x, 6, 3, 1, 0, &x));
    assert_good(mien_activate(b.graph, "r2", x, MIEN_RELU, 0, &x));
    assert_good(mien_pool1d(b.graph, "pool", x, MIEN_POOL_MAX, 2, 2, 0, &x));
    assert_good(mien_lstm(b.graph, "lstm", x, 5, 1, MIEN_LSTM_FORWARD, &x));
    assert_good(mien_slice(b.graph, "last", x, 1, -1, INT64_MAX, &x));
    assert_good(mien_flatten(b.graph, "flat", x, &x));
    assert_good(mien_linear(b.graph, "fc", x, 4, true, &x));
    assert_good(mien_activate(b.graph, "r3", x, MIEN_RELU, 0, &x));
    assert_good(mien_batch_norm(b.graph, "bn", x, 1e-5, 0.1, &b.outputs[0]));
    check_all(&b);
}

static void words_run_through_two_lstms_both_ways(void **state) {
    (void)state;
    block b = {"both", 3, NULL, 1, {0}, {"y"}};
    const int over = 1;
    mien_node x = input(&b, "words", 2, SHAPE(MIEN_BATCH, 5));
    assert_good(mien_embedding(b.graph, "table", x, 6, 3, &x));
    assert_good(mien_lstm(b.graph, "lstm", x, 4, 2, MIEN_LSTM_BOTH, &x));
    assert_good(mien_reduce(
        b.graph, "mean", x, MIEN_REDUCE_MEAN, &over, 1, false, &b.outputs[0]));
    check_all(&b);
}

static void a_residual_block_learns_as_in_pytorch(void **state) {
    (void)state;
    block b = {"residual", 3, NULL, 1, {0}, {"y"}};
    mien_conv2d_options o = mien_conv2d_options_of(4, 3, 1, 1);
    mien_node x = input(&b, "x", 4, SHAPE(MIEN_BATCH, 4, 6, 5)), y;
    o.bias = false;
    assert_good(mien_conv2d(b.graph, "conv1", x, &o, &y));
    assert_good(mien_batch_norm(b.graph, "bn1", y, 1e-5, 0.1, &y));
    assert_good(mien_activate(b.graph, "r1", y, MIEN_RELU, 0, &y));
    assert_good(mien_conv2d(b.graph, "conv2", y, &o, &y));
    assert_good(mien_batch_norm(b.graph, "bn2", y, 1e-5, 0.1, &y));
    assert_good(mien_add(b.graph, "sum", x, y, &y));
    assert_good(mien_activate(b.graph, "r2", y, MIEN_RELU, 0, &b.outputs[0]));
    check_all(&b);
}

static void volumes_are_convolved_pooled_upsampled_and_picked(void **state) {
    (void)state;
    block b = {"volume", 2, NULL, 1, {0}, {"y"}};
    const int kernel[3] = {3, 2, 3}, stride[3] = {1, 2, 1}, padding[3] = {1, 0, 1};
    const int window[3] = {1, 2, 2}, edge[3] = {0, 1, 1}, over = 2;
    const int places[4] = {11, 0, 6, 0}, order[4] = {0, 3, 1, 2};
    mien_node x = input(&b, "x", 5, SHAPE(MIEN_BATCH, 2, 3, 6, 5)), parts[3];
    assert_good(mien_conv3d(b.graph, "conv", x, 4, kernel, stride, padding, &x));
    assert_good(
        mien_pool3d(b.graph, "pool", x, MIEN_POOL_MAX, window, window, edge, &x));
    assert_good(mien_reduce(b.graph, "most", x, MIEN_REDUCE_MAX, &over, 1, false, &x));
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"near", "between", "corners"};
        assert_good(mien_upsample2d(
            b.graph, names[i], x, 5, 7, (mien_upsample_mode)i, &parts[i]));
    }
    assert_good(mien_concat(b.graph, "all", parts, 3, 1, &x));
    assert_good(mien_gather(b.graph, "picked", x, 1, places, 4, &x));
    assert_good(mien_permute(b.graph, "turned", x, order, 4, &b.outputs[0]));
    check_all(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transformer_block_learns_as_in_pytorch),
        cmocka_unit_test(attention_to_another_sequence_hides_its_padding),
        cmocka_unit_test(a_cnn_lstm_learns_as_in_pytorch),
        cmocka_unit_test(words_run_through_two_lstms_both_ways),
        cmocka_unit_test(a_residual_block_learns_as_in_pytorch),
        cmocka_unit_test(volumes_are_convolved_pooled_upsampled_and_picked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
