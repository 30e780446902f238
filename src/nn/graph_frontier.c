/* SPDX-License-Identifier: MIT */
/* Where what cannot change in a training ends, input by input. */
#include "nn/graph.h"
#include "base/need.h"
#include "nn/ops/op.h"

/* The dependence of a node's value, beside the item's number. */
enum { CHANGES = -2, NOTHING = -1 };

/* Whether a node gives the same for the same inputs, whatever is trained. */
static bool is_fixed(const mien_op_node *node, const mien_parameters *parameters) {
    for (int k = 0; k < node->parameters_count; k++) {
        if (mien_parameters_trained(parameters, node->parameters_first + k)) {
            return false;
        }
    }
    return !node->op || !(node->op->parts & MIEN_PART_DRAWS);
}

static mien_status take_inputs(
    const mien_graph *graph, const mien_frontier_input *inputs, int count, int *item) {
    for (int i = 0; i < graph->count; i++) {
        item[i] = CHANGES;
    }
    for (int i = 0; i < count; i++) {
        mien_node node = inputs[i].node;
        if (node < 0 || node >= graph->count || graph->nodes[node]->op) {
            return mien_fail(
                MIEN_EINVAL, "frontier: node %d is no input of the graph", (int)node);
        }
        if (inputs[i].item < 0) {
            return mien_fail(MIEN_EINVAL, "frontier: input %s: item %d is below 0",
                graph->nodes[node]->name, inputs[i].item);
        }
        item[node] = inputs[i].fresh ? CHANGES : inputs[i].item;
    }
    return MIEN_OK;
}

/* item [nodes]: the one item that a node depends on, NOTHING, or CHANGES. */
static void follow(
    const mien_graph *graph, const mien_parameters *parameters, int *item) {
    for (int i = 0; i < graph->count; i++) {
        const mien_op_node *n = graph->nodes[i];
        int of = is_fixed(n, parameters) ? NOTHING : CHANGES;
        for (int k = 0; n->op && of != CHANGES && k < n->inputs_count; k++) {
            int other = item[n->inputs[k]];
            of = other == NOTHING ? of : of == NOTHING || of == other ? other : CHANGES;
        }
        item[i] = n->op ? of : item[i];
    }
}

static mien_status mark_read(const mien_graph *graph, const int *item,
    const mien_node *asked, int asked_count, bool *read) {
    for (int i = 0; i < graph->count; i++) {
        const mien_op_node *n = graph->nodes[i];
        for (int k = 0; item[i] == CHANGES && k < n->inputs_count; k++) {
            read[n->inputs[k]] = true;
        }
    }
    for (int i = 0; i < asked_count; i++) {
        if (asked[i] < 0 || asked[i] >= graph->count) {
            return mien_fail(
                MIEN_EINVAL, "frontier: there is no node %d", (int)asked[i]);
        }
        read[asked[i]] = true;
    }
    return MIEN_OK;
}

static mien_status collect(const mien_graph *graph, const int *item, const bool *read,
    mien_frontier *frontier) {
    size_t room = (size_t)graph->count + 1;
    mien_frontier f = {.node = mien_alloc(room, sizeof *f.node),
        .item = mien_alloc(room, sizeof *f.item)};
    if (!f.node || !f.item) {
        mien_frontier_clear(&f);
        return MIEN_ENOMEM;
    }
    for (int i = 0; i < graph->count; i++) {
        if (read[i] && item[i] >= 0 && graph->nodes[i]->op) {
            f.node[f.count] = i;
            f.item[f.count++] = item[i];
        }
    }
    *frontier = f;
    return MIEN_OK;
}

mien_status mien_graph_frontier(const mien_graph *graph,
    const mien_parameters *parameters, const mien_frontier_input *inputs, int count,
    const mien_node *asked, int asked_count, mien_frontier *frontier) {
    MIEN_NEED(graph, parameters, inputs, frontier);
    size_t room = (size_t)graph->count + 1;
    int *item = mien_alloc(room, sizeof *item);
    bool *read = mien_alloc(room, sizeof *read);
    mien_status status = item && read ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = take_inputs(graph, inputs, count, item);
    }
    if (status == MIEN_OK) {
        follow(graph, parameters, item);
        status = mark_read(graph, item, asked, asked_count, read);
    }
    if (status == MIEN_OK) {
        status = collect(graph, item, read, frontier);
    }
    mien_free(read);
    mien_free(item);
    return status;
}

void mien_frontier_clear(mien_frontier *frontier) {
    MIEN_NEED_OR(, frontier);
    mien_free(frontier->node);
    mien_free(frontier->item);
    *frontier = (mien_frontier){0};
}
