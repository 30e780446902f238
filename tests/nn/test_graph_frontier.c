/* SPDX-License-Identifier: MIT */
/* Where what cannot change in a training ends. */
#include "nn/graph.h"

#include <stdio.h>
#include <string.h>

#include "support/support.h"

/* a: linear "left", twice read behind. b: linear "right", and "seen" = right × mask.
 * All join in "both", then dropout, then "head". */
static mien_graph *network(void) {
    mien_graph *graph = NULL;
    const int64_t row[2] = {MIEN_BATCH, 5}, seen[2] = {MIEN_BATCH, 1};
    mien_node a, b, mask, y, two[2];
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "a", 2, row, &a));
    assert_good(mien_graph_input(graph, "b", 2, row, &b));
    assert_good(mien_graph_input(graph, "mask", 2, seen, &mask));
    assert_good(mien_linear(graph, "left", a, 3, true, &y));
    assert_good(mien_linear(graph, "left.2", y, 3, true, &two[0]));
    assert_good(mien_add(graph, "sum", y, two[0], &two[0]));
    assert_good(mien_linear(graph, "right", b, 4, true, &y));
    assert_good(mien_multiply(graph, "seen", y, mask, &two[1]));
    assert_good(mien_concat(graph, "both", two, 2, 1, &y));
    assert_good(mien_dropout(graph, "drop", y, 0.5, &y));
    assert_good(mien_linear(graph, "head", y, 2, true, &y));
    return graph;
}

typedef struct inputs_of {
    mien_frontier_input input[3];
    int count;
} inputs_of;

static inputs_of each_its_own(const mien_graph *graph) {
    static const char *const names[] = {"a", "b", "mask"};
    inputs_of all = {.count = 3};
    for (int i = 0; i < 3; i++) {
        all.input[i] =
            (mien_frontier_input){.node = mien_graph_find(graph, names[i]), .item = i};
    }
    return all;
}

/* "left of 0, right of 1" */
static void assert_frontier(const mien_graph *graph, const mien_parameters *p,
    const inputs_of *in, const char *asked, const char *want) {
    mien_frontier f = {0};
    mien_node node = asked ? mien_graph_find(graph, asked) : -1;
    char got[256] = "";
    assert_good(
        mien_graph_frontier(graph, p, in->input, in->count, &node, asked ? 1 : 0, &f));
    for (int i = 0; i < f.count; i++) {
        size_t at = strlen(got);
        snprintf(got + at, sizeof got - at, "%s%s of %d", i ? ", " : "",
            mien_graph_name(graph, f.node[i]), f.item[i]);
    }
    assert_string_equal(got, want);
    mien_frontier_clear(&f);
    assert_null(f.node);
}

static mien_parameters *frozen(const mien_graph *graph, const char *pattern) {
    mien_parameters *p = NULL;
    assert_good(mien_parameters_new(graph, &p));
    assert_true(mien_parameters_freeze(p, pattern, true) > 0);
    return p;
}

static void each_input_ends_where_something_learns_draws_or_joins(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *want;
    } cases[] = {{"head.*", ""}, {"left.weight", ""}, {"right.*", "right of 1"},
        {"left.*", "sum of 0"}, {"*", "sum of 0, right of 1"}};
    mien_graph *graph = network();
    inputs_of in = each_its_own(graph);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_parameters *p = frozen(graph, cases[i].pattern);
        assert_frontier(graph, p, &in, NULL, cases[i].want);
        mien_parameters_free(&p);
    }
    mien_graph_free(&graph);
}

/* "left" is read by the sum, and by "left.2", which learns. */
static void a_way_round_what_learns_begins_at_the_same_cut(void **state) {
    (void)state;
    mien_graph *graph = network();
    inputs_of in = each_its_own(graph);
    mien_parameters *p = frozen(graph, "left.*");
    mien_parameters_freeze(p, "left.2.*", false);
    assert_frontier(graph, p, &in, NULL, "left of 0");
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

static void inputs_of_one_item_are_computed_together(void **state) {
    (void)state;
    mien_graph *graph = network();
    inputs_of in = each_its_own(graph);
    mien_parameters *p = frozen(graph, "*");
    in.input[2].item = 1; /* the mask of b */
    assert_frontier(graph, p, &in, NULL, "sum of 0, seen of 1");
    in.input[0].item = 1;
    assert_frontier(graph, p, &in, NULL, "both of 1");
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

static void nothing_behind_a_fresh_or_unlisted_input_is_fixed(void **state) {
    (void)state;
    mien_graph *graph = network();
    inputs_of in = each_its_own(graph);
    mien_parameters *p = frozen(graph, "*");
    in.input[0].fresh = true;
    assert_frontier(graph, p, &in, NULL, "right of 1");
    in.count = 1;
    assert_frontier(graph, p, &in, NULL, "");
    in.input[0].fresh = false;
    assert_frontier(graph, p, &in, NULL, "sum of 0");
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

static void what_is_asked_for_is_a_cut_where_it_is_fixed(void **state) {
    (void)state;
    mien_graph *graph = network();
    inputs_of in = each_its_own(graph);
    mien_parameters *p = frozen(graph, "left.*");
    assert_frontier(graph, p, &in, "left", "left of 0, sum of 0");
    assert_frontier(graph, p, &in, "sum", "sum of 0");
    assert_frontier(graph, p, &in, "right", "sum of 0"); /* it learns */
    assert_frontier(graph, p, &in, "a", "sum of 0");     /* it is an input */
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

static void wrong_nodes_are_refused(void **state) {
    (void)state;
    mien_graph *graph = network();
    inputs_of in = each_its_own(graph);
    mien_parameters *p = frozen(graph, "*");
    mien_frontier f;
    mien_node asked = 50;
    assert_fails(mien_graph_frontier(graph, p, in.input, 3, &asked, 1, &f), MIEN_EINVAL,
        "no node 50");
    in.input[1].node = mien_graph_find(graph, "left");
    assert_fails(mien_graph_frontier(graph, p, in.input, 3, NULL, 0, &f), MIEN_EINVAL,
        "is no input");
    in.input[1].node = mien_graph_find(graph, "b");
    in.input[1].item = -1;
    assert_fails(mien_graph_frontier(graph, p, in.input, 3, NULL, 0, &f), MIEN_EINVAL,
        "input b: item -1");
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

typedef struct made {
    const mien_graph *graph;
    const mien_parameters *p;
    inputs_of in;
} made;

static mien_status frontier_of(void *context) {
    made *m = context;
    mien_frontier f = {0};
    mien_status status =
        mien_graph_frontier(m->graph, m->p, m->in.input, m->in.count, NULL, 0, &f);
    mien_frontier_clear(&f);
    return status;
}

static void a_frontier_without_memory_leaves_nothing(void **state) {
    (void)state;
    mien_graph *graph = network();
    mien_parameters *p = frozen(graph, "*");
    made m = {graph, p, each_its_own(graph)};
    support_each_allocation_fails(frontier_of, &m, 20);
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_input_ends_where_something_learns_draws_or_joins),
        cmocka_unit_test(a_way_round_what_learns_begins_at_the_same_cut),
        cmocka_unit_test(inputs_of_one_item_are_computed_together),
        cmocka_unit_test(nothing_behind_a_fresh_or_unlisted_input_is_fixed),
        cmocka_unit_test(what_is_asked_for_is_a_cut_where_it_is_fixed),
        cmocka_unit_test(wrong_nodes_are_refused),
        cmocka_unit_test(a_frontier_without_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
