/* SPDX-License-Identifier: MIT */
/* A small network with drawn weights for tests: a value, classes and ordered classes.
 */
#ifndef MIEN_TESTS_MODELS_NETWORK_FILES_H
#define MIEN_TESTS_MODELS_NETWORK_FILES_H

#include "models/assembled.h"
#include "models/drawn.h"

enum {
    NETWORK_SIZE = 32,
    NETWORK_PIXELS = 3 * NETWORK_SIZE * NETWORK_SIZE,
    NETWORK_OUTPUTS = 1 + 3 + 2,
    NETWORK_WIDTH = 1 + 3 + 3
};

static const char *const network_feelings[] = {"happy", "sad, or so", "neutral"};
static const char *const network_levels[] = {"low", "middle", "high"};

static inline mien_preprocess network_preprocess(int size) {
    mien_preprocess p = mien_preprocess_imagenet();
    p.size = p.crop_height = p.crop_width = size;
    return p;
}

/** The fixture on another layer, or with another head. */
static inline mien_network network_fixture_with(
    const char *stage, const char *head, int size) {
    const mien_preprocess p = network_preprocess(size);
    mien_network n = {.targets_count = 3,
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
    if (assembled_pictures(&n.architecture, &p, stage, head, NETWORK_OUTPUTS) !=
        MIEN_OK) {
        n.targets_count = 0; /* which no test takes for a network */
    }
    return n;
}

#define NETWORK_STAGE "name=mobilenet_v2; layer=features.1; grid=2"
#define NETWORK_HEAD "layers=5; activation=tanh; dropout=0.5; read-dropout=0.25"
static inline mien_network network_fixture(void) {
    return network_fixture_with(NETWORK_STAGE, NETWORK_HEAD, NETWORK_SIZE);
}

/** Its pictures are squashed to size, as those of a study are. */
static inline mien_status network_squash(mien_network *n) {
    mien_preprocess p = network_preprocess(NETWORK_SIZE);
    p.fit = MIEN_FIT_SQUASH;
    return mien_input_picture("image", &p, &n->architecture.inputs[0]);
}

typedef struct network_built {
    mien_graph *graph;
    mien_parameters *parameters;
    mien_node input, output;
} network_built;

/** The architecture's graph with weights that depend on their names alone. */
static inline mien_status network_draw(const mien_architecture *a, network_built *b) {
    mien_network_nodes nodes;
    mien_status status = mien_graph_new(&b->graph);
    if (status == MIEN_OK) {
        status = mien_architecture_build(a, b->graph, &nodes);
    }
    if (status == MIEN_OK) {
        b->input = nodes.inputs[0];
        b->output = nodes.output;
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
    mien_status status = network_draw(&n->architecture, &b);
    if (status == MIEN_OK) {
        status = mien_network_save(path, n, b.parameters, golden, golden_count);
    }
    network_built_clear(&b);
    return status;
}

#endif
