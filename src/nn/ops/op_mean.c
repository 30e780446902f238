/* SPDX-License-Identifier: MIT */
/* Mean over dimensions. */
#include "nn/ops/reduce.h"

static mien_status parse(const mien_options *given, void *settings) {
    ((mien_reduce_settings *)settings)->kind = MIEN_REDUCE_MEAN;
    return mien_reduce_parse(given, settings);
}

const mien_op mien_op_mean = {
    .name = "mean",
    .summary = "Mean over dimensions",
    .options = mien_reduce_options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(mien_reduce_settings),
    .parse = parse,
    .shape = mien_reduce_shape,
    .prepare = mien_reduce_prepare,
    .backward = mien_reduce_backward,
    .reference = mien_reduce_reference,
};
