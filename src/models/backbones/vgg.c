/* SPDX-License-Identifier: MIT */
/* Shared by the VGGs (Simonyan & Zisserman 2015, without batch-norm). */
#include "models/backbones/vgg.h"

#include "models/builder.h"

#define STAGES 5
#define HIDDEN 4096
#define CLASSES 1000

static mien_node features(
    mien_builder *b, mien_node x, const int convolutions[STAGES]) {
    static const int64_t widths[STAGES] = {64, 128, 256, 512, 512};
    int index = 0; /* place in torchvision's Sequential */
    for (int stage = 0; stage < STAGES; stage++) {
        mien_conv2d_options options = mien_conv2d_options_of(widths[stage], 3, 1, 1);
        for (int i = 0; i < convolutions[stage]; i++) {
            x = mien_build_conv(b, x, &options, "features.%d", index++);
            x = mien_build_activation(b, x, MIEN_RELU, "features.%d", index++);
        }
        x = mien_build_max_pool(b, x, 2, 2, 0, "features.%d", index++);
    }
    return mien_build_alias(b, x, "features");
}

static mien_node classifier(mien_builder *b, mien_node x) {
    for (int i = 0; i < 6; i += 3) {
        x = mien_build_linear(b, x, HIDDEN, "classifier.%d", i);
        x = mien_build_activation(b, x, MIEN_RELU, "classifier.%d", i + 1);
        x = mien_build_dropout(b, x, 0.5, "classifier.%d", i + 2);
    }
    x = mien_build_linear(b, x, CLASSES, "classifier.6");
    return mien_build_alias(b, x, "classifier");
}

mien_status mien_vgg_build(
    mien_graph *graph, mien_node input, const int convolutions[5], mien_node *logits) {
    mien_builder b = {.graph = graph};
    mien_node x = features(&b, input, convolutions);
    x = mien_build_average(&b, x, 7, "avgpool");
    x = mien_build_flatten(&b, x, "flatten");
    x = classifier(&b, x);
    if (b.status == MIEN_OK) {
        *logits = x;
    }
    return b.status;
}
