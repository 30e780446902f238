/* SPDX-License-Identifier: MIT */
/* FlowNetS (Dosovitskiy et al. 2015) as far as it contracts: two frames, one over the
 * other [6, H, W], to maps of 1024. */
#include "models/backbones/flownets.h"

#include <stdio.h>

#include "models/builder.h"
#include "models/weights/spelling.h"

#define SLOPE 0.1

static mien_node leaky(mien_builder *b, mien_node x, const char *layer, int module) {
    mien_node y = x;
    char name[32];
    snprintf(name, sizeof name, "%s.%d", layer, module);
    if (b->status == MIEN_OK) {
        b->status = mien_activate(b->graph, name, x, MIEN_LEAKY_RELU, SLOPE, &y);
    }
    return mien_build_alias(b, y, "%s", layer);
}

mien_status mien_flownets_build(
    mien_graph *graph, mien_node input, bool norm, mien_node *last) {
    static const struct {
        const char *name;
        int64_t out;
        int kernel, stride;
    } layers[] = {{"conv1", 64, 7, 2}, {"conv2", 128, 5, 2}, {"conv3", 256, 5, 2},
        {"conv3_1", 256, 3, 1}, {"conv4", 512, 3, 2}, {"conv4_1", 512, 3, 1},
        {"conv5", 512, 3, 2}, {"conv5_1", 512, 3, 1}, {"conv6", 1024, 3, 2},
        {"conv6_1", 1024, 3, 1}};
    enum { LAYERS = sizeof layers / sizeof layers[0], CONV6 = LAYERS - 2 };
    mien_builder b = {.graph = graph};
    mien_node x = input, conv6 = input;
    for (int i = 0; i < LAYERS; i++) {
        mien_conv2d_options o = mien_conv2d_options_of(
            layers[i].out, layers[i].kernel, layers[i].stride, layers[i].kernel / 2);
        o.bias = !norm;
        x = mien_build_conv(&b, x, &o, "%s.0", layers[i].name);
        if (norm) {
            x = mien_build_norm(&b, x, "%s.1", layers[i].name);
        }
        x = leaky(&b, x, layers[i].name, norm ? 2 : 1);
        conv6 = i == CONV6 ? x : conv6;
    }
    x = mien_build_average(&b, conv6, 1, "avgpool");
    x = mien_build_flatten(&b, x, "flatten");
    if (b.status == MIEN_OK) {
        *last = x;
    }
    return b.status;
}

mien_spelled mien_flownets_spelled(const char *stored, char *name, size_t size) {
    return mien_respell_begin(stored, name, size) ? MIEN_SPELLED_HERE
                                                  : MIEN_SPELLED_UNKNOWN;
}
