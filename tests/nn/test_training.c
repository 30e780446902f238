/* SPDX-License-Identifier: MIT */
/* Plans that train: gradients of whole networks, what is frozen, statistics, dropout;
 * and free of allocations once they ran. */
#include "mien/nn.h"

#include <stdio.h>

#include "nn/nets.h"
#include "nn/small_nets.h"

#define SLOPE_TOLERANCE 5e-3 /* what kinks within a difference leave */

static mien_plan *plan_of(
    const mien_graph *graph, mien_parameters *parameters, int64_t batch, int threads) {
    mien_plan_options options = mien_plan_options_default();
    mien_plan *plan = NULL;
    options.mode = MIEN_TRAIN;
    options.batch = batch;
    options.threads = threads;
    assert_good(mien_plan_new(graph, parameters, &options, &plan));
    return plan;
}

/* One run and the way back, of a gradient that is the same each time. */
static void step(const mien_graph *graph, mien_plan *plan, int64_t batch) {
    const float *inputs[NETS_NODES];
    nets_feed(graph, plan, batch, inputs);
    assert_good(mien_plan_run(plan));
    float *c = mien_plan_output_gradient(plan, 0);
    assert_non_null(c);
    nets_fill(c, nets_count(graph, mien_graph_nodes(graph) - 1, batch), 77);
    assert_good(mien_plan_backward(plan));
}

static void whole_networks_have_the_gradients_that_differences_give(void **state) {
    (void)state;
    mien_graph *(*nets[])(void) = {residual, inverted, tangle};
    small_nets_dropout = 0; /* the reference draws nothing */
    for (int i = 0; i < 3; i++) {
        mien_graph *graph = nets[i]();
        nets_check_gradients(graph, 2, false, 4, SLOPE_TOLERANCE);
        mien_graph_free(&graph);
    }
    small_nets_dropout = 0.2;
}

static const float *gradient_of(
    mien_plan *plan, mien_parameters *parameters, const char *name) {
    int64_t index = mien_parameters_find(parameters, name);
    assert_true(index >= 0);
    const mien_tensor *t = mien_plan_gradient(plan, index);
    return t ? t->data : NULL;
}

static void what_is_frozen_has_no_gradient_and_the_rest_the_same(void **state) {
    (void)state;
    mien_graph *graph = tangle();
    mien_parameters *parameters = nets_parameters(graph, 3);
    assert_int_equal(mien_parameters_freeze(parameters, "norm.*", true), 4);
    mien_plan *all = plan_of(graph, parameters, 3, 1);
    step(graph, all, 3);
    const float *before = gradient_of(all, parameters, "e.conv.weight");
    assert_non_null(before);
    assert_non_null(gradient_of(all, parameters, "a.conv.weight"));
    assert_null(gradient_of(all, parameters, "norm.weight"));
    assert_true(mien_parameters_freeze(parameters, "a.*", true) > 0);
    assert_true(mien_parameters_freeze(parameters, "b.*", true) > 0);
    /* now a and b run by their running statistics: put the batch's there first */
    mien_plan *part = plan_of(graph, parameters, 3, 1);
    step(graph, part, 3);
    assert_null(gradient_of(part, parameters, "a.conv.weight"));
    assert_non_null(gradient_of(part, parameters, "e.conv.weight"));
    mien_plan_info whole = mien_plan_describe(all), less = mien_plan_describe(part);
    assert_true(less.operators < whole.operators);
    mien_plan_free(&part);
    mien_plan_free(&all);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

static void a_plan_with_everything_frozen_gives_what_inferring_gives(void **state) {
    (void)state;
    mien_graph *graph = residual();
    mien_parameters *parameters = nets_parameters(graph, 3);
    mien_plan_options options = mien_plan_options_default();
    mien_plan *infer = NULL;
    const float *inputs[NETS_NODES];
    options.batch = 2;
    options.measure = false;
    assert_good(mien_graph_find(graph, "drop") >= 0 ? MIEN_OK : MIEN_EINTERNAL);
    assert_true(mien_parameters_freeze(parameters, "*", true) > 0);
    mien_node before = mien_graph_find(graph, "flat"); /* dropout draws all the same */
    options.outputs = &before;
    options.outputs_count = 1;
    assert_good(mien_plan_new(graph, parameters, &options, &infer));
    options.mode = MIEN_TRAIN;
    mien_plan *train = NULL;
    assert_good(mien_plan_new(graph, parameters, &options, &train));
    nets_feed(graph, infer, 2, inputs);
    nets_feed(graph, train, 2, inputs);
    assert_good(mien_plan_run(infer));
    assert_good(mien_plan_run(train));
    const mien_tensor *a = mien_plan_output(infer, 0), *b = mien_plan_output(train, 0);
    assert_memory_equal(a->data, b->data, (size_t)mien_tensor_count(a) * sizeof(float));
    assert_null(mien_plan_output_gradient(train, 0));
    mien_plan_free(&train);
    mien_plan_free(&infer);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

static void running_statistics_follow_the_batch_as_in_pytorch(void **state) {
    (void)state;
    mien_graph *graph = NULL;
    mien_node x;
    int64_t shape[2] = {MIEN_BATCH, 1};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 2, shape, &x));
    assert_good(mien_batch_norm(graph, "bn", x, 1e-5, 0.1, &x));
    mien_parameters *parameters = NULL;
    assert_good(mien_parameters_new(graph, &parameters));
    mien_plan *plan = plan_of(graph, parameters, 4, 1);
    float *values = mien_plan_input(plan, 0);
    const float batch[4] = {1, 2, 3, 6}; /* mean 3, unbiased variance 14 / 3 */
    for (int i = 0; i < 4; i++) {
        values[i] = batch[i];
    }
    assert_good(mien_plan_run(plan));
    const float *mean = mien_parameters_at(parameters, 2)->data;
    const float *variance = mien_parameters_at(parameters, 3)->data;
    assert_near((double)*mean, 0.3, 1e-6);
    assert_near((double)*variance, 0.9 + 1.4 / 3, 1e-6);
    assert_good(mien_plan_run(plan));
    assert_near((double)*mean, 0.27 + 0.3, 1e-6);
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

/* ---- dropout
 * ------------------------------------------------------------------------- */

#define DROPPED 20000

static void dropout_keeps_its_share_and_its_gradient_the_same_values(void **state) {
    (void)state;
    mien_graph *graph = NULL;
    mien_node x;
    int64_t shape[2] = {MIEN_BATCH, DROPPED};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 2, shape, &x));
    assert_good(mien_dropout(graph, "drop", x, 0.3, &x));
    mien_parameters *parameters = NULL;
    assert_good(mien_parameters_new(graph, &parameters));
    mien_plan_options options = mien_plan_options_default();
    mien_plan *plan = NULL;
    options.mode = MIEN_TRAIN;
    options.input_gradients = true;
    assert_good(mien_plan_new(graph, parameters, &options, &plan));
    float *values = mien_plan_input(plan, 0), *dy = mien_plan_output_gradient(plan, 0);
    const float *y = mien_plan_output(plan, 0)->data;
    const float *dx = mien_plan_input_gradient(plan, 0)->data;
    static float first[DROPPED];
    for (int i = 0; i < DROPPED; i++) {
        values[i] = dy[i] = 1;
    }
    mien_plan_seed(plan, 9, 4);
    assert_good(mien_plan_run(plan));
    assert_good(mien_plan_backward(plan));
    int kept = 0;
    for (int i = 0; i < DROPPED; i++) {
        kept += y[i] != 0;
        assert_true(y[i] == 0 || fabs((double)y[i] - 1 / 0.7) < 1e-6);
        assert_true(y[i] == dx[i]);
        first[i] = y[i];
    }
    assert_in_range(kept, 0.68 * DROPPED, 0.72 * DROPPED); /* 6 deviations */
    assert_good(mien_plan_run(plan));                      /* the next run draws anew */
    int same = 0;
    for (int i = 0; i < DROPPED; i++) {
        same += (y[i] != 0) == (first[i] != 0);
    }
    assert_in_range(same, 0.55 * DROPPED, 0.61 * DROPPED); /* 0.7² + 0.3² */
    mien_plan_seed(plan, 9, 4);
    assert_good(mien_plan_run(plan)); /* and the same run the same */
    assert_memory_equal(y, first, sizeof first);
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

/* ---- steps
 * ------------------------------------------------------------------------------ */

static void a_step_against_the_gradient_lowers_the_sum(void **state) {
    (void)state;
    mien_graph *graph = inverted();
    mien_parameters *parameters = nets_parameters(graph, 3);
    mien_plan *plan = plan_of(graph, parameters, 4, 2);
    double sums[2];
    int64_t count = nets_count(graph, mien_graph_nodes(graph) - 1, 4);
    for (int round = 0; round < 2; round++) {
        mien_plan_seed(plan, 1, 1);
        step(graph, plan, 4);
        const float *c = mien_plan_output_gradient(plan, 0);
        const float *y = mien_plan_output(plan, 0)->data;
        sums[round] = 0;
        for (int64_t i = 0; i < count; i++) {
            sums[round] += (double)c[i] * (double)y[i];
        }
        double squares = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (int64_t p = 0; p < mien_parameters_count(parameters); p++) {
                const mien_tensor *g = mien_plan_gradient(plan, p);
                float *w = mien_parameters_at(parameters, p)->data;
                for (int64_t i = 0; g && i < mien_tensor_count(g); i++) {
                    double d = (double)((float *)g->data)[i];
                    squares += pass ? 0 : d * d;
                    w[i] -= pass ? (float)(0.01 / squares * d) : 0;
                }
            }
        }
        assert_good(mien_plan_refresh(plan));
    }
    /* a step of 0.01 g / |g|² lowers the sum by 0.01, but for curvature */
    assert_in_range((sums[0] - sums[1]) * 1e4, 80, 120);
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

static void steps_allocate_nothing_and_give_the_same_bits(void **state) {
    (void)state;
    mien_graph *graph = residual();
    mien_parameters *parameters = nets_parameters(graph, 3);
    mien_plan *plan = plan_of(graph, parameters, 3, 2);
    mien_plan_seed(plan, 1, 1);
    step(graph, plan, 3);
    const float *g = gradient_of(plan, parameters, "stem.conv.weight");
    float first[64];
    memcpy(first, g, sizeof first);
    uint64_t before = mien_alloc_count();
    mien_plan_seed(plan, 1, 1);
    step(graph, plan, 3);
    assert_int_equal(mien_alloc_count(), before);
    assert_memory_equal(first, g, sizeof first);
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

static void going_back_without_a_run_is_refused(void **state) {
    (void)state;
    mien_graph *graph = residual();
    mien_parameters *parameters = nets_parameters(graph, 3);
    mien_plan *plan = plan_of(graph, parameters, 1, 1), *infer = NULL;
    assert_fails(mien_plan_backward(plan), MIEN_EINVAL, "no run");
    assert_good(mien_plan_new(graph, parameters, NULL, &infer));
    assert_good(mien_plan_run(infer));
    assert_fails(mien_plan_backward(infer), MIEN_EINVAL, "to infer");
    assert_null(mien_plan_output_gradient(infer, 0));
    assert_null(mien_plan_gradient(infer, 0));
    mien_plan_free(&infer);
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

typedef struct making {
    const mien_graph *graph;
    mien_parameters *parameters;
} making;

static mien_status make(void *context) {
    const making *m = context;
    mien_plan_options options = mien_plan_options_default();
    mien_plan *plan = NULL;
    options.mode = MIEN_TRAIN;
    options.batch = 2;
    options.input_gradients = true;
    mien_status status = mien_plan_new(m->graph, m->parameters, &options, &plan);
    mien_plan_free(&plan);
    return status;
}

static void a_plan_survives_each_failed_allocation(void **state) {
    (void)state;
    mien_graph *graph = tangle();
    making m = {graph, nets_parameters(graph, 1)};
    support_each_allocation_fails(make, &m, 4000);
    mien_parameters_free(&m.parameters);
    mien_graph_free(&graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_networks_have_the_gradients_that_differences_give),
        cmocka_unit_test(what_is_frozen_has_no_gradient_and_the_rest_the_same),
        cmocka_unit_test(a_plan_with_everything_frozen_gives_what_inferring_gives),
        cmocka_unit_test(running_statistics_follow_the_batch_as_in_pytorch),
        cmocka_unit_test(dropout_keeps_its_share_and_its_gradient_the_same_values),
        cmocka_unit_test(a_step_against_the_gradient_lowers_the_sum),
        cmocka_unit_test(steps_allocate_nothing_and_give_the_same_bits),
        cmocka_unit_test(going_back_without_a_run_is_refused),
        cmocka_unit_test(a_plan_survives_each_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
