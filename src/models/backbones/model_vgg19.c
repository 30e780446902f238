/* SPDX-License-Identifier: MIT */
/* VGG19 (Simonyan & Zisserman 2015), node for node as torchvision builds it. */
#include "models/backbones/backbone.h"
#include "models/backbones/vgg.h"

static mien_status build(mien_graph *graph, mien_node input, mien_node *logits) {
    static const int convolutions[5] = {2, 2, 4, 4, 4};
    return mien_vgg_build(graph, input, convolutions, logits);
}

const mien_backbone mien_model_vgg19 = {
    .name = "vgg19",
    .summary = "VGG19, ImageNet: 144 M parameters, 39 GFLOP a picture, 512 features",
    .feature = "features",
    .classes = 1000,
    .minimum_size = 32,
    .preprocess = mien_preprocess_imagenet,
    .build = build,
    .weights_file = "vgg19-dcbb9e9d.pth",
    .weights_url = MIEN_TORCHVISION_URL "vgg19-dcbb9e9d.pth",
    .weights_licence = MIEN_TORCHVISION_LICENCE,
};
