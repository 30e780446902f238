/* SPDX-License-Identifier: MIT */
/* FlowNetS with batch-norm_bn, the same maps behind it. */
#include "models/backbones/flownets.h"

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    return mien_flownets_build(graph, input, true, last);
}

const mien_backbone mien_model_flownets_bn = {
    .name = "flownets_bn",
    .summary = "FlowNetS with batch-norm, Flying Chairs: contracting part, two frames "
               "to 1024 values",
    .feature = "conv6",
    .item_rank = 3,
    .item = {6, 64, 64},
    .build = build,
    .spelled = mien_flownets_spelled,
    .beside = MIEN_FLOWNETS_BESIDE,
    .weights_file = "flownets_bn_EPE2.459.pth",
    .weights_licence = MIEN_FLOWNETS_LICENCE,
};
