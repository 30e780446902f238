/* SPDX-License-Identifier: MIT */
/* Shared by the VGGs (Simonyan & Zisserman 2015, without batch-norm). */
#ifndef MIEN_MODELS_VGG_H
#define MIEN_MODELS_VGG_H

#include "mien/nn.h"

/** convolutions in each of the five stages. */
mien_status mien_vgg_build(
    mien_graph *graph, mien_node input, const int convolutions[5], mien_node *logits);

#endif
