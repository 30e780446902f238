/* SPDX-License-Identifier: MIT */
/* Shared by the rows of EfficientNet-lite. */
#ifndef MIEN_MODELS_EFFICIENTNET_H
#define MIEN_MODELS_EFFICIENTNET_H

#include "models/backbones/backbone.h"

#define MIEN_EFFICIENTNET_CLASSES 1000
#define MIEN_EFFICIENTNET_LICENCE                                                      \
    "Apache-2.0 (TensorFlow's EfficientNet-lite); trained on ImageNet, research terms"

/** How a network is larger than lite0: factors of its widths and of its repeats. */
typedef struct mien_efficientnet {
    double width, depth, dropout;
} mien_efficientnet;

/** Node for node as in the package efficientnet-lite-pytorch, with TensorFlow's padding
 * of whatever size the input has. */
mien_status mien_efficientnet_build(const mien_efficientnet *size, mien_graph *graph,
    mien_node input, mien_node *logits);
/** The preprocessing of TensorFlow's evaluation: a centre of side × side, 32 pixels
 * off the short side, bicubic, (x − 127) / 128. */
mien_preprocess mien_efficientnet_preprocess(int side);

#endif
