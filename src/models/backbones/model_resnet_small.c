/* SPDX-License-Identifier: MIT */
/* A ResNet-18 for small pictures such as faces of 48 × 48: narrower, and its stem takes
 * one pixel after the other. Nobody publishes its weights: it learns from random ones.
 */
#include "models/backbones/backbone.h"
#include "models/backbones/resnet.h"

static mien_preprocess preprocess(void) {
    return (mien_preprocess){.fit = MIEN_FIT_SQUASH,
        .crop_height = 48,
        .crop_width = 48,
        .resize = MIEN_RESIZE_BILINEAR,
        .grey = true,
        .scale = 1.0 / 255.0,
        .mean = {0.5, 0.5, 0.5},
        .deviation = {0.25, 0.25, 0.25}};
}

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    static const mien_resnet design = {
        .blocks = {2, 2, 2, 2}, .widths = {32, 64, 128, 192}, .small = true};
    return mien_resnet_build(graph, input, &design, last);
}

const mien_backbone mien_model_resnet_small = {
    .name = "resnet_small",
    .summary = "Small ResNet for grey pictures of 48 x 48, no published weights: 1.9 M "
               "parameters, 0.1 GFLOP, 192 features",
    .feature = "layer4",
    .minimum_size = 32,
    .preprocess = preprocess,
    .build = build,
};
