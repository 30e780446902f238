/* SPDX-License-Identifier: MIT */
/* Tensors of one dtype from tensors of another. */
#include "tensor/dtype.h"
#include "base/need.h"

#define CHUNK 512

static void convert_floats(const mien_tensor *from, mien_tensor *to, int64_t count) {
    double values[CHUNK];
    for (int64_t first = 0; first < count; first += CHUNK) {
        int64_t n = count - first < CHUNK ? count - first : CHUNK;
        mien_dtype_load(from->dtype, from->data, first, n, values);
        mien_dtype_store(to->dtype, values, first, n, to->data);
    }
}

static void convert_integers(const mien_tensor *from, mien_tensor *to, int64_t count) {
    int64_t values[CHUNK];
    for (int64_t first = 0; first < count; first += CHUNK) {
        int64_t n = count - first < CHUNK ? count - first : CHUNK;
        mien_dtype_load_integers(from->dtype, from->data, first, n, values);
        mien_dtype_store_integers(to->dtype, values, first, n, to->data);
    }
}

/* Weights of models come so, millions of them. */
static void convert_halves(const mien_tensor *from, mien_tensor *to, int64_t count) {
    const uint16_t *half = from->data;
    float *value = to->data;
    for (int64_t i = 0; i < count; i++) {
        value[i] = mien_float_of_half(half[i]);
    }
}

mien_status mien_tensor_convert(
    const mien_tensor *tensor, mien_dtype dtype, mien_tensor **converted) {
    MIEN_NEED(tensor, converted);
    if (dtype == tensor->dtype) {
        return mien_tensor_copy(tensor, converted);
    }
    mien_tensor *made;
    mien_status status = mien_tensor_new(dtype, tensor->rank, tensor->shape, &made);
    if (status != MIEN_OK) {
        return status;
    }
    bool whole = mien_dtype_is_integer(tensor->dtype) && mien_dtype_is_integer(dtype);
    bool halves = tensor->dtype == MIEN_F16 && dtype == MIEN_F32;
    (whole       ? convert_integers
        : halves ? convert_halves
                 : convert_floats)(tensor, made, mien_tensor_count(tensor));
    *converted = made;
    return MIEN_OK;
}
