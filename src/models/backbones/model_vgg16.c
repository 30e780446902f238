/* SPDX-License-Identifier: MIT */
/* VGG16 (Simonyan & Zisserman 2015), node for node as torchvision builds it. */
#include "models/backbones/backbone.h"
#include "models/backbones/vgg.h"

static mien_status build(mien_graph *graph, mien_node input, mien_node *logits) {
    static const int convolutions[5] = {2, 2, 3, 3, 3};
    return mien_vgg_build(graph, input, convolutions, logits);
}

const mien_backbone mien_model_vgg16 = {
    .name = "vgg16",
    .summary = "VGG16, ImageNet: 138 M parameters, 31 GFLOP a picture, 512 features",
    .feature = "features",
    .classes = 1000,
    .minimum_size = 32,
    .preprocess = mien_preprocess_imagenet,
    .build = build,
    .weights_file = "vgg16-397923af.pth",
    .weights_url = MIEN_TORCHVISION_URL "vgg16-397923af.pth",
    .weights_sha256 =
        "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
    .weights_licence = MIEN_TORCHVISION_LICENCE,
};
