/* SPDX-License-Identifier: MIT */
/* Scopes of names in a graph, and finding nodes in them. */
#include "nn/graph.h"

#include <string.h>

#include "support/support.h"

static mien_graph *with_input(const char *name, mien_node *x) {
    mien_graph *graph = NULL;
    int64_t shape[2] = {MIEN_BATCH, 4};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, name, 2, shape, x));
    return graph;
}

static void names_in_a_scope_begin_with_its_prefix(void **state) {
    (void)state;
    int64_t shape[2] = {MIEN_BATCH, 4};
    mien_node x, y;
    mien_graph *graph = with_input("x", &x);
    mien_parameters *p = NULL;
    assert_good(mien_graph_scope(graph, "face."));
    assert_good(mien_linear(graph, "fc", x, 3, true, &y));
    assert_string_equal(mien_graph_name(graph, y), "face.fc");
    assert_good(mien_graph_alias(graph, "end", y));
    assert_good(mien_graph_input(graph, "x", 2, shape, &y));
    assert_string_equal(mien_graph_name(graph, y), "face.x");
    mien_graph_scope_end(graph);
    assert_good(mien_linear(graph, "fc", x, 3, true, &y));
    assert_string_equal(mien_graph_name(graph, y), "fc");
    assert_int_equal(mien_graph_find(graph, "face.end"), 1);
    assert_good(mien_parameters_new(graph, &p));
    assert_string_equal(mien_parameters_name(p, 0), "face.fc.weight");
    assert_string_equal(mien_parameters_name(p, 2), "fc.weight");
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

static void scopes_nest_and_end_one_by_one(void **state) {
    (void)state;
    mien_node x, y;
    mien_graph *graph = with_input("x", &x);
    const char *const prefixes[] = {"a.", "", "b."};
    const char *const want[] = {"a.b.deep", "a.middle", "a.outer", "out"};
    const char *const names[] = {"deep", "middle", "outer", "out"};
    for (int i = 0; i < 3; i++) {
        assert_good(mien_graph_scope(graph, prefixes[i]));
    }
    for (int i = 0; i < 4; i++) {
        assert_good(mien_flatten(graph, names[i], x, &y));
        assert_string_equal(mien_graph_name(graph, y), want[i]);
        mien_graph_scope_end(graph);
    }
    mien_graph_scope_end(graph); /* none is open any more */
    assert_string_equal(mien_graph_prefix(graph), "");
    mien_graph_free(&graph);
}

static void a_scope_finds_what_is_in_it(void **state) {
    (void)state;
    mien_node x, y;
    mien_graph *graph = with_input("layer", &x);
    assert_good(mien_graph_scope(graph, "face."));
    assert_int_equal(mien_graph_find(graph, "layer"), -1);
    assert_string_equal(mien_graph_nearest(graph, "layer"), "");
    assert_good(mien_flatten(graph, "layer", x, &y));
    assert_good(mien_graph_alias(graph, "last", y));
    assert_int_equal(mien_graph_find(graph, "layer"), y);
    assert_int_equal(mien_graph_find(graph, "last"), y);
    assert_int_equal(mien_graph_find(graph, "face.layer"), -1);
    assert_string_equal(mien_graph_nearest(graph, "lost"), "last");
    mien_graph_scope_end(graph);
    assert_int_equal(mien_graph_find(graph, "layer"), x);
    assert_int_equal(mien_graph_find(graph, "face.layer"), y);
    mien_graph_free(&graph);
}

static void a_clash_is_named_with_its_scope(void **state) {
    (void)state;
    mien_node x, y;
    mien_graph *graph = with_input("x", &x);
    assert_good(mien_flatten(graph, "face.y", x, &y));
    assert_good(mien_graph_scope(graph, "face."));
    assert_fails(mien_flatten(graph, "y", x, &y), MIEN_EINVAL, "\"face.y\"");
    assert_fails(
        mien_linear(graph, "z", 100, 2, true, &y), MIEN_EINVAL, "there is no node 100");
    mien_graph_free(&graph);
}

static void a_prefix_has_an_end(void **state) {
    (void)state;
    mien_node x, y;
    char prefix[MIEN_SCOPE_MAX + 1];
    mien_graph *graph = with_input("x", &x);
    memset(prefix, 'p', sizeof prefix);
    prefix[MIEN_SCOPE_MAX] = 0;
    assert_fails(mien_graph_scope(graph, prefix), MIEN_EINVAL, "less than 256 bytes");
    assert_fails(mien_graph_scope(graph, NULL), MIEN_EINVAL, "needs a prefix");
    prefix[MIEN_SCOPE_MAX - 1] = 0;
    for (int i = 0; i < 3; i++) {
        assert_good(mien_graph_scope(graph, prefix));
    }
    assert_good(mien_flatten(graph, "y", x, &y));
    assert_int_equal(strlen(mien_graph_name(graph, y)), 3 * 255 + 1);
    mien_graph_free(&graph);
}

static mien_status scope_in(void *context) {
    (void)context;
    mien_graph *graph = NULL;
    mien_node x;
    int64_t shape[1] = {3};
    mien_status status = mien_graph_new(&graph);
    if (status == MIEN_OK) {
        status = mien_graph_scope(graph, "face.");
    }
    if (status == MIEN_OK) {
        status = mien_graph_input(graph, "x", 1, shape, &x);
    }
    mien_graph_free(&graph);
    return status;
}

static void scopes_without_memory_fail(void **state) {
    (void)state;
    support_each_allocation_fails(scope_in, NULL, 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_in_a_scope_begin_with_its_prefix),
        cmocka_unit_test(scopes_nest_and_end_one_by_one),
        cmocka_unit_test(a_scope_finds_what_is_in_it),
        cmocka_unit_test(a_clash_is_named_with_its_scope),
        cmocka_unit_test(a_prefix_has_an_end),
        cmocka_unit_test(scopes_without_memory_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
