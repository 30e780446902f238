/* SPDX-License-Identifier: MIT */
/* Folding: values that are known when a file is imported are computed there and then;
 * each value of the result is one of an input. */
#include "models/exchange/import_fold.h"

#include <string.h>

mien_tensor *mien_import_tensor_like(
    mien_importing *im, const mien_import_value *v, int rank, const int64_t *shape) {
    return v && v->constant ? mien_import_tensor(im, v->constant->dtype, rank, shape)
                            : NULL;
}

void mien_import_copy_one(
    const mien_import_value *v, int64_t from, mien_tensor *to, int64_t at) {
    if (v->constant->dtype == MIEN_F32) {
        ((float *)to->data)[at] = mien_import_floats(v)[from];
    } else {
        ((int64_t *)to->data)[at] = mien_import_whole_numbers(v)[from];
    }
}

/* Values at start + Σ i_d · stride_d of a block of this shape. */
void mien_import_fold_strided(mien_importing *im, int k, const mien_import_value *v,
    int rank, const int64_t *shape, int64_t start, const int64_t *stride) {
    mien_tensor *to = mien_import_tensor_like(im, v, rank, shape);
    for (int64_t i = 0; to && i < mien_tensor_count(to); i++) {
        int64_t rest = i, from = start;
        for (int d = rank - 1; d >= 0; d--) {
            from += rest % shape[d] * stride[d];
            rest /= shape[d];
        }
        mien_import_copy_one(v, from, to, i);
    }
    mien_import_give_constant(im, k, to, v ? v->type : MIEN_IMPORT_INT);
}

void mien_import_strides(const mien_import_value *v, int64_t *stride) {
    int64_t next = 1;
    for (int d = v->rank - 1; d >= 0; d--) {
        stride[d] = next;
        next *= v->shape[d];
    }
}

/* The same values under another shape. */
void mien_import_fold_as(
    mien_importing *im, const mien_import_value *v, int rank, const int64_t *shape) {
    mien_tensor *to = mien_import_tensor_like(im, v, rank, shape);
    if (to) {
        memcpy(to->data, v->constant->data, mien_tensor_bytes(to));
    }
    mien_import_give_constant(im, 0, to, v->type);
}

/* A value under another shape, folded or not. `shape` may have one -1 only where it is
 * computed. */
void mien_import_give_as(
    mien_importing *im, mien_import_value *v, int rank, const int64_t *shape) {
    if (im->status != MIEN_OK || !v) {
        return;
    }
    if (v->constant) {
        mien_import_fold_as(im, v, rank, shape);
        return;
    }
    bool rows = v->rows >= 0 && rank >= 2 && shape[0] == v->shape[0];
    mien_node x = rows ? v->rows : mien_import_whole(im, v);
    mien_node y = mien_import_reshape(im, x, rank - rows, shape + rows);
    mien_import_give(im, 0, y, rows, rank);
}
