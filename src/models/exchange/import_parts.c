/* SPDX-License-Identifier: MIT */
/* Operators that take parts of a value: slice, split, gather. */
#include <string.h>

#include "models/exchange/import_fold.h"

#define LIST_MAX 4096

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
        mien_import_strides(v, stride);
        for (int d = 0; d < v->rank; d++) {
            start += all[d].first * stride[d];
            stride[d] *= all[d].step;
            shape[d] = all[d].count;
        }
        mien_import_fold_strided(im, 0, v, v->rank, shape, start, stride);
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
            mien_import_strides(v, stride);
            memcpy(shape, v->shape, sizeof shape);
            shape[axis] = size;
            mien_import_fold_strided(
                im, k, v, v->rank, shape, first * stride[axis], stride);
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
        mien_tensor *to = mien_import_tensor_like(im, v, rank, shape);
        for (int64_t i = 0; to && i < mien_tensor_count(to); i++) {
            int64_t place = list[i / inner % count];
            place += place < 0 ? v->shape[axis] : 0;
            mien_import_copy_one(v,
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

const mien_import_row mien_import_parts[] = {
    {"Slice", slice, slice, NULL},
    {"Split", split, split, NULL},
    {"Gather", gather, gather, NULL},
    {0},
};
