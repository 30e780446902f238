/* SPDX-License-Identifier: MIT */
/* Attention as one step of a plan that infers: softmax(q kᵀ) v out of two products and
 * the softmax between them. */
#ifndef MIEN_NN_ATTEND_STEP_H
#define MIEN_NN_ATTEND_STEP_H

#include "nn/plan/plan.h"

/** The operands of a product of matrices. */
typedef struct mien_matmul_settings {
    bool turned[2];
} mien_matmul_settings;

/** A product's joins(): first the softmax, where the product with its shares follows,
 * then that. */
bool mien_attend_joins(
    const mien_graph *graph, const mien_group *group, const mien_op_node *next);
mien_status mien_attend_prepare(mien_builder *b, const mien_group *group);

#endif
