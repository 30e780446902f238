/* SPDX-License-Identifier: MIT */
/* Operators that are one kernel of our own over row-major values: what their rows
 * share. Such a kernel reads parameters where they are, not a packed copy: a change
 * shows at once, and refreshing a plan costs nothing. */
#ifndef MIEN_NN_KERNEL_H
#define MIEN_NN_KERNEL_H

#include "nn/ops/op.h"

#define MIEN_KERNEL_INPUTS 4

/** The arguments of a kernel at each run. Memory is NULL where there is none or where
 * it is not wanted. */
typedef struct mien_kernel_call {
    const mien_op_node *node;
    int count; /**< of inputs */
    int64_t x_shape[MIEN_KERNEL_INPUTS][MIEN_RANK_MAX];
    int64_t x_count[MIEN_KERNEL_INPUTS]; /**< values */
    int64_t y_shape[MIEN_RANK_MAX], y_count;
    const float *x[MIEN_KERNEL_INPUTS]; /**< when going back: if the row needs them */
    float *y;                           /**< when going back: to be read, likewise */
    const float *parameters[MIEN_OP_PARAMETERS_MAX];
    float
        *statistics[MIEN_OP_PARAMETERS_MAX]; /**< those of them that are not trained */
    float *kept;    /**< NULL when inferring: forward leaves it for backward */
    float *scratch; /**< holds nothing before and after */
    int threads;
    /* when going back: */
    const float *dy;
    float *dx[MIEN_KERNEL_INPUTS]; /**< to be set, not added to; likewise: */
    float *gradients[MIEN_OP_PARAMETERS_MAX];
} mien_kernel_call;

typedef struct mien_kernel {
    void (*forward)(const mien_kernel_call *call);
    void (*backward)(const mien_kernel_call *call);
    /** Floats kept from forward to backward; NULL: none. Only shapes are known. */
    int64_t (*kept)(const mien_kernel_call *call);
    /** Floats of scratch; NULL: none. `trains`: something is kept. */
    int64_t (*scratch)(const mien_kernel_call *call, bool back, bool trains);
} mien_kernel;

/** A row's prepare() and backward() for a kernel, which lives as long as the program.
 */
mien_status mien_kernel_prepare(
    mien_builder *builder, const mien_group *group, const mien_kernel *kernel);
mien_status mien_kernel_backward(
    mien_builder *builder, const mien_group *group, const mien_kernel *kernel);

/** Threads worth waking for work of so many multiply-adds or the like. */
int mien_kernel_threads(const mien_kernel_call *call, int64_t work);

/**
 * c = op(a) op(b) + beta c, all row-major with rows `lda`, `ldb` and `ldc` apart:
 * op(a) is [m, k], op(b) is [k, n], op transposes where asked. By our own loops where
 * a call of the maths library would cost more than the work. Inside a parallel region
 * it runs on the calling thread alone.
 */
void mien_product(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k,
    const float *a, int64_t lda, const float *b, int64_t ldb, float beta, float *c,
    int64_t ldc);

/** y = x weightᵀ + bias of x [rows, in], weight [out, in], bias [out] or NULL:
 * likewise.
 */
void mien_product_linear(int64_t rows, int64_t out, int64_t in, const float *x,
    const float *weight, const float *bias, float *y);
/** The backward of a row that computes that of its input with its parameters weight and
 * bias: those gradients that are wanted. */
void mien_product_linear_backward(const mien_kernel_call *call);

/** sums[j] = Σ_i x[i, j] of x [rows, columns], in double precision, in an order that
 * does not depend on the threads. */
void mien_column_sums(
    const float *x, int64_t rows, int64_t columns, int threads, float *sums);

/** Work on parts [first, last) of a whole. */
typedef void mien_part_work(const void *context, int64_t first, int64_t last);
/** Cuts [0, count) among threads. With one of them it is a plain call: even an idle
 * team costs more than many a step of a small network. */
void mien_in_parts(
    int threads, int64_t count, mien_part_work *work, const void *context);

#endif
