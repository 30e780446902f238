/* SPDX-License-Identifier: MIT */
/* Parts of a graph: as far as a node, and behind several nodes. Comes in: a graph that
 * is built; goes out: the same graph shortened, or another one that owns all it holds.
 * Called while networks are built and by trainings that compute what is frozen once. */
#include <string.h>

#include "nn/graph.h"
#include "base/need.h"
#include "nn/ops/op.h"

mien_status mien_graph_cut(mien_graph *graph, mien_node node) {
    MIEN_NEED(graph);
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

/* ---- behind several nodes ------------------------------------------------------- */

typedef struct behind {
    const mien_graph *graph;
    bool *cut;  /* [nodes] */
    bool *kept; /* [nodes] is in the tail */
    mien_node *map;
    mien_node *inputs; /* room for those of one node, in the tail's numbers */
} behind;

static mien_status mark_cuts(behind *b, const mien_node *cuts, int count) {
    for (int i = 0; i < count; i++) {
        if (cuts[i] < 0 || cuts[i] >= b->graph->count) {
            return mien_fail(
                MIEN_EINVAL, "a graph behind: there is no node %d", (int)cuts[i]);
        }
        b->cut[cuts[i]] = true;
    }
    return MIEN_OK;
}

/* The tail holds the cuts, what reads them, however far behind, and all that this
 * reads. */
static void mark_kept(behind *b, bool everything) {
    const mien_graph *g = b->graph;
    for (int i = 0; i < g->count; i++) {
        const mien_op_node *n = g->nodes[i];
        b->kept[i] = everything || b->cut[i];
        for (int k = 0; !b->kept[i] && k < n->inputs_count; k++) {
            b->kept[i] = b->kept[n->inputs[k]];
        }
    }
    for (int i = g->count; i-- > 0;) {
        const mien_op_node *n = g->nodes[i];
        for (int k = 0; b->kept[i] && !b->cut[i] && k < n->inputs_count; k++) {
            b->kept[n->inputs[k]] = true;
        }
    }
}

static mien_status copy_node(behind *b, mien_graph *tail, mien_node node) {
    const mien_op_node *n = b->graph->nodes[node];
    if (!n->op || b->cut[node]) {
        return mien_graph_input(tail, n->name, n->rank, n->shape, &b->map[node]);
    }
    for (int k = 0; k < n->inputs_count; k++) {
        b->inputs[k] = b->map[n->inputs[k]];
    }
    return mien_graph_add(tail, n->op->name, n->name, b->inputs, n->inputs_count,
        n->options, &b->map[node]);
}

static mien_status copy_nodes(behind *b, mien_graph *tail) {
    const mien_graph *g = b->graph;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < g->count; i++) {
        b->map[i] = -1;
        status = b->kept[i] ? copy_node(b, tail, i) : MIEN_OK;
    }
    for (int i = 0; status == MIEN_OK && i < g->aliases_count; i++) {
        mien_node node = b->map[g->aliases[i].node];
        status = node >= 0 ? mien_graph_alias(tail, g->aliases[i].name, node) : MIEN_OK;
    }
    return status;
}

static int most_inputs(const mien_graph *graph) {
    int most = 1;
    for (int i = 0; i < graph->count; i++) {
        int count = graph->nodes[i]->inputs_count;
        most = count > most ? count : most;
    }
    return most;
}

mien_status mien_graph_behind(const mien_graph *graph, const mien_node *cuts, int count,
    mien_graph **tail, mien_node *map) {
    MIEN_NEED(graph, cuts || count < 1, tail, map);
    size_t nodes = (size_t)graph->count;
    behind b = {.graph = graph,
        .cut = mien_alloc(nodes + 1, sizeof *b.cut),
        .kept = mien_alloc(nodes + 1, sizeof *b.kept),
        .map = map,
        .inputs = mien_alloc((size_t)most_inputs(graph), sizeof *b.inputs)};
    mien_graph *made = NULL;
    mien_status status = b.cut && b.kept && b.inputs ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mark_cuts(&b, cuts, count);
    }
    if (status == MIEN_OK) {
        status = mien_graph_new(&made);
    }
    if (status == MIEN_OK) {
        mark_kept(&b, count == 0);
        status = copy_nodes(&b, made);
    }
    mien_free(b.inputs);
    mien_free(b.kept);
    mien_free(b.cut);
    if (status != MIEN_OK) {
        mien_graph_free(&made);
        return status;
    }
    *tail = made;
    return MIEN_OK;
}
