/* SPDX-License-Identifier: MIT */
/* EfficientNet-lite (Tan & Le 2019, without squeeze and excitation, with ReLU6): the
 * networks whose widths and repeats the rows efficientnet_lite* give. */
#include "models/backbones/efficientnet.h"

#include <math.h>
#include <stdio.h>

#include "models/builder.h"
#include "models/exchange/keras.h"

#define STEM 32
#define LAST 1280

/* A row of the paper's table 1: repeats, kernel, first stride, expansion, output
 * channels. */
typedef struct stage {
    int repeats, kernel, stride, expansion;
    int64_t out;
} stage;

static const stage stages[] = {{1, 3, 1, 1, 16}, {2, 3, 2, 6, 24}, {2, 5, 2, 6, 40},
    {3, 3, 2, 6, 80}, {3, 5, 1, 6, 112}, {4, 5, 2, 6, 192}, {1, 3, 1, 6, 320}};
#define STAGES ((int)(sizeof stages / sizeof stages[0]))

/* To a multiple of 8, never more than a tenth below. */
static int64_t scaled(int64_t width, double factor) {
    double wanted = (double)width * factor;
    int64_t rounded = (int64_t)(wanted + 4) / 8 * 8;
    rounded = rounded < 8 ? 8 : rounded;
    return (double)rounded < 0.9 * wanted ? rounded + 8 : rounded;
}

/* The lite networks keep the repeats of their first and last stage. */
static int repeats_of(int s, double factor) {
    return s == 0 || s == STAGES - 1 ? stages[s].repeats
                                     : (int)ceil(stages[s].repeats * factor);
}

typedef struct unit {
    int64_t out;
    int kernel, stride;
    bool depthwise, bounded; /* bounded: ReLU6 behind it */
} unit;

/* Convolution, batch-norm and, where it is bounded, ReLU6; at: "_blocks.3.". */
static mien_node conv_norm(mien_builder *b, mien_node x, const unit *u, const char *at,
    const char *conv, const char *norm) {
    const mien_keras_conv c = {
        u->out, u->kernel, u->kernel, u->stride, MIEN_KERAS_SAME, false, u->depthwise};
    x = mien_keras_build_conv(b, x, &c, "%s%s", at, conv);
    x = mien_keras_build_norm(b, x, MIEN_KERAS_EPSILON, "%s%s", at, norm);
    return u->bounded ? mien_build_activation(b, x, MIEN_RELU6, "%s%s.relu6", at, norm)
                      : x;
}

static mien_node block(mien_builder *b, mien_node x, int index, const stage *s,
    int64_t in, int64_t out, int stride) {
    char at[32];
    int64_t hidden = in * s->expansion;
    mien_node y = x;
    snprintf(at, sizeof at, "_blocks.%d.", index);
    if (s->expansion != 1) {
        y = conv_norm(
            b, y, &(unit){hidden, 1, 1, false, true}, at, "_expand_conv", "_bn0");
    }
    y = conv_norm(b, y, &(unit){hidden, s->kernel, stride, true, true}, at,
        "_depthwise_conv", "_bn1");
    y = conv_norm(b, y, &(unit){out, 1, 1, false, false}, at, "_project_conv", "_bn2");
    if (stride == 1 && in == out) {
        y = mien_build_add(b, y, x, "_blocks.%d.add", index);
    }
    return mien_build_alias(b, y, "_blocks.%d", index);
}

mien_status mien_efficientnet_build(const mien_efficientnet *size, mien_graph *graph,
    mien_node input, mien_node *logits) {
    mien_builder b = {.graph = graph};
    mien_node x = conv_norm(
        &b, input, &(unit){STEM, 3, 2, false, true}, "", "_conv_stem", "_bn0");
    int64_t in = STEM;
    int index = 0;
    for (int s = 0; s < STAGES; s++) {
        int64_t out = scaled(stages[s].out, size->width);
        for (int i = 0; i < repeats_of(s, size->depth); i++) {
            x = block(
                &b, x, index++, &stages[s], in, out, i == 0 ? stages[s].stride : 1);
            in = out;
        }
    }
    x = conv_norm(&b, x, &(unit){LAST, 1, 1, false, true}, "", "_conv_head", "_bn1");
    mien_build_alias(&b, x, "features");
    x = mien_build_average(&b, x, 1, "_avg_pooling");
    x = mien_build_flatten(&b, x, "flatten");
    x = mien_build_dropout(&b, x, size->dropout, "_dropout");
    x = mien_build_linear(&b, x, MIEN_EFFICIENTNET_CLASSES, "_fc");
    if (b.status == MIEN_OK) {
        *logits = x;
    }
    return b.status;
}

mien_preprocess mien_efficientnet_preprocess(int side) {
    return (mien_preprocess){.fit = MIEN_FIT_SHORT,
        .size = side + 32,
        .crop_height = side,
        .crop_width = side,
        .resize = MIEN_RESIZE_BICUBIC,
        .scale = 1 / 128.0,
        .mean = {127 / 128.0, 127 / 128.0, 127 / 128.0},
        .deviation = {1, 1, 1}};
}
