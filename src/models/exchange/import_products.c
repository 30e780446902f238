/* SPDX-License-Identifier: MIT */
/* Products of matrices, and what is done along one dimension. */
#include <stdio.h>
#include <string.h>

#include "models/exchange/import.h"

/* ---- products
 * ------------------------------------------------------------------------ */

/* A constant [in, out] (or [out, in] where it stands turned) times alpha, as a linear
 * layer's weight [out, in]. */
static void fill_weight(mien_importing *im, mien_node y, const mien_import_value *w,
    bool turned, float alpha) {
    int64_t shape[2] = {w->shape[!turned], w->shape[turned]};
    if (turned && alpha == 1) {
        mien_import_fill_copy(im, y, "weight", w);
        return;
    }
    float *to = mien_import_fill_new(im, y, "weight", 2, shape);
    const float *from = mien_import_floats(w);
    for (int64_t o = 0; to && o < shape[0]; o++) {
        for (int64_t i = 0; i < shape[1]; i++) {
            to[o * shape[1] + i] =
                alpha * (turned ? from[o * shape[1] + i] : from[i * shape[0] + o]);
        }
    }
}

static bool is_bias(const mien_import_value *c, int64_t out) {
    return c && c->constant && c->type == MIEN_IMPORT_FLOAT &&
           (mien_import_values(c) == out || mien_import_values(c) == 1) &&
           (c->rank == 0 || c->shape[c->rank - 1] == mien_import_values(c));
}

static mien_node linear(mien_importing *im, mien_node x, const mien_import_value *w,
    bool turned, float alpha, const mien_import_value *bias, float beta) {
    int64_t out = w->shape[!turned];
    mien_import_call(im, w);
    mien_node y = mien_import_one(
        im, "linear", x, "out=%lld bias=%s", (long long)out, bias ? "yes" : "no");
    fill_weight(im, y, w, turned, alpha);
    if (bias && beta == 1 && mien_import_values(bias) == out) {
        mien_import_fill_copy(im, y, "bias", bias);
    } else if (bias) {
        float *to = mien_import_fill_new(im, y, "bias", 1, &out);
        for (int64_t o = 0; to && o < out; o++) {
            to[o] =
                beta * mien_import_floats(bias)[mien_import_values(bias) == 1 ? 0 : o];
        }
    }
    return y;
}

/* [.., a, b] with the last two in place of each other. */
static mien_node swapped(mien_importing *im, mien_node x, int rank) {
    int order[MIEN_RANK_MAX];
    for (int d = 0; d < rank; d++) {
        order[d] = d < rank - 2 ? d : d == rank - 2 ? rank - 1 : rank - 2;
    }
    return mien_import_permute(im, x, order);
}

static mien_node scaled(mien_importing *im, mien_node x, float by) {
    char text[32];
    return by == 1 ? x
                   : mien_import_one(im, "unary", x, "function=scale alpha=%s beta=0",
                         mien_format_float(by, text));
}

/* alpha op(A) op(B) + beta C */
static void gemm(mien_importing *im) {
    mien_import_value *a = mien_import_in(im, 0), *b = mien_import_in(im, 1),
                      *c = mien_import_in(im, 2);
    bool turn_a = mien_import_int(im, "transA", 0),
         turn_b = mien_import_int(im, "transB", 0);
    float alpha = (float)mien_import_number(im, "alpha", 1);
    float beta = (float)mien_import_number(im, "beta", 1);
    if (!a || !b || a->rank != 2 || b->rank != 2) {
        mien_import_fail(im, MIEN_ESHAPE, "it multiplies matrices");
        return;
    }
    int64_t out = b->shape[!turn_b];
    bool fits = b->shape[turn_b] == a->shape[!turn_a];
    bool by_weight = b->constant && b->type == MIEN_IMPORT_FLOAT && fits;
    bool bias = by_weight && is_bias(c, out);
    if (by_weight && (!c || bias) && !turn_a) {
        mien_import_give_rows(
            im, 0, linear(im, mien_import_rows(im, a), b, turn_b, alpha, c, beta));
        return;
    }
    mien_node x = mien_import_whole(im, a), y;
    x = turn_a ? swapped(im, x, 2) : x;
    if (by_weight) {
        y = linear(im, x, b, turn_b, alpha, bias ? c : NULL, beta);
    } else {
        y = mien_import_add(im, "matmul", (mien_node[]){x, mien_import_whole(im, b)}, 2,
            "transpose-b=%s", turn_b ? "yes" : "no");
        y = scaled(im, y, alpha);
    }
    if (c && !bias) {
        mien_node more;
        if (c->constant) {
            more = mien_import_constant_node(im, c, c->rank, c->shape, true);
        } else {
            int64_t shape[2] = {
                c->rank == 2 ? c->shape[0] : 1, c->rank ? c->shape[c->rank - 1] : 1};
            more = mien_import_reshape(im, mien_import_whole(im, c), 2, shape);
        }
        y = mien_import_add(
            im, "binary", (mien_node[]){y, scaled(im, more, beta)}, 2, "function=add");
    }
    mien_import_give_whole(im, 0, y, 2);
}

/* One operand of a product, at least a matrix: a row where it stands first, else a
 * column. */
static mien_node matrix(
    mien_importing *im, mien_import_value *v, bool first, int rank) {
    int64_t shape[MIEN_RANK_MAX];
    int own = v->rank < 2 ? 2 : v->rank;
    if (v->rank == 1) {
        shape[0] = first ? 1 : v->shape[0];
        shape[1] = first ? v->shape[0] : 1;
    } else {
        memcpy(shape, v->shape, sizeof shape);
    }
    if (v->constant) {
        return mien_import_constant_node(im, v, own, shape, true);
    }
    int more = rank - own;
    if (more > 0) {
        memmove(shape + more, shape, (size_t)own * sizeof *shape);
        for (int d = 0; d < more; d++) {
            shape[d] = 1;
        }
    }
    mien_node x = mien_import_whole(im, v);
    return more > 0 || v->rank < 2 ? mien_import_reshape(im, x, own + more, shape) : x;
}

static void matmul(mien_importing *im) {
    mien_import_value *a = mien_import_in(im, 0), *b = mien_import_in(im, 1);
    mien_import_value *bias = mien_import_in(im, 2); /* of a rewrite */
    if (!a || !b || a->rank < 1 || b->rank < 1) {
        mien_import_fail(im, MIEN_ESHAPE, "it multiplies matrices");
        return;
    }
    if (!a->constant && b->constant && b->rank == 2 && b->type == MIEN_IMPORT_FLOAT &&
        a->shape[a->rank - 1] == b->shape[0]) {
        bool rows = a->rows >= 0;
        mien_node x = rows ? a->rows : mien_import_whole(im, a);
        mien_import_give(im, 0, linear(im, x, b, false, 1, bias, 1), rows, a->rank);
        return;
    }
    int ra = a->rank < 2 ? 2 : a->rank, rb = b->rank < 2 ? 2 : b->rank;
    int rank = ra > rb ? ra : rb;
    mien_node y = mien_import_add(im, "matmul",
        (mien_node[]){matrix(im, a, true, rank), matrix(im, b, false, rank)}, 2, "%s",
        "");
    int64_t shape[MIEN_RANK_MAX], left[MIEN_RANK_MAX];
    int kept = 0;
    if (im->status != MIEN_OK) {
        return;
    }
    mien_graph_shape(im->graph, y, shape);
    for (int d = 0; d < rank; d++) { /* what was a row or a column is none any more */
        bool out = (d == rank - 2 && a->rank == 1) || (d == rank - 1 && b->rank == 1);
        if (!out) {
            left[kept++] = shape[1 + d];
        }
    }
    mien_import_give_whole(
        im, 0, kept == rank ? y : mien_import_reshape(im, y, kept, left), kept);
}

/* ---- along one dimension
 * ---------------------------------------------------------------- */

/* Puts the axis last, does `how`, and puts it back. Before version 13 all dimensions
 * from the axis on were one. */
static mien_node along(
    mien_importing *im, mien_import_value *v, int64_t axis_given, const char *op) {
    int64_t flat[2] = {1, 1};
    int order[MIEN_RANK_MAX];
    mien_node x = mien_import_whole(im, v);
    int rank = v->rank;
    int axis = mien_import_axis(im, axis_given, rank ? rank : 1);
    if (im->m->opset < 13) {
        for (int d = 0; d < rank; d++) {
            flat[d >= axis] *= v->shape[d];
        }
        x = mien_import_reshape(im, x, 2, flat);
        return mien_import_reshape(
            im, mien_import_one(im, op, x, "%s", ""), rank, v->shape);
    }
    for (int d = 0; d < rank; d++) {
        order[d] = d == axis ? rank - 1 : d == rank - 1 ? axis : d;
    }
    if (axis == rank - 1 || rank == 0) {
        return mien_import_one(im, op, x, "%s", "");
    }
    x = mien_import_one(im, op, mien_import_permute(im, x, order), "%s", "");
    return mien_import_permute(im, x, order);
}

static void softmax(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t axis = mien_import_int(im, "axis", im->m->opset < 13 ? 1 : -1);
    if (!v) {
        return;
    }
    bool last = axis == -1 || axis == v->rank - 1;
    if (last && v->rows >= 0) {
        mien_import_give_rows(im, 0, mien_import_one(im, "softmax", v->rows, "%s", ""));
        return;
    }
    mien_import_give_whole(im, 0, along(im, v, axis, "softmax"), v->rank);
}

/* x − max − log Σ exp(x − max) */
static void log_softmax(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t axis = mien_import_int(im, "axis", im->m->opset < 13 ? 1 : -1), list[8];
    char dims[64];
    int count = 0;
    if (!v) {
        return;
    }
    int first = mien_import_axis(im, axis, v->rank ? v->rank : 1);
    for (int d = first; d < v->rank && (count == 0 || im->m->opset < 13); d++) {
        list[count++] = d + 1;
    }
    mien_import_list(count, list, dims, sizeof dims);
    mien_node x = mien_import_whole(im, v);
    mien_node largest = mien_import_one(im, "max", x, "dims=%s keep=yes", dims);
    mien_node away =
        mien_import_add(im, "binary", (mien_node[]){x, largest}, 2, "function=sub");
    mien_node each = mien_import_one(im, "unary", away, "function=exp");
    mien_node sum = mien_import_one(im, "sum", each, "dims=%s keep=yes", dims);
    mien_node log = mien_import_one(im, "unary", sum, "function=log");
    mien_import_give_whole(im, 0,
        mien_import_add(im, "binary", (mien_node[]){away, log}, 2, "function=sub"),
        v->rank);
}

static void cumsum(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    int64_t axis = 0;
    if (!v || mien_import_in_ints(im, 1, 1, &axis) != 1) {
        mien_import_fail(im, MIEN_EFORMAT, "its axis is missing");
        return;
    }
    int at = mien_import_axis(im, axis, v->rank);
    mien_import_give_whole(im, 0,
        mien_import_one(im, "cumsum", mien_import_whole(im, v),
            "axis=%d exclusive=%s reverse=%s", at + 1,
            mien_import_int(im, "exclusive", 0) ? "yes" : "no",
            mien_import_int(im, "reverse", 0) ? "yes" : "no"),
        v->rank);
}

static void argmax(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    if (!v) {
        return;
    }
    int axis = mien_import_axis(im, mien_import_int(im, "axis", 0), v->rank);
    bool keep = mien_import_int(im, "keepdims", 1) != 0;
    mien_node y = mien_import_one(im, "argmax", mien_import_whole(im, v),
        "axis=%d keep=yes least=%s last=%s", axis + 1, im->at->row->how,
        mien_import_int(im, "select_last_index", 0) ? "yes" : "no");
    int64_t shape[MIEN_RANK_MAX];
    int rank = 0;
    for (int d = 0; d < v->rank; d++) {
        if (d != axis || keep) {
            shape[rank++] = d == axis ? 1 : v->shape[d];
        }
    }
    mien_import_give_whole(
        im, 0, keep ? y : mien_import_reshape(im, y, rank, shape), rank);
}

/* 1 at the first largest value of an axis, 0 elsewhere. */
static void hardmax(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    if (!v || im->m->opset < 13) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "before version 13");
        return;
    }
    int axis = mien_import_axis(im, mien_import_int(im, "axis", -1), v->rank);
    int64_t shape[MIEN_RANK_MAX], count = v->shape[axis];
    mien_tensor *numbers = mien_import_tensor(im, MIEN_I64, 1, &count);
    for (int64_t i = 0; numbers && i < count; i++) {
        ((int64_t *)numbers->data)[i] = i;
    }
    mien_import_value list = {.name = "",
        .constant = numbers,
        .type = MIEN_IMPORT_INT,
        .rank = 1,
        .shape = {count}};
    for (int d = axis; d < v->rank; d++) {
        shape[d - axis] = d == axis ? count : 1;
    }
    if (!numbers) {
        return;
    }
    mien_node best = mien_import_one(
        im, "argmax", mien_import_whole(im, v), "axis=%d keep=yes", axis + 1);
    mien_node places =
        mien_import_constant_node(im, &list, v->rank - axis, shape, false);
    mien_import_give_whole(im, 0,
        mien_import_add(im, "binary", (mien_node[]){best, places}, 2, "function=equal"),
        v->rank);
}

const mien_import_row mien_import_products[] = {
    {"Gemm", NULL, gemm, NULL},
    {"MatMul", NULL, matmul, NULL},
    {"Softmax", NULL, softmax, NULL},
    {"LogSoftmax", NULL, log_softmax, NULL},
    {"CumSum", NULL, cumsum, NULL},
    {"ArgMax", NULL, argmax, "no"},
    {"ArgMin", NULL, argmax, "yes"},
    {"Hardmax", NULL, hardmax, NULL},
    {0},
};
