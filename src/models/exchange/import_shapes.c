/* SPDX-License-Identifier: MIT */
/* Operators that ask for shapes, give others, or change the order of dimensions: most
 * of them fold away in real files, where they compute the sizes of others. */
#include <string.h>

#include "models/exchange/import_fold.h"

/* ---- shapes
 * ------------------------------------------------------------------------------- */

static void shape_of(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t start = mien_import_int(im, "start", 0);
    int64_t end = mien_import_int(im, "end", v ? v->rank : 0);
    if (!v) {
        mien_import_fail(im, MIEN_EFORMAT, "its input is missing");
        return;
    }
    start += start < 0 ? v->rank : 0;
    end += end < 0 ? v->rank : 0;
    start = start < 0 ? 0 : start > v->rank ? v->rank : start;
    end = end < start ? start : end > v->rank ? v->rank : end;
    int64_t count = end - start;
    mien_tensor *to = mien_import_tensor(im, MIEN_I64, 1, &count);
    for (int64_t d = 0; to && d < count; d++) {
        ((int64_t *)to->data)[d] = v->shape[start + d];
    }
    mien_import_give_constant(im, 0, to, MIEN_IMPORT_INT);
}

static void size(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    mien_tensor *to = v ? mien_import_tensor(im, MIEN_I64, 0, NULL) : NULL;
    if (to) {
        ((int64_t *)to->data)[0] = mien_import_values(v);
    }
    mien_import_give_constant(im, 0, to, MIEN_IMPORT_INT);
}

/* Reshape's -1 and 0, where there is one left open and where old sizes stay. */
static int read_shape(
    mien_importing *im, const mien_import_value *v, int64_t *shape, int *open) {
    int rank = mien_import_either(im, "shape", 1, MIEN_RANK_MAX - 1, shape);
    int64_t known = 1, count = v ? mien_import_values(v) : 0;
    bool zero = mien_import_int(im, "allowzero", 0) != 0;
    *open = -1;
    for (int d = 0; d < rank; d++) {
        if (shape[d] == 0 && !zero && v && d < v->rank) {
            shape[d] = v->shape[d];
        }
        if (shape[d] == -1 && *open < 0) {
            *open = d;
        } else if (shape[d] < 0 || (shape[d] > 0 && known > INT64_MAX / shape[d])) {
            mien_import_fail(im, MIEN_EFORMAT, "its shape cannot be");
            return -1;
        } else {
            known *= shape[d];
        }
    }
    if (*open >= 0) {
        shape[*open] = known > 0 ? count / known : 0;
        known *= shape[*open];
    }
    if (rank < 0 || known != count) {
        mien_import_fail(im, MIEN_ESHAPE,
            "%lld values of an item do not fill its shape; a batch other than 1 stands "
            "in "
            "it, or the size of its input",
            (long long)count);
        return -1;
    }
    return rank;
}

static void reshape(mien_importing *im) {
    int64_t shape[MIEN_RANK_MAX];
    int open;
    mien_import_value *v = mien_import_in(im, 0);
    int rank = read_shape(im, v, shape, &open);
    if (rank < 0 || !v) {
        return;
    }
    /* what the file leaves open stays open, so that other sizes fit the same graph */
    bool rows = !v->constant && v->rows >= 0 && rank >= 2 && shape[0] == v->shape[0];
    if (rows && open > 0) {
        shape[open] = -1;
    }
    mien_import_give_as(im, v, rank, shape);
}

static void flatten(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t shape[2] = {1, 1}, axis = mien_import_int(im, "axis", 1);
    axis += v && axis < 0 ? v->rank : 0;
    for (int d = 0; v && d < v->rank; d++) {
        shape[d >= axis] *= v->shape[d];
    }
    if (v && !v->constant && v->rows >= 0 && axis == 1) {
        mien_import_give_rows(im, 0, mien_import_one(im, "flatten", v->rows, "%s", ""));
    } else {
        mien_import_give_as(im, v, 2, shape);
    }
}

static void squeeze(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t axes[MIEN_RANK_MAX], shape[MIEN_RANK_MAX];
    int count = mien_import_either(im, "axes", 1, MIEN_RANK_MAX, axes), rank = 0;
    for (int d = 0; v && d < v->rank; d++) {
        bool out = count < 0 && v->shape[d] == 1;
        for (int i = 0; i < count; i++) {
            if (mien_import_axis(im, axes[i], v->rank) == d) {
                out = true;
                if (v->shape[d] != 1) {
                    mien_import_fail(im, MIEN_ESHAPE, "dimension %d is %lld, not 1", d,
                        (long long)v->shape[d]);
                }
            }
        }
        if (!out) {
            shape[rank++] = v->shape[d];
        }
    }
    mien_import_give_as(im, v, rank, shape);
}

static void unsqueeze(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t axes[MIEN_RANK_MAX], shape[MIEN_RANK_MAX];
    int count = mien_import_either(im, "axes", 1, MIEN_RANK_MAX, axes);
    int rank = v ? v->rank + (count > 0 ? count : 0) : 0;
    unsigned put = 0;
    if (rank > MIEN_RANK_MAX - 1) {
        mien_import_fail(im, MIEN_ELIMIT, "%d dimensions", rank);
        return;
    }
    for (int i = 0; i < count; i++) {
        put |= 1u << mien_import_axis(im, axes[i], rank);
    }
    for (int d = 0, from = 0; v && d < rank; d++) {
        bool one = put >> d & 1;
        if (!one && from == v->rank) {
            mien_import_fail(im, MIEN_EFORMAT, "an axis comes twice");
            return;
        }
        shape[d] = one ? 1 : v->shape[from++];
    }
    mien_import_give_as(im, v, rank, shape);
}

/* ---- order
 * -----------------------------------------------------------------------------------
 */

static void transpose(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t perm[MIEN_RANK_MAX], shape[MIEN_RANK_MAX], stride[MIEN_RANK_MAX],
        own[MIEN_RANK_MAX];
    int order[MIEN_RANK_MAX];
    unsigned seen = 0;
    int count = mien_import_ints(im, "perm", MIEN_RANK_MAX, perm);
    if (!v || im->status != MIEN_OK) {
        return;
    }
    for (int d = 0; count < 0 && d < v->rank; d++) {
        perm[d] = v->rank - 1 - d;
    }
    mien_import_strides(v, own);
    for (int d = 0; d < v->rank; d++) {
        bool good = (count < 0 || count == v->rank) && perm[d] >= 0 &&
                    perm[d] < v->rank && !(seen >> perm[d] & 1);
        if (!good) {
            mien_import_fail(im, MIEN_EFORMAT, "perm is no order of its dimensions");
            return;
        }
        seen |= 1u << perm[d];
        order[d] = (int)perm[d];
        shape[d] = v->shape[perm[d]];
        stride[d] = own[perm[d]];
    }
    if (v->constant) {
        mien_import_fold_strided(im, 0, v, v->rank, shape, 0, stride);
        return;
    }
    if (v->rows >= 0 && order[0] == 0 && v->rank > 2) {
        int behind[MIEN_RANK_MAX];
        for (int d = 1; d < v->rank; d++) {
            behind[d - 1] = order[d] - 1;
        }
        mien_import_give_rows(im, 0, mien_import_permute(im, v->rows, behind));
        return;
    }
    mien_import_give_whole(
        im, 0, mien_import_permute(im, mien_import_whole(im, v), order), v->rank);
}

const mien_import_row mien_import_shapes[] = {
    {"Shape", shape_of, shape_of, NULL},
    {"Size", size, size, NULL},
    {"Reshape", reshape, reshape, NULL},
    {"Flatten", flatten, flatten, NULL},
    {"Squeeze", squeeze, squeeze, NULL},
    {"Unsqueeze", unsqueeze, unsqueeze, NULL},
    {"Transpose", transpose, transpose, NULL},
    {0},
};
