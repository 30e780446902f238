/* SPDX-License-Identifier: MIT */
/* Parts of a graph: as far as a node, behind a node, and where what cannot change ends.
 */
#include <string.h>

#include "nn/graph.h"
#include "nn/op.h"

mien_status mien_graph_cut(mien_graph *graph, mien_node node) {
    if (node < 0 || node >= graph->count) {
        return mien_fail(MIEN_EINVAL, "cut: there is no node %d", (int)node);
    }
    int kept = 0;
    for (int i = 0; i < graph->aliases_count; i++) {
        if (graph->aliases[i].node <= node) {
            graph->aliases[kept++] = graph->aliases[i];
        }
    }
    const mien_op_node *last = graph->nodes[node];
    graph->aliases_count = kept;
    graph->count = node + 1;
    graph->parameters_count = last->parameters_first + last->parameters_count;
    return MIEN_OK;
}

/* Whether every node behind reads only nodes from this one on. */
static bool is_passage(const mien_graph *graph, mien_node node) {
    for (int i = node + 1; i < graph->count; i++) {
        const mien_op_node *n = graph->nodes[i];
        for (int k = 0; k < n->inputs_count; k++) {
            if (n->inputs[k] < node) {
                return false;
            }
        }
    }
    return true;
}

mien_status mien_graph_trim(mien_graph *graph, mien_node node) {
    if (node < 0 || node >= graph->count) {
        return mien_fail(MIEN_EINVAL, "trim: there is no node %d", (int)node);
    }
    if (!is_passage(graph, node)) {
        return mien_fail(MIEN_EINVAL, "trim: nodes behind %s read some before it",
            graph->nodes[node]->name);
    }
    mien_op_node *first = graph->nodes[node];
    int64_t gone = first->parameters_first + first->parameters_count;
    int kept = 0;
    for (int i = 0; i < graph->aliases_count; i++) {
        if (graph->aliases[i].node >= node) {
            graph->aliases[kept] = graph->aliases[i];
            graph->aliases[kept++].node -= node;
        }
    }
    graph->aliases_count = kept;
    first->op = NULL;
    first->settings = NULL;
    first->options = "";
    first->inputs_count = first->parameters_count = 0;
    first->parameters_first = gone;
    graph->count -= node;
    memmove(graph->nodes, graph->nodes + node,
        (size_t)graph->count * sizeof(*graph->nodes));
    for (int i = 0; i < graph->count; i++) {
        mien_op_node *n = graph->nodes[i];
        n->parameters_first -= gone;
        for (int k = 0; k < n->inputs_count; k++) {
            n->inputs[k] -= node;
        }
    }
    graph->parameters_count -= gone;
    return MIEN_OK;
}

/* Whether a node gives the same for the same inputs, whatever is trained. */
static bool is_fixed(const mien_op_node *node, const mien_parameters *parameters) {
    for (int k = 0; k < node->parameters_count; k++) {
        if (mien_parameters_trained(parameters, node->parameters_first + k)) {
            return false;
        }
    }
    return !node->op || !(node->op->parts & MIEN_PART_DRAWS);
}

mien_status mien_graph_fixed_end(
    const mien_graph *graph, const mien_parameters *parameters, mien_node *end) {
    bool *fixed = mien_alloc((size_t)graph->count, sizeof *fixed);
    mien_node last = -1;
    if (!fixed) {
        return MIEN_ENOMEM;
    }
    for (int i = 0; i < graph->count; i++) {
        const mien_op_node *n = graph->nodes[i];
        fixed[i] = is_fixed(n, parameters);
        for (int k = 0; fixed[i] && k < n->inputs_count; k++) {
            fixed[i] = fixed[n->inputs[k]];
        }
        last = fixed[i] && n->op && is_passage(graph, i) ? i : last;
    }
    mien_free(fixed);
    *end = last;
    return MIEN_OK;
}
