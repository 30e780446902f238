/* SPDX-License-Identifier: MIT */
/* Shape, type and values: the one form in which rooms hand arrays to each other.
 *
 *     mien_tensor *a = NULL, *b = NULL;
 *     int64_t shape[] = {2, 3};
 *     mien_status status = mien_tensor_new(MIEN_F32, 2, shape, &a); // zeros
 *     if (status == MIEN_OK) {
 *         ((float *)a->data)[5] = 0.5f; // row 1, column 2
 *         status = mien_tensor_view(a, 1, 1, &b); // [1, 3], the same memory
 *     }
 *     if (status == MIEN_OK) {
 *         mien_tensor_print(b, stdout);
 *     }
 *     mien_tensor_free(&b);
 *     mien_tensor_free(&a);
 */
#ifndef MIEN_TENSOR_H
#define MIEN_TENSOR_H

#include <stdio.h>

#include "mien/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MIEN_RANK_MAX 8

typedef enum mien_dtype {
    MIEN_F32,
    MIEN_F64,
    MIEN_F16,
    MIEN_BF16,
    MIEN_I8,
    MIEN_U8,
    MIEN_I16,
    MIEN_U16,
    MIEN_I32,
    MIEN_I64,
    MIEN_BOOL,
    MIEN_DTYPES
} mien_dtype;

MIEN_API size_t mien_dtype_size(mien_dtype dtype);
MIEN_API const char *mien_dtype_name(mien_dtype dtype); /**< "f32", "u8", … */

/** Rows contiguous, outermost dimension first. A plain result: read the fields, do not
 * write them. rank 0 is one value. */
typedef struct mien_tensor {
    mien_dtype dtype;
    int rank;
    int64_t shape[MIEN_RANK_MAX];
    void *data;    /**< 64-byte aligned if the tensor owns it */
    bool borrowed; /**< data belongs to somebody else */
} mien_tensor;

/** Number of values; -1 with error text where it overflows or a dimension is negative.
 */
MIEN_API int64_t mien_shape_count(int rank, const int64_t *shape);
/** "[2, 3, 224, 224]" into buffer (cut to size). Returns buffer. */
MIEN_API char *mien_shape_text(
    int rank, const int64_t *shape, char *buffer, size_t size);

/** Zeros. MIEN_ESHAPE for a bad rank or dimension, MIEN_ENOMEM. */
MIEN_API mien_status mien_tensor_new(
    mien_dtype dtype, int rank, const int64_t *shape, mien_tensor **tensor);
/** Over memory of the caller's, which must outlive it. */
MIEN_API mien_status mien_tensor_over(
    mien_dtype dtype, int rank, const int64_t *shape, void *data, mien_tensor **tensor);
MIEN_API mien_status mien_tensor_copy(const mien_tensor *tensor, mien_tensor **copy);
/** Rows [first, first + count) of the outermost dimension, sharing the data. */
MIEN_API mien_status mien_tensor_view(
    const mien_tensor *tensor, int64_t first, int64_t count, mien_tensor **view);
MIEN_API void mien_tensor_free(mien_tensor **tensor);
MIEN_API int64_t mien_tensor_count(const mien_tensor *tensor);
MIEN_API size_t mien_tensor_bytes(const mien_tensor *tensor);
/** Same values, other shape of the same count. */
MIEN_API mien_status mien_tensor_reshape(
    mien_tensor *tensor, int rank, const int64_t *shape);
/** New tensor of another dtype; float → integer rounds to nearest and saturates. */
MIEN_API mien_status mien_tensor_convert(
    const mien_tensor *tensor, mien_dtype dtype, mien_tensor **converted);

/** Largest |a - b| and largest |b|, and where; MIEN_ESHAPE if shapes differ. NaN
 * against anything but NaN is an infinite difference. Both f32 or both f64. */
typedef struct mien_tensor_difference {
    double absolute;  /**< max |a − b| */
    double reference; /**< max |b| */
    int64_t index;    /**< where the largest difference is */
} mien_tensor_difference;
MIEN_API mien_status mien_tensor_compare(
    const mien_tensor *a, const mien_tensor *b, mien_tensor_difference *difference);
/** Shape, dtype and the first values, for people. */
MIEN_API void mien_tensor_print(const mien_tensor *tensor, FILE *file);

#ifdef __cplusplus
}
#endif

#endif
