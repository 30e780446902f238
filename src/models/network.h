/* SPDX-License-Identifier: MIT */
/* A whole network out of a model file: its graph with its weights. */
#ifndef MIEN_MODELS_NETWORK_H
#define MIEN_MODELS_NETWORK_H

#include "mien/models.h"

/** A network ready for plans. Empty where the head is no graph. */
typedef struct mien_network_body {
    mien_graph *graph;
    mien_parameters *parameters;
    mien_network_nodes nodes;
} mien_network_body;

/** Whether its network is one graph; else its head is run by itself on what a frozen
 * backbone gives. */
bool mien_network_is_graph(const mien_network *network);
/** Builds the graph alone. */
mien_status mien_network_build(const mien_network *network, mien_network_body *body);
/** Builds it and fills every weight from the archive, in which tensors called golden.…
 * are something else. MIEN_EVERIFY counts and names what does not fit. */
mien_status mien_network_load(
    const mien_network *network, mien_archive *archive, mien_network_body *body);
void mien_network_clear(mien_network_body *body);

/** MIEN_EINVAL counts and names parameters that are missing, extra, of another shape or
 * not finite. */
mien_status mien_network_fits(const mien_network *network, mien_parameters *parameters);

const mien_network_body *mien_model_body(const mien_model *model);

#endif
