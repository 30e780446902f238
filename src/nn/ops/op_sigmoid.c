/* SPDX-License-Identifier: MIT */
/* 1 / (1 + exp -x). */
#include <math.h>
#include <oneapi/dnnl/dnnl.h>

#include "nn/activation.h"

static double value(double x, double alpha) {
    (void)alpha;
    return 1 / (1 + exp(-x));
}

static mien_eltwise eltwise(const mien_op_node *node) {
    (void)node;
    return (mien_eltwise){
        dnnl_eltwise_logistic, 0, 0, dnnl_eltwise_logistic_use_dst_for_bwd};
}

static void reference(const mien_reference *r) {
    mien_activation_map(r, value);
}

const mien_op mien_op_sigmoid = {
    .name = "sigmoid",
    .summary = "1 / (1 + exp -x)",
    .inputs_min = 1,
    .inputs_max = 1,
    .shape = mien_op_same_shape,
    .eltwise = eltwise,
    .prepare = mien_activation_prepare,
    .backward = mien_activation_backward,
    .reference = reference,
};
