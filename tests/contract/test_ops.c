/* SPDX-License-Identifier: MIT */
/* Every operator's row against its plain-C reference, on awkward shapes. */
#include "contract/op_cases.h"
#include "nn/nets.h"
#include "nn/ops/op.h"

/* Debian 13's oneDNN keeps 12 bytes of a primitive's description for itself: other
 * versions are still watched. */
MIEN_API const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libdnnl.so.3.6\n";
}

#define TOLERANCE 2e-6
#define WINOGRAD_TOLERANCE 1e-5

#define PLAIN ((int)(sizeof cases / sizeof *cases))
#define MIXED (PLAIN + (int)(sizeof mixed / sizeof *mixed))
#define CASES (MIXED + (int)(sizeof later / sizeof *later))

static mixed_case case_at(int i) {
    mixed_case c = {
        .first = i < PLAIN ? cases[i] : later[i < MIXED ? 0 : i - MIXED].first};
    c.other_rank = c.first.rank;
    return i < PLAIN || i >= MIXED ? c : mixed[i - PLAIN];
}

static void build(int index, mien_graph *graph) {
    mixed_case m = case_at(index);
    const one_case *c = &m.first;
    mien_node inputs[8], y;
    char name[32];
    int first = c->rank > 0;
    if (first) {
        assert_good(mien_graph_input(graph, "x", c->rank, c->shape, &inputs[0]));
    }
    if (index >= MIXED) {
        const char *before = later[index - MIXED].before, *space = strchr(before, ' ');
        snprintf(name, sizeof name, "%.*s", (int)(space - before), before);
        assert_good(
            mien_graph_add(graph, name, "before", inputs, 1, space + 1, &inputs[0]));
    }
    for (int i = 1; i <= c->others; i++) {
        snprintf(name, sizeof name, "x%d", i);
        assert_good(mien_graph_input(graph, name, m.other_rank, c->other, &inputs[i]));
    }
    int count = first + c->others;
    if (m.last_rank) {
        assert_good(
            mien_graph_input(graph, "last", m.last_rank, m.last, &inputs[count++]));
    }
    assert_good(mien_graph_add(graph, c->op, "y", inputs, count, c->options, &y));
}

static void each_row_gives_what_its_plain_c_reference_gives(void **state) {
    (void)state;
    static const int64_t batches[] = {1, 3};
    for (int i = 0; i < CASES; i++) {
        mien_graph *graph = NULL;
        assert_good(mien_graph_new(&graph));
        build(i, graph);
        for (int k = 0; k < 2; k++) {
            nets_check_all(graph, batches[k], true, TOLERANCE);
            nets_check_all(graph, batches[k], false, WINOGRAD_TOLERANCE);
        }
        mien_graph_free(&graph);
    }
}

/* Kinks within the step of a difference, and the steps themselves, leave this much. */
#define SLOPE_TOLERANCE 1e-3

static void each_row_has_the_gradient_that_differences_give(void **state) {
    (void)state;
    for (int i = 0; i < CASES; i++) {
        if (!strcmp(case_at(i).first.op, "dropout")) {
            continue; /* random: tests/nn/test_training.c */
        }
        if (case_at(i).first.rank == 0 && !strstr(case_at(i).first.options, "learns")) {
            continue; /* it reads nothing and learns nothing */
        }
        mien_graph *graph = NULL;
        assert_good(mien_graph_new(&graph));
        build(i, graph);
        nets_check_gradients(graph, 3, true, 24, SLOPE_TOLERANCE);
        nets_check_gradients(graph, 3, false, 24, SLOPE_TOLERANCE);
        mien_graph_free(&graph);
    }
}

static void each_row_has_a_case(void **state) {
    (void)state;
    for (int i = 0; i < mien_op_count(); i++) {
        int found = 0;
        for (int k = 0; k < CASES; k++) {
            found += !strcmp(case_at(k).first.op, mien_op_at(i)->name);
        }
        if (!found) {
            fail_msg("%s has no case here", mien_op_at(i)->name);
        }
    }
}

static void each_row_says_what_it_is(void **state) {
    (void)state;
    for (int i = 0; i < mien_op_count(); i++) {
        const mien_op *op = mien_op_at(i);
        assert_non_null(op->summary);
        assert_non_null(op->shape);
        assert_non_null(op->prepare);
        assert_non_null(op->reference);
        assert_true(!op->options == !op->parse);
        assert_ptr_equal(mien_op_find(op->name), op);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(mien_op_at(k)->name, op->name);
        }
    }
}

static void each_row_refuses_no_input(void **state) {
    (void)state;
    for (int i = 0; i < mien_op_count(); i++) {
        mien_graph *graph = NULL;
        mien_node y = 77, missing = 5;
        if (mien_op_at(i)->inputs_min == 0) {
            continue;
        }
        assert_good(mien_graph_new(&graph));
        assert_fails(mien_graph_add(graph, mien_op_at(i)->name, "y", NULL, 0, "", &y),
            MIEN_EINVAL, "0 inputs");
        int count = mien_op_at(i)->inputs_min;
        mien_node inputs[3] = {missing, missing, missing};
        assert_fails(
            mien_graph_add(graph, mien_op_at(i)->name, "y", inputs, count, "", &y),
            MIEN_EINVAL, "no node 5");
        assert_int_equal(y, 77);
        mien_graph_free(&graph);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_has_a_case),
        cmocka_unit_test(each_row_says_what_it_is),
        cmocka_unit_test(each_row_refuses_no_input),
        cmocka_unit_test(each_row_gives_what_its_plain_c_reference_gives),
        cmocka_unit_test(each_row_has_the_gradient_that_differences_give),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
