/* SPDX-License-Identifier: MIT */
/* Which node of a graph a parameter belongs to. */
#ifndef MIEN_MODELS_PARAMETER_NODE_H
#define MIEN_MODELS_PARAMETER_NODE_H

#include "mien/nn.h"

/** "layer1.0.conv1.weight" belongs to the node "layer1.0.conv1"; −1 for a name that
 * stands behind none of the graph's nodes. */
mien_node mien_parameter_node(const mien_graph *graph, const char *name);

#endif
