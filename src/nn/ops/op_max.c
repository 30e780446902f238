/* SPDX-License-Identifier: MIT */
/* Largest value over dimensions. */
#include "nn/ops/reduce.h"

static mien_status parse(const mien_options *given, void *settings) {
    ((mien_reduce_settings *)settings)->kind = MIEN_REDUCE_MAX;
    return mien_reduce_parse(given, settings);
}

const mien_op mien_op_max = {
    .name = "max",
    .summary = "Largest value over dimensions",
    .options = mien_reduce_options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X | MIEN_PART_NEEDS_Y,
    .settings_size = sizeof(mien_reduce_settings),
    .parse = parse,
    .shape = mien_reduce_shape,
    .prepare = mien_reduce_prepare,
    .backward = mien_reduce_backward,
    .reference = mien_reduce_reference,
};
