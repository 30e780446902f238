/* SPDX-License-Identifier: MIT */
/* FlowNetS without batch-norm, as AttendAffectNet reads it. */
#include "models/backbones/flownets.h"

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    return mien_flownets_build(graph, input, false, last);
}

const mien_backbone mien_model_flownets = {
    .name = "flownets",
    .summary = "FlowNetS, Flying Chairs: contracting part, two frames to 1024 values",
    .feature = "conv6",
    .item_rank = 3,
    .item = {6, 64, 64},
    .build = build,
    .spelled = mien_flownets_spelled,
    .beside = MIEN_FLOWNETS_BESIDE,
    .weights_file = "flownets_EPE1.951.pth",
    .weights_licence = MIEN_FLOWNETS_LICENCE,
};
