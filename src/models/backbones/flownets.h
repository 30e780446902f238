/* SPDX-License-Identifier: MIT */
/* Shared by the two forms of FlowNetS. */
#ifndef MIEN_MODELS_FLOWNETS_H
#define MIEN_MODELS_FLOWNETS_H

#include "models/backbones/backbone.h"

#define MIEN_FLOWNETS_LICENCE                                                          \
    "MIT (FlowNetPytorch); trained on Flying Chairs, research terms"
/** Tensors of the expanding part, which gives the flow itself. */
#define MIEN_FLOWNETS_BESIDE "deconv predict_flow upsampled_flow"

/** The contracting part, conv1 to conv6_1, with a batch-norm behind each convolution or
 * a bias in it; the last node is the mean of conv6. */
mien_status mien_flownets_build(
    mien_graph *graph, mien_node input, bool norm, mien_node *last);
mien_spelled mien_flownets_spelled(const char *stored, char *name, size_t size);

#endif
