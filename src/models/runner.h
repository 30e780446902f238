/* SPDX-License-Identifier: MIT */
/* A model ready to run: what its two files share. */
#ifndef MIEN_MODELS_RUNNER_H
#define MIEN_MODELS_RUNNER_H

#include "models/lanes.h"
#include "models/maps.h"
#include "models/network.h"

struct mien_runner {
    const mien_network *network; /* the model's, which outlives the runner; NULL */
    const mien_network_body *body;
    bool features_only; /* the network reads rows of features; then: */
    int stacks_count;
    mien_attention_stack stacks[MIEN_ATTENTION_STACKS_MAX];
    mien_lanes lanes;
    int64_t width;               /* of a row of values */
    const mien_readout *readout; /* the same for a read-out */
    mien_extractor *extractor;
    int64_t batch, pixels;
    float *features; /* [batch, F] */
    float *scratch;  /* [F], a block's standardised features */
};

/** Plans of a network over features. */
mien_status mien_runner_prepare_features(
    mien_runner *runner, const mien_runner_options *options);
/** What a plan put out, as rows of the targets' values. */
void mien_runner_take(
    const mien_runner *r, const mien_plan *plan, int64_t count, float *row);

#endif
