/* SPDX-License-Identifier: MIT */
/* Broadcasting of up to three values, each of either side, dimensions aligned at the
 * last. */
#ifndef MIEN_NN_BROADCAST_H
#define MIEN_NN_BROADCAST_H

#include "nn/kernel.h"

#define MIEN_BROADCAST_MAX 3

/** How operands are walked along with the result: neighbouring dimensions that all walk
 * alike are one. The last is the run of the innermost loop. */
typedef struct mien_broadcast {
    int rank;
    int64_t size[MIEN_RANK_MAX];
    int64_t stride[MIEN_BROADCAST_MAX][MIEN_RANK_MAX]; /**< 0: the same all along */
    int64_t runs; /**< product of all sizes but the last */
} mien_broadcast;

/** The result's shape; `leave`: so many last dimensions are not looked at and not set.
 */
mien_status mien_broadcast_shape(
    mien_op_node *node, const mien_op_node *const *inputs, int count, int leave);
/** shapes [count] of operands of `ranks`, for a result of this shape. */
void mien_broadcast_of(mien_broadcast *b, int rank, const int64_t *shape, int count,
    const int64_t (*shapes)[MIEN_RANK_MAX], const int *ranks);
/** Where each operand's run begins. */
void mien_broadcast_at(const mien_broadcast *b, int count, int64_t run, int64_t *at);
/** The same of a kernel's operands from its result. */
mien_broadcast mien_broadcast_here(const mien_kernel_call *call);
/** Index into operand k of the value at index i of the result. */
int64_t mien_broadcast_index(const mien_reference *r, int k, int64_t i);

#endif
