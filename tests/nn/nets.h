/* SPDX-License-Identifier: MIT */
/* Random weights and inputs for a graph, and a plan of it compared with the plain-C
 * reference. */
#ifndef MIEN_TESTS_NN_NETS_H
#define MIEN_TESTS_NN_NETS_H

#include <math.h>
#include <string.h>

#include "mien/nn.h"
#include "nn/graph.h"
#include "support/support.h"

#define NETS_NODES 256

/** Weights of PyTorch's initialisers, and statistics that are not 0 and 1. */
static inline mien_parameters *nets_parameters(const mien_graph *graph, uint64_t seed) {
    mien_parameters *p = NULL;
    assert_good(mien_parameters_new(graph, &p));
    mien_parameters_randomize(p, seed);
    for (int64_t i = 0; i < mien_parameters_count(p); i++) {
        const char *name = mien_parameters_name(p, i);
        mien_tensor *t = mien_parameters_at(p, i);
        float *data = t->data;
        mien_stream s;
        mien_stream_init(&s, seed, (uint64_t)i, 7);
        bool variance = strstr(name, "running_var");
        if (variance || strstr(name, "running_mean") || t->rank == 1) {
            for (int64_t k = 0; k < mien_tensor_count(t); k++) {
                double u = mien_stream_uniform(&s);
                data[k] = (float)(variance ? 0.5 + u : u - 0.4);
            }
        }
    }
    return p;
}

static inline void nets_fill(float *data, int64_t count, uint64_t seed) {
    mien_stream s;
    mien_stream_init(&s, seed, 1, 2);
    for (int64_t i = 0; i < count; i++) {
        data[i] = (float)(8 * mien_stream_uniform(&s) - 4);
    }
}

static inline int64_t nets_count(
    const mien_graph *graph, mien_node node, int64_t batch) {
    int64_t shape[MIEN_RANK_MAX];
    mien_shape_of(mien_graph_at(graph, node), batch, shape);
    return mien_shape_count(mien_graph_at(graph, node)->rank, shape);
}

/* True if rows are looked up by this input: whole numbers in [first, rows). */
static inline bool nets_indexes(
    const mien_graph *graph, mien_node input, int64_t *first, int64_t *rows) {
    for (int i = 0; i < mien_graph_nodes(graph); i++) {
        const mien_op_node *n = mien_graph_at(graph, i);
        const char *op = mien_graph_operator(graph, i);
        if (!strcmp(op, "embedding") && n->inputs[0] == input) {
            *first = 0;
            *rows = n->parameters[0].shape[0];
            return true;
        }
        if (!strcmp(op, "gather_rows") && n->inputs[1] == input) {
            *first = -1;
            *rows = mien_graph_at(graph, n->inputs[0])->shape[0];
            return true;
        }
    }
    return false;
}

/* True if this input is a mask. */
static inline bool nets_masks(const mien_graph *graph, mien_node input) {
    for (int i = 0; i < mien_graph_nodes(graph); i++) {
        const mien_op_node *n = mien_graph_at(graph, i);
        const char *op = mien_graph_operator(graph, i);
        if ((!strncmp(op, "masked", 6) && n->inputs[1] == input) ||
            (!strcmp(op, "where") && n->inputs[0] == input)) {
            return true;
        }
    }
    return false;
}

static inline void nets_feed(
    const mien_graph *graph, mien_plan *plan, int64_t batch, const float **inputs) {
    for (int i = 0; i < mien_graph_nodes(graph); i++) {
        inputs[i] = NULL;
        if (!mien_graph_at(graph, i)->op) {
            float *data = mien_plan_input(plan, i);
            if (data) {
                int64_t count = nets_count(graph, i, batch), first = 0, rows = 0;
                bool indexes = nets_indexes(graph, i, &first, &rows),
                     masks = nets_masks(graph, i);
                nets_fill(data, count, (uint64_t)i);
                for (int64_t k = 0; k < count; k++) {
                    float place = (data[k] + 4) / 8.001f * (float)(rows - first);
                    data[k] = indexes ? (float)(first + (int64_t)place)
                              : masks ? data[k] > -1
                                      : data[k];
                }
            }
            inputs[i] = data;
        }
    }
}

/** Largest difference of a plan's output from want, over the largest |want|. */
static inline double nets_error(const mien_tensor *got, const double *want) {
    double most = 1e-30, apart = 0;
    const float *g = got->data;
    for (int64_t i = 0; i < mien_tensor_count(got); i++) {
        double d = fabs((double)g[i] - want[i]);
        most = fmax(most, fabs(want[i]));
        apart = d <= apart ? apart : d; /* keeps a NaN */
    }
    return apart / most;
}

/** Runs a plan of these outputs twice and compares each with the reference. */
static inline void nets_check(const mien_graph *graph, const mien_plan_options *options,
    double tolerance, mien_plan_info *info) {
    mien_parameters *parameters = nets_parameters(graph, 5);
    mien_plan *plan = NULL;
    const float *inputs[NETS_NODES];
    double *values[NETS_NODES];
    mien_node last = mien_graph_nodes(graph) - 1;
    int count = options->outputs ? options->outputs_count : 1;
    const mien_node *outputs = options->outputs ? options->outputs : &last;
    assert_true(mien_graph_nodes(graph) <= NETS_NODES);
    assert_good(mien_plan_new(graph, parameters, options, &plan));
    nets_feed(graph, plan, options->batch, inputs);
    assert_good(mien_graph_reference(
        graph, parameters, MIEN_INFER, options->batch, inputs, values));
    for (int round = 0; round < 2; round++) {
        assert_good(mien_plan_run(plan));
        for (int i = 0; i < count; i++) {
            double error = nets_error(mien_plan_output(plan, i), values[outputs[i]]);
            if (!(error <= tolerance)) {
                fail_msg("%s %s (%s): off by %g of the largest value",
                    mien_graph_operator(graph, outputs[i]),
                    mien_graph_name(graph, outputs[i]),
                    mien_graph_at(graph, outputs[i])->options, error);
            }
        }
    }
    if (info) {
        *info = mien_plan_describe(plan);
    }
    for (int i = 0; i < mien_graph_nodes(graph); i++) {
        mien_free(values[i]);
    }
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
}

/* Σ c y of the last node, in double precision. */
static inline double nets_sum(const mien_graph *graph, mien_parameters *parameters,
    int64_t batch, const float *const *inputs, const float *c) {
    double *values[NETS_NODES], sum = 0;
    mien_node last = mien_graph_nodes(graph) - 1;
    assert_good(
        mien_graph_reference(graph, parameters, MIEN_TRAIN, batch, inputs, values));
    for (int64_t i = 0; i < nets_count(graph, last, batch); i++) {
        sum += (double)c[i] * values[last][i];
    }
    for (int i = 0; i < mien_graph_nodes(graph); i++) {
        mien_free(values[i]);
    }
    return sum;
}

/** What a gradient is compared with. */
typedef struct nets_slopes {
    const mien_graph *graph;
    mien_parameters *parameters;
    int64_t batch;
    const float *const *inputs;
    const float *c;
    int64_t tries; /* values of each tensor that are looked at */
} nets_slopes;

/* Compares some values' gradients with central differences, over the largest of them.
 */
static inline void nets_compare(const nets_slopes *s, const char *name, float *values,
    const mien_tensor *gradient, double tolerance) {
    int64_t count = mien_tensor_count(gradient),
            tries = count < s->tries ? count : s->tries;
    const float *got = gradient->data;
    double most = 1e-3, apart = 0;
    for (int64_t t = 0; t < tries; t++) {
        int64_t i = count == tries ? t : (t * 7919 + 13) % count;
        float before = values[i], up = before + 0x1p-19f, down = before - 0x1p-19f;
        values[i] = up;
        double high = nets_sum(s->graph, s->parameters, s->batch, s->inputs, s->c);
        values[i] = down;
        double low = nets_sum(s->graph, s->parameters, s->batch, s->inputs, s->c);
        values[i] = before;
        double want = (high - low) / ((double)up - (double)down);
        double d = fabs((double)got[i] - want);
        most = fmax(most, fabs(want));
        apart = d <= apart ? apart : d;
    }
    if (!(apart <= tolerance * most)) {
        mien_node last = mien_graph_nodes(s->graph) - 1;
        fail_msg("%s (%s): gradient of %s off by %g, largest %g",
            mien_graph_operator(s->graph, last), mien_graph_at(s->graph, last)->options,
            name, apart, most);
    }
}

/** Gradients of all parameters and inputs that a plan gives, against central
 * differences through the double-precision reference. */
static inline void nets_check_gradients(const mien_graph *graph, int64_t batch,
    bool exact, int64_t tries, double tolerance) {
    mien_parameters *parameters = nets_parameters(graph, 6);
    mien_plan_options options = mien_plan_options_default();
    mien_plan *plan = NULL;
    const float *inputs[NETS_NODES];
    options.mode = MIEN_TRAIN;
    options.batch = batch;
    options.exact = exact;
    options.input_gradients = true;
    assert_good(mien_plan_new(graph, parameters, &options, &plan));
    nets_feed(graph, plan, batch, inputs);
    float *c = mien_plan_output_gradient(plan, 0);
    assert_non_null(c);
    nets_fill(c, nets_count(graph, mien_graph_nodes(graph) - 1, batch), 77);
    for (int round = 0; round < 2; round++) {
        assert_good(mien_plan_run(plan));
        assert_good(mien_plan_backward(plan));
    }
    nets_slopes s = {graph, parameters, batch, inputs, c, tries};
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        const mien_tensor *gradient = mien_plan_gradient(plan, i);
        assert_true(!gradient == !mien_parameters_trained(parameters, i));
        if (gradient) {
            nets_compare(&s, mien_parameters_name(parameters, i),
                mien_parameters_at(parameters, i)->data, gradient, tolerance);
        }
    }
    for (int i = 0; i < mien_graph_nodes(graph); i++) {
        const mien_tensor *gradient = mien_plan_input_gradient(plan, i);
        if (inputs[i] && nets_masks(graph, i)) { /* it is there or not: no slope */
            for (int64_t k = 0; k < mien_tensor_count(gradient); k++) {
                assert_true(((const float *)gradient->data)[k] == 0);
            }
        } else if (inputs[i]) {
            nets_compare(&s, mien_graph_name(graph, i), mien_plan_input(plan, i),
                gradient, tolerance);
        }
    }
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
}

/** The last node alone, then every node at once as an output, then in small pieces. */
static inline void nets_check_all(
    const mien_graph *graph, int64_t batch, bool exact, double tolerance) {
    mien_node all[NETS_NODES];
    mien_plan_options options = mien_plan_options_default();
    for (int i = 0; i < mien_graph_nodes(graph); i++) {
        all[i] = i;
    }
    options.batch = batch;
    options.exact = exact;
    options.measure = false;
    nets_check(graph, &options, tolerance, NULL);
    options.outputs = all;
    options.outputs_count = mien_graph_nodes(graph);
    nets_check(graph, &options, tolerance, NULL);
    options.micro_batch = 2;
    nets_check(graph, &options, tolerance, NULL);
}

#endif
