/* SPDX-License-Identifier: MIT */
/* Every row of heads.def: its texts, its outputs, its names behind a prefix, or that it
 * is no part of a graph. */
#include "support/support.h"

#include <string.h>

#include "models/assembled.h"

enum { OUTPUTS = 3 };

/* Rows of as many values as there are outputs. */
static mien_architecture assemble(const mien_head_kind *kind, const char *prefix) {
    mien_architecture a = mien_architecture_default();
    a.outputs = OUTPUTS;
    assert_good(assembled_features(&a, "values", OUTPUTS, false));
    assert_good(assembled_head(&a, kind->name, ""));
    strcpy(a.head_prefix, prefix);
    return a;
}

static void each_row_says_what_it_is(void **state) {
    (void)state;
    for (int i = 0; i < mien_head_kind_count(); i++) {
        const mien_head_kind *kind = mien_head_kind_at(i), *found = NULL;
        assert_true(kind->name && kind->summary && kind->options);
        assert_good(mien_head_kind_find(kind->name, &found));
        assert_ptr_equal(found, kind);
        for (int k = 0; kind->options[k].name; k++) {
            assert_true(kind->options[k].help && kind->options[k].initial);
        }
    }
}

static void each_row_gives_the_outputs_or_says_that_it_is_no_graph(void **state) {
    (void)state;
    int built = 0;
    for (int i = 0; i < mien_head_kind_count(); i++) {
        const mien_head_kind *kind = mien_head_kind_at(i);
        mien_architecture a = assemble(kind, "end.");
        mien_graph *graph = NULL;
        mien_parameters *p = NULL;
        mien_network_nodes nodes;
        int64_t shape[MIEN_RANK_MAX];
        assert_good(mien_graph_new(&graph));
        mien_status status = mien_architecture_build(&a, graph, &nodes);
        if (!kind->build) {
            assert_true(status == MIEN_EINVAL || status == MIEN_EUNSUPPORTED);
            mien_graph_free(&graph);
            continue;
        }
        assert_int_equal(status, MIEN_OK);
        assert_int_equal(mien_graph_shape(graph, nodes.output, shape), 2);
        assert_int_equal(shape[1], OUTPUTS);
        assert_good(mien_parameters_new(graph, &p));
        for (int64_t k = 0; k < mien_parameters_count(p); k++) {
            assert_memory_equal(mien_parameters_name(p, k), "end.", 4);
        }
        mien_parameters_free(&p);
        mien_graph_free(&graph);
        built++;
    }
    assert_true(built > 0 && built < mien_head_kind_count());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_says_what_it_is),
        cmocka_unit_test(each_row_gives_the_outputs_or_says_that_it_is_no_graph),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
