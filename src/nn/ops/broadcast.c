/* SPDX-License-Identifier: MIT */
/* Broadcasting of up to three values, each of either side. */
#include "nn/ops/broadcast.h"

#include <string.h>

/* The dimension that stands at place d of a result of this rank; 1 where it has none.
 */
static int64_t aligned(int rank, const int64_t *shape, int of, int d) {
    int at = d - (rank - of);
    return at < 0 ? 1 : shape[at];
}

mien_status mien_broadcast_shape(
    mien_op_node *node, const mien_op_node *const *inputs, int count, int leave) {
    int rank = 0;
    for (int k = 0; k < count; k++) {
        rank = inputs[k]->rank > rank ? inputs[k]->rank : rank;
    }
    node->rank = rank;
    for (int d = 0; d < rank - leave; d++) {
        int64_t size = 1;
        for (int k = 0; k < count; k++) {
            int64_t own = aligned(rank, inputs[k]->shape, inputs[k]->rank, d);
            if (own != 1 && size != 1 && own != size) {
                return mien_fail(MIEN_ESHAPE, "dimensions are compared from the last; "
                                              "they must be equal, or 1 where "
                                              "one is broadcast");
            }
            size = own != 1 ? own : size;
        }
        if (size < 0 && d > 0) {
            return mien_fail(MIEN_ESHAPE, "the batch must stay the first dimension");
        }
        node->shape[d] = size;
    }
    return MIEN_OK;
}

static bool walks_on(
    const mien_broadcast *b, int count, const int64_t *stride, int64_t size) {
    for (int k = 0; k < count; k++) {
        if (b->stride[k][b->rank - 1] != stride[k] * size) {
            return false;
        }
    }
    return true;
}

void mien_broadcast_of(mien_broadcast *b, int rank, const int64_t *shape, int count,
    const int64_t (*shapes)[MIEN_RANK_MAX], const int *ranks) {
    int64_t stride[MIEN_BROADCAST_MAX][MIEN_RANK_MAX];
    *b = (mien_broadcast){.runs = 1};
    for (int k = 0; k < count; k++) {
        int64_t next = 1;
        for (int d = rank - 1; d >= 0; d--) {
            int64_t own = aligned(rank, shapes[k], ranks[k], d);
            stride[k][d] = own == 1 ? 0 : next;
            next *= own;
        }
    }
    for (int d = 0; d < rank; d++) {
        int64_t here[MIEN_BROADCAST_MAX];
        for (int k = 0; k < count; k++) {
            here[k] = stride[k][d];
        }
        if (shape[d] == 1) {
            continue;
        }
        bool joins = b->rank > 0 && walks_on(b, count, here, shape[d]);
        b->rank += !joins;
        b->size[b->rank - 1] = joins ? b->size[b->rank - 1] * shape[d] : shape[d];
        for (int k = 0; k < count; k++) {
            b->stride[k][b->rank - 1] = here[k];
        }
    }
    if (b->rank == 0) {
        b->rank = 1;
        b->size[0] = 1;
    }
    for (int d = 0; d < b->rank - 1; d++) {
        b->runs *= b->size[d];
    }
}

void mien_broadcast_at(const mien_broadcast *b, int count, int64_t run, int64_t *at) {
    memset(at, 0, (size_t)count * sizeof *at);
    for (int d = b->rank - 2; d >= 0; d--) {
        int64_t place = run % b->size[d];
        run /= b->size[d];
        for (int k = 0; k < count; k++) {
            at[k] += place * b->stride[k][d];
        }
    }
}

static int rank_of(const int64_t *shape) {
    int rank = 0;
    while (rank < MIEN_RANK_MAX && shape[rank] > 0) {
        rank++;
    }
    return rank;
}

mien_broadcast mien_broadcast_here(const mien_kernel_call *call) {
    mien_broadcast b;
    int ranks[MIEN_KERNEL_INPUTS];
    for (int k = 0; k < call->count; k++) {
        ranks[k] = rank_of(call->x_shape[k]);
    }
    mien_broadcast_of(&b, call->node->rank, call->y_shape, call->count,
        (const int64_t(*)[MIEN_RANK_MAX])call->x_shape, ranks);
    return b;
}

int64_t mien_broadcast_index(const mien_reference *r, int k, int64_t i) {
    int rank = r->node->rank;
    int64_t at = 0, stride = 1;
    for (int d = rank - 1; d >= 0; d--) {
        int64_t place = i % r->y_shape[d];
        int64_t own = aligned(rank, r->x_shape[k], r->x_rank[k], d);
        i /= r->y_shape[d];
        at += own == 1 ? 0 : place * stride;
        stride *= own;
    }
    return at;
}
