/* SPDX-License-Identifier: MIT */
/* Shared by slice and gather: places picked along one dimension. */
#ifndef MIEN_NN_SELECT_H
#define MIEN_NN_SELECT_H

#include "nn/ops/op.h"

#define MIEN_SELECT_MAX 4096

typedef struct mien_select_settings {
    int axis;
    int64_t start, stop, step; /**< slice */
    int count;                 /**< gather: of places; 0: a slice */
    int places[MIEN_SELECT_MAX];
} mien_select_settings;

/** Makes the axis count from the front; fails where it is the batch or not there. */
mien_status mien_select_axis(mien_select_settings *s, const mien_op_node *x);
mien_status mien_select_prepare(mien_builder *builder, const mien_group *group);
mien_status mien_select_backward(mien_builder *builder, const mien_group *group);
void mien_select_reference(const mien_reference *r);

#endif
