/* SPDX-License-Identifier: MIT */
/* Shared by reading and writing ONNX files: types, and a model under construction. */
#include "io/onnx.h"

#include <string.h>

static const struct {
    int type;
    mien_dtype dtype;
} types[] = {{1, MIEN_F32}, {2, MIEN_U8}, {3, MIEN_I8}, {4, MIEN_U16}, {5, MIEN_I16},
    {6, MIEN_I32}, {7, MIEN_I64}, {9, MIEN_BOOL}, {10, MIEN_F16}, {11, MIEN_F64},
    {16, MIEN_BF16}};
#define TYPES ((int)(sizeof types / sizeof types[0]))

int mien_onnx_type(mien_dtype dtype) {
    for (int i = 0; i < TYPES; i++) {
        if (types[i].dtype == dtype) {
            return types[i].type;
        }
    }
    return 0;
}

mien_dtype mien_onnx_dtype(int type) {
    for (int i = 0; i < TYPES; i++) {
        if (types[i].type == type) {
            return types[i].dtype;
        }
    }
    return MIEN_DTYPES;
}

mien_status mien_onnx_new(mien_onnx **model) {
    mien_onnx *m = mien_alloc(1, sizeof *m);
    if (!m) {
        return MIEN_ENOMEM;
    }
    m->ir = 8;
    m->opset = 17;
    m->producer = m->producer_version = m->name = m->text = "";
    mien_status status = mien_arena_new(1 << 16, &m->arena);
    if (status != MIEN_OK) {
        mien_onnx_free(&m);
        return status;
    }
    *model = m;
    return MIEN_OK;
}

mien_status mien_onnx_keep(mien_onnx *model, mien_tensor *tensor) {
    if (!tensor) {
        return MIEN_ENOMEM;
    }
    if (model->tensors_count == model->tensors_capacity) {
        int more = model->tensors_capacity ? 2 * model->tensors_capacity : 64;
        mien_tensor **grown = mien_realloc(model->tensors, (size_t)model->tensors_count,
            (size_t)more, sizeof(mien_tensor *));
        if (!grown) {
            mien_tensor_free(&tensor);
            return MIEN_ENOMEM;
        }
        model->tensors = grown;
        model->tensors_capacity = more;
    }
    model->tensors[model->tensors_count++] = tensor;
    return MIEN_OK;
}

void mien_onnx_free(mien_onnx **model) {
    if (!model || !*model) {
        return;
    }
    mien_onnx *m = *model;
    for (int i = 0; i < m->tensors_count; i++) {
        mien_tensor_free(&m->tensors[i]);
    }
    mien_free(m->tensors);
    mien_arena_free(&m->arena);
    mien_free(m);
    *model = NULL;
}
