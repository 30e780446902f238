/* SPDX-License-Identifier: MIT */
/* The preset that every network has to beat: weighted sums of the features. For
 * classes it is logistic regression, for numbers linear regression. */
#include "models/parts/preset.h"

static const mien_option options[] = {
    {.name = "dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 0.95,
        .help = "of the features"},
    {0},
};

static mien_status apply(const mien_options *given, mien_architecture *architecture) {
    const mien_fusion_kind *fusion = NULL;
    mien_status status = mien_preset_project(architecture, 0);
    if (status == MIEN_OK) {
        status = mien_fusion_kind_find("mean", &fusion);
    }
    if (status == MIEN_OK) {
        status = mien_part_from(&architecture->fusion, fusion->name, fusion->options,
            given, options, NULL, 0);
    }
    architecture->head_prefix[0] = 0;
    return status == MIEN_OK ? mien_architecture_head(architecture, "none", NULL)
                             : status;
}

const mien_preset mien_preset_linear = {
    .name = "linear",
    .summary = "Weighed sums of the features, averaged over the inputs that are there",
    .options = options,
    .apply = apply,
};
