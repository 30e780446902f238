/* SPDX-License-Identifier: MIT */
/* Shared by the rows of models.def. */
#ifndef MIEN_MODELS_BACKBONE_H
#define MIEN_MODELS_BACKBONE_H

#include "mien/models.h"

/** Where torchvision publishes its weights; the digits in a file's name start its
 * SHA-256. */
#define MIEN_TORCHVISION_URL "https://download.pytorch.org/models/"
#define MIEN_TORCHVISION_LICENCE                                                       \
    "BSD-3-Clause (torchvision, IMAGENET1K_V1); trained on ImageNet, research terms"

/** The shape [N, item] of what it reads: its pictures of height × width, or items of
 * `item` (zeros: the smallest). Returns the rank. */
int mien_backbone_shape(const mien_backbone *backbone, int64_t height, int64_t width,
    const int64_t *item, int64_t shape[MIEN_RANK_MAX]);
/** Adds an input "input" of the smallest size there is, and the network behind it. */
mien_status mien_backbone_build_smallest(const mien_backbone *backbone,
    mien_graph *graph, mien_node *input, mien_node *last);

#endif
