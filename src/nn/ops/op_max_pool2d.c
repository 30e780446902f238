/* SPDX-License-Identifier: MIT */
/* Largest value of each window. */
#include "nn/ops/pool.h"

const mien_op mien_op_max_pool2d = {
    .name = "max_pool2d",
    .summary = "Largest value of each window",
    .options = mien_pooling_options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(mien_pooling_settings),
    .parse = mien_pooling_parse,
    .shape = mien_pooling_shape,
    .passes = mien_pooling_passes,
    .prepare = mien_pooling_prepare,
    .backward = mien_pooling_backward,
    .reference = mien_pooling_reference,
};
