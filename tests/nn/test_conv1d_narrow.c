/* SPDX-License-Identifier: MIT */
/* Training of one-dimensional convolutions with few channels: against the reference and
 * against differences, and the same on any threads. */
#include "nn/kernels/conv1d_narrow.h"

#include "nn/nets.h"

static mien_graph *series(int64_t channels, int64_t length, const char *options) {
    mien_graph *graph = NULL;
    mien_node x;
    int64_t shape[3] = {MIEN_BATCH, channels, length};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 3, shape, &x));
    assert_good(mien_graph_add(graph, "conv1d", "first", &x, 1, options, &x));
    assert_good(mien_activate(graph, "relu", x, MIEN_RELU, 0, &x));
    assert_good(mien_conv1d(graph, "second", x, 3, 2, 1, 0, &x));
    return graph;
}

static void gradients_are_right_whatever_the_padding(void **state) {
    (void)state;
    static const char *const options[] = {"out=9 kernel=3", "out=8 kernel=3 padding=2",
        "out=5 kernel=4 padding=0,3 dilation=2", "out=17 kernel=1 bias=no",
        "out=2 kernel=5 padding=4 dilation=3"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        mien_graph *graph = series(7, 13, options[i]);
        nets_check_gradients(graph, 3, true, 20, 5e-3);
        mien_graph_free(&graph);
    }
}

static mien_plan *plan_of(
    const mien_graph *graph, mien_parameters *parameters, int threads) {
    const float *inputs[NETS_NODES];
    mien_plan_options o = mien_plan_options_default();
    mien_plan *plan = NULL;
    o.mode = MIEN_TRAIN;
    o.batch = 5;
    o.threads = threads;
    o.input_gradients = true;
    assert_good(mien_plan_new(graph, parameters, &o, &plan));
    nets_feed(graph, plan, 5, inputs);
    assert_good(mien_plan_run(plan));
    const mien_tensor *y = mien_plan_output(plan, 0);
    nets_fill(mien_plan_output_gradient(plan, 0), mien_tensor_count(y), 7);
    assert_good(mien_plan_backward(plan));
    return plan;
}

static void compare(const mien_tensor *a, const mien_tensor *b, bool bits) {
    int64_t count = mien_tensor_count(a);
    if (bits) {
        assert_memory_equal(a->data, b->data, (size_t)count * sizeof(float));
    } else {
        assert_close((const float *)a->data, (const float *)b->data, count, 1e-4, 1e-3);
    }
}

/* Three threads have their parts of five items; what they add up may round otherwise
 * than one thread does, but always alike. */
static void threads_give_the_same_and_always_the_same_bits(void **state) {
    (void)state;
    mien_graph *graph = series(16, 150, "out=24 kernel=5 padding=2");
    mien_parameters *parameters = nets_parameters(graph, 3);
    mien_plan *one = plan_of(graph, parameters, 1);
    mien_plan *three = plan_of(graph, parameters, 3);
    mien_plan *again = plan_of(graph, parameters, 3);
    compare(mien_plan_output(one, 0), mien_plan_output(three, 0), true);
    compare(mien_plan_input_gradient(one, 0), mien_plan_input_gradient(three, 0), true);
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        compare(mien_plan_gradient(one, i), mien_plan_gradient(three, i), false);
        compare(mien_plan_gradient(again, i), mien_plan_gradient(three, i), true);
    }
    mien_plan_free(&again);
    mien_plan_free(&three);
    mien_plan_free(&one);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

/* Weights that are frozen have no gradient, and what stands before them still learns.
 */
static void gradients_go_through_frozen_weights(void **state) {
    (void)state;
    mien_graph *graph = series(6, 20, "out=5 kernel=3");
    mien_parameters *parameters = nets_parameters(graph, 3);
    mien_plan *all = plan_of(graph, parameters, 2);
    assert_int_equal(mien_parameters_freeze(parameters, "second.*", true), 2);
    mien_plan *some = plan_of(graph, parameters, 2);
    int64_t first = mien_parameters_find(parameters, "first.weight");
    int64_t second = mien_parameters_find(parameters, "second.weight");
    assert_null(mien_plan_gradient(some, second));
    compare(mien_plan_gradient(all, first), mien_plan_gradient(some, first), true);
    mien_plan_free(&some);
    mien_plan_free(&all);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_right_whatever_the_padding),
        cmocka_unit_test(threads_give_the_same_and_always_the_same_bits),
        cmocka_unit_test(gradients_go_through_frozen_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
