/* SPDX-License-Identifier: MIT */
/* Operators that move values or ask for shapes: most of them fold away in real files,
 * where they compute the sizes of others. */
#include <math.h>
#include <string.h>

#include "models/exchange/import.h"

#define LIST_MAX 4096

/* ---- folding: each value of the result is one of an input
 * ------------------------------ */

static mien_tensor *like(
    mien_importing *im, const mien_import_value *v, int rank, const int64_t *shape) {
    return v && v->constant ? mien_import_tensor(im, v->constant->dtype, rank, shape)
                            : NULL;
}

static void copy_one(
    const mien_import_value *v, int64_t from, mien_tensor *to, int64_t at) {
    if (v->constant->dtype == MIEN_F32) {
        ((float *)to->data)[at] = mien_import_floats(v)[from];
    } else {
        ((int64_t *)to->data)[at] = mien_import_whole_numbers(v)[from];
    }
}

/* Values at start + Σ i_d · stride_d of a block of this shape. */
static void fold_strided(mien_importing *im, int k, const mien_import_value *v,
    int rank, const int64_t *shape, int64_t start, const int64_t *stride) {
    mien_tensor *to = like(im, v, rank, shape);
    for (int64_t i = 0; to && i < mien_tensor_count(to); i++) {
        int64_t rest = i, from = start;
        for (int d = rank - 1; d >= 0; d--) {
            from += rest % shape[d] * stride[d];
            rest /= shape[d];
        }
        copy_one(v, from, to, i);
    }
    mien_import_give_constant(im, k, to, v ? v->type : MIEN_IMPORT_INT);
}

static void strides_of(const mien_import_value *v, int64_t *stride) {
    int64_t next = 1;
    for (int d = v->rank - 1; d >= 0; d--) {
        stride[d] = next;
        next *= v->shape[d];
    }
}

/* The same values under another shape. */
static void fold_as(
    mien_importing *im, const mien_import_value *v, int rank, const int64_t *shape) {
    mien_tensor *to = like(im, v, rank, shape);
    if (to) {
        memcpy(to->data, v->constant->data, mien_tensor_bytes(to));
    }
    mien_import_give_constant(im, 0, to, v->type);
}

/* A value under another shape, folded or not. `shape` may have one -1 only where it is
 * computed. */
static void give_as(
    mien_importing *im, mien_import_value *v, int rank, const int64_t *shape) {
    if (im->status != MIEN_OK || !v) {
        return;
    }
    if (v->constant) {
        fold_as(im, v, rank, shape);
        return;
    }
    bool rows = v->rows >= 0 && rank >= 2 && shape[0] == v->shape[0];
    mien_node x = rows ? v->rows : mien_import_whole(im, v);
    mien_node y = mien_import_reshape(im, x, rank - rows, shape + rows);
    mien_import_give(im, 0, y, rows, rank);
}

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
    give_as(im, v, rank, shape);
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
        give_as(im, v, 2, shape);
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
    give_as(im, v, rank, shape);
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
    give_as(im, v, rank, shape);
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
    strides_of(v, own);
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
        fold_strided(im, 0, v, v->rank, shape, 0, stride);
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

/* ---- parts
 * --------------------------------------------------------------------------------------
 */

/* Places along a dimension of a computed value; rows serves all dimensions but the
 * first. */
static mien_node part(mien_importing *im, mien_import_value *v, int axis, int64_t start,
    int64_t stop, int64_t step, bool *rows) {
    char text[96] = "";
    *rows = v->rows >= 0 && axis > 0;
    mien_node x = *rows ? v->rows : mien_import_whole(im, v);
    if (step != 1) {
        int64_t one = step;
        mien_import_list(1, &one, text, sizeof text);
    }
    return mien_import_one(im, "slice", x, "axis=%d start=%lld stop=%lld%s%s",
        axis + !*rows, (long long)start, (long long)stop, step != 1 ? " step=" : "",
        text);
}

/* A dimension turned around, by listed places. */
static mien_node turned(mien_importing *im, mien_node x, int axis, int64_t first,
    int64_t count, int64_t step) {
    mien_string list;
    mien_node y = -1;
    mien_string_init(&list);
    for (int64_t i = 0; i < count && count <= LIST_MAX; i++) {
        mien_string_addf(&list, "%s%lld", i ? "," : "", (long long)(first + i * step));
    }
    if (count > LIST_MAX || mien_string_status(&list) != MIEN_OK) {
        mien_import_fail(im, MIEN_ELIMIT, "%lld places are too many", (long long)count);
    } else {
        y = mien_import_gather(im, x, axis, list.text);
    }
    mien_string_clear(&list);
    return y;
}

typedef struct range {
    int64_t first, count, step;
} range;

/* Slice's rules: ends are cut to what is there. */
static range range_of(int64_t size, int64_t start, int64_t end, int64_t step) {
    int64_t low = step < 0 ? -1 : 0, high = step < 0 ? size - 1 : size;
    start = start < 0 ? (start < -size ? low : start + size) : start;
    end = end < 0 ? (end < -size ? low : end + size) : end;
    start = start < low ? low : start > high ? high : start;
    end = end < low ? low : end > high ? high : end;
    int64_t count = step > 0 ? (end > start ? (end - start - 1) / step + 1 : 0)
                             : (start > end ? (start - end - 1) / -step + 1 : 0);
    return (range){start, count, step};
}

static void slice(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t starts[MIEN_RANK_MAX], ends[MIEN_RANK_MAX], axes[MIEN_RANK_MAX],
        steps[MIEN_RANK_MAX];
    int count = mien_import_either(im, "starts", 1, MIEN_RANK_MAX, starts);
    int also = mien_import_either(im, "ends", 2, MIEN_RANK_MAX, ends);
    int named = mien_import_either(im, "axes", 3, MIEN_RANK_MAX, axes);
    int stepped = mien_import_in_ints(im, 4, MIEN_RANK_MAX, steps);
    if (im->status != MIEN_OK || !v || count < 0 || count != also ||
        (named >= 0 && named != count) || (stepped >= 0 && stepped != count)) {
        mien_import_fail(im, MIEN_EFORMAT, "starts, ends and axes do not go together");
        return;
    }
    range all[MIEN_RANK_MAX];
    for (int d = 0; d < v->rank; d++) {
        all[d] = (range){0, v->shape[d], 1};
    }
    for (int i = 0; i < count; i++) {
        int axis = mien_import_axis(im, named >= 0 ? axes[i] : i, v->rank);
        int64_t step = stepped >= 0 ? steps[i] : 1;
        if (step == 0 || step < -INT32_MAX || step > INT32_MAX ||
            im->status != MIEN_OK) {
            mien_import_fail(im, MIEN_EFORMAT, "a step of %lld", (long long)step);
            return;
        }
        all[axis] = range_of(v->shape[axis], starts[i], ends[i], step);
    }
    if (v->constant) {
        int64_t stride[MIEN_RANK_MAX], shape[MIEN_RANK_MAX], start = 0;
        strides_of(v, stride);
        for (int d = 0; d < v->rank; d++) {
            start += all[d].first * stride[d];
            stride[d] *= all[d].step;
            shape[d] = all[d].count;
        }
        fold_strided(im, 0, v, v->rank, shape, start, stride);
        return;
    }
    mien_import_value now = *v;
    for (int d = 0; d < v->rank && im->status == MIEN_OK; d++) {
        bool rows = false;
        range r = all[d];
        if (r.count == v->shape[d] && r.step == 1) {
            continue;
        }
        if (r.count == 0) {
            mien_import_fail(im, MIEN_ESHAPE, "nothing is left of dimension %d", d);
            return;
        }
        mien_node y;
        if (r.step > 0) {
            y = part(im, &now, d, r.first, r.first + (r.count - 1) * r.step + 1, r.step,
                &rows);
        } else {
            rows = now.rows >= 0 && d > 0;
            y = turned(im, rows ? now.rows : mien_import_whole(im, &now), d + !rows,
                r.first, r.count, r.step);
        }
        now.whole = rows ? -1 : y;
        now.rows = rows ? y : -1;
        now.shape[d] = r.count;
    }
    mien_import_give_same(im, 0, &now);
}

static void split(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t sizes[256], axis_given = mien_import_int(im, "axis", 0), first = 0;
    int outputs = im->at->from->outputs_count;
    int count = mien_import_either(im, "split", 1, 256, sizes);
    if (!v || im->status != MIEN_OK) {
        return;
    }
    int axis = mien_import_axis(im, axis_given, v->rank);
    if (outputs > 256 || outputs < 1 || (count >= 0 && count != outputs)) {
        mien_import_fail(im, MIEN_EFORMAT, "%d outputs for %d sizes", outputs, count);
        return;
    }
    int64_t each = (v->shape[axis] + outputs - 1) / outputs;
    for (int k = 0; k < outputs && im->status == MIEN_OK; k++) {
        int64_t size = count >= 0                       ? sizes[k]
                       : first + each <= v->shape[axis] ? each
                                                        : v->shape[axis] - first;
        if (size < 1 || first + size > v->shape[axis]) {
            mien_import_fail(
                im, MIEN_ESHAPE, "its sizes do not fit dimension %d", axis);
            return;
        }
        if (v->constant) {
            int64_t stride[MIEN_RANK_MAX], shape[MIEN_RANK_MAX];
            strides_of(v, stride);
            memcpy(shape, v->shape, sizeof shape);
            shape[axis] = size;
            fold_strided(im, k, v, v->rank, shape, first * stride[axis], stride);
        } else if (mien_import_wanted(im, k)) {
            bool rows;
            mien_node y = part(im, v, axis, first, first + size, 1, &rows);
            mien_import_give(im, k, y, rows, v->rank);
        }
        first += size;
    }
}

/* Rows of a constant table by numbers, or listed places of a dimension. */
static void gather(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0), *places = mien_import_in(im, 1);
    if (!v || !places) {
        mien_import_fail(im, MIEN_EFORMAT, "an input is missing");
        return;
    }
    int axis = mien_import_axis(im, mien_import_int(im, "axis", 0), v->rank);
    places = mien_import_constant(im, 1, "the list of places");
    if (!places || places->type == MIEN_IMPORT_FLOAT || im->status != MIEN_OK ||
        v->rank - 1 + places->rank > MIEN_RANK_MAX - 1) {
        mien_import_fail(im, MIEN_EFORMAT, "its places are no list of whole numbers");
        return;
    }
    int64_t shape[MIEN_RANK_MAX], count = mien_import_values(places), inner = 1;
    int rank = 0;
    for (int d = 0; d < v->rank; d++) {
        if (d == axis) {
            for (int p = 0; p < places->rank; p++) {
                shape[rank++] = places->shape[p];
            }
        } else {
            shape[rank++] = v->shape[d];
        }
        inner *= d > axis ? v->shape[d] : 1;
    }
    const int64_t *list = mien_import_whole_numbers(places);
    for (int64_t i = 0; i < count; i++) {
        if (list[i] < -v->shape[axis] || list[i] >= v->shape[axis]) {
            mien_import_fail(im, MIEN_EFORMAT, "place %lld of %lld", (long long)list[i],
                (long long)v->shape[axis]);
            return;
        }
    }
    if (v->constant) {
        mien_tensor *to = like(im, v, rank, shape);
        for (int64_t i = 0; to && i < mien_tensor_count(to); i++) {
            int64_t place = list[i / inner % count];
            place += place < 0 ? v->shape[axis] : 0;
            copy_one(v,
                (i / inner / count * v->shape[axis] + place) * inner + i % inner, to,
                i);
        }
        mien_import_give_constant(im, 0, to, v->type);
        return;
    }
    mien_string text;
    mien_node y = -1;
    mien_node x = mien_import_whole(im, v);
    mien_string_init(&text);
    for (int64_t i = 0; i < count; i++) {
        mien_string_addf(&text, "%s%lld", i ? "," : "", (long long)list[i]);
    }
    if (count == 1) {
        int64_t at = list[0] < 0 ? list[0] + v->shape[axis] : list[0];
        y = mien_import_one(im, "slice", x, "axis=%d start=%lld stop=%lld", axis + 1,
            (long long)at, (long long)at + 1);
    } else if (count > 0 && mien_string_status(&text) == MIEN_OK) {
        y = mien_import_gather(im, x, axis + 1, text.text);
    } else {
        mien_import_fail(im, MIEN_ESHAPE, "its list of places is empty");
    }
    mien_string_clear(&text);
    mien_import_give_whole(im, 0, mien_import_reshape(im, y, rank, shape), rank);
}

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
    mien_tensor *to = like(im, first, rank, shape);
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
        strides_of(v, own);
        for (int d = 0; d < v->rank; d++) {
            stride[rank - v->rank + d] = v->shape[d] == 1 ? 0 : own[d];
        }
        fold_strided(im, 0, v, rank, shape, 0, stride);
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
        mien_tensor *to = like(im, v, count, shape);
        int64_t stride[MIEN_RANK_MAX];
        strides_of(v, stride);
        for (int64_t i = 0; to && i < mien_tensor_count(to); i++) {
            int64_t rest = i, from = 0;
            for (int d = count - 1; d >= 0; d--) {
                from += rest % shape[d] % v->shape[d] * stride[d];
                rest /= shape[d];
            }
            copy_one(v, from, to, i);
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
        mien_tensor *to =
            strcmp(mode, "constant") == 0 ? like(im, v, v->rank, shape) : NULL;
        if (!to) {
            mien_import_fail(im, MIEN_EUNSUPPORTED, "mode %s of constants", mode);
            return;
        }
        strides_of(v, stride);
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
                copy_one(v, from, to, i);
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

/* ---- made of nothing
 * ------------------------------------------------------------------------------------
 */

static void constant(mien_importing *im) {
    const mien_onnx_node *n = im->at->from;
    if (n->outputs_count < 1 || im->at->out[0] < 0) {
        return;
    }
    mien_import_value *v = &im->values[im->at->out[0]];
    for (int i = 0; i < n->attributes_count; i++) {
        const mien_onnx_attribute *a = &n->attributes[i];
        int64_t count = a->count;
        if (strcmp(a->name, "value") == 0 && a->tensor) {
            im->status = mien_import_set(im, v, a->tensor);
            v->stored = false;
            return;
        }
        bool list = a->kind == MIEN_ONNX_FLOATS || a->kind == MIEN_ONNX_INTS;
        bool real = a->kind == MIEN_ONNX_FLOATS || a->kind == MIEN_ONNX_FLOAT;
        if (!list && a->kind != MIEN_ONNX_FLOAT && a->kind != MIEN_ONNX_INT) {
            continue;
        }
        mien_tensor *to =
            mien_import_tensor(im, real ? MIEN_F32 : MIEN_I64, list, &count);
        if (to && list) {
            memcpy(to->data, real ? (const void *)a->floats : (const void *)a->ints,
                mien_tensor_bytes(to));
        } else if (to && real) {
            ((float *)to->data)[0] = a->number;
        } else if (to) {
            ((int64_t *)to->data)[0] = a->integer;
        }
        mien_import_give_constant(
            im, 0, to, real ? MIEN_IMPORT_FLOAT : MIEN_IMPORT_INT);
        return;
    }
    mien_import_fail(im, MIEN_EUNSUPPORTED, "its value is of no kind that is read");
}

static void constant_of_shape(mien_importing *im) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_import_in_ints(im, 0, MIEN_RANK_MAX, shape);
    const mien_onnx_attribute *a = mien_import_attribute(im, "value");
    mien_import_value one = {0};
    if (rank < 0) {
        return;
    }
    if (a && a->tensor) {
        im->status = mien_import_set(im, &one, a->tensor);
    }
    if (im->status != MIEN_OK || (a && mien_import_values(&one) != 1)) {
        mien_import_fail(im, MIEN_EFORMAT, "its value is not one number");
        return;
    }
    bool real = !a || one.type == MIEN_IMPORT_FLOAT;
    mien_tensor *to = mien_import_tensor(im, real ? MIEN_F32 : MIEN_I64, rank, shape);
    for (int64_t i = 0; to && a && i < mien_tensor_count(to); i++) {
        copy_one(&one, 0, to, i);
    }
    mien_import_give_constant(im, 0, to, real ? MIEN_IMPORT_FLOAT : one.type);
}

static void range_row(mien_importing *im) {
    double v[3] = {0};
    bool real = false;
    for (int k = 0; k < 3; k++) {
        mien_import_value *c = mien_import_constant(im, k, "a bound");
        if (!c || mien_import_values(c) != 1) {
            mien_import_fail(im, MIEN_EFORMAT, "a bound is no number");
            return;
        }
        v[k] = mien_import_scalar(c);
        real = c->type == MIEN_IMPORT_FLOAT;
    }
    double steps = v[2] != 0 ? ceil((v[1] - v[0]) / v[2]) : -1;
    if (!(steps >= 0 && steps < 1e8)) {
        mien_import_fail(im, MIEN_ELIMIT, "from %g to %g by %g", v[0], v[1], v[2]);
        return;
    }
    int64_t count = (int64_t)steps;
    mien_tensor *to = mien_import_tensor(im, real ? MIEN_F32 : MIEN_I64, 1, &count);
    for (int64_t i = 0; to && i < count; i++) {
        if (real) {
            ((float *)to->data)[i] = (float)(v[0] + (double)i * v[2]);
        } else {
            ((int64_t *)to->data)[i] = (int64_t)v[0] + i * (int64_t)v[2];
        }
    }
    mien_import_give_constant(im, 0, to, real ? MIEN_IMPORT_FLOAT : MIEN_IMPORT_INT);
}

/* Slices of a copy replaced by others, at places of the first dimensions. */
static void scatter_nd(mien_importing *im) {
    mien_import_value *data = mien_import_in(im, 0), *places = mien_import_in(im, 1),
                      *updates = mien_import_in(im, 2);
    if (!data || !places || !updates || places->rank < 1 ||
        places->type == MIEN_IMPORT_FLOAT ||
        data->constant->dtype != updates->constant->dtype ||
        strcmp(mien_import_text(im, "reduction", "none"), "none")) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "this form of it");
        return;
    }
    int64_t depth = places->shape[places->rank - 1], run = 1;
    mien_tensor *to = like(im, data, data->rank, data->shape);
    if (!to || depth < 1 || depth > data->rank) {
        mien_import_fail(
            im, MIEN_EFORMAT, "its places have %lld dimensions", (long long)depth);
        return;
    }
    memcpy(to->data, data->constant->data, mien_tensor_bytes(to));
    for (int d = (int)depth; d < data->rank; d++) {
        run *= data->shape[d];
    }
    int64_t count = mien_import_values(places) / depth;
    if (mien_import_values(updates) != count * run) {
        mien_import_fail(im, MIEN_ESHAPE, "its updates do not fit its places");
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t at = 0;
        for (int d = 0; d < depth; d++) {
            int64_t p = mien_import_whole_numbers(places)[i * depth + d];
            p += p < 0 ? data->shape[d] : 0;
            if (p < 0 || p >= data->shape[d]) {
                mien_import_fail(im, MIEN_EFORMAT, "place %lld", (long long)p);
                return;
            }
            at = at * data->shape[d] + p;
        }
        for (int64_t k = 0; k < run; k++) {
            copy_one(updates, i * run + k, to, at * run + k);
        }
    }
    mien_import_give_constant(im, 0, to, data->type);
}

/* [C b b, H, W] → [C, H b, W b], and back. */
static void depth_to_space(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t b = mien_import_int(im, "blocksize", 1);
    bool crd = strcmp(mien_import_text(im, "mode", "DCR"), "CRD") == 0;
    bool back = strcmp(im->at->row->op, "SpaceToDepth") == 0;
    if (!v || v->rank != 4 || b < 1 || b > 65536 || (!back && v->shape[1] % (b * b)) ||
        (back && (v->shape[2] % b || v->shape[3] % b))) {
        mien_import_fail(im, MIEN_ESHAPE, "blocks of %lld do not fit", (long long)b);
        return;
    }
    int64_t c = v->shape[1], h = v->shape[2], w = v->shape[3];
    mien_node x = mien_import_rows(im, v);
    static const int orders[3][5] = {{2, 3, 0, 4, 1}, {0, 3, 1, 4, 2}, {2, 4, 0, 1, 3}};
    int64_t parts[3][5] = {
        {b, b, c / (b * b), h, w}, {c / (b * b), b, b, h, w}, {c, h / b, b, w / b, b}};
    int form = back ? 2 : crd;
    int64_t out[3] = {
        back ? c * b * b : c / (b * b), back ? h / b : h * b, back ? w / b : w * b};
    x = mien_import_reshape(im, x, 5, parts[form]);
    x = mien_import_permute(im, x, orders[form]);
    mien_import_give_rows(im, 0, mien_import_reshape(im, x, 3, out));
}

const mien_import_row mien_import_places[] = {
    {"Shape", shape_of, shape_of, NULL},
    {"Size", size, size, NULL},
    {"Reshape", reshape, reshape, NULL},
    {"Flatten", flatten, flatten, NULL},
    {"Squeeze", squeeze, squeeze, NULL},
    {"Unsqueeze", unsqueeze, unsqueeze, NULL},
    {"Transpose", transpose, transpose, NULL},
    {"Slice", slice, slice, NULL},
    {"Split", split, split, NULL},
    {"Gather", gather, gather, NULL},
    {"Concat", concat, concat, NULL},
    {"Expand", expand, expand, NULL},
    {"Tile", tile, tile, NULL},
    {"Pad", pad, pad, NULL},
    {"Constant", constant, constant, NULL},
    {"ConstantOfShape", constant_of_shape, NULL, NULL},
    {"Range", range_row, NULL, NULL},
    {"ScatterND", scatter_nd, NULL, NULL},
    {"DepthToSpace", NULL, depth_to_space, NULL},
    {"SpaceToDepth", NULL, depth_to_space, NULL},
    {0},
};
