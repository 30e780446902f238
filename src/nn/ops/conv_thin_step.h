/* SPDX-License-Identifier: MIT */
/* Convolutions of few channels as steps of a plan that infers. */
#ifndef MIEN_NN_CONV_THIN_STEP_H
#define MIEN_NN_CONV_THIN_STEP_H

#include "nn/plan/plan.h"

/** Settings of a convolution in two or three dimensions: `dims` numbers of each. */
typedef struct mien_conv_thin_settings {
    int dims;
    const int *kernel, *stride, *dilation, *before; /**< before: padding in front */
    int64_t groups;
    bool bias;
} mien_conv_thin_settings;
/** Adds the group's convolution as such a step where that is possible and pays.
 *
 * @param dst   the layout of the result
 * @param done  whether it did; if not, nothing was added */
mien_status mien_conv_thin_step(mien_builder *b, const mien_group *group,
    const mien_conv_thin_settings *settings, const_dnnl_memory_desc_t dst, bool *done);

#endif
