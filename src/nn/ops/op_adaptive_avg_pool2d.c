/* SPDX-License-Identifier: MIT */
/* Mean of each cell of a grid laid over the plane. */
#include "nn/ops/pool.h"

const mien_op mien_op_adaptive_avg_pool2d = {
    .name = "adaptive_avg_pool2d",
    .summary = "Mean of each cell of a grid laid over the plane",
    .options = mien_pooling_adaptive_options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(mien_pooling_settings),
    .parse = mien_pooling_parse_adaptive_average,
    .shape = mien_pooling_shape,
    .passes = mien_pooling_passes,
    .prepare = mien_pooling_prepare,
    .backward = mien_pooling_backward,
    .reference = mien_pooling_reference,
};
