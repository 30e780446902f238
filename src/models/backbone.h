/* SPDX-License-Identifier: MIT */
/* What the rows of models.def share. */
#ifndef MIEN_MODELS_BACKBONE_H
#define MIEN_MODELS_BACKBONE_H

#include "mien/models.h"

/** Where torchvision publishes its weights; the digits in a file's name start its
 * SHA-256. */
#define MIEN_TORCHVISION_URL "https://download.pytorch.org/models/"
#define MIEN_TORCHVISION_LICENCE                                                       \
    "BSD-3-Clause (torchvision, IMAGENET1K_V1); trained on ImageNet, research terms"

#endif
