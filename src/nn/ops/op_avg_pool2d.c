/* SPDX-License-Identifier: MIT */
/* Mean of each window. */
#include "nn/ops/pool.h"

const mien_op mien_op_avg_pool2d = {
    .name = "avg_pool2d",
    .summary = "Mean of each window",
    .options = mien_pooling_average_options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(mien_pooling_settings),
    .parse = mien_pooling_parse_average,
    .shape = mien_pooling_shape,
    .passes = mien_pooling_passes,
    .prepare = mien_pooling_prepare,
    .backward = mien_pooling_backward,
    .reference = mien_pooling_reference,
};
