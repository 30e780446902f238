/* SPDX-License-Identifier: MIT */
/* What the ResNets share (He et al. 2016; stride on the 3×3 convolution, as
 * torchvision). */
#ifndef MIEN_MODELS_RESNET_H
#define MIEN_MODELS_RESNET_H

#include "mien/nn.h"

/** blocks of each of the four stages; bottleneck: blocks of three convolutions whose
 * last has four times the width. */
mien_status mien_resnet_build(mien_graph *graph, mien_node input, const int blocks[4],
    bool bottleneck, mien_node *logits);

#endif
