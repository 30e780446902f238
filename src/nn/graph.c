/* SPDX-License-Identifier: MIT */
/* Builds graphs: nodes with their names, settings and checked shapes. */
#include "nn/graph.h"

#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "nn/ops/op.h"

#define NODES_MAX 100000
#define ARENA_BLOCK 65536

mien_status mien_graph_new(mien_graph **graph) {
    MIEN_NEED(graph);
    mien_graph *g = mien_alloc(1, sizeof *g);
    if (!g) {
        return MIEN_ENOMEM;
    }
    mien_status status = mien_arena_new(ARENA_BLOCK, &g->arena);
    if (status != MIEN_OK) {
        mien_free(g);
        return status;
    }
    *graph = g;
    return MIEN_OK;
}

void mien_graph_free(mien_graph **graph) {
    if (!graph || !*graph) {
        return;
    }
    mien_arena_free(&(*graph)->arena);
    mien_free((*graph)->nodes);
    mien_free((*graph)->aliases);
    mien_free((*graph)->scope);
    mien_free((*graph)->scopes);
    mien_free(*graph);
    *graph = NULL;
}

const mien_op_node *mien_graph_at(const mien_graph *graph, mien_node node) {
    return graph->nodes[node];
}

static bool holds(const mien_graph *graph, mien_node node) {
    return node >= 0 && node < graph->count;
}

int mien_graph_nodes(const mien_graph *graph) {
    MIEN_NEED_OR(0, graph);
    return graph->count;
}

const char *mien_graph_name(const mien_graph *graph, mien_node node) {
    MIEN_NEED_OR(NULL, graph);
    return holds(graph, node) ? graph->nodes[node]->name : "";
}

const char *mien_graph_operator(const mien_graph *graph, mien_node node) {
    MIEN_NEED_OR(NULL, graph);
    if (!holds(graph, node)) {
        return "";
    }
    return graph->nodes[node]->op ? graph->nodes[node]->op->name : "input";
}

const char *mien_graph_options(const mien_graph *graph, mien_node node) {
    MIEN_NEED_OR(NULL, graph);
    return holds(graph, node) && graph->nodes[node]->options
               ? graph->nodes[node]->options
               : "";
}

int mien_graph_reads(
    const mien_graph *graph, mien_node node, mien_node *reads, int room) {
    MIEN_NEED_OR(0, graph, reads || room < 1);
    int count = holds(graph, node) ? graph->nodes[node]->inputs_count : 0;
    for (int i = 0; i < count && i < room; i++) {
        reads[i] = graph->nodes[node]->inputs[i];
    }
    return count;
}

int mien_graph_shape(
    const mien_graph *graph, mien_node node, int64_t shape[MIEN_RANK_MAX]) {
    MIEN_NEED_OR(0, graph, shape);
    if (!holds(graph, node)) {
        return -1;
    }
    memcpy(shape, graph->nodes[node]->shape, sizeof(int64_t) * MIEN_RANK_MAX);
    return graph->nodes[node]->rank;
}

void mien_shape_of(
    const mien_op_node *node, int64_t batch, int64_t shape[MIEN_RANK_MAX]) {
    for (int i = 0; i < MIEN_RANK_MAX; i++) {
        shape[i] = node->shape[i] < 0 ? -node->shape[i] * batch : node->shape[i];
    }
}

char *mien_node_shape_text(const mien_op_node *node, char *buffer, size_t size) {
    size_t at = (size_t)snprintf(buffer, size, "[");
    for (int i = 0; i < node->rank && at < size; i++) {
        int64_t n = node->shape[i];
        char number[24] = "";
        snprintf(number, sizeof number, "%lld", (long long)(n < 0 ? -n : n));
        at += (size_t)snprintf(buffer + at, size - at, "%s%s%s", i ? ", " : "",
            n == MIEN_BATCH ? "" : number, n < 0 ? "N" : "");
    }
    if (at < size) {
        snprintf(buffer + at, size - at, "]");
    }
    return buffer;
}

/* The full name of a new node or alias: the open scopes, then the name given. */
static mien_status take_name(mien_graph *graph, const char *name, const char **full) {
    if (!name || !*name) {
        return mien_fail(MIEN_EINVAL, "a node needs a name");
    }
    if (mien_graph_find(graph, name) >= 0) {
        return mien_fail(MIEN_EINVAL, "there is already a node called \"%s%s\"",
            mien_graph_prefix(graph), name);
    }
    if (graph->count >= NODES_MAX) {
        return mien_fail(MIEN_ELIMIT, "more than %d nodes in a graph", NODES_MAX);
    }
    *full = mien_graph_full_name(graph, name);
    return *full ? MIEN_OK : MIEN_ENOMEM;
}

/* Puts a finished node into the graph. */
static mien_status append(mien_graph *graph, mien_op_node *node, mien_node *result) {
    mien_status status = mien_graph_grow(
        (void **)&graph->nodes, graph->count, &graph->capacity, sizeof *graph->nodes);
    if (status != MIEN_OK) {
        return status;
    }
    node->parameters_first = graph->parameters_count;
    graph->parameters_count += node->parameters_count;
    graph->nodes[graph->count] = node;
    *result = graph->count++;
    return MIEN_OK;
}

mien_status mien_graph_input(mien_graph *graph, const char *name, int rank,
    const int64_t *shape, mien_node *node) {
    MIEN_NEED(graph, name, shape || rank < 1, node);
    const char *full = NULL;
    mien_status status = take_name(graph, name, &full);
    if (status != MIEN_OK) {
        return status;
    }
    if (rank < 1 || rank > MIEN_RANK_MAX) {
        return mien_fail(
            MIEN_ESHAPE, "input %s: rank %d outside 1 … %d", name, rank, MIEN_RANK_MAX);
    }
    mien_op_node *n = mien_arena_alloc(graph->arena, 1, sizeof *n);
    if (!n) {
        return MIEN_ENOMEM;
    }
    n->name = full;
    n->options = "";
    n->rank = rank;
    for (int i = 0; i < rank; i++) {
        if (shape[i] < 1 && !(i == 0 && shape[i] < 0 && shape[i] >= -MIEN_STEPS_MAX)) {
            return mien_fail(MIEN_ESHAPE, "input %s: dimension %d is %lld", name, i,
                (long long)shape[i]);
        }
        n->shape[i] = shape[i];
    }
    return append(graph, n, node);
}

mien_status mien_graph_alias(mien_graph *graph, const char *name, mien_node node) {
    MIEN_NEED(graph, name);
    const char *full = NULL;
    mien_status status = take_name(graph, name, &full);
    if (status != MIEN_OK) {
        return status;
    }
    if (!holds(graph, node)) {
        return mien_fail(MIEN_EINVAL, "alias %s: there is no node %d", name, (int)node);
    }
    status = mien_graph_grow((void **)&graph->aliases, graph->aliases_count,
        &graph->aliases_capacity, sizeof *graph->aliases);
    if (status == MIEN_OK) {
        graph->aliases[graph->aliases_count++] = (mien_graph_alias_entry){full, node};
    }
    return status;
}

/* Reads "key=value key=value" into options. */
static mien_status read_options(mien_options *options, char *text) {
    for (char *rest, *word = strtok_r(text, " \t\n", &rest); word;
         word = strtok_r(NULL, " \t\n", &rest)) {
        char *equals = strchr(word, '=');
        if (!equals) {
            return mien_fail(MIEN_EINVAL, "\"%s\" is not key=value", word);
        }
        *equals = 0;
        mien_status status = mien_options_set(options, NULL, word, equals + 1);
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

static mien_status parse_settings(
    const mien_op *op, const char *text, mien_arena *arena, void **settings) {
    mien_options *options = NULL;
    char *copy = NULL;
    mien_status status = MIEN_OK;
    if (!op->options) {
        return text && *text
                   ? mien_fail(MIEN_EINVAL, "it has no options, got \"%s\"", text)
                   : MIEN_OK;
    }
    *settings = mien_arena_alloc(arena, 1, op->settings_size);
    copy = mien_strdup(text ? text : "");
    if (!*settings || !copy) {
        status = MIEN_ENOMEM;
        goto done;
    }
    status = mien_options_new(op->options, &options);
    if (status == MIEN_OK) {
        status = read_options(options, copy);
    }
    if (status == MIEN_OK) {
        status = op->parse(options, *settings);
    }
done:
    mien_options_free(&options);
    mien_free(copy);
    return status;
}

static mien_status check_inputs(
    const mien_graph *graph, const mien_op *op, const mien_node *inputs, int count) {
    if (count < op->inputs_min || (op->inputs_max && count > op->inputs_max)) {
        return mien_fail(MIEN_EINVAL, "%d inputs, it takes %d%s", count, op->inputs_min,
            op->inputs_max == op->inputs_min ? "" : " or more");
    }
    for (int i = 0; i < count; i++) {
        if (!holds(graph, inputs[i])) {
            return mien_fail(
                MIEN_EINVAL, "input %d: there is no node %d", i, (int)inputs[i]);
        }
    }
    return MIEN_OK;
}

/* "conv2d features.0 of [N, 3, 224, 224]: " before the error text. */
static mien_status fail_at(mien_status status, const mien_op *op, const char *name,
    const mien_op_node *const *inputs, int count) {
    char shapes[256] = "";
    for (int i = 0; inputs && i < count && i < 2; i++) {
        char one[96];
        size_t at = strlen(shapes);
        snprintf(shapes + at, sizeof shapes - at, "%s%s", i ? " and " : " of ",
            mien_node_shape_text(inputs[i], one, sizeof one));
    }
    return mien_fail_in(status, "%s %s%s", op->name, name, shapes);
}

mien_status mien_graph_add(mien_graph *graph, const char *op_name, const char *name,
    const mien_node *inputs, int count, const char *options, mien_node *node) {
    MIEN_NEED(graph, op_name, name, inputs || count < 1, node);
    const mien_op *op = mien_op_find(op_name);
    if (!op) {
        return MIEN_ENOTFOUND;
    }
    const char *full = NULL;
    mien_status status = take_name(graph, name, &full);
    if (status == MIEN_OK) {
        status = check_inputs(graph, op, inputs, count);
    }
    if (status != MIEN_OK) {
        return fail_at(status, op, name ? name : "", NULL, 0);
    }
    mien_op_node *n = mien_arena_alloc(graph->arena, 1, sizeof *n);
    mien_node *own = mien_arena_alloc(graph->arena, (size_t)count, sizeof *own);
    const mien_op_node **from =
        mien_arena_alloc(graph->arena, (size_t)count, sizeof *from);
    if (!n || !own || !from ||
        !(n->options = mien_arena_strdup(graph->arena, options ? options : ""))) {
        return MIEN_ENOMEM;
    }
    for (int i = 0; i < count; i++) {
        own[i] = inputs[i];
        from[i] = graph->nodes[inputs[i]];
    }
    n->name = full;
    n->op = op;
    n->inputs = own;
    n->inputs_count = count;
    status = parse_settings(op, options, graph->arena, &n->settings);
    if (status == MIEN_OK) {
        status = op->shape(n, from);
    }
    if (status == MIEN_OK) {
        int64_t fixed[MIEN_RANK_MAX];
        mien_shape_of(n, 1, fixed);
        status = mien_shape_count(n->rank, fixed) > 0 ? MIEN_OK : MIEN_ESHAPE;
    }
    if (status != MIEN_OK) {
        return fail_at(status, op, full, from, count);
    }
    return append(graph, n, node);
}

void mien_op_node_own(mien_op_node *node, const char *suffix, bool trainable,
    mien_initial initial, int64_t fan_in, int rank, const int64_t *shape) {
    mien_op_parameter *p = &node->parameters[node->parameters_count++];
    p->suffix = suffix;
    p->trainable = trainable;
    p->initial = initial;
    p->fan_in = fan_in;
    p->rank = rank;
    for (int i = 0; i < rank; i++) {
        p->shape[i] = shape[i];
    }
}

int64_t mien_graph_weights(const mien_graph *graph) {
    MIEN_NEED_OR(0, graph);
    int64_t sum = 0;
    for (int i = 0; i < graph->count; i++) {
        const mien_op_node *n = graph->nodes[i];
        for (int k = 0; k < n->parameters_count; k++) {
            sum += mien_shape_count(n->parameters[k].rank, n->parameters[k].shape);
        }
    }
    return sum;
}

double mien_graph_flops(const mien_graph *graph, int64_t batch) {
    MIEN_NEED_OR(0, graph);
    double sum = 0;
    for (int i = 0; i < graph->count; i++) {
        const mien_op_node *n = graph->nodes[i];
        if (n->op && n->op->flops) {
            const mien_op_node *from = graph->nodes[n->inputs[0]];
            sum += n->op->flops(n, &from, batch);
        }
    }
    return sum;
}
