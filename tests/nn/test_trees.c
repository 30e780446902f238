/* SPDX-License-Identifier: MIT */
/* The operator `trees`: what rows are led to, and files that would lead them astray. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "mien/nn.h"

enum { TREES = 2, NODES = 6, OUTPUTS = 2, WIDTH = 2, ROWS = 3 };

static void put(mien_parameters *p, const char *name, const float *values, int count) {
    int64_t at = mien_parameters_find(p, name);
    assert_true(at >= 0);
    assert_int_equal(mien_tensor_count(mien_parameters_at(p, at)), count);
    memcpy(mien_parameters_at(p, at)->data, values, (size_t)count * sizeof *values);
}

/* Runs two trees over three rows, by the plan and by the plain reference. */
static void run(const float *child, const float *feature, const float *root,
    const float *output, const float *want) {
    static const float threshold[NODES] = {0.5f, 1.5f, 30, 10, 20, -0.25f};
    static const float bias[OUTPUTS] = {1, 2};
    const int64_t shape[] = {MIEN_BATCH, WIDTH};
    const float x[] = {0, 0, 1, 1, 2, 1};
    mien_graph *graph = NULL;
    mien_parameters *p = NULL;
    mien_plan *plan = NULL;
    mien_node in, out;
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 2, shape, &in));
    assert_good(
        mien_graph_add(graph, "trees", "y", &in, 1, "trees=2 nodes=6 outputs=2", &out));
    assert_good(mien_parameters_new(graph, &p));
    put(p, "y.child", child, NODES);
    put(p, "y.feature", feature, NODES);
    put(p, "y.threshold", threshold, NODES);
    put(p, "y.root", root, TREES);
    put(p, "y.output", output, TREES);
    put(p, "y.bias", bias, OUTPUTS);
    mien_plan_options o = mien_plan_options_default();
    o.batch = ROWS;
    o.outputs = &out;
    o.outputs_count = 1;
    assert_good(mien_plan_new(graph, p, &o, &plan));
    memcpy(mien_plan_input(plan, in), x, sizeof x);
    assert_good(mien_plan_run(plan));
    assert_close(mien_plan_output(plan, 0)->data, want, ROWS * OUTPUTS, 0, 0);
    mien_plan_free(&plan);
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

static void rows_are_led_to_their_leaves(void **state) {
    (void)state;
    run((const float[]){1, 3, 0, 0, 0, 0}, (const float[]){1, 0, 0, 0, 0, 0},
        (const float[]){0, 5}, (const float[]){0, 1},
        (const float[]){11, 1.75f, 31, 1.75f, 31, 1.75f});
    /* both count for the second output */
    run((const float[]){1, 3, 0, 0, 0, 0}, (const float[]){0, 0, 0, 0, 0, 0},
        (const float[]){0, 1}, (const float[]){1, 1},
        (const float[]){1, 22, 1, 42, 1, 52});
}

/* Children before their parents, beyond the end, no numbers; features, roots and
 * outputs that are not there: a walk ends, inside the arrays. */
static void what_leads_astray_is_a_leaf(void **state) {
    (void)state;
    const float leaf[] = {1.5f, 1.75f, 1.5f, 1.75f, 1.5f, 1.75f};
    const float none[NODES] = {0}, root[] = {0, 5}, output[] = {0, 1};
    run((const float[]){-1, 0, 0, 0, 0, 0}, none, root, output, leaf);
    run((const float[]){5, 0, 0, 0, 0, 0}, none, root, output, leaf);
    run((const float[]){1e9f, 0, 0, 0, 0, 0}, none, root, output, leaf);
    run((const float[]){(float)NAN, 0, 0, 0, 0, 0}, none, root, output, leaf);
    run(none, (const float[]){99, -1, 0, 0, 0, 0}, root, output, leaf);
    run(none, none, (const float[]){-7, 5}, output, leaf);
    run(none, none, root, (const float[]){9, 1}, leaf);
    run((const float[]){1, 0, 0, 0, 0, 0}, (const float[]){99, 0, 0, 0, 0, 0}, root,
        output, (const float[]){2.5f, 1.75f, 31, 1.75f, 31, 1.75f});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_led_to_their_leaves),
        cmocka_unit_test(what_leads_astray_is_a_leaf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
