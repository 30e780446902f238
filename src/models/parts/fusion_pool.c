/* SPDX-License-Identifier: MIT */
/* One branch's maps averaged with weights that another input gives for their cells:
 * those of gaze, so that what was looked at counts more. The weights are shares less an
 * even share (inputs/input_gaze_map.c): zeros, as of a trial without gaze, are plain
 * pooling. Rows of the other branches stand beside what was pooled. */
#include <string.h>

#include "models/parts/parts.h"

static const mien_option options[] = {
    {.name = "at",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "the input whose values are the weights, of kind gaze_map (default: "
                "the last)"},
    {.name = "of",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "the input whose branch gives the maps: its backbone's grid is that of "
                "the weights (default: the first of the others)"},
    {0},
};

/* The place of the input that an option names; count: there is none of that name. */
static int find(const mien_architecture *a, const char *name, int initial) {
    int i = 0;
    if (!name[0]) {
        return initial;
    }
    while (i < a->inputs_count && strcmp(a->inputs[i].name, name) != 0) {
        i++;
    }
    return i;
}

static int weights_of(const mien_architecture *a, const mien_options *given) {
    return find(a, mien_options_text(given, "at"), a->inputs_count - 1);
}

static int maps_of(const mien_architecture *a, const mien_options *given) {
    return find(a, mien_options_text(given, "of"), weights_of(a, given) == 0);
}

static mien_status check(const mien_architecture *a, const mien_options *given) {
    int at = weights_of(a, given), of = maps_of(a, given);
    if (at >= a->inputs_count || of >= a->inputs_count) {
        const char *key = at >= a->inputs_count ? "at" : "of";
        return mien_fail(MIEN_ENOTFOUND, "pool: %s: there is no input \"%s\"", key,
            mien_options_text(given, key));
    }
    return a->inputs_count > 1 && at != of
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "pool joins two inputs: one whose branch gives maps (of), and one "
                     "that weighs their cells (at)");
}

/* [N, C × P] and [N, P] to [N, C]: the plain mean over P, and what the weights add. */
static mien_node pool(mien_part_build *part, int of, int at) {
    mien_builder *b = &part->b;
    mien_node map = mien_part_masked(part, of), weight = mien_part_masked(part, at);
    const int64_t cells = mien_part_width(part, weight);
    const int64_t values = mien_part_width(part, map);
    const int64_t maps[] = {values / cells, cells}, column[] = {cells, 1};
    const int last = 2;
    if (b->status == MIEN_OK && values % cells) {
        b->status = mien_fail(MIEN_ESHAPE,
            "pool: the branch of %s gives %lld values, which are no maps of the %lld "
            "cells of %s: the backbone's grid must be the side of the gaze's (grid: N)",
            part->architecture->inputs[of].name, (long long)values, (long long)cells,
            part->architecture->inputs[at].name);
    }
    map = mien_build_reshape(b, map, maps, 2, "pool.maps");
    weight = mien_build_reshape(b, weight, column, 2, "pool.weights");
    mien_node plain = map, more = map;
    if (b->status == MIEN_OK) {
        b->status = mien_reduce(
            b->graph, "pool.plain", map, MIEN_REDUCE_MEAN, &last, 1, false, &plain);
    }
    if (b->status == MIEN_OK) {
        const mien_node pair[] = {map, weight};
        b->status =
            mien_graph_add(b->graph, "matmul", "pool.weighed", pair, 2, "", &more);
    }
    more = mien_build_reshape(b, more, maps, 1, "pool.more");
    return mien_build_add(b, plain, more, "pool");
}

static mien_node build(mien_part_build *part) {
    const mien_architecture *a = part->architecture;
    int at = weights_of(a, part->options), of = maps_of(a, part->options), count = 0;
    mien_node rows[MIEN_INPUTS_MAX], y;
    for (int i = 0; i < a->inputs_count; i++) {
        if (i == of) {
            rows[count++] = pool(part, of, at);
        } else if (i != at) {
            rows[count++] = mien_part_row(part, i);
        }
    }
    y = rows[0];
    if (part->b.status == MIEN_OK && count > 1) {
        part->b.status = mien_concat(part->b.graph, "concat", rows, count, 1, &y);
    }
    return y;
}

const mien_fusion_kind mien_fusion_pool = {
    .name = "pool",
    .summary = "A branch's maps averaged with another input's weights, as of gaze",
    .options = options,
    .check = check,
    .build = build,
};
