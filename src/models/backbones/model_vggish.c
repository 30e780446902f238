/* SPDX-License-Identifier: MIT */
/* VGGish (Hershey et al. 2017): sound as log-mel examples to 128 values. Tensors are
 * called as in the PyTorch port; the checkpoint of TensorFlow Slim is read too. */
#include <stdio.h>
#include <string.h>

#include "models/backbones/backbone.h"
#include "models/builder.h"
#include "models/weights/spelling.h"

enum { BLOCKS = 4 };

static mien_node convolutions(mien_builder *b, mien_node x) {
    static const int64_t channels[BLOCKS] = {64, 128, 256, 512};
    static const int count[BLOCKS] = {1, 1, 2, 2};
    int module = 0;
    for (int i = 0; i < BLOCKS; i++) {
        for (int k = 0; k < count[i]; k++) {
            mien_conv2d_options o = mien_conv2d_options_of(channels[i], 3, 1, 1);
            x = mien_build_conv(b, x, &o, "features.%d", module++);
            x = mien_build_activation(b, x, MIEN_RELU, "features.%d", module++);
        }
        x = mien_build_max_pool(b, x, 2, 2, 0, "features.%d", module++);
    }
    return mien_build_alias(b, x, "features");
}

/* The maps are flattened as height, width, channel. */
static mien_node flatten(mien_builder *b, mien_node x) {
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status =
            mien_permute(b->graph, "permute", x, (const int[]){0, 2, 3, 1}, 4, &y);
    }
    return mien_build_flatten(b, y, "flatten");
}

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    static const int64_t widths[] = {4096, 4096, 128};
    mien_builder b = {.graph = graph};
    mien_node x = flatten(&b, convolutions(&b, input));
    for (int i = 0; i < 3; i++) {
        x = mien_build_linear(&b, x, widths[i], "embeddings.%d", 2 * i);
        x = mien_build_activation(&b, x, MIEN_RELU, "embeddings.%d", 2 * i + 1);
    }
    if (b.status == MIEN_OK) {
        *last = x;
    }
    return b.status;
}

/* "vggish/conv3/conv3_1/weights" and the like of TensorFlow Slim. */
static mien_spelled of_slim(const char *stored, char *name, size_t size) {
    static const struct {
        const char *theirs, *here;
    } layers[] = {{"conv1", "features.0"}, {"conv2", "features.3"},
        {"conv3/conv3_1", "features.6"}, {"conv3/conv3_2", "features.8"},
        {"conv4/conv4_1", "features.11"}, {"conv4/conv4_2", "features.13"},
        {"fc1/fc1_1", "embeddings.0"}, {"fc1/fc1_2", "embeddings.2"},
        {"fc2", "embeddings.4"}};
    static const char before[] = "vggish/";
    if (strncmp(stored, before, sizeof before - 1) != 0) {
        return MIEN_SPELLED_UNKNOWN;
    }
    stored += sizeof before - 1;
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        const size_t length = strlen(layers[i].theirs);
        const char *rest = stored + length;
        if (strncmp(stored, layers[i].theirs, length) != 0) {
            continue;
        }
        if (strcmp(rest, "/weights") == 0) {
            snprintf(name, size, "%s.weight", layers[i].here);
            return MIEN_SPELLED_TURNED;
        }
        if (strcmp(rest, "/biases") == 0) {
            snprintf(name, size, "%s.bias", layers[i].here);
            return MIEN_SPELLED_HERE;
        }
    }
    return MIEN_SPELLED_UNKNOWN;
}

static mien_spelled spelled(const char *stored, char *name, size_t size) {
    const mien_spelled slim = of_slim(stored, name, size);
    if (slim != MIEN_SPELLED_UNKNOWN) {
        return slim;
    }
    if (!mien_respell_begin(stored, name, size)) {
        return MIEN_SPELLED_UNKNOWN;
    }
    mien_respell(name, size, &(mien_respelling){"embedding.", "embeddings."});
    return MIEN_SPELLED_HERE;
}

const mien_backbone mien_model_vggish = {
    .name = "vggish",
    .summary =
        "VGGish, AudioSet: 72.1 M parameters, 1.7 GFLOP a second of sound, 128 values",
    .feature = "embeddings.5",
    .item_rank = 3,
    .item = {1, 96, 64},
    .item_fixed = true,
    .build = build,
    .spelled = spelled,
    .beside = "pca_eigen_vectors pca_means pproc.",
    .weights_file = "vggish-10086976.pth",
    .weights_url = "https://github.com/harritaylor/torchvggish/releases/download/v0.1/"
                   "vggish-10086976.pth",
    .weights_licence = "Apache-2.0 (Google's VGGish; port torchvggish); trained on "
                       "YouTube-8M",
};
