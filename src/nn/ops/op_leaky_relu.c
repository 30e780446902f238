/* SPDX-License-Identifier: MIT */
/* x, or alpha x below 0. */
#include <oneapi/dnnl/dnnl.h>

#include "nn/activation.h"

static const mien_option options[] = {
    {.name = "alpha",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.01",
        .help = "slope below 0"},
    {0},
};

static double value(double x, double alpha) {
    return x > 0 ? x : alpha * x;
}

static mien_eltwise eltwise(const mien_op_node *node) {
    return (mien_eltwise){dnnl_eltwise_relu, (float)mien_activation_alpha(node), 0,
        dnnl_eltwise_relu_use_dst_for_bwd};
}

static void reference(const mien_reference *r) {
    mien_activation_map(r, value);
}

const mien_op mien_op_leaky_relu = {
    .name = "leaky_relu",
    .summary = "x, or alpha x below 0",
    .options = options,
    .settings_size = sizeof(mien_activation_settings),
    .parse = mien_activation_parse,
    .inputs_min = 1,
    .inputs_max = 1,
    .shape = mien_op_same_shape,
    .eltwise = eltwise,
    .prepare = mien_activation_prepare,
    .backward = mien_activation_backward,
    .reference = reference,
};
