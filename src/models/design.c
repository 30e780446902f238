/* SPDX-License-Identifier: MIT */
/* Networks of a design: a backbone as far as one layer, and linear layers on it. */
#include <stdio.h>
#include <string.h>

#include "models/builder.h"
#include "models/design_features.h"
#include "models/taps.h"

#define SIDE_MAX 4096
#define GRID_MAX 64
#define WIDTH_MAX (1 << 20)

mien_design mien_design_default(void) {
    return (mien_design){.layer = "pool", .grid = 1};
}

static bool has_activation(const mien_design_hidden *hidden) {
    return hidden->activation[0] && strcmp(hidden->activation, "none") != 0;
}

static mien_status check_dropout(const char *of, int index, double rate) {
    return rate >= 0 && rate < 1
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "%s %d: dropout %g is outside [0, 1)", of,
                     index, rate);
}

static mien_status check_hidden(const mien_design *d) {
    if (d->hidden_count < 0 || d->hidden_count > MIEN_DESIGN_HIDDEN_MAX) {
        return mien_fail(MIEN_EINVAL, "%d hidden layers; at most %d are allowed",
            d->hidden_count, MIEN_DESIGN_HIDDEN_MAX);
    }
    for (int i = 0; i < d->hidden_count; i++) {
        const mien_design_hidden *h = &d->hidden[i];
        mien_activation activation;
        if (h->width < 1 || h->width > WIDTH_MAX) {
            return mien_fail(MIEN_EINVAL, "hidden layer %d: width %lld outside 1 … %d",
                i, (long long)h->width, WIDTH_MAX);
        }
        if (has_activation(h) &&
            mien_activation_find(h->activation, &activation) != MIEN_OK) {
            return mien_fail_in(MIEN_ENOTFOUND, "hidden layer %d", i);
        }
        mien_status status = check_dropout("hidden layer", i, h->dropout);
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

static mien_status check_input(const mien_design *d, const mien_backbone *backbone) {
    int least = backbone->minimum_size;
    if (d->height < least || d->height > SIDE_MAX || d->width < least ||
        d->width > SIDE_MAX) {
        return mien_fail(MIEN_EINVAL,
            "%s takes pictures of %d × %d to %d × %d, not %d × %d", backbone->name,
            least, least, SIDE_MAX, SIDE_MAX, d->width, d->height);
    }
    if (d->layer[0] == 0) {
        return mien_fail(MIEN_EINVAL, "no layer is named");
    }
    if (d->grid < 0 || d->grid > GRID_MAX) {
        return mien_fail(MIEN_EINVAL, "grid %d outside 0 … %d", d->grid, GRID_MAX);
    }
    return MIEN_OK;
}

mien_status mien_design_check(const mien_design *design) {
    if (design->kind[0]) {
        return mien_design_check_features(design);
    }
    const mien_backbone *backbone = NULL;
    mien_status status = mien_backbone_find(design->backbone, &backbone);
    if (status == MIEN_OK) {
        status = check_input(design, backbone);
    }
    if (status == MIEN_OK) {
        status = check_dropout("what the head reads", 0, design->dropout);
    }
    if (status == MIEN_OK) {
        status = check_hidden(design);
    }
    if (status == MIEN_OK && (design->outputs < 1 || design->outputs > WIDTH_MAX)) {
        status = mien_fail(MIEN_EINVAL, "%lld outputs; 1 to %d are allowed",
            (long long)design->outputs, WIDTH_MAX);
    }
    return status;
}

/* What the head reads of the layer: a row of values. */
static mien_status add_feature(
    const mien_design *d, mien_graph *graph, mien_node layer, mien_node *feature) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(graph, layer, shape);
    if (rank == 2) {
        *feature = layer;
        return MIEN_OK;
    }
    if (rank != 4) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "layer \"%s\" has %d dimensions; a head reads maps [N, C, H, W] and rows "
            "[N, F]",
            d->layer, rank);
    }
    mien_builder b = {.graph = graph};
    mien_node x = layer;
    if (d->grid > 0 && (shape[2] != d->grid || shape[3] != d->grid)) {
        x = mien_build_average(&b, x, d->grid, "head.pool");
    }
    *feature = mien_build_flatten(&b, x, "head.flatten");
    return b.status;
}

static mien_node add_activation(
    mien_builder *b, mien_node x, const mien_design_hidden *hidden, int index) {
    mien_activation activation;
    if (!has_activation(hidden) || b->status != MIEN_OK) {
        return x;
    }
    b->status = mien_activation_find(hidden->activation, &activation);
    return b->status == MIEN_OK ? mien_build_activation(b, x, activation, "head.%d.%s",
                                      index, hidden->activation)
                                : x;
}

mien_status mien_design_build_head(const mien_design *design, mien_graph *graph,
    mien_node feature, mien_node *output) {
    mien_builder b = {.graph = graph, .status = mien_design_check(design)};
    mien_node x = feature;
    if (design->dropout > 0) {
        x = mien_build_dropout(&b, x, design->dropout, "head.dropout");
    }
    for (int i = 0; b.status == MIEN_OK && i < design->hidden_count; i++) {
        const mien_design_hidden *hidden = &design->hidden[i];
        x = mien_build_linear(&b, x, hidden->width, "head.%d", i);
        x = add_activation(&b, x, hidden, i);
        if (hidden->dropout > 0) {
            x = mien_build_dropout(&b, x, hidden->dropout, "head.%d.dropout", i);
        }
    }
    x = mien_build_linear(&b, x, design->outputs, "head.%d", design->hidden_count);
    if (b.status == MIEN_OK) {
        *output = x;
    }
    return b.status;
}

static mien_status check_node(
    const mien_design *d, const mien_graph *graph, mien_node input) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(graph, input, shape);
    if (rank != 4 || shape[1] != 3 || shape[2] != d->height || shape[3] != d->width) {
        return mien_fail(MIEN_ESHAPE,
            "the network's input must be [N, 3, %d, %d] as its design says", d->height,
            d->width);
    }
    return MIEN_OK;
}

mien_status mien_design_build(const mien_design *design, mien_graph *graph,
    mien_node input, mien_node *output, mien_node *feature) {
    const mien_backbone *backbone = NULL;
    mien_node layer = -1, logits, read = -1, end = -1;
    mien_status status = mien_design_check(design);
    if (status == MIEN_OK) {
        status = check_node(design, graph, input);
    }
    if (status == MIEN_OK) {
        status = mien_backbone_find(design->backbone, &backbone);
    }
    if (status == MIEN_OK) {
        status = backbone->build(graph, input, &logits);
    }
    if (status == MIEN_OK) {
        status = mien_layer_find(graph, backbone, design->layer, &layer);
    }
    if (status == MIEN_OK && layer <= input) {
        status = mien_fail(MIEN_EINVAL, "layer \"%s\" is not one of %s", design->layer,
            backbone->name);
    }
    if (status == MIEN_OK) {
        status = mien_graph_cut(graph, layer);
    }
    if (status == MIEN_OK) {
        status = add_feature(design, graph, layer, &read);
    }
    if (status == MIEN_OK) {
        status = mien_design_build_head(design, graph, read, &end);
    }
    if (status != MIEN_OK) {
        return status;
    }
    *output = end;
    *feature = read;
    return MIEN_OK;
}
