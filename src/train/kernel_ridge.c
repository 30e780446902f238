/* SPDX-License-Identifier: MIT */
/* Standardised, centred, trace-scaled kernels, one a block, averaged. */
#include "train/kernel_ridge.h"

#include <math.h>

#include "train/solve.h"

typedef struct mien_kernel_ridge_block kernel_block;

void mien_kernel_clear(mien_kernel *kernel) {
    for (int b = 0; b < kernel->candidate.count; b++) {
        kernel_block *k = &kernel->block[b];
        mien_free(k->mean);
        mien_free(k->scale);
        mien_free(k->vectors);
        mien_free(k->centre);
    }
    *kernel = (mien_kernel){0};
}

/* Mean and 1 / SD (divided by n) of every feature over the training rows. */
static void fit_scale(
    kernel_block *k, const float *values, const int64_t *rows, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        const float *x = values + rows[i] * k->width;
        for (int64_t f = 0; f < k->width; f++) {
            k->mean[f] += (double)x[f];
        }
    }
    for (int64_t f = 0; f < k->width; f++) {
        k->mean[f] /= (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        const float *x = values + rows[i] * k->width;
        for (int64_t f = 0; f < k->width; f++) {
            double d = (double)x[f] - k->mean[f];
            k->scale[f] += d * d;
        }
    }
    for (int64_t f = 0; f < k->width; f++) {
        double deviation = sqrt(k->scale[f] / (double)n);
        k->scale[f] = deviation > 1e-8 * fmax(1, fabs(k->mean[f])) ? 1 / deviation : 0;
    }
}

static void standardise(const kernel_block *k, bool unit, const float *x, double *out) {
    for (int64_t f = 0; f < k->width; f++) {
        out[f] = ((double)x[f] - k->mean[f]) * k->scale[f];
    }
    if (unit) {
        double length = sqrt(mien_dot(out, out, k->width));
        double inverse = length > 1e-12 ? 1 / length : 0;
        for (int64_t f = 0; f < k->width; f++) {
            out[f] *= inverse;
        }
    }
}

static mien_status block_init(kernel_block *k, int64_t width, int64_t n) {
    k->width = width;
    k->mean = mien_alloc((size_t)width, sizeof(double));
    k->scale = mien_alloc((size_t)width, sizeof(double));
    k->vectors = mien_alloc((size_t)(n * width), sizeof(double));
    k->centre = mien_alloc((size_t)n, sizeof(double));
    return k->mean && k->scale && k->vectors && k->centre ? MIEN_OK : MIEN_ENOMEM;
}

/* Rows of a kernel matrix, done side by side. */
typedef struct product {
    const kernel_block *block;
    double gamma;
    const double *left; /* [count, width] standardised */
    int64_t columns;
    double *matrix; /* [count, columns] */
    bool symmetric; /* left is the block's own vectors: only the upper half */
} product;

static mien_status product_row(void *context, int64_t i, int worker) {
    (void)worker;
    const product *p = context;
    const kernel_block *k = p->block;
    for (int64_t j = p->symmetric ? i : 0; j < p->columns; j++) {
        double x =
            mien_dot(p->left + i * k->width, k->vectors + j * k->width, k->width);
        p->matrix[i * p->columns + j] = p->gamma > 0 ? exp(p->gamma * x) : x;
    }
    return MIEN_OK;
}

/* Centres the training kernel, remembers how, and adds it to matrix. */
static void centre_training(
    kernel_block *k, double *own, int64_t n, double weight, double *matrix) {
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < i; j++) {
            own[i * n + j] = own[j * n + i];
        }
    }
    k->centre_mean = 0;
    k->trace = 0;
    for (int64_t j = 0; j < n; j++) {
        double sum = 0;
        for (int64_t i = 0; i < n; i++) {
            sum += own[j * n + i];
        }
        k->centre[j] = sum / (double)n;
        k->centre_mean += k->centre[j] / (double)n;
    }
    double raw = 0;
    for (int64_t i = 0; i < n; i++) {
        raw += own[i * n + i] / (double)n;
        k->trace += (own[i * n + i] - 2 * k->centre[i] + k->centre_mean) / (double)n;
    }
    if (!(k->trace > 1e-12 * raw)) {
        k->trace = 0; /* all rows alike: what is left is rounding */
    }
    double scale = k->trace > 0 ? weight / k->trace : 0;
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) {
            matrix[i * n + j] +=
                scale * (own[i * n + j] - k->centre[i] - k->centre[j] + k->centre_mean);
        }
    }
}

mien_status mien_kernel_ridge_fit(mien_kernel *kernel, const mien_blocks *blocks,
    const mien_candidate *candidate, const int64_t *rows, int64_t count,
    mien_thread_pool *pool, double *matrix) {
    *kernel = (mien_kernel){.candidate = *candidate, .rows = count};
    double *own = mien_alloc((size_t)(count * count), sizeof *own);
    mien_status status = own ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; i < count * count; i++) {
        matrix[i] = 0;
    }
    for (int b = 0; status == MIEN_OK && b < candidate->count; b++) {
        kernel_block *k = &kernel->block[b];
        const float *values = blocks->values[candidate->blocks[b]];
        status = block_init(k, blocks->width[candidate->blocks[b]], count);
        if (status != MIEN_OK) {
            break;
        }
        fit_scale(k, values, rows, count);
        for (int64_t i = 0; i < count; i++) {
            standardise(k, candidate->gamma > 0, values + rows[i] * k->width,
                k->vectors + i * k->width);
        }
        product p = {.block = k,
            .gamma = candidate->gamma,
            .left = k->vectors,
            .columns = count,
            .matrix = own,
            .symmetric = true};
        status = mien_thread_pool_run(pool, count, product_row, &p);
        if (status == MIEN_OK) {
            centre_training(k, own, count, 1.0 / candidate->count, matrix);
        }
    }
    mien_free(own);
    if (status != MIEN_OK) {
        mien_kernel_clear(kernel);
    }
    return status;
}

static mien_status cross_block(const mien_kernel *kernel, const kernel_block *k,
    const float *values, const int64_t *rows, int64_t count, mien_thread_pool *pool,
    double *matrix) {
    int64_t n = kernel->rows;
    double *left = mien_alloc((size_t)(count * k->width), sizeof *left);
    double *own = mien_alloc((size_t)(count * n), sizeof *own);
    mien_status status = left && own ? MIEN_OK : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        goto done;
    }
    for (int64_t i = 0; i < count; i++) {
        standardise(k, kernel->candidate.gamma > 0, values + rows[i] * k->width,
            left + i * k->width);
    }
    product p = {.block = k,
        .gamma = kernel->candidate.gamma,
        .left = left,
        .columns = n,
        .matrix = own};
    status = mien_thread_pool_run(pool, count, product_row, &p);
    double scale = k->trace > 0 ? 1 / (k->trace * kernel->candidate.count) : 0;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        double mean = 0;
        for (int64_t j = 0; j < n; j++) {
            mean += own[i * n + j] / (double)n;
        }
        for (int64_t j = 0; j < n; j++) {
            matrix[i * n + j] +=
                scale * (own[i * n + j] - mean - k->centre[j] + k->centre_mean);
        }
    }
done:
    mien_free(left);
    mien_free(own);
    return status;
}

mien_status mien_kernel_ridge_cross(const mien_kernel *kernel,
    const mien_blocks *blocks, const int64_t *rows, int64_t count,
    mien_thread_pool *pool, double *matrix) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < count * kernel->rows; i++) {
        matrix[i] = 0;
    }
    for (int b = 0; status == MIEN_OK && b < kernel->candidate.count; b++) {
        status = cross_block(kernel, &kernel->block[b],
            blocks->values[kernel->candidate.blocks[b]], rows, count, pool, matrix);
    }
    return status;
}
