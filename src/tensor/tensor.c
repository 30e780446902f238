/* SPDX-License-Identifier: MIT */
/* Making, sharing and freeing tensors. */
#include "mien/tensor.h"
#include "base/need.h"

#include <inttypes.h>
#include <string.h>

char *mien_shape_text(int rank, const int64_t *shape, char *buffer, size_t size) {
    MIEN_NEED_OR(NULL, shape || rank < 1, buffer);
    size_t used = 0;
    if (size == 0) {
        return buffer;
    }
    for (int i = -1; i <= rank; i++) {
        char part[32];
        if (i < 0 || i == rank) {
            strcpy(part, i < 0 ? "[" : "]");
        } else {
            snprintf(part, sizeof part, "%s%" PRId64, i ? ", " : "", shape[i]);
        }
        size_t length = strlen(part);
        if (length > size - 1 - used) {
            length = size - 1 - used;
        }
        memcpy(buffer + used, part, length);
        used += length;
    }
    buffer[used] = '\0';
    return buffer;
}

int64_t mien_shape_count(int rank, const int64_t *shape) {
    MIEN_NEED_OR(-1, shape || rank < 1);
    char text[128];
    if (rank < 0 || rank > MIEN_RANK_MAX) {
        mien_fail(
            MIEN_ESHAPE, "%d dimensions; 0 to %d are allowed", rank, MIEN_RANK_MAX);
        return -1;
    }
    bool empty = false;
    for (int i = 0; i < rank; i++) {
        if (shape[i] < 0) {
            mien_fail(MIEN_ESHAPE, "shape %s has a negative dimension",
                mien_shape_text(rank, shape, text, sizeof text));
            return -1;
        }
        empty = empty || shape[i] == 0;
    }
    /* The sizes beside a 0 must fit too: strides and parts of a shape are products of
     * some of its sizes, and none of them may overflow. */
    int64_t count = 1;
    for (int i = 0; i < rank; i++) {
        if (shape[i] > 0 && __builtin_mul_overflow(count, shape[i], &count)) {
            mien_fail(MIEN_ESHAPE, "shape %s has too many values",
                mien_shape_text(rank, shape, text, sizeof text));
            return -1;
        }
    }
    return empty ? 0 : count;
}

static mien_status check(
    mien_dtype dtype, int rank, const int64_t *shape, int64_t *count) {
    if ((unsigned)dtype >= MIEN_DTYPES) {
        return mien_fail(MIEN_ESHAPE, "%d is no dtype", (int)dtype);
    }
    *count = mien_shape_count(rank, shape);
    return *count < 0 ? MIEN_ESHAPE : MIEN_OK;
}

static mien_tensor *new_head(mien_dtype dtype, int rank, const int64_t *shape) {
    mien_tensor *tensor = mien_alloc(1, sizeof *tensor);
    if (tensor) {
        tensor->dtype = dtype;
        tensor->rank = rank;
        for (int i = 0; i < rank; i++) {
            tensor->shape[i] = shape[i];
        }
    }
    return tensor;
}

mien_status mien_tensor_new(
    mien_dtype dtype, int rank, const int64_t *shape, mien_tensor **tensor) {
    MIEN_NEED(shape || rank < 1, tensor);
    int64_t count = 0;
    mien_status status = check(dtype, rank, shape, &count);
    if (status != MIEN_OK) {
        return status;
    }
    mien_tensor *made = new_head(dtype, rank, shape);
    if (!made) {
        return MIEN_ENOMEM;
    }
    made->data = mien_alloc((size_t)count, mien_dtype_size(dtype));
    if (!made->data) {
        mien_free(made);
        return MIEN_ENOMEM;
    }
    *tensor = made;
    return MIEN_OK;
}

mien_status mien_tensor_over(mien_dtype dtype, int rank, const int64_t *shape,
    void *data, mien_tensor **tensor) {
    MIEN_NEED(shape || rank < 1, tensor);
    int64_t count = 0;
    mien_status status = check(dtype, rank, shape, &count);
    if (status != MIEN_OK) {
        return status;
    }
    MIEN_NEED(data || count < 1);
    mien_tensor *made = new_head(dtype, rank, shape);
    if (!made) {
        return MIEN_ENOMEM;
    }
    made->data = data;
    made->borrowed = true;
    *tensor = made;
    return MIEN_OK;
}

mien_status mien_tensor_copy(const mien_tensor *tensor, mien_tensor **copy) {
    MIEN_NEED(tensor, copy);
    mien_tensor *made;
    mien_status status =
        mien_tensor_new(tensor->dtype, tensor->rank, tensor->shape, &made);
    if (status != MIEN_OK) {
        return status;
    }
    size_t bytes = mien_tensor_bytes(tensor);
    if (bytes > 0) {
        memcpy(made->data, tensor->data, bytes);
    }
    *copy = made;
    return MIEN_OK;
}

mien_status mien_tensor_view(
    const mien_tensor *tensor, int64_t first, int64_t count, mien_tensor **view) {
    MIEN_NEED(tensor, view);
    if (tensor->rank == 0) {
        return mien_fail(MIEN_ESHAPE, "a single value has no rows to view");
    }
    int64_t rows = tensor->shape[0];
    if (first < 0 || count < 0 || first > rows || count > rows - first) {
        return mien_fail(MIEN_ESHAPE,
            "%" PRId64 " rows from %" PRId64 " on of a tensor that has %" PRId64, count,
            first, rows);
    }
    mien_tensor *made = new_head(tensor->dtype, tensor->rank, tensor->shape);
    if (!made) {
        return MIEN_ENOMEM;
    }
    size_t row_bytes = rows ? mien_tensor_bytes(tensor) / (size_t)rows : 0;
    made->shape[0] = count;
    made->data = (char *)tensor->data + (size_t)first * row_bytes;
    made->borrowed = true;
    *view = made;
    return MIEN_OK;
}

void mien_tensor_free(mien_tensor **tensor) {
    if (!tensor || !*tensor) {
        return;
    }
    if (!(*tensor)->borrowed) {
        mien_free((*tensor)->data);
    }
    mien_free(*tensor);
    *tensor = NULL;
}

int64_t mien_tensor_count(const mien_tensor *tensor) {
    MIEN_NEED_OR(0, tensor);
    int64_t count = 1;
    for (int i = 0; i < tensor->rank; i++) {
        count *= tensor->shape[i];
    }
    return count;
}

size_t mien_tensor_bytes(const mien_tensor *tensor) {
    MIEN_NEED_OR(0, tensor);
    return (size_t)mien_tensor_count(tensor) * mien_dtype_size(tensor->dtype);
}

mien_status mien_tensor_reshape(mien_tensor *tensor, int rank, const int64_t *shape) {
    MIEN_NEED(tensor, shape || rank < 1);
    int64_t count = mien_shape_count(rank, shape);
    if (count < 0) {
        return MIEN_ESHAPE;
    }
    if (count != mien_tensor_count(tensor)) {
        char from[128], to[128];
        return mien_fail(MIEN_ESHAPE, "shape %s cannot become %s",
            mien_shape_text(tensor->rank, tensor->shape, from, sizeof from),
            mien_shape_text(rank, shape, to, sizeof to));
    }
    tensor->rank = rank;
    for (int i = 0; i < MIEN_RANK_MAX; i++) {
        tensor->shape[i] = i < rank ? shape[i] : 0;
    }
    return MIEN_OK;
}
