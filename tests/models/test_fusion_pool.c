/* SPDX-License-Identifier: MIT */
/* The fusion pool: maps weighed by where the eye rested, against loops; plain pooling
 * where there is no gaze; what does not go together is refused. */
#include "support/support.h"

#include <math.h>

#include "models/assembled.h"

enum { ROWS = 3, MAPS = 5, CELLS = 4, OTHER = 2, OUTPUTS = MAPS + OTHER };

/* Inputs: maps of 5 channels on 4 cells, a row of others, gaze on the 4 cells. */
static mien_architecture fixture(const char *settings, int64_t cells) {
    mien_architecture a = mien_architecture_default();
    a.outputs = OUTPUTS;
    assert_good(assembled_features(&a, "picture", MAPS * CELLS, false));
    assert_good(assembled_features(&a, "other", OTHER, false));
    assert_good(assembled_features(&a, "gaze", cells, true));
    assert_good(assembled_fusion(&a, "pool", settings));
    assert_good(assembled_head(&a, "none", ""));
    return a;
}

static double value(int64_t i) {
    return sin(1.3 * (double)(i * i + 1));
}

static void maps_are_weighed_by_gaze_and_plain_without(void **state) {
    (void)state;
    mien_architecture a = fixture("at=gaze; of=picture", CELLS);
    mien_graph *graph = NULL;
    mien_parameters *parameters = NULL;
    mien_plan *plan = NULL;
    mien_network_nodes nodes;
    mien_plan_options o = mien_plan_options_default();
    assert_good(mien_graph_new(&graph));
    assert_good(mien_architecture_build(&a, graph, &nodes));
    assert_good(mien_parameters_new(graph, &parameters));
    o.batch = ROWS;
    o.threads = 1;
    o.measure = false;
    o.outputs = &nodes.output;
    o.outputs_count = 1;
    assert_good(mien_plan_new(graph, parameters, &o, &plan));
    float *x = mien_plan_input(plan, nodes.inputs[0]);
    float *other = mien_plan_input(plan, nodes.inputs[1]);
    float *gaze = mien_plan_input(plan, nodes.inputs[2]);
    float *mask = mien_plan_input(plan, nodes.mask);
    for (int64_t i = 0; i < (int64_t)ROWS * MAPS * CELLS; i++) {
        x[i] = (float)value(i);
    }
    for (int64_t i = 0; i < (int64_t)ROWS * OTHER; i++) {
        other[i] = (float)value(100 + i);
    }
    /* row 0 looks at cell 2 alone, row 1 at cells 0 and 1, row 2 has no gaze */
    const double share[ROWS][CELLS] = {
        {0, 0, 1, 0}, {0.25, 0.75, 0, 0}, {0.25, 0.25, 0.25, 0.25}};
    for (int n = 0; n < ROWS; n++) {
        for (int k = 0; k < CELLS; k++) {
            gaze[n * CELLS + k] = (float)(share[n][k] - 1.0 / CELLS);
        }
        for (int k = 0; k < 3; k++) {
            mask[n * 3 + k] = n == 2 && k == 2 ? 0 : 1;
        }
    }
    gaze[2 * CELLS] = 7; /* is masked */
    assert_good(mien_plan_run(plan));
    const float *y = mien_plan_output(plan, 0)->data;
    for (int n = 0; n < ROWS; n++) {
        for (int c = 0; c < MAPS; c++) {
            double want = 0;
            for (int k = 0; k < CELLS; k++) {
                want += share[n][k] * value((n * MAPS + c) * CELLS + k);
            }
            assert_near(y[n * OUTPUTS + c], want, 1e-6);
        }
        for (int k = 0; k < OTHER; k++) {
            assert_near(y[n * OUTPUTS + MAPS + k], value(100 + n * OTHER + k), 1e-6);
        }
    }
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

static void what_does_not_go_together_is_refused(void **state) {
    (void)state;
    const struct {
        const char *settings;
        int64_t cells;
        mien_status status;
        const char *words;
    } bad[] = {{"at=nose", CELLS, MIEN_ENOTFOUND, "no input \"nose\""},
        {"at=gaze; of=gaze", CELLS, MIEN_EINVAL, "weighs their cells"},
        {"at=gaze; of=picture", 3, MIEN_ESHAPE, "grid must be the side"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mien_architecture a = fixture(bad[i].settings, bad[i].cells);
        mien_graph *graph = NULL;
        mien_network_nodes nodes;
        assert_good(mien_graph_new(&graph));
        assert_fails(
            mien_architecture_build(&a, graph, &nodes), bad[i].status, bad[i].words);
        mien_graph_free(&graph);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_are_weighed_by_gaze_and_plain_without),
        cmocka_unit_test(what_does_not_go_together_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
