/* SPDX-License-Identifier: MIT */
/* Mean of each window of [N, C, D, H, W]. */
#include "nn/ops/pool_nd.h"

static mien_status parse(const mien_options *given, void *settings) {
    return mien_pool_nd_parse(given, 3, true, settings);
}

const mien_op mien_op_avg_pool3d = {
    .name = "avg_pool3d",
    .summary = "Mean of each window, 3-d",
    .options = mien_pool_nd_average_options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(mien_pool_nd_settings),
    .parse = parse,
    .shape = mien_pool_nd_shape,
    .prepare = mien_pool_nd_prepare,
    .backward = mien_pool_nd_backward,
    .reference = mien_pool_nd_reference,
};
