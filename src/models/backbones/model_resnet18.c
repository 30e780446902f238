/* SPDX-License-Identifier: MIT */
/* ResNet-18 (He et al. 2016), node for node as torchvision builds it. */
#include "models/backbones/backbone.h"
#include "models/backbones/resnet.h"

static mien_status build(mien_graph *graph, mien_node input, mien_node *logits) {
    static const mien_resnet design = {.blocks = {2, 2, 2, 2},
        .widths = MIEN_RESNET_WIDTHS,
        .bottleneck = false,
        .classes = 1000};
    return mien_resnet_build(graph, input, &design, logits);
}

const mien_backbone mien_model_resnet18 = {
    .name = "resnet18",
    .summary =
        "ResNet-18, ImageNet: 11.7 M parameters, 3.6 GFLOP a picture, 512 features",
    .feature = "layer4",
    .classes = 1000,
    .minimum_size = 32,
    .preprocess = mien_preprocess_imagenet,
    .build = build,
    .weights_file = "resnet18-f37072fd.pth",
    .weights_url = MIEN_TORCHVISION_URL "resnet18-f37072fd.pth",
    .weights_sha256 =
        "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
    .weights_licence = MIEN_TORCHVISION_LICENCE,
};
