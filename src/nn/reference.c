/* SPDX-License-Identifier: MIT */
/* Runs a graph in plain C and double precision: what plans are compared with. */
#include <string.h>

#include "nn/ops/op.h"

static mien_status run_node(const mien_graph *graph, mien_parameters *parameters,
    mien_mode mode, int64_t batch, const mien_op_node *n, double *const *values,
    double *y) {
    mien_reference r = {.node = n, .count = n->inputs_count, .y = y, .mode = mode};
    const float *own[MIEN_OP_PARAMETERS_MAX];
    size_t count = (size_t)n->inputs_count;
    const double **x = mien_alloc(count, sizeof *x);
    int64_t(*shapes)[MIEN_RANK_MAX] = mien_alloc(count, sizeof *shapes);
    int *ranks = mien_alloc(count, sizeof *ranks);
    int64_t *counts = mien_alloc(count, sizeof *counts);
    bool room = x && shapes && ranks && counts;
    if (room) {
        for (size_t i = 0; i < count; i++) {
            const mien_op_node *from = graph->nodes[n->inputs[i]];
            x[i] = values[n->inputs[i]];
            mien_shape_of(from, batch, shapes[i]);
            ranks[i] = from->rank;
            counts[i] = mien_shape_count(from->rank, shapes[i]);
        }
        r.x_rank = ranks;
        r.x_count = counts;
        for (int i = 0; i < n->parameters_count; i++) {
            own[i] = mien_parameters_at(parameters, n->parameters_first + i)->data;
        }
        r.x = x;
        r.x_shape = (const int64_t(*)[MIEN_RANK_MAX])shapes;
        r.parameters = own;
        mien_shape_of(n, batch, r.y_shape);
        r.y_count = mien_shape_count(n->rank, r.y_shape);
        n->op->reference(&r);
    }
    mien_status status = room ? MIEN_OK : MIEN_ENOMEM;
    mien_free(counts);
    mien_free(ranks);
    mien_free(x);
    mien_free(shapes);
    return status;
}

mien_status mien_graph_reference(const mien_graph *graph, mien_parameters *parameters,
    mien_mode mode, int64_t batch, const float *const *inputs, double **values) {
    mien_status status = MIEN_OK;
    memset(values, 0, (size_t)graph->count * sizeof *values);
    for (int i = 0; status == MIEN_OK && i < graph->count; i++) {
        const mien_op_node *n = graph->nodes[i];
        int64_t shape[MIEN_RANK_MAX];
        mien_shape_of(n, batch, shape);
        int64_t count = mien_shape_count(n->rank, shape);
        values[i] = mien_alloc((size_t)count, sizeof **values);
        if (!values[i]) {
            status = MIEN_ENOMEM;
        } else if (n->op) {
            status = run_node(graph, parameters, mode, batch, n, values, values[i]);
        } else {
            for (int64_t k = 0; k < count; k++) {
                values[i][k] = (double)inputs[i][k];
            }
        }
    }
    for (int i = 0; status != MIEN_OK && i < graph->count; i++) {
        mien_free(values[i]);
        values[i] = NULL;
    }
    return status;
}
