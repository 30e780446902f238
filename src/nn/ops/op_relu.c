/* SPDX-License-Identifier: MIT */
/* The larger of x and 0. */
#include <oneapi/dnnl/dnnl.h>

#include "nn/activation.h"

static double value(double x, double alpha) {
    (void)alpha;
    return x > 0 ? x : 0;
}

static mien_eltwise eltwise(const mien_op_node *node) {
    (void)node;
    return (mien_eltwise){dnnl_eltwise_relu, 0, 0, dnnl_eltwise_relu_use_dst_for_bwd};
}

static void reference(const mien_reference *r) {
    mien_activation_map(r, value);
}

const mien_op mien_op_relu = {
    .name = "relu",
    .summary = "The larger of x and 0",
    .inputs_min = 1,
    .inputs_max = 1,
    .shape = mien_op_same_shape,
    .eltwise = eltwise,
    .prepare = mien_activation_prepare,
    .backward = mien_activation_backward,
    .reference = reference,
};
