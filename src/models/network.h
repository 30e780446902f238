/* SPDX-License-Identifier: MIT */
/* A whole network out of a model file: its checks, its graph with its weights. */
#ifndef MIEN_MODELS_NETWORK_H
#define MIEN_MODELS_NETWORK_H

#include "mien/models.h"

/** MIEN_EINVAL names the first field that cannot stand in a contract. */
mien_status mien_network_check(const mien_network *network);
/** Sum of mien_target_width(). */
int64_t mien_targets_width(const mien_target *targets, int count);

/** A network ready for plans. */
typedef struct mien_network_body {
    mien_graph *graph;
    mien_parameters *parameters;
    mien_node input, output;
    mien_node inputs[MIEN_INPUTS_MAX], mask; /* of a network over features */
} mien_network_body;

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

/** The model's; NULL of a read-out. */
const mien_network_body *mien_model_body(const mien_model *model);

#endif
