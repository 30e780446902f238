/* SPDX-License-Identifier: MIT */
/* Operators that join or repeat values, or put something around them. */
#include <string.h>

#include "models/exchange/import_fold.h"

/* ---- joining
 * --------------------------------------------------------------------------------------
 */

static void concat_constants(mien_importing *im, int axis, int rank) {
    int64_t shape[MIEN_RANK_MAX], outer = 1;
    const mien_import_value *first = mien_import_in(im, 0);
    memcpy(shape, first->shape, sizeof shape);
    shape[axis] = 0;
    for (int k = 0; k < mien_import_count(im); k++) {
        const mien_import_value *v = mien_import_in(im, k);
        if (v->constant->dtype != first->constant->dtype) {
            mien_import_fail(im, MIEN_EFORMAT, "its inputs are of several types");
            return;
        }
        shape[axis] += v->shape[axis];
    }
    for (int d = 0; d < axis; d++) {
        outer *= shape[d];
    }
    mien_tensor *to = mien_import_tensor_like(im, first, rank, shape);
    int64_t at = 0, size = to ? (int64_t)mien_dtype_size(to->dtype) : 0;
    for (int64_t o = 0; to && o < outer; o++) {
        for (int k = 0; k < mien_import_count(im); k++) {
            const mien_import_value *v = mien_import_in(im, k);
            int64_t run = mien_import_values(v) / outer;
            memcpy((char *)to->data + at * size,
                (const char *)v->constant->data + o * run * size, (size_t)(run * size));
            at += run;
        }
    }
    mien_import_give_constant(im, 0, to, first->type);
}

static void concat(mien_importing *im) {
    mien_node x[256];
    bool constant = true, rows = true;
    mien_import_value *first = mien_import_in(im, 0);
    int count = mien_import_count(im), used = 0;
    int axis =
        first ? mien_import_axis(im, mien_import_int(im, "axis", 1), first->rank) : 0;
    for (int k = 0; k < count; k++) {
        const mien_import_value *v = mien_import_in(im, k);
        bool good = v && first && v->rank == first->rank && count <= 256;
        for (int d = 0; good && d < v->rank; d++) {
            good = d == axis || v->shape[d] == first->shape[d];
        }
        if (!good) {
            mien_import_fail(im, MIEN_ESHAPE, "its inputs do not fit each other");
            return;
        }
        constant = constant && v->constant;
        rows = rows && v->rows >= 0;
    }
    if (im->status != MIEN_OK || !first) {
        return;
    }
    if (constant) {
        concat_constants(im, axis, first->rank);
        return;
    }
    rows = rows && axis > 0;
    for (int k = 0; k < count; k++) {
        mien_import_value *v = mien_import_in(im, k);
        if (v->shape[axis] > 0) {
            x[used++] = rows ? v->rows : mien_import_whole(im, v);
        }
    }
    mien_node y = used == 1
                      ? x[0]
                      : mien_import_add(im, "concat", x, used, "axis=%d", axis + !rows);
    mien_import_give(im, 0, y, rows, first->rank);
}

/* ---- repeating
 * ---------------------------------------------------------------------------------------
 */

static void give_expanded(
    mien_importing *im, mien_import_value *v, int rank, const int64_t *shape) {
    if (v->constant) {
        int64_t own[MIEN_RANK_MAX], stride[MIEN_RANK_MAX] = {0};
        mien_import_strides(v, own);
        for (int d = 0; d < v->rank; d++) {
            stride[rank - v->rank + d] = v->shape[d] == 1 ? 0 : own[d];
        }
        mien_import_fold_strided(im, 0, v, rank, shape, 0, stride);
        return;
    }
    int64_t ones[MIEN_RANK_MAX];
    char text[160];
    bool same = v->rank == rank;
    for (int d = 0; d < rank; d++) {
        int from = d - (rank - v->rank);
        ones[d] = from < 0 ? 1 : v->shape[from];
        same = same && ones[d] == shape[d];
    }
    if (same) {
        mien_import_give_same(im, 0, v);
        return;
    }
    mien_node x = mien_import_whole(im, v);
    x = v->rank == rank ? x : mien_import_reshape(im, x, rank, ones);
    mien_import_give_whole(im, 0,
        mien_import_one(im, "expand", x, "shape=%s",
            mien_import_list(rank, shape, text, sizeof text)),
        rank);
}

static void expand(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t asked[MIEN_RANK_MAX], shape[MIEN_RANK_MAX];
    int count = mien_import_in_ints(im, 1, MIEN_RANK_MAX - 1, asked);
    int rank = v && v->rank > count ? v->rank : count;
    for (int d = 0; v && d < rank; d++) {
        int a = d - (rank - v->rank), b = d - (rank - count);
        int64_t own = a >= 0 ? v->shape[a] : 1, want = b >= 0 ? asked[b] : 1;
        shape[d] = own == 1 ? want : own;
        if (shape[d] < 1 || (want != 1 && own != 1 && own != want)) {
            mien_import_fail(im, MIEN_ESHAPE, "dimension %d cannot be expanded", d);
        }
    }
    if (v && im->status == MIEN_OK) {
        give_expanded(im, v, rank, shape);
    }
}

static void tile(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t times[MIEN_RANK_MAX], shape[MIEN_RANK_MAX];
    int count = mien_import_in_ints(im, 1, MIEN_RANK_MAX, times);
    if (!v || count != v->rank || im->status != MIEN_OK) {
        mien_import_fail(im, MIEN_EFORMAT, "it has no number for each dimension");
        return;
    }
    for (int d = 0; d < count; d++) {
        shape[d] = v->shape[d] * times[d];
        if (times[d] < 1 || times[d] > 65536) {
            mien_import_fail(im, MIEN_ESHAPE, "%lld times", (long long)times[d]);
            return;
        }
    }
    if (v->constant) {
        mien_tensor *to = mien_import_tensor_like(im, v, count, shape);
        int64_t stride[MIEN_RANK_MAX];
        mien_import_strides(v, stride);
        for (int64_t i = 0; to && i < mien_tensor_count(to); i++) {
            int64_t rest = i, from = 0;
            for (int d = count - 1; d >= 0; d--) {
                from += rest % shape[d] % v->shape[d] * stride[d];
                rest /= shape[d];
            }
            mien_import_copy_one(v, from, to, i);
        }
        mien_import_give_constant(im, 0, to, v->type);
        return;
    }
    mien_node x = mien_import_whole(im, v);
    for (int d = 0; d < count && im->status == MIEN_OK; d++) {
        mien_node again[256];
        for (int i = 0; i < times[d] && i < 256; i++) {
            again[i] = x;
        }
        if (times[d] > 256) {
            mien_import_fail(im, MIEN_ELIMIT, "%lld times", (long long)times[d]);
        } else if (times[d] > 1) {
            x = mien_import_add(im, "concat", again, (int)times[d], "axis=%d", d + 1);
        }
    }
    mien_import_give_whole(im, 0, x, v->rank);
}

static void pad(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0), *value = mien_import_in(im, 2);
    int64_t pads[2 * MIEN_RANK_MAX], axes[MIEN_RANK_MAX];
    int64_t before[MIEN_RANK_MAX] = {0}, behind[MIEN_RANK_MAX] = {0};
    int count = mien_import_ints(im, "paddings", 2 * MIEN_RANK_MAX, pads);
    count =
        count >= 0 ? count : mien_import_either(im, "pads", 1, 2 * MIEN_RANK_MAX, pads);
    int named = mien_import_in_ints(im, 3, MIEN_RANK_MAX, axes);
    const char *mode = mien_import_text(im, "mode", "constant");
    char a[160], b[160], c[32];
    bool moves = false, first = false;
    if (!v || im->status != MIEN_OK || count != 2 * (named >= 0 ? named : v->rank)) {
        mien_import_fail(
            im, MIEN_EFORMAT, "pads has no two numbers for each dimension");
        return;
    }
    for (int i = 0; i < count / 2; i++) {
        int d = mien_import_axis(im, named >= 0 ? axes[i] : i, v->rank);
        before[d] = pads[i];
        behind[d] = pads[count / 2 + i];
        moves = moves || before[d] || behind[d];
        first = first || (d == 0 && (before[d] || behind[d]));
    }
    if (value && !value->constant) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "the padded value is computed");
        return;
    }
    double fill = value && mien_import_values(value) == 1
                      ? mien_import_scalar(value)
                      : mien_import_number(im, "value", 0);
    if (!moves) {
        mien_import_give_same(im, 0, v);
        return;
    }
    if (v->constant) {
        int64_t shape[MIEN_RANK_MAX], stride[MIEN_RANK_MAX];
        for (int d = 0; d < v->rank; d++) {
            shape[d] = v->shape[d] + before[d] + behind[d];
        }
        mien_tensor *to = strcmp(mode, "constant") == 0
                              ? mien_import_tensor_like(im, v, v->rank, shape)
                              : NULL;
        if (!to) {
            mien_import_fail(im, MIEN_EUNSUPPORTED, "mode %s of constants", mode);
            return;
        }
        mien_import_strides(v, stride);
        for (int64_t i = 0; i < mien_tensor_count(to); i++) {
            int64_t rest = i, from = 0;
            bool in = true;
            for (int d = v->rank - 1; d >= 0; d--) {
                int64_t at = rest % shape[d] - before[d];
                in = in && at >= 0 && at < v->shape[d];
                from += at * stride[d];
                rest /= shape[d];
            }
            if (in) {
                mien_import_copy_one(v, from, to, i);
            } else if (to->dtype == MIEN_F32) {
                ((float *)to->data)[i] = (float)fill;
            } else {
                ((int64_t *)to->data)[i] = (int64_t)fill;
            }
        }
        mien_import_give_constant(im, 0, to, v->type);
        return;
    }
    bool rows = v->rows >= 0 && !first;
    mien_node x = rows ? v->rows : mien_import_whole(im, v);
    mien_node y = mien_import_one(im, "pad", x, "before=%s behind=%s mode=%s value=%s",
        mien_import_list(v->rank - rows, before + rows, a, sizeof a),
        mien_import_list(v->rank - rows, behind + rows, b, sizeof b), mode,
        mien_format_float((float)fill, c));
    mien_import_give(im, 0, y, rows, v->rank);
}

const mien_import_row mien_import_places[] = {
    {"Concat", concat, concat, NULL},
    {"Expand", expand, expand, NULL},
    {"Tile", tile, tile, NULL},
    {"Pad", pad, pad, NULL},
    {0},
};
