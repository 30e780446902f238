/* SPDX-License-Identifier: MIT */
/* Finds a network's maps of attention and lays them out by row. */
#include "models/parts/attention_maps.h"

#include <stdio.h>
#include <string.h>

/* The stack that this encoder's maps belong to, a new one if need be. */
static mien_attention_stack *stack_of(
    mien_attention_stack *stacks, int *stacks_count, const char *name, int length) {
    for (int i = 0; i < *stacks_count; i++) {
        if ((int)strlen(stacks[i].name) == length &&
            strncmp(stacks[i].name, name, (size_t)length) == 0) {
            return &stacks[i];
        }
    }
    mien_attention_stack *s = &stacks[*stacks_count];
    if (*stacks_count == MIEN_ATTENTION_STACKS_MAX || length >= (int)sizeof s->name) {
        return NULL;
    }
    ++*stacks_count;
    *s = (mien_attention_stack){0};
    snprintf(s->name, sizeof s->name, "%.*s", length, name);
    return s;
}

/* Nodes "ENCODER.layers.0.self_attn.weights", … in the order of layers. */
int mien_attention_maps_find(const mien_graph *graph,
    mien_attention_stack stacks[MIEN_ATTENTION_STACKS_MAX], mien_node *outputs,
    int *count) {
    int found = 0;
    for (mien_node n = 0; n < mien_graph_nodes(graph) && *count < MIEN_MAPS_OUTPUTS_MAX;
         n++) {
        const char *name = mien_graph_name(graph, n);
        const char *layers = strstr(name, ".layers.");
        int64_t shape[MIEN_RANK_MAX];
        if (!layers ||
            strcmp(mien_graph_operator(graph, n), "attention_weights") != 0) {
            continue;
        }
        mien_attention_stack *s = stack_of(stacks, &found, name, (int)(layers - name));
        if (!s) {
            continue;
        }
        s->rank = mien_graph_shape(graph, n, shape);
        s->first = s->layers == 0 ? *count : s->first;
        s->shape[0] = ++s->layers;
        memcpy(s->shape + 1, shape + 1, (size_t)(s->rank - 1) * sizeof *shape);
        outputs[(*count)++] = n;
    }
    return found;
}

void mien_attention_maps_take(const mien_attention_stack *stack, const mien_plan *plan,
    int64_t first, int64_t count, float *map) {
    const mien_attention_stack *s = stack;
    int64_t each = mien_shape_count(s->rank - 1, s->shape + 1);
    for (int l = 0; l < s->layers; l++) {
        const float *from = mien_plan_output(plan, s->first + l)->data;
        for (int64_t row = 0; row < count; row++) {
            memcpy(map + ((first + row) * s->layers + l) * each, from + row * each,
                (size_t)each * sizeof *from);
        }
    }
}
