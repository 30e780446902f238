/* SPDX-License-Identifier: MIT */
/* Every row of branches.def: its texts, which items it takes, its names behind a
 * prefix, what it does under context. */
#include "support/support.h"

#include <string.h>

#include "models/assembled.h"

enum { SIZE = 96, WIDTH = 6, KINDS_OF_ITEMS = 3 };

/* What a row needs beside its defaults to be a stage. */
static const char *needs(const char *kind) {
    return strcmp(kind, "hidden") == 0     ? "layers=5"
           : strcmp(kind, "backbone") == 0 ? "layer=features.1"
           : strcmp(kind, "cnn") == 0      ? "channels=2 3 4"
                                           : "";
}

/* A graph that takes any items: they are flattened. */
static mien_value *graphs;

static int make_graphs(void **state) {
    static const char text[] =
        "{\"net\": {\"inputs\": [{\"name\": \"x\", \"shape\": [1]}], \"nodes\": "
        "[[\"flat\", \"flatten\", \"\", \"x\"], [\"fc\", \"linear\", \"out=4\", "
        "\"flat\"]], \"outputs\": [[\"y\", \"fc\"]]}}";
    (void)state;
    return mien_value_parse_json("graphs", text, sizeof text - 1, &graphs) != MIEN_OK;
}

static int free_graphs(void **state) {
    (void)state;
    mien_value_free(&graphs);
    return 0;
}

/* One input, of pictures, of rows or of series, through one stage of the kind. */
static mien_status assemble(
    const mien_branch_kind *kind, int item, mien_architecture *a) {
    mien_preprocess p = mien_preprocess_imagenet();
    mien_input picture;
    *a = mien_architecture_default();
    a->outputs = 2;
    a->graphs = graphs;
    p.fit = MIEN_FIT_SQUASH;
    p.crop_height = p.crop_width = SIZE;
    mien_status status = item == 1   ? assembled_features(a, "first", WIDTH, false)
                         : item == 2 ? mien_input_init(&picture, "series", "first")
                                     : mien_input_picture("first", &p, &picture);
    if (status == MIEN_OK && item == 2) {
        status = mien_input_measure(&picture, NULL);
    }
    if (status == MIEN_OK && item != 1) {
        status = mien_architecture_add(a, &picture);
    }
    return status == MIEN_OK ? assembled_stage(a, 0, kind->name, needs(kind->name))
                             : status;
}

static void each_row_says_what_it_is(void **state) {
    (void)state;
    assert_true(mien_branch_kind_count() > 0);
    for (int i = 0; i < mien_branch_kind_count(); i++) {
        const mien_branch_kind *kind = mien_branch_kind_at(i), *found = NULL;
        assert_true(kind->name && kind->summary && kind->options && kind->build);
        assert_good(mien_branch_kind_find(kind->name, &found));
        assert_ptr_equal(found, kind);
        for (int k = 0; kind->options[k].name; k++) {
            assert_true(kind->options[k].help && kind->options[k].initial);
        }
    }
    assert_null(mien_branch_kind_at(mien_branch_kind_count()));
}

static void each_row_takes_items_and_refuses_others_with_a_sentence(void **state) {
    (void)state;
    for (int i = 0; i < mien_branch_kind_count(); i++) {
        int taken = 0;
        for (int item = 0; item < KINDS_OF_ITEMS; item++) {
            mien_architecture a;
            assert_good(assemble(mien_branch_kind_at(i), item, &a));
            mien_status status = mien_architecture_check(&a);
            taken += status == MIEN_OK;
            if (status != MIEN_OK) {
                assert_int_equal(status, MIEN_EINVAL);
                assert_non_null(strstr(mien_error(), "input first"));
            }
        }
        assert_true(taken > 0);
    }
}

static void build_one(const mien_architecture *a) {
    mien_graph *graph = NULL;
    mien_parameters *p = NULL;
    mien_network_nodes nodes;
    int64_t shape[MIEN_RANK_MAX], inside = 0;
    assert_good(mien_graph_new(&graph));
    assert_good(mien_architecture_build(a, graph, &nodes));
    assert_int_equal(mien_graph_shape(graph, nodes.branch[0], shape), 2);
    assert_true(nodes.branch[0] < nodes.branch_end[0]);
    assert_good(mien_parameters_new(graph, &p));
    for (int64_t i = 0; i < mien_parameters_count(p); i++) {
        const char *name = mien_parameters_name(p, i);
        inside += strncmp(name, "first.0", 7) == 0;
        assert_true(strncmp(name, "first.0", 7) == 0 || strncmp(name, "head.", 5) == 0);
    }
    assert_true(inside > 0);
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

static void each_row_gives_rows_and_names_its_own(void **state) {
    (void)state;
    for (int i = 0; i < mien_branch_kind_count(); i++) {
        for (int item = 0; item < KINDS_OF_ITEMS; item++) {
            mien_architecture a;
            assert_good(assemble(mien_branch_kind_at(i), item, &a));
            if (mien_architecture_check(&a) == MIEN_OK) {
                build_one(&a);
            }
        }
    }
}

/* Rows of T items, or a sentence that says it cannot. */
static void each_row_works_under_context_or_says_so(void **state) {
    (void)state;
    for (int i = 0; i < mien_branch_kind_count(); i++) {
        for (int item = 0; item < KINDS_OF_ITEMS; item++) {
            mien_architecture a;
            mien_graph *graph = NULL;
            mien_network_nodes nodes;
            int64_t shape[MIEN_RANK_MAX];
            assert_good(assemble(mien_branch_kind_at(i), item, &a));
            a.context_before = 2;
            assert_good(assembled_fusion(&a, "temporal", ""));
            if (mien_architecture_check(&a) != MIEN_OK) {
                continue;
            }
            assert_good(mien_graph_new(&graph));
            mien_status status = mien_architecture_build(&a, graph, &nodes);
            if (status == MIEN_OK) {
                assert_int_equal(mien_graph_shape(graph, nodes.branch[0], shape), 3);
                assert_int_equal(shape[1], 3);
            } else {
                assert_int_equal(status, MIEN_EUNSUPPORTED);
                assert_non_null(strstr(mien_error(), "context"));
            }
            mien_graph_free(&graph);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_says_what_it_is),
        cmocka_unit_test(each_row_takes_items_and_refuses_others_with_a_sentence),
        cmocka_unit_test(each_row_gives_rows_and_names_its_own),
        cmocka_unit_test(each_row_works_under_context_or_says_so),
    };
    return cmocka_run_group_tests(tests, make_graphs, free_graphs);
}
