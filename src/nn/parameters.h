/* SPDX-License-Identifier: MIT */
/* How the files of this room reach a node's own parameters. */
#ifndef MIEN_NN_PARAMETERS_H
#define MIEN_NN_PARAMETERS_H

#include "mien/nn.h"
#include "nn/graph.h"

/** Values of NODE.suffix; NULL if the node has no such parameter. Lent. */
const float *mien_parameters_of(
    const mien_parameters *parameters, const mien_op_node *node, const char *suffix);
/** The hash of a parameter's name: its draws depend on that, whatever its place. */
uint64_t mien_parameter_hash(const char *name);

#endif
