/* SPDX-License-Identifier: MIT */
/* Element-wise steps of our own for small row-major values in training: a primitive
 * costs about a microsecond before it begins. */
#ifndef MIEN_NN_SMALL_STEPS_H
#define MIEN_NN_SMALL_STEPS_H

#include "nn/plan/plan.h"

/** True if the plan trains and the layout is row-major with few values. */
bool mien_small(const mien_builder *b, const_dnnl_memory_desc_t md);
/** to = a + c; `to` may be one of them. */
mien_status mien_small_add(mien_builder *b, mien_node node, mien_value_ref a,
    mien_value_ref c, mien_value_ref to);
/** to = from where it is above 0, else slope · from; both may be the same. */
mien_status mien_small_rectify(mien_builder *b, mien_node node, float slope,
    mien_value_ref from, mien_value_ref to);
/** dx = dy where y is above 0, else slope · dy. */
mien_status mien_small_rectify_back(mien_builder *b, mien_node node, float slope,
    mien_value_ref y, mien_value_ref dy, mien_value_ref dx);

#endif
