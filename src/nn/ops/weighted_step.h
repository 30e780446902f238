/* SPDX-License-Identifier: MIT */
/* Shared by convolutions and linear layers: the step that multiplies by a packed
 * weight, adds a bias and does what the group fuses behind it. */
#ifndef MIEN_NN_WEIGHTED_STEP_H
#define MIEN_NN_WEIGHTED_STEP_H

#include "nn/plan/plan.h"

/** The choices of a step's primitive. */
typedef struct mien_weighted {
    int posts;     /**< of the group, fused into the primitive */
    bool in_place; /**< the sum goes into the value that is added */
    int64_t bias;  /**< values of it; 0: none */
} mien_weighted;

/** Adds the primitive's step to the program; takes pd over, also after a failure.
 *
 * @param from  the group's input in the primitive's layout
 * @param to    the value that the step writes, in the primitive's layout */
mien_status mien_weighted_step(mien_builder *builder, const mien_group *group,
    dnnl_primitive_desc_t pd, const mien_weighted *weighted, mien_value_ref from,
    mien_value_ref *to);

#endif
