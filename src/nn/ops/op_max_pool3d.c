/* SPDX-License-Identifier: MIT */
/* Largest value of each window of [N, C, D, H, W]. */
#include "nn/ops/pool_nd.h"

static mien_status parse(const mien_options *given, void *settings) {
    return mien_pool_nd_parse(given, 3, false, settings);
}

const mien_op mien_op_max_pool3d = {
    .name = "max_pool3d",
    .summary = "Largest value of each window, 3-d",
    .options = mien_pool_nd_options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X | MIEN_PART_NEEDS_Y,
    .settings_size = sizeof(mien_pool_nd_settings),
    .parse = parse,
    .shape = mien_pool_nd_shape,
    .prepare = mien_pool_nd_prepare,
    .backward = mien_pool_nd_backward,
    .reference = mien_pool_nd_reference,
};
