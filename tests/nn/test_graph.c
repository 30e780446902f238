/* SPDX-License-Identifier: MIT */
/* Graphs: names, shapes and refusals that say which operator and why. */
#include "nn/graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/support.h"

static mien_graph *picture(mien_node *x) {
    mien_graph *graph = NULL;
    int64_t shape[4] = {MIEN_BATCH, 3, 224, 200};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 4, shape, x));
    return graph;
}

static void assert_shape(
    const mien_graph *graph, mien_node node, int rank, const int64_t *want) {
    int64_t shape[MIEN_RANK_MAX];
    assert_int_equal(mien_graph_shape(graph, node, shape), rank);
    for (int i = 0; i < rank; i++) {
        assert_int_equal(shape[i], want[i]);
    }
}

static void shapes_follow_pytorch(void **state) {
    (void)state;
    mien_node x, y;
    mien_graph *graph = picture(&x);
    mien_conv2d_options o = mien_conv2d_options_of(64, 7, 2, 3);
    mien_pool2d_options pool = mien_pool2d_options_of(MIEN_POOL_MAX, 3, 2, 1);
    assert_good(mien_conv2d(graph, "conv", x, &o, &y));
    assert_shape(graph, y, 4, (int64_t[]){MIEN_BATCH, 64, 112, 100});
    assert_good(mien_pool2d(graph, "pool", y, &pool, &y));
    assert_shape(graph, y, 4, (int64_t[]){MIEN_BATCH, 64, 56, 50});
    pool.ceil = true;
    assert_good(mien_pool2d(graph, "ceil", y, &pool, &y));
    assert_shape(graph, y, 4, (int64_t[]){MIEN_BATCH, 64, 29, 26});
    pool = mien_pool2d_options_of(MIEN_POOL_AVERAGE, 2, 2, 1);
    pool.ceil = true; /* the last window would begin in the padding: left out */
    assert_good(mien_pool2d(graph, "edge", y, &pool, &y));
    assert_shape(graph, y, 4, (int64_t[]){MIEN_BATCH, 64, 15, 14});
    assert_good(mien_flatten(graph, "flat", y, &y));
    assert_shape(graph, y, 2, (int64_t[]){MIEN_BATCH, 64 * 15 * 14});
    mien_graph_free(&graph);
    assert_null(graph);
}

static void parameters_have_pytorch_names_and_shapes(void **state) {
    (void)state;
    static const char *const names[] = {"layer.conv.weight", "layer.bn.weight",
        "layer.bn.bias", "layer.bn.running_mean", "layer.bn.running_var", "fc.weight",
        "fc.bias"};
    mien_node x;
    mien_graph *graph = picture(&x);
    mien_parameters *p = NULL;
    mien_conv2d_options o = mien_conv2d_options_of(6, 3, 1, 1);
    o.groups = 3;
    o.bias = false;
    assert_good(mien_conv2d(graph, "layer.conv", x, &o, &x));
    assert_good(mien_batch_norm(graph, "layer.bn", x, 1e-5, 0.1, &x));
    assert_good(mien_adaptive_pool2d(graph, "pool", x, MIEN_POOL_MAX, 1, 1, &x));
    assert_good(mien_flatten(graph, "flat", x, &x));
    assert_good(mien_linear(graph, "fc", x, 4, true, &x));
    assert_good(mien_parameters_new(graph, &p));
    assert_int_equal(mien_parameters_count(p), 7);
    for (int i = 0; i < 7; i++) {
        assert_string_equal(mien_parameters_name(p, i), names[i]);
        assert_int_equal(mien_parameters_find(p, names[i]), i);
        assert_int_equal(mien_parameters_trainable(p, i), i != 3 && i != 4);
    }
    const mien_tensor *weight = mien_parameters_at(p, 0);
    assert_int_equal(weight->shape[0], 6);
    assert_int_equal(weight->shape[1], 1);
    assert_int_equal(weight->shape[3], 3);
    assert_true(((float *)mien_parameters_at(p, 1)->data)[5] == 1);
    assert_true(((float *)mien_parameters_at(p, 4)->data)[0] == 1);
    assert_true(((float *)mien_parameters_at(p, 3)->data)[0] == 0);
    assert_int_equal(mien_parameters_find(p, "fc"), -1);
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

static void random_weights_depend_on_seed_and_name_only(void **state) {
    (void)state;
    mien_node x, y;
    mien_graph *a = picture(&x), *b = NULL;
    mien_parameters *p = NULL, *q = NULL;
    mien_conv2d_options o = mien_conv2d_options_of(6, 3, 1, 1);
    assert_good(mien_conv2d(a, "one", x, &o, &y));
    assert_good(mien_conv2d(a, "two", x, &o, &y));
    b = picture(&x);
    assert_good(mien_conv2d(b, "two", x, &o, &y));
    assert_good(mien_parameters_new(a, &p));
    assert_good(mien_parameters_new(b, &q));
    mien_parameters_randomize(p, 4);
    mien_parameters_randomize(q, 4);
    const mien_tensor *same =
        mien_parameters_at(p, mien_parameters_find(p, "two.weight"));
    const mien_tensor *other =
        mien_parameters_at(p, mien_parameters_find(p, "one.weight"));
    const mien_tensor *want = mien_parameters_at(q, 0);
    assert_memory_equal(same->data, want->data, mien_tensor_bytes(want));
    assert_memory_not_equal(other->data, want->data, mien_tensor_bytes(want));
    double bound = 1 / sqrt(27.0), most = 0;
    for (int64_t i = 0; i < mien_tensor_count(want); i++) {
        most = fmax(most, fabs((double)((float *)want->data)[i]));
    }
    assert_true(most <= bound && most > 0.9 * bound);
    mien_parameters_randomize(q, 5);
    assert_memory_not_equal(same->data, want->data, mien_tensor_bytes(want));
    mien_parameters_free(&p);
    mien_parameters_free(&q);
    mien_graph_free(&a);
    mien_graph_free(&b);
}

static bool is_of_two(void *context, const char *name) {
    *(int *)context += 1;
    return strncmp(name, "two.", 4) == 0;
}

static void only_the_wanted_weights_are_drawn(void **state) {
    (void)state;
    mien_node x, y;
    mien_graph *graph = picture(&x);
    mien_parameters *p = NULL, *q = NULL;
    mien_conv2d_options o = mien_conv2d_options_of(6, 3, 1, 1);
    int asked = 0;
    assert_good(mien_conv2d(graph, "one", x, &o, &y));
    assert_good(mien_conv2d(graph, "two", x, &o, &y));
    assert_good(mien_parameters_new(graph, &p));
    assert_good(mien_parameters_new(graph, &q));
    mien_parameters_randomize(p, 4);
    mien_parameters_randomize_some(q, 4, is_of_two, &asked);
    assert_int_equal(asked, mien_parameters_count(q));
    for (int64_t i = 0; i < mien_parameters_count(q); i++) {
        const mien_tensor *want = mien_parameters_at(p, i);
        const mien_tensor *got = mien_parameters_at(q, i);
        if (strncmp(mien_parameters_name(q, i), "two.", 4) == 0) {
            assert_memory_equal(got->data, want->data, mien_tensor_bytes(want));
        } else {
            assert_true(((float *)got->data)[0] == 0);
        }
    }
    mien_parameters_free(&p);
    mien_parameters_free(&q);
    mien_graph_free(&graph);
}

static void flops_count_two_for_a_multiply_add(void **state) {
    (void)state;
    mien_node x, y;
    mien_graph *graph = picture(&x);
    mien_conv2d_options o = mien_conv2d_options_of(6, 3, 1, 1);
    o.groups = 3;
    assert_good(mien_conv2d(graph, "conv", x, &o, &y));
    assert_good(mien_adaptive_pool2d(graph, "pool", y, MIEN_POOL_AVERAGE, 1, 1, &y));
    assert_good(mien_flatten(graph, "flat", y, &y));
    assert_good(mien_linear(graph, "fc", y, 4, true, &y));
    double want = 2.0 * 6 * 224 * 200 * 9 + 2.0 * 6 * 4;
    assert_near(mien_graph_flops(graph, 1), want, 0);
    assert_near(mien_graph_flops(graph, 5), 5 * want, 0);
    mien_graph_free(&graph);
}

static void nodes_are_found_by_name_and_alias(void **state) {
    (void)state;
    mien_node x, y;
    mien_graph *graph = picture(&x);
    assert_good(mien_activate(graph, "features.0.relu", x, MIEN_RELU, 0, &y));
    assert_good(mien_graph_alias(graph, "features.0", y));
    assert_int_equal(mien_graph_find(graph, "features.0"), y);
    assert_int_equal(mien_graph_find(graph, "features.0.relu"), y);
    assert_int_equal(mien_graph_find(graph, "features"), -1);
    assert_string_equal(mien_graph_name(graph, y), "features.0.relu");
    assert_string_equal(mien_graph_operator(graph, y), "relu");
    assert_string_equal(mien_graph_operator(graph, x), "input");
    assert_string_equal(mien_graph_nearest(graph, "featurs.0"), "features.0");
    assert_string_equal(
        mien_graph_nearest(graph, "features.0.relo"), "features.0.relu");
    assert_fails(mien_graph_alias(graph, "features.0", x), MIEN_EINVAL, "already");
    assert_fails(mien_graph_alias(graph, "other", 9), MIEN_EINVAL, "no node 9");
    assert_fails(
        mien_activate(graph, "x", x, MIEN_RELU, 0, &y), MIEN_EINVAL, "already");
    assert_fails(mien_activate(graph, "", x, MIEN_RELU, 0, &y), MIEN_EINVAL, "name");
    mien_graph_free(&graph);
}

static void activations_are_found_by_name(void **state) {
    (void)state;
    mien_activation a = MIEN_RELU;
    assert_good(mien_activation_find("tanh", &a));
    assert_int_equal(a, MIEN_TANH);
    assert_good(mien_activation_find("leaky_relu", &a));
    assert_int_equal(a, MIEN_LEAKY_RELU);
    assert_fails(mien_activation_find("rely", &a), MIEN_ENOTFOUND, "nearest is relu");
}

static void shape_failures_name_the_operator_and_the_reason(void **state) {
    (void)state;
    mien_node x, y = 77, small, flat, pair[2];
    mien_graph *graph = picture(&x);
    mien_conv2d_options o = mien_conv2d_options_of(4, 3, 1, 0);
    mien_pool2d_options pool = mien_pool2d_options_of(MIEN_POOL_MAX, 300, 1, 0);
    int64_t shape[4] = {MIEN_BATCH, 3, 1, 2};
    assert_good(mien_graph_input(graph, "small", 4, shape, &small));
    assert_good(mien_graph_input(graph, "flat", 1, shape, &flat));
    assert_fails(mien_linear(graph, "classifier.1", flat, 10, true, &y), MIEN_ESHAPE,
        "linear classifier.1 of [N]: it takes [N, F]");
    assert_fails(mien_conv2d(graph, "conv1", small, &o, &y), MIEN_ESHAPE,
        "conv2d conv1 of [N, 3, 1, 2]: a kernel that reaches over 3 does not fit "
        "height 1");
    o.groups = 2;
    assert_fails(mien_conv2d(graph, "conv1", x, &o, &y), MIEN_ESHAPE,
        "2 groups do not divide 3 and 4 channels");
    assert_fails(mien_pool2d(graph, "p", x, &pool, &y), MIEN_ESHAPE, "window of 300");
    assert_fails(mien_add(graph, "sum", small, x, &y), MIEN_ESHAPE,
        "add sum of [N, 3, 1, 2] and [N, 3, 224, 200]");
    pair[0] = x;
    pair[1] = small;
    assert_fails(mien_concat(graph, "cat", pair, 2, 1, &y), MIEN_ESHAPE,
        "input 1 [N, 3, 1, 2] differs");
    assert_fails(mien_concat(graph, "cat", pair, 2, 0, &y), MIEN_ESHAPE, "axis 0");
    shape[2] = 0;
    assert_fails(
        mien_graph_input(graph, "none", 4, shape, &y), MIEN_ESHAPE, "dimension 2 is 0");
    assert_int_equal(y, 77);
    assert_int_equal(mien_graph_nodes(graph), 3);
    mien_graph_free(&graph);
}

static void options_in_text_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *op, *options, *says;
    } cases[] = {
        {"conv2d", "kernel=3", "out"},
        {"conv2d", "out=8", "kernel"},
        {"conv2d", "out=8 kernel=3,4,5", "kernel: \"3,4,5\""},
        {"conv2d", "out=8 kernel=0", "kernel: \"0\""},
        {"conv2d", "out=8 kernel=x", "kernel: \"x\""},
        {"conv2d", "out=0 kernel=3", "out"},
        {"conv2d", "out=8 kernel=3 padding=1,2,3", "padding: \"1,2,3\""},
        {"conv2d", "out=8 kernel=3 padding=-1", "padding: \"-1\""},
        {"conv2d", "out=8 kernel=3 strid=2", "stride"},
        {"conv2d", "out=8 kernel=3 bias=maybe", "bias"},
        {"conv2d", "out=8 kernel", "\"kernel\" is not key=value"},
        {"max_pool2d", "kernel=2 padding=2", "more than half"},
        {"max_pool2d", "", "kernel"},
        {"relu", "alpha=1", "no options"},
        {"elu", "alpha=big", "alpha"},
        {"dropout", "rate=2", "rate"},
    };
    mien_node x, y;
    mien_graph *graph = picture(&x);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_fails(
            mien_graph_add(graph, cases[i].op, "y", &x, 1, cases[i].options, &y),
            MIEN_EINVAL, cases[i].says);
    }
    assert_fails(
        mien_graph_add(graph, "conv4d", "y", &x, 1, "", &y), MIEN_ENOTFOUND, "conv2d");
    assert_good(mien_graph_add(
        graph, "conv2d", "y", &x, 1, " kernel=3,5  out=2\tpadding=1,2 ", &y));
    assert_shape(graph, y, 4, (int64_t[]){MIEN_BATCH, 2, 224, 200});
    mien_graph_free(&graph);
}

static mien_status build(void *context) {
    (void)context;
    mien_graph *graph = NULL;
    mien_parameters *parameters = NULL;
    mien_node x;
    int64_t shape[4] = {MIEN_BATCH, 3, 9, 9};
    mien_conv2d_options o = mien_conv2d_options_of(6, 3, 1, 1);
    mien_status status = mien_graph_new(&graph);
    if (status == MIEN_OK) {
        status = mien_graph_input(graph, "x", 4, shape, &x);
    }
    for (int i = 0; status == MIEN_OK && i < 70; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        status = mien_conv2d(graph, name, x, &o, &x);
    }
    if (status == MIEN_OK) {
        status = mien_graph_alias(graph, "end", x);
    }
    if (status == MIEN_OK) {
        status = mien_parameters_new(graph, &parameters);
    }
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
    return status;
}

static void graphs_survive_each_failed_allocation(void **state) {
    (void)state;
    support_each_allocation_fails(build, NULL, 4000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_follow_pytorch),
        cmocka_unit_test(parameters_have_pytorch_names_and_shapes),
        cmocka_unit_test(random_weights_depend_on_seed_and_name_only),
        cmocka_unit_test(only_the_wanted_weights_are_drawn),
        cmocka_unit_test(flops_count_two_for_a_multiply_add),
        cmocka_unit_test(nodes_are_found_by_name_and_alias),
        cmocka_unit_test(activations_are_found_by_name),
        cmocka_unit_test(shape_failures_name_the_operator_and_the_reason),
        cmocka_unit_test(options_in_text_are_checked),
        cmocka_unit_test(graphs_survive_each_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
