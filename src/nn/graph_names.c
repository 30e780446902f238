/* SPDX-License-Identifier: MIT */
/* Names of a graph's nodes: scopes that prefix them, and finding a node by its name. */
#include <limits.h>
#include <string.h>

#include "nn/graph.h"
#include "base/need.h"

mien_status mien_graph_grow(void **array, int count, int *capacity, size_t size) {
    if (count < *capacity) {
        return MIEN_OK;
    }
    int wider = *capacity ? *capacity * 2 : 64;
    void *moved = mien_realloc(*array, (size_t)*capacity, (size_t)wider, size);
    if (!moved) {
        return MIEN_ENOMEM;
    }
    *array = moved;
    *capacity = wider;
    return MIEN_OK;
}

/* ---- scopes --------------------------------------------------------------------- */

const char *mien_graph_prefix(const mien_graph *graph) {
    return graph->scope ? graph->scope : "";
}

const char *mien_graph_full_name(mien_graph *graph, const char *name) {
    const char *prefix = mien_graph_prefix(graph);
    size_t before = strlen(prefix), size = strlen(name) + 1;
    char *full = mien_arena_alloc(graph->arena, before + size, 1);
    if (full) {
        memcpy(full, prefix, before);
        memcpy(full + before, name, size);
    }
    return full;
}

mien_status mien_graph_scope(mien_graph *graph, const char *prefix) {
    MIEN_NEED(graph);
    if (!prefix || strlen(prefix) >= MIEN_SCOPE_MAX) {
        return mien_fail(MIEN_EINVAL, "a scope needs a prefix of less than %d bytes",
            MIEN_SCOPE_MAX);
    }
    size_t before = strlen(mien_graph_prefix(graph)), size = strlen(prefix) + 1;
    mien_status status = mien_graph_grow((void **)&graph->scopes, graph->scopes_count,
        &graph->scopes_capacity, sizeof *graph->scopes);
    while (status == MIEN_OK && before + size > (size_t)graph->scope_capacity) {
        status = mien_graph_grow(
            (void **)&graph->scope, graph->scope_capacity, &graph->scope_capacity, 1);
    }
    if (status == MIEN_OK) {
        memcpy(graph->scope + before, prefix, size);
        graph->scopes[graph->scopes_count++] = (int)before;
    }
    return status;
}

void mien_graph_scope_end(mien_graph *graph) {
    MIEN_NEED_OR(, graph);
    if (graph->scopes_count > 0) {
        graph->scope[graph->scopes[--graph->scopes_count]] = 0;
    }
}

/* ---- finding -------------------------------------------------------------------- */

/* The part of a full name that is said inside the open scopes; NULL outside of them. */
static const char *inside(const char *full, const char *prefix) {
    size_t length = strlen(prefix);
    return strncmp(full, prefix, length) == 0 ? full + length : NULL;
}

static const char *name_at(const mien_graph *graph, int index) {
    return index < graph->count ? graph->nodes[index]->name
                                : graph->aliases[index - graph->count].name;
}

mien_node mien_graph_find(const mien_graph *graph, const char *name) {
    MIEN_NEED_OR(-1, graph, name);
    const char *prefix = mien_graph_prefix(graph);
    for (int i = 0; i < graph->count + graph->aliases_count; i++) {
        const char *own = inside(name_at(graph, i), prefix);
        if (own && strcmp(own, name) == 0) {
            return i < graph->count ? i : graph->aliases[i - graph->count].node;
        }
    }
    return -1;
}

const char *mien_graph_nearest(const mien_graph *graph, const char *name) {
    MIEN_NEED_OR(NULL, graph, name);
    const char *nearest = "", *prefix = mien_graph_prefix(graph);
    int least = INT_MAX;
    for (int i = 0; i < graph->count + graph->aliases_count; i++) {
        const char *own = inside(name_at(graph, i), prefix);
        int distance = own ? mien_edit_distance(name, own) : INT_MAX;
        if (distance < least) {
            least = distance;
            nearest = own;
        }
    }
    return nearest;
}
