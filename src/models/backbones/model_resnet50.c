/* SPDX-License-Identifier: MIT */
/* ResNet-50 v1.5 (He et al. 2016), node for node as torchvision builds it. */
#include "models/backbones/backbone.h"
#include "models/backbones/resnet.h"

static mien_status build(mien_graph *graph, mien_node input, mien_node *logits) {
    static const mien_resnet design = {.blocks = {3, 4, 6, 3},
        .widths = MIEN_RESNET_WIDTHS,
        .bottleneck = true,
        .classes = 1000};
    return mien_resnet_build(graph, input, &design, logits);
}

const mien_backbone mien_model_resnet50 = {
    .name = "resnet50",
    .summary =
        "ResNet-50, ImageNet: 25.6 M parameters, 8.2 GFLOP a picture, 2048 features",
    .feature = "layer4",
    .classes = 1000,
    .minimum_size = 32,
    .preprocess = mien_preprocess_imagenet,
    .build = build,
    .weights_file = "resnet50-0676ba61.pth",
    .weights_url = MIEN_TORCHVISION_URL "resnet50-0676ba61.pth",
    .weights_sha256 =
        "0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a",
    .weights_licence = MIEN_TORCHVISION_LICENCE,
};
