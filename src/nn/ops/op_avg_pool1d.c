/* SPDX-License-Identifier: MIT */
/* Mean of each window of [N, C, L]. */
#include "nn/ops/pool_nd.h"

static mien_status parse(const mien_options *given, void *settings) {
    return mien_pool_nd_parse(given, 1, true, settings);
}

const mien_op mien_op_avg_pool1d = {
    .name = "avg_pool1d",
    .summary = "Mean of each window, 1-d",
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
