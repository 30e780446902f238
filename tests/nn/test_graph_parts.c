/* SPDX-License-Identifier: MIT */
/* Graphs cut and trimmed, and where what cannot change ends. */
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

static void a_trimmed_graph_computes_what_comes_behind(void **state) {
    (void)state;
    mien_graph *whole = branched(), *tail = branched();
    mien_node bn = mien_graph_find(whole, "bn");
    assert_good(mien_graph_trim(tail, bn));
    assert_int_equal(mien_graph_nodes(tail), mien_graph_nodes(whole) - bn);
    assert_string_equal(mien_graph_operator(tail, 0), "input");
    assert_int_equal(mien_graph_find(tail, "one"), -1);
    assert_int_equal(mien_graph_find(tail, "first"), 0);
    assert_int_equal(mien_graph_find(tail, "second"), mien_graph_find(tail, "sum"));

    mien_parameters *p = NULL, *q = NULL;
    assert_good(mien_parameters_new(whole, &p));
    assert_good(mien_parameters_new(tail, &q));
    assert_int_equal(mien_parameters_count(q), 4);
    assert_string_equal(mien_parameters_name(q, 0), "two.weight");
    mien_parameters_randomize(p, 3);
    mien_parameters_randomize(q, 3);

    float x[2 * 3 * 8 * 6];
    for (int i = 0; i < 2 * 3 * 8 * 6; i++) {
        x[i] = (float)((i * 7) % 13) / 13 - 0.4f;
    }
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

static void a_branch_is_not_cut_in_two(void **state) {
    (void)state;
    mien_graph *graph = branched();
    assert_fails(
        mien_graph_trim(graph, mien_graph_find(graph, "two")), MIEN_EINVAL, "two");
    assert_fails(mien_graph_trim(graph, 100), MIEN_EINVAL, "no node");
    mien_graph_free(&graph);
}

static mien_node end_of(const mien_graph *graph, mien_parameters *p) {
    mien_node end = -2;
    assert_good(mien_graph_fixed_end(graph, p, &end));
    return end;
}

static void what_cannot_change_ends_before_what_learns_or_draws(void **state) {
    (void)state;
    mien_graph *graph = branched();
    mien_parameters *p = NULL;
    assert_good(mien_parameters_new(graph, &p));
    assert_int_equal(end_of(graph, p), -1); /* the first layer learns */
    mien_parameters_freeze(p, "one.*", true);
    assert_int_equal(end_of(graph, p), mien_graph_find(graph, "one"));
    mien_parameters_freeze(p, "bn.*", true);
    assert_int_equal(end_of(graph, p), mien_graph_find(graph, "bn"));
    mien_parameters_freeze(p, "two.weight", true); /* its bias learns */
    assert_int_equal(end_of(graph, p), mien_graph_find(graph, "bn"));
    mien_parameters_freeze(p, "two.bias", true);
    assert_int_equal(end_of(graph, p), mien_graph_find(graph, "flat"));
    mien_parameters_freeze(p, "*", true);
    assert_int_equal(end_of(graph, p), mien_graph_find(graph, "flat"));
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_graph_ends_at_the_node),
        cmocka_unit_test(a_trimmed_graph_computes_what_comes_behind),
        cmocka_unit_test(a_branch_is_not_cut_in_two),
        cmocka_unit_test(what_cannot_change_ends_before_what_learns_or_draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
