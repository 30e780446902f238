/* SPDX-License-Identifier: MIT */
/* The layers an extractor was asked for: parsing "features.13,layer4:sd,pool". */
#ifndef MIEN_MODELS_LAYER_LIST_H
#define MIEN_MODELS_LAYER_LIST_H

#include "mien/models.h"

typedef enum mien_pooling {
    MIEN_POOLING_AVERAGE, /**< over H × W; a row of values [F] stays as it is */
    MIEN_POOLING_MAX,
    MIEN_POOLING_SD,
    MIEN_POOLING_MAP, /**< all values */
    MIEN_POOLING_GRID /**< adaptive average to grid[0] × grid[1] ("7x7"), all values */
} mien_pooling;

/** One layer asked for. */
typedef struct mien_tap {
    const char *text; /**< as written: the part's name */
    mien_node node;   /**< of the backbone */
    mien_pooling pooling;
    int64_t channels, height, width; /**< of the node's value; 1 × 1 for a row */
    int grid[2];                     /**< height, width of a grid */
    int64_t values;                  /**< handed out */
    int output;                      /**< of the plan */
    bool pooled;                     /**< by the plan, not here */
    bool deep; /**< of clips, [C, T, H, W]: height counts T × H */
} mien_tap;

/** Finds every layer of the comma-separated list in the graph. MIEN_EINVAL for an empty
 * part, an unknown pooling or a layer without a map pooled; MIEN_ENOTFOUND names a
 * layer's nearest. Layers live in the arena. */
mien_status mien_layer_list_parse(mien_arena *arena, const mien_graph *graph,
    const mien_backbone *backbone, const char *layers, mien_tap **taps, int *count);

/** The names of layers, joined by ", ": blocks and what stands outside of them, not the
 * operators within. */
mien_status mien_layer_names(
    const mien_graph *graph, const mien_backbone *backbone, mien_string *out);
/** The node of a layer's name ("pool", or any of the backbone's); MIEN_ENOTFOUND names
 * the nearest. */
mien_status mien_layer_find(const mien_graph *graph, const mien_backbone *backbone,
    const char *name, mien_node *node);

#endif
