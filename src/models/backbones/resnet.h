/* SPDX-License-Identifier: MIT */
/* Shared by the ResNets (He et al. 2016; stride on the 3×3 convolution, as
 * torchvision). */
#ifndef MIEN_MODELS_RESNET_H
#define MIEN_MODELS_RESNET_H

#include "mien/nn.h"

typedef struct mien_resnet {
    int blocks[4]; /* of each stage */
    int64_t widths[4];
    bool bottleneck; /* blocks of three convolutions whose last has 4 × the width */
    bool small;      /* for pictures of some 50 pixels: the stem keeps their detail */
    int64_t classes; /* 0: it ends in the pooled feature */
} mien_resnet;
/** The widths of the published ones. */
#define MIEN_RESNET_WIDTHS                                                             \
    { 64, 128, 256, 512 }
mien_status mien_resnet_build(
    mien_graph *graph, mien_node input, const mien_resnet *design, mien_node *last);

#endif
