/* SPDX-License-Identifier: MIT */
/* Operators that make values of nothing or of a list of places. */
#include <math.h>
#include <string.h>

#include "models/exchange/import_fold.h"

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
        mien_import_copy_one(&one, 0, to, i);
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
    mien_tensor *to = mien_import_tensor_like(im, data, data->rank, data->shape);
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
            mien_import_copy_one(updates, i * run + k, to, at * run + k);
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

const mien_import_row mien_import_made[] = {
    {"Constant", constant, constant, NULL},
    {"ConstantOfShape", constant_of_shape, NULL, NULL},
    {"Range", range_row, NULL, NULL},
    {"ScatterND", scatter_nd, NULL, NULL},
    {"DepthToSpace", NULL, depth_to_space, NULL},
    {"SpaceToDepth", NULL, depth_to_space, NULL},
    {0},
};
