/* SPDX-License-Identifier: MIT */
/* How a picture enters a graph that was taken over from another program. */
#ifndef MIEN_MODELS_GRAPH_ENTRY_H
#define MIEN_MODELS_GRAPH_ENTRY_H

#include "mien/nn.h"

/** x [N, 3, H, W] as the graph reads it: one luma (ITU-R 601; bgr: x is blue first) in
 * place of three colours, and [N, H, W, C]. */
mien_status mien_graph_entry(mien_graph *graph, mien_node x, bool grey, bool bgr,
    bool channels_last, mien_node *out);

#endif
