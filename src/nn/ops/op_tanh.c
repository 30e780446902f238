/* SPDX-License-Identifier: MIT */
/* Hyperbolic tangent. */
#include <math.h>
#include <oneapi/dnnl/dnnl.h>

#include "nn/activation.h"

static double value(double x, double alpha) {
    (void)alpha;
    return tanh(x);
}

static mien_eltwise eltwise(const mien_op_node *node) {
    (void)node;
    return (mien_eltwise){dnnl_eltwise_tanh, 0, 0, dnnl_eltwise_tanh_use_dst_for_bwd};
}

static void reference(const mien_reference *r) {
    mien_activation_map(r, value);
}

const mien_op mien_op_tanh = {
    .name = "tanh",
    .summary = "Hyperbolic tangent",
    .inputs_min = 1,
    .inputs_max = 1,
    .shape = mien_op_same_shape,
    .eltwise = eltwise,
    .prepare = mien_activation_prepare,
    .backward = mien_activation_backward,
    .reference = reference,
};
