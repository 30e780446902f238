/* SPDX-License-Identifier: MIT */
/* Reductions over dimensions: those mien has, and others put together of them. */
#include <math.h>
#include <string.h>

#include "models/exchange/import.h"

/* Dimensions that are reduced, as flags; false: none are, and the value stays. */
static bool read_axes(mien_importing *im, const mien_import_value *v, bool *over) {
    int64_t axes[MIEN_RANK_MAX];
    int count = mien_import_either(im, "axes", 1, MIEN_RANK_MAX, axes);
    bool all = count <= 0;
    if (all && mien_import_int(im, "noop_with_empty_axes", 0)) {
        return false;
    }
    for (int d = 0; d < v->rank; d++) {
        over[d] = all;
    }
    for (int i = 0; i < count; i++) {
        over[mien_import_axis(im, axes[i], v->rank ? v->rank : 1)] = true;
    }
    return true;
}

/* ---- folding
 * ------------------------------------------------------------------------- */

static void fold(mien_importing *im) {
    const mien_import_value *v = mien_import_in(im, 0);
    const char *how = im->at->row->how;
    bool over[MIEN_RANK_MAX] = {false}, keep = mien_import_int(im, "keepdims", 1) != 0;
    int64_t shape[MIEN_RANK_MAX], stride[MIEN_RANK_MAX], next = 1;
    int rank = 0;
    bool plain = strcmp(how, "sum") == 0 || strcmp(how, "mean") == 0 ||
                 strcmp(how, "max") == 0 || strcmp(how, "min") == 0 ||
                 strcmp(how, "prod") == 0;
    if (!v || !plain || !read_axes(im, v, over)) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "this reduction of constants");
        return;
    }
    for (int d = 0; d < v->rank; d++) {
        if (!over[d] || keep) {
            shape[rank++] = over[d] ? 1 : v->shape[d];
        }
    }
    for (int d = v->rank - 1; d >= 0; d--) {
        stride[d] = over[d] ? 0 : next;
        next *= over[d] ? 1 : v->shape[d];
    }
    bool real = v->type == MIEN_IMPORT_FLOAT;
    mien_tensor *to = mien_import_tensor(im, real ? MIEN_F32 : MIEN_I64, rank, shape);
    int64_t count = to ? mien_tensor_count(to) : 0, each = mien_import_values(v);
    double *sums = mien_alloc((size_t)count + 1, sizeof *sums);
    if (!sums) {
        im->status = MIEN_ENOMEM;
    }
    for (int64_t o = 0; sums && o < count; o++) {
        sums[o] = how[0] == 'p'             ? 1
                  : strcmp(how, "max") == 0 ? -INFINITY
                  : strcmp(how, "min") == 0 ? INFINITY
                                            : 0;
    }
    for (int64_t i = 0; sums && count && i < each; i++) {
        int64_t rest = i, at = 0;
        for (int d = v->rank - 1; d >= 0; d--) {
            at += rest % v->shape[d] * stride[d];
            rest /= v->shape[d];
        }
        double x = real ? (double)mien_import_floats(v)[i]
                        : (double)mien_import_whole_numbers(v)[i];
        sums[at] = how[0] == 'p'             ? sums[at] * x
                   : strcmp(how, "max") == 0 ? (x > sums[at] ? x : sums[at])
                   : strcmp(how, "min") == 0 ? (x < sums[at] ? x : sums[at])
                                             : sums[at] + x;
    }
    for (int64_t o = 0; sums && o < count; o++) {
        double y =
            strcmp(how, "mean") == 0 ? sums[o] * (double)count / (double)each : sums[o];
        if (real) {
            ((float *)to->data)[o] = (float)y;
        } else {
            ((int64_t *)to->data)[o] = fabs(y) < 9e18 ? (int64_t)y : 0;
        }
    }
    mien_free(sums);
    mien_import_give_constant(im, 0, to, v->type);
}

/* ---- computed
 * ------------------------------------------------------------------------- */

static mien_node reduced(
    mien_importing *im, const char *row, mien_node x, const char *dims) {
    return mien_import_one(im, row, x, "dims=%s keep=yes", dims);
}

static mien_node function(mien_importing *im, const char *name, mien_node x) {
    return mien_import_one(im, "unary", x, "function=%s", name);
}

/* The product along one dimension after the other: slices times each other. */
static mien_node product(mien_importing *im, mien_node x, const bool *over, int rank) {
    for (int d = 0; d < rank && im->status == MIEN_OK; d++) {
        int64_t shape[MIEN_RANK_MAX];
        mien_graph_shape(im->graph, x, shape);
        int64_t count = over[d] ? shape[1 + d] : 1;
        mien_node all = x;
        if (count > 256) {
            mien_import_fail(
                im, MIEN_EUNSUPPORTED, "a product of %lld values", (long long)count);
        }
        for (int64_t i = 0; count > 1 && i < count && im->status == MIEN_OK; i++) {
            mien_node part = mien_import_one(im, "slice", x,
                "axis=%d start=%lld stop=%lld", d + 1, (long long)i, (long long)i + 1);
            all = i ? mien_import_add(
                          im, "binary", (mien_node[]){all, part}, 2, "function=mul")
                    : part;
        }
        x = all;
    }
    return x;
}

/* m + log Σ exp(x − m), m the largest */
static mien_node log_sum_exp(mien_importing *im, mien_node x, const char *dims) {
    mien_node m = reduced(im, "max", x, dims);
    mien_node away =
        mien_import_add(im, "binary", (mien_node[]){x, m}, 2, "function=sub");
    mien_node log =
        function(im, "log", reduced(im, "sum", function(im, "exp", away), dims));
    return mien_import_add(im, "binary", (mien_node[]){log, m}, 2, "function=add");
}

static mien_node apply(mien_importing *im, const char *how, mien_node x,
    const char *dims, const bool *over, int rank) {
    if (strcmp(how, "min") == 0) {
        return function(im, "neg", reduced(im, "max", function(im, "neg", x), dims));
    }
    if (strcmp(how, "l1") == 0) {
        return reduced(im, "sum", function(im, "abs", x), dims);
    }
    if (strcmp(how, "l2") == 0 || strcmp(how, "square") == 0) {
        mien_node sum = reduced(im, "sum", function(im, "square", x), dims);
        return how[0] == 'l' ? function(im, "sqrt", sum) : sum;
    }
    if (strcmp(how, "logsum") == 0) {
        return function(im, "log", reduced(im, "sum", x, dims));
    }
    if (strcmp(how, "logsumexp") == 0) {
        return log_sum_exp(im, x, dims);
    }
    if (strcmp(how, "prod") == 0) {
        return product(im, x, over, rank);
    }
    return reduced(im, how, x, dims);
}

/* The average of a map is a pool, which is faster. */
static bool is_average(
    const mien_importing *im, const mien_import_value *v, const bool *over) {
    return strcmp(im->at->row->how, "mean") == 0 && v->rows >= 0 && v->rank == 4 &&
           !over[0] && !over[1] && over[2] && over[3];
}

static void reduce(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    bool over[MIEN_RANK_MAX] = {false}, keep = mien_import_int(im, "keepdims", 1) != 0;
    int64_t list[MIEN_RANK_MAX], shape[MIEN_RANK_MAX];
    char dims[64];
    int count = 0, rank = 0;
    if (!v) {
        return;
    }
    bool any = read_axes(im, v, over);
    if (im->status != MIEN_OK) {
        return;
    }
    for (int d = 0; d < v->rank; d++) {
        if (over[d]) {
            list[count++] = d + 1;
        }
        if (!over[d] || keep) {
            shape[rank++] = over[d] ? 1 : v->shape[d];
        }
    }
    if (v->rank == 0 && any) { /* one number: its own dimension stands for it */
        list[count++] = 1;
    }
    if (is_average(im, v, over)) {
        mien_node y = mien_import_one(im, "adaptive_avg_pool2d", v->rows, "size=1,1");
        mien_import_give_rows(
            im, 0, keep ? y : mien_import_one(im, "flatten", y, "%s", ""));
        return;
    }
    mien_node x = mien_import_whole(im, v);
    if (count == 0 && any) {
        mien_import_give_same(im, 0, v);
        return;
    }
    mien_node y =
        any ? apply(im, im->at->row->how, x,
                  mien_import_list(count, list, dims, sizeof dims), over, v->rank)
            : -1;
    if (!any) { /* noop_with_empty_axes */
        mien_import_give_same(im, 0, v);
        return;
    }
    mien_import_give_whole(
        im, 0, rank == v->rank ? y : mien_import_reshape(im, y, rank, shape), rank);
}

const mien_import_row mien_import_reductions[] = {
    {"ReduceSum", fold, reduce, "sum"},
    {"ReduceMean", fold, reduce, "mean"},
    {"ReduceMax", fold, reduce, "max"},
    {"ReduceMin", fold, reduce, "min"},
    {"ReduceProd", fold, reduce, "prod"},
    {"ReduceL1", NULL, reduce, "l1"},
    {"ReduceL2", NULL, reduce, "l2"},
    {"ReduceSumSquare", NULL, reduce, "square"},
    {"ReduceLogSum", NULL, reduce, "logsum"},
    {"ReduceLogSumExp", NULL, reduce, "logsumexp"},
    {0},
};
