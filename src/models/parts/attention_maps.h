/* SPDX-License-Identifier: MIT */
/* Maps of attention of a network's encoders. */
#ifndef MIEN_MODELS_MAPS_H
#define MIEN_MODELS_MAPS_H

#include "mien/nn.h"

#define MIEN_ATTENTION_STACKS_MAX 2
/* The network's own output, and two encoders of 64 layers. */
#define MIEN_MAPS_OUTPUTS_MAX 160

/** Attention of all layers of one encoder. */
typedef struct mien_attention_stack {
    char name[32];     /* "encoder" */
    int first, layers; /* outputs [first, first + layers) of the plans */
    int rank; /* of one row's: [layers, heads, T, T] or [layers, G, heads, T, T] */
    int64_t shape[MIEN_RANK_MAX];
} mien_attention_stack;

/** Appends the nodes that give maps to the outputs [*count, MIEN_MAPS_OUTPUTS_MAX) of a
 * plan. Returns how many encoders there are. */
int mien_attention_maps_find(const mien_graph *graph,
    mien_attention_stack stacks[MIEN_ATTENTION_STACKS_MAX], mien_node *outputs,
    int *count);
/** Copies what a plan put out for `count` rows to rows from `first` on of
 * map [rows, shape]. */
void mien_attention_maps_take(const mien_attention_stack *stack, const mien_plan *plan,
    int64_t first, int64_t count, float *map);

#endif
