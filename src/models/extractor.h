/* SPDX-License-Identifier: MIT */
/* An extractor whose pictures are fetched when they are needed. */
#ifndef MIEN_MODELS_EXTRACTOR_H
#define MIEN_MODELS_EXTRACTOR_H

#include "models/layer_list.h"

/** Fills pictures [first, first + count) of the call; several threads call it at once.
 */
typedef mien_status mien_extractor_fill(
    void *context, int64_t first, int64_t count, float *images);
/** The same as mien_extractor_run(), straight into the network's memory. */
mien_status mien_extractor_run_filled(mien_extractor *extractor, int64_t n,
    mien_extractor_fill *fill, void *context, float *features);

/** An extractor that is written down elsewhere instead of run: graph and weights
 * without plans. */
mien_status mien_extractor_open_bare(
    const mien_extractor_options *options, mien_extractor **extractor);
/** One backbone of an extractor. */
typedef struct mien_extractor_part {
    const mien_backbone *backbone;
    const mien_graph *graph;
    mien_parameters *parameters; /* NULL where plans have packed them */
    mien_node input;
    const mien_tap *taps;
    const mien_node *outputs; /* of tap t: outputs[taps[t].output] */
    int taps_count;
    bool mirror;
} mien_extractor_part;
/** False: there are no more. */
bool mien_extractor_part_at(
    const mien_extractor *extractor, int index, mien_extractor_part *part);

#endif
