/* SPDX-License-Identifier: MIT */
/* Graphs cut short, and the graph behind some nodes. */
#include "nn/graph.h"

#include <string.h>

#include "support/support.h"

static mien_graph *picture(mien_node *x) {
    mien_graph *graph = NULL;
    int64_t shape[4] = {MIEN_BATCH, 3, 8, 6};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 4, shape, x));
    return graph;
}

static void a_cut_graph_ends_at_the_node(void **state) {
    (void)state;
    mien_node x, y, z;
    mien_graph *graph = picture(&x);
    mien_parameters *p = NULL;
    mien_conv2d_options o = mien_conv2d_options_of(6, 3, 1, 1);
    assert_good(mien_conv2d(graph, "one", x, &o, &y));
    assert_good(mien_graph_alias(graph, "first", y));
    assert_good(mien_conv2d(graph, "two", y, &o, &z));
    assert_good(mien_graph_alias(graph, "second", z));
    assert_int_equal(mien_graph_weights(graph), (27 * 6 + 6) + (54 * 6 + 6));
    assert_good(mien_graph_cut(graph, y));
    assert_int_equal(mien_graph_nodes(graph), y + 1);
    assert_int_equal(mien_graph_weights(graph), 27 * 6 + 6);
    assert_int_equal(mien_graph_find(graph, "first"), y);
    assert_int_equal(mien_graph_find(graph, "two"), -1);
    assert_int_equal(mien_graph_find(graph, "second"), -1);
    assert_fails(mien_graph_cut(graph, z), MIEN_EINVAL, "no node");
    assert_good(mien_conv2d(graph, "two", y, &o, &z)); /* the name is free again */
    assert_good(mien_parameters_new(graph, &p));
    assert_int_equal(mien_parameters_count(p), 4);
    assert_string_equal(mien_parameters_name(p, 3), "two.bias");
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

/* conv, batch-norm, a branch around a second conv, dropout, a linear layer */
static mien_graph *branched(void) {
    mien_node x, y, z;
    mien_graph *graph = picture(&x);
    mien_conv2d_options o = mien_conv2d_options_of(3, 3, 1, 1);
    assert_good(mien_conv2d(graph, "one", x, &o, &y));
    assert_good(mien_batch_norm(graph, "bn", y, 1e-5, 0.1, &y));
    assert_good(mien_graph_alias(graph, "first", y));
    assert_good(mien_conv2d(graph, "two", y, &o, &z));
    assert_good(mien_add(graph, "sum", y, z, &y));
    assert_good(mien_graph_alias(graph, "second", y));
    assert_good(mien_flatten(graph, "flat", y, &y));
    assert_good(mien_dropout(graph, "drop", y, 0.5, &y));
    assert_good(mien_linear(graph, "fc", y, 2, true, &y));
    return graph;
}

static void fill_values(float *x, int count) {
    for (int i = 0; i < count; i++) {
        x[i] = (float)((i * 7) % 13) / 13 - 0.4f;
    }
}

static void the_graph_behind_a_node_computes_what_comes_behind(void **state) {
    (void)state;
    mien_graph *whole = branched(), *tail = NULL;
    mien_node bn = mien_graph_find(whole, "bn"), map[16];
    assert_true(mien_graph_nodes(whole) <= 16);
    assert_good(mien_graph_behind(whole, &bn, 1, &tail, map));
    assert_int_equal(mien_graph_nodes(tail), mien_graph_nodes(whole) - bn);
    assert_string_equal(mien_graph_operator(tail, 0), "input");
    assert_int_equal(mien_graph_find(tail, "one"), -1);
    assert_int_equal(mien_graph_find(tail, "first"), 0);
    assert_int_equal(mien_graph_find(tail, "second"), mien_graph_find(tail, "sum"));
    assert_int_equal(map[0], -1);
    assert_int_equal(map[bn], 0);
    assert_int_equal(map[mien_graph_find(whole, "fc")], mien_graph_nodes(tail) - 1);

    mien_parameters *p = NULL, *q = NULL;
    assert_good(mien_parameters_new(whole, &p));
    assert_good(mien_parameters_new(tail, &q));
    assert_int_equal(mien_parameters_count(q), 4);
    assert_string_equal(mien_parameters_name(q, 0), "two.weight");
    mien_parameters_randomize(p, 3);
    mien_parameters_randomize(q, 3);

    float x[2 * 3 * 8 * 6];
    fill_values(x, 2 * 3 * 8 * 6);
    mien_plan *plan = NULL, *rest = NULL;
    mien_plan_options o = mien_plan_options_default();
    o.batch = 2;
    const mien_node both[] = {bn, mien_graph_find(whole, "fc")};
    o.outputs = both;
    o.outputs_count = 2;
    assert_good(mien_plan_new(whole, p, &o, &plan));
    memcpy(mien_plan_input(plan, 0), x, sizeof x);
    assert_good(mien_plan_run(plan));
    o.outputs = NULL;
    o.outputs_count = 0;
    assert_good(mien_plan_new(tail, q, &o, &rest));
    memcpy(mien_plan_input(rest, 0), mien_plan_output(plan, 0)->data, sizeof x);
    assert_good(mien_plan_run(rest));
    assert_close(mien_plan_output(rest, 0)->data, mien_plan_output(plan, 1)->data, 4,
        1e-6, 1e-6);
    mien_plan_free(&rest);
    mien_plan_free(&plan);
    mien_parameters_free(&q);
    mien_parameters_free(&p);
    mien_graph_free(&tail);
    mien_graph_free(&whole);
}

/* Two inputs, each with a layer, joined; and one more head on the second alone. */
static mien_graph *joined(void) {
    mien_graph *graph = NULL;
    int64_t shape[2] = {MIEN_BATCH, 5};
    mien_node a, b, both[2], y;
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "a", 2, shape, &a));
    assert_good(mien_graph_input(graph, "b", 2, shape, &b));
    assert_good(mien_linear(graph, "left", a, 3, true, &both[0]));
    assert_good(mien_linear(graph, "right", b, 4, true, &both[1]));
    assert_good(mien_linear(graph, "aside", both[1], 2, true, &y));
    assert_good(mien_concat(graph, "both", both, 2, 1, &y));
    assert_good(mien_linear(graph, "head", y, 2, true, &y));
    return graph;
}

static void the_graph_behind_one_branch_keeps_the_other_whole(void **state) {
    (void)state;
    mien_graph *graph = joined(), *tail = NULL;
    mien_node map[8], left = mien_graph_find(graph, "left");
    assert_good(mien_graph_behind(graph, &left, 1, &tail, map));
    const char *kept[] = {"b", "left", "right", "both", "head"};
    assert_int_equal(mien_graph_nodes(tail), 5);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(mien_graph_name(tail, i), kept[i]);
        assert_int_equal(map[mien_graph_find(graph, kept[i])], i);
    }
    assert_string_equal(mien_graph_operator(tail, 1), "input");
    assert_string_equal(mien_graph_operator(tail, 2), "linear");
    assert_int_equal(map[mien_graph_find(graph, "a")], -1);
    assert_int_equal(map[mien_graph_find(graph, "aside")], -1);
    mien_graph_free(&tail);

    const mien_node two[] = {mien_graph_find(graph, "right"), left, left};
    assert_good(mien_graph_behind(graph, two, 3, &tail, map));
    assert_int_equal(mien_graph_nodes(tail), 5); /* left, right, aside, both, head */
    assert_string_equal(mien_graph_operator(tail, 0), "input");
    assert_string_equal(mien_graph_operator(tail, 1), "input");
    assert_string_equal(mien_graph_name(tail, 2), "aside");
    mien_graph_free(&tail);
    mien_graph_free(&graph);
}

/* The layers of a read-out: one lies behind the other, and both are inputs. */
static void a_cut_behind_a_cut_is_an_input_too(void **state) {
    (void)state;
    mien_graph *graph = branched(), *tail = NULL;
    const mien_node cuts[] = {
        mien_graph_find(graph, "bn"), mien_graph_find(graph, "sum")};
    mien_node map[16];
    assert_good(mien_graph_behind(graph, cuts, 2, &tail, map));
    assert_string_equal(mien_graph_operator(tail, map[cuts[0]]), "input");
    assert_string_equal(mien_graph_operator(tail, map[cuts[1]]), "input");
    assert_int_equal(mien_graph_find(tail, "one"), -1);
    assert_true(mien_graph_find(tail, "fc") > 0);
    mien_graph_free(&tail);
    mien_graph_free(&graph);
}

static void behind_nothing_is_everything(void **state) {
    (void)state;
    mien_graph *graph = joined(), *tail = NULL;
    mien_node map[8];
    assert_good(mien_graph_behind(graph, NULL, 0, &tail, map));
    assert_int_equal(mien_graph_nodes(tail), mien_graph_nodes(graph));
    for (int i = 0; i < mien_graph_nodes(graph); i++) {
        assert_int_equal(map[i], i);
        assert_string_equal(mien_graph_name(tail, i), mien_graph_name(graph, i));
    }
    mien_graph_free(&tail);
    const mien_node none = 100;
    assert_fails(
        mien_graph_behind(graph, &none, 1, &tail, map), MIEN_EINVAL, "no node");
    mien_graph_free(&graph);
}

static mien_status behind_alone(void *context) {
    mien_graph *graph = context, *tail = NULL;
    mien_node map[16], cut = mien_graph_find(graph, "bn");
    mien_status status = mien_graph_behind(graph, &cut, 1, &tail, map);
    mien_graph_free(&tail);
    return status;
}

static void a_graph_behind_without_memory_leaves_nothing(void **state) {
    (void)state;
    mien_graph *graph = branched();
    support_each_allocation_fails(behind_alone, graph, 200);
    mien_graph_free(&graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_graph_ends_at_the_node),
        cmocka_unit_test(the_graph_behind_a_node_computes_what_comes_behind),
        cmocka_unit_test(the_graph_behind_one_branch_keeps_the_other_whole),
        cmocka_unit_test(a_cut_behind_a_cut_is_an_input_too),
        cmocka_unit_test(behind_nothing_is_everything),
        cmocka_unit_test(a_graph_behind_without_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
