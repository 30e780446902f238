/* SPDX-License-Identifier: MIT */
/* A network that was taken over from another program's file: its operators stand in the
 * contract, its weights in the model's file. */
#include <stdio.h>
#include <string.h>

#include "models/contract/document.h"
#include "models/parts/graph_entry.h"
#include "models/parts/parts.h"

#define GRID_MAX 64

static const char *const colours[] = {"rgb", "grey", NULL};
static const char *const layouts[] = {"channels-first", "channels-last", NULL};
static const mien_option options[] = {
    {.name = "of",
        .type = MIEN_OPTION_TEXT,
        .initial = "net",
        .help = "name of the graph among those of the contract"},
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "which of its outputs, or of its nodes, the branch ends in; \"\": its "
                "first output"},
    {.name = "grid",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = GRID_MAX,
        .help = "a map is averaged to grid × grid values a channel; 1: its average; 0: "
                "all of it"},
    {.name = "colours",
        .type = MIEN_OPTION_CHOICE,
        .initial = "rgb",
        .choices = colours,
        .help = "what of a picture it reads: three colours, or one grey (ITU-R 601)"},
    {.name = "layout",
        .type = MIEN_OPTION_CHOICE,
        .initial = "channels-first",
        .choices = layouts,
        .help = "of a picture: [C, H, W] or [H, W, C]"},
    {0},
};

/* A picture [N, 3, H, W] as the graph reads it. */
static mien_node entered(mien_part_build *part, mien_node x) {
    bool bgr = false;
    for (int i = 0; i < part->architecture->inputs_count; i++) {
        bgr = bgr || strstr(part->architecture->inputs[i].settings, "order=bgr");
    }
    if (part->b.status == MIEN_OK) {
        part->b.status = mien_graph_entry(part->b.graph, x,
            strcmp(mien_options_text(part->options, "colours"), "grey") == 0, bgr,
            strcmp(mien_options_text(part->options, "layout"), "channels-last") == 0,
            &x);
    }
    return x;
}

/* Reduces a map, a row or anything else to the row of values that the fusion reads. */
static mien_node row_of(mien_part_build *part, mien_node x) {
    int64_t shape[MIEN_RANK_MAX], grid = mien_options_int(part->options, "grid");
    int rank =
        part->b.status == MIEN_OK ? mien_graph_shape(part->b.graph, x, shape) : 2;
    if (rank == 4 && grid > 0 && (shape[2] != grid || shape[3] != grid)) {
        x = mien_build_average(&part->b, x, (int)grid, "row.pool");
    }
    return rank == 2 ? x : mien_build_flatten(&part->b, x, "row.flatten");
}

/* By the name of an output, else of a node. */
static mien_node find_end(
    mien_part_build *part, const mien_value *document, const mien_node *outputs) {
    const char *name = mien_options_text(part->options, "output");
    for (int i = 0; i < mien_document_outputs(document); i++) {
        if (!name[0] || strcmp(mien_document_output(document, i), name) == 0) {
            return outputs[i];
        }
    }
    mien_node node = mien_graph_find(part->b.graph, name);
    if (node < 0) {
        part->b.status = mien_fail(MIEN_ENOTFOUND,
            "the graph has no output or node \"%s\"; the "
            "nearest is \"%s\"",
            name, mien_graph_nearest(part->b.graph, name));
    }
    return node;
}

static mien_node build_inside(
    mien_part_build *part, const mien_value *document, mien_node x) {
    mien_node outputs[MIEN_DOCUMENT_PORTS_MAX], in = entered(part, x);
    if (part->b.status == MIEN_OK) {
        part->b.status = mien_document_build(document, part->b.graph, &in, outputs);
    }
    mien_node end = part->b.status == MIEN_OK ? find_end(part, document, outputs) : x;
    if (part->b.status == MIEN_OK && end <= x) {
        part->b.status = mien_fail(MIEN_EINVAL, "it gives what it reads");
    }
    if (part->b.status == MIEN_OK) {
        part->b.status = mien_graph_cut(part->b.graph, end);
    }
    return row_of(part, end);
}

static mien_node build(mien_part_build *part, mien_node x) {
    const char *of = mien_options_text(part->options, "of");
    const mien_value *document = mien_value_get(part->architecture->graphs, of);
    mien_builder *b = &part->b;
    char prefix[128];
    if (b->status == MIEN_OK && !document) {
        b->status =
            mien_fail(MIEN_EINVAL, "there is no graph \"%s\" in the contract", of);
    }
    if (b->status == MIEN_OK && mien_document_inputs(document) != 1) {
        b->status =
            mien_fail(MIEN_EUNSUPPORTED, "graph %s has %d inputs; a branch has one", of,
                mien_document_inputs(document));
    }
    snprintf(prefix, sizeof prefix, "%s%s", part->name, part->name[0] ? "." : "");
    if (b->status == MIEN_OK) {
        b->status = mien_graph_scope(b->graph, prefix);
    }
    if (b->status == MIEN_OK) {
        x = build_inside(part, document, x);
        mien_graph_scope_end(b->graph);
    }
    return x;
}

const mien_branch_kind mien_branch_graph = {
    .name = "graph",
    .summary = "A network taken over from an ONNX or Keras file",
    .options = options,
    .build = build,
    .single = true,
};
