/* SPDX-License-Identifier: MIT */
/* A published network on pictures as far as one layer, whose maps become a row. */
#include <stdio.h>
#include <string.h>

#include "models/parts/parts.h"
#include "models/layer_list.h"

#define SIDE_MAX 4096
#define GRID_MAX 64

static const mien_option options[] = {
    {.name = "name",
        .type = MIEN_OPTION_TEXT,
        .initial = "mobilenet_v2",
        .help = "row of the table of backbones (`mien models`)"},
    {.name = "layer",
        .type = MIEN_OPTION_TEXT,
        .initial = "pool",
        .help = "where it ends: any node that is a map or a row; pool: its last map"},
    {.name = "grid",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = GRID_MAX,
        .help = "a map is averaged to grid × grid values a channel; 1: its average; 0: "
                "all of it"},
    {.name = "layers",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "several layers in place of the one, for read-outs: "
                "\"features.13:sd,pool\""},
    {.name = "mirror",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "average over the picture and its mirror image, for read-outs"},
    {0},
};

static mien_status check_picture(
    const mien_backbone *backbone, const mien_item_shape *shape) {
    int least = backbone->minimum_size;
    if (!shape || shape->rank != 3 || shape->size[0] != 3) {
        return mien_fail(MIEN_EINVAL,
            "%s reads pictures [3, H, W]: it is the first stage of an input that gives "
            "them",
            backbone->name);
    }
    if (shape->size[1] < least || shape->size[1] > SIDE_MAX || shape->size[2] < least ||
        shape->size[2] > SIDE_MAX) {
        return mien_fail(MIEN_EINVAL,
            "%s takes pictures of %d × %d to %d × %d, not %lld × %lld", backbone->name,
            least, least, SIDE_MAX, SIDE_MAX, (long long)shape->size[2],
            (long long)shape->size[1]);
    }
    return MIEN_OK;
}

static mien_status check(const mien_options *given, const mien_item_shape *shape) {
    const mien_backbone *backbone = NULL;
    const char *layer = mien_options_text(given, "layer");
    const char *layers = mien_options_text(given, "layers");
    mien_status status =
        mien_backbone_find_pictures(mien_options_text(given, "name"), &backbone);
    if (status == MIEN_OK) {
        status = check_picture(backbone, shape);
    }
    if (status == MIEN_OK && !layer[0] && !layers[0]) {
        status = mien_fail(MIEN_EINVAL, "no layer is named");
    }
    return status;
}

/* The prefix of nodes behind the layer, which in files of version 2 belong to the
 * head. */
static const char *behind(
    const mien_part_build *part, const char *what, char *text, size_t size) {
    snprintf(text, size, "%s.%s", part->name[0] ? "row" : "head", what);
    return text;
}

/* Reduces the layer to the row of values that the fusion reads. */
static mien_node add_row(mien_part_build *part, mien_node layer) {
    int64_t shape[MIEN_RANK_MAX], grid = mien_options_int(part->options, "grid");
    int rank = mien_graph_shape(part->b.graph, layer, shape);
    char name[32];
    mien_node x = layer;
    if (rank == 2) {
        return layer;
    }
    if (rank != 4) {
        part->b.status = mien_fail(MIEN_EUNSUPPORTED,
            "layer \"%s\" has %d dimensions; a head reads maps [N, C, H, W] and rows "
            "[N, F]",
            mien_options_text(part->options, "layer"), rank);
        return layer;
    }
    if (grid > 0 && (shape[2] != grid || shape[3] != grid)) {
        x = mien_build_average(
            &part->b, x, (int)grid, "%s", behind(part, "pool", name, sizeof name));
    }
    return mien_build_flatten(
        &part->b, x, "%s", behind(part, "flatten", name, sizeof name));
}

static mien_status refuse_frozen_forms(const mien_part_build *part) {
    bool several = mien_options_text(part->options, "layers")[0] != 0;
    if (several || mien_options_flag(part->options, "mirror")) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s of a backbone are for features that are computed once, not for a "
            "network that learns",
            several ? "several layers" : "mirrored pictures");
    }
    return MIEN_OK;
}

/* Inside the scope of the branch. */
static mien_node build_inside(
    mien_part_build *part, const mien_backbone *backbone, mien_node x) {
    const char *name = mien_options_text(part->options, "layer");
    mien_node logits, layer = x;
    mien_builder *b = &part->b;
    b->status = backbone->build(b->graph, x, &logits);
    if (b->status == MIEN_OK) {
        b->status = mien_layer_find(b->graph, backbone, name, &layer);
    }
    if (b->status == MIEN_OK && layer <= x) {
        b->status = mien_fail(
            MIEN_EINVAL, "layer \"%s\" is not one of %s", name, backbone->name);
    }
    if (b->status == MIEN_OK) {
        b->status = mien_graph_cut(b->graph, layer);
    }
    return b->status == MIEN_OK ? add_row(part, layer) : x;
}

static mien_node build(mien_part_build *part, mien_node x) {
    const mien_backbone *backbone = NULL;
    mien_builder *b = &part->b;
    char prefix[128];
    if (b->status == MIEN_OK) {
        b->status = mien_backbone_find_pictures(
            mien_options_text(part->options, "name"), &backbone);
    }
    if (b->status == MIEN_OK) {
        b->status = refuse_frozen_forms(part);
    }
    snprintf(prefix, sizeof prefix, "%s%s", part->name, part->name[0] ? "." : "");
    if (b->status == MIEN_OK) {
        b->status = mien_graph_scope(b->graph, prefix);
    }
    if (b->status == MIEN_OK) {
        x = build_inside(part, backbone, x);
        mien_graph_scope_end(b->graph);
    }
    return x;
}

const mien_branch_kind mien_branch_backbone = {
    .name = "backbone",
    .summary = "A published network on pictures, as far as one layer",
    .options = options,
    .check = check,
    .build = build,
    .single = true,
};
