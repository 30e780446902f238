/* SPDX-License-Identifier: MIT */
/* A model ready to run. */
#ifndef MIEN_MODELS_RUNNER_H
#define MIEN_MODELS_RUNNER_H

#include "models/contract/members.h"
#include "models/plan_set.h"
#include "models/parts/attention_maps.h"
#include "models/network.h"

struct mien_runner {
    const mien_network *network; /* the model's, which outlives the runner */
    const mien_network_body *body;
    bool graph; /* the network is one graph; else a frozen backbone and a head */
    int64_t steps, width; /* T; of a row of values */
    int stacks_count;
    mien_attention_stack stacks[MIEN_ATTENTION_STACKS_MAX];
    mien_plan_set plans; /* of the graph */
    mien_extractor *extractor;
    int64_t batch;
    float *features; /* [batch, F] of the extractor */
    float *scratch;  /* [F], a block's standardised features */
};

/** The frozen backbone of a read-out, of the width that its head reads; bare: without
 * plans, to be written down. MIEN_EVERIFY where the widths differ. */
mien_status mien_model_extractor(const mien_model *model,
    const mien_runner_options *options, bool bare, mien_extractor **extractor);

/** The backbones that a read-out runs, the first one first; 0 of other models. */
mien_status mien_model_members(
    const mien_model *model, mien_member members[MIEN_MEMBERS_MAX], int *count);

#endif
