/* SPDX-License-Identifier: MIT */
/* How the files of this room reach a node's own parameters. */
#ifndef MIEN_NN_PARAMETERS_H
#define MIEN_NN_PARAMETERS_H

#include "mien/nn.h"
#include "nn/graph.h"

/** Values of NODE.suffix; NULL if the node has no such parameter. Lent. */
const float *mien_parameters_of(
    const mien_parameters *parameters, const mien_op_node *node, const char *suffix);
/** From now on the parameter's values are those at `values`, which nothing writes to
 * and which stay until the parameters are freed; its own memory is given back. For
 * networks that are not trained. */
mien_status mien_parameters_lend(
    mien_parameters *parameters, int64_t index, const float *values);
/** The hash of a parameter's name: its draws depend on that, whatever its place. */
uint64_t mien_parameter_hash(const char *name);

#endif
