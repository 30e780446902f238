/* SPDX-License-Identifier: MIT */
/* A small network with drawn weights for tests: a value, classes and ordered classes.
 */
#ifndef MIEN_TESTS_MODELS_NETWORK_FILES_H
#define MIEN_TESTS_MODELS_NETWORK_FILES_H

#include "models/drawn.h"

enum {
    NETWORK_SIZE = 32,
    NETWORK_PIXELS = 3 * NETWORK_SIZE * NETWORK_SIZE,
    NETWORK_OUTPUTS = 1 + 3 + 2,
    NETWORK_WIDTH = 1 + 3 + 3
};

static const char *const network_feelings[] = {"happy", "sad, or so", "neutral"};
static const char *const network_levels[] = {"low", "middle", "high"};

static inline mien_network network_fixture(void) {
    mien_network n = {.design = mien_design_default(),
        .preprocess = mien_preprocess_imagenet(),
        .targets_count = 3,
        .targets = {{.name = "valence",
                        .minimum = 1,
                        .maximum = 7,
                        .unit = "1-7 rating",
                        .construct = "evoked",
                        .perspective = "normative",
                        .interval_low = -1.5,
                        .interval_high = 1.25},
            {.name = "emotion",
                .unit = "label",
                .construct = "depicted",
                .perspective = "normative",
                .link = MIEN_LINK_SOFTMAX,
                .classes_count = 3,
                .classes = network_feelings},
            {.name = "arousal",
                .unit = "level",
                .construct = "evoked",
                .perspective = "subjective",
                .link = MIEN_LINK_CORN,
                .classes_count = 3,
                .classes = network_levels}},
        .licence = "CC BY 4.0",
        .citation = "Who, when"};
    strcpy(n.design.backbone, "mobilenet_v2");
    strcpy(n.design.layer, "features.1");
    n.design.height = n.design.width = NETWORK_SIZE;
    n.design.grid = 2;
    n.design.dropout = 0.25;
    n.design.hidden_count = 1;
    n.design.hidden[0] =
        (mien_design_hidden){.width = 5, .activation = "tanh", .dropout = 0.5};
    n.design.outputs = NETWORK_OUTPUTS;
    n.preprocess.size = n.preprocess.crop_height = n.preprocess.crop_width =
        NETWORK_SIZE;
    return n;
}

typedef struct network_built {
    mien_graph *graph;
    mien_parameters *parameters;
    mien_node input, output;
} network_built;

/** The design's graph with weights that depend on their names alone. */
static inline mien_status network_draw(const mien_design *d, network_built *b) {
    const int64_t shape[] = {MIEN_BATCH, 3, d->height, d->width};
    mien_node feature;
    mien_status status = mien_graph_new(&b->graph);
    if (status == MIEN_OK) {
        status = mien_graph_input(b->graph, "input", 4, shape, &b->input);
    }
    if (status == MIEN_OK) {
        status = mien_design_build(d, b->graph, b->input, &b->output, &feature);
    }
    if (status == MIEN_OK) {
        status = mien_parameters_new(b->graph, &b->parameters);
    }
    if (status == MIEN_OK) {
        drawn_parameters(b->parameters);
    }
    return status;
}

static inline void network_built_clear(network_built *b) {
    mien_parameters_free(&b->parameters);
    mien_graph_free(&b->graph);
}

/** Saves a network with drawn weights. */
static inline mien_status network_save_drawn(const char *path, const mien_network *n,
    const mien_golden_input *golden, int64_t golden_count) {
    network_built b = {0};
    mien_status status = network_draw(&n->design, &b);
    if (status == MIEN_OK) {
        status = mien_network_save(path, n, b.parameters, golden, golden_count);
    }
    network_built_clear(&b);
    return status;
}

#endif
