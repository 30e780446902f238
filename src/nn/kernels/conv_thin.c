/* SPDX-License-Identifier: MIT */
/* Convolutions of pictures and films, whose first layer sees few channels.
 *
 * In: x row-major. It is copied once with its padding, channels side by side, so that
 * what a row of the kernel meets is one run of memory; a row of the result is then a
 * product whose terms are the rows of the kernel, by the kernels of Winograd's
 * products. Out: y in the layout that the next operator wants. Sums run in the order of
 * the kernel: no arithmetic is saved, so it serves exact plans too. Called by the rows
 * conv2d and conv3d. */
#include "nn/kernels/conv_thin.h"

#include <omp.h>
#include <string.h>

/* Weights that a whole row of y meets while they are in the inner cache, in floats. */
#define WEIGHTS_AT_ONCE 4096

void mien_conv_thin_init(mien_conv_thin *c) {
    c->kernels = c->kernels ? c->kernels : mien_winograd_best();
    const int64_t block = c->kernels->block;
    c->columns = (c->out + block - 1) / block * block;
    c->frames = (c->y[0] - 1) * c->stride[0] + c->kernel[0];
    c->rows = (c->y[1] - 1) * c->stride[1] + c->kernel[1];
    c->row = ((c->y[2] - 1) * c->stride[2] + c->kernel[2]) * c->in;
}

mien_conv_thin mien_conv_thin_of_weights(const mien_op_parameter *weight) {
    const int dims = weight->rank - 2;
    mien_conv_thin c = {.in = weight->shape[1], .out = weight->shape[0]};
    for (int d = 0; d < 3; d++) {
        c.y[d] = c.kernel[d] = c.stride[d] = 1;
    }
    for (int d = 0; d < dims; d++) {
        c.kernel[3 - dims + d] = weight->shape[2 + d];
    }
    mien_conv_thin_init(&c);
    return c;
}

/* ---- weights -----------------------------------------------------------------------
 */

int64_t mien_conv_thin_weight_count(const mien_conv_thin *c) {
    return c->columns * c->in * c->kernel[0] * c->kernel[1] * c->kernel[2];
}

void mien_conv_thin_pack(const mien_conv_thin *c, const float *weight, float *packed) {
    const int64_t block = c->kernels->block;
    const int64_t points = c->kernel[0] * c->kernel[1] * c->kernel[2];
    for (int64_t o = 0; o < c->columns; o++) {
        for (int64_t p = 0; p < points; p++) {
            for (int64_t i = 0; i < c->in; i++) {
                const int64_t to =
                    ((o / block * points + p) * c->in + i) * block + o % block;
                packed[to] = o < c->out ? weight[(o * c->in + i) * points + p] : 0;
            }
        }
    }
}

/* ---- runs ---------------------------------------------------------------------------
 */

static int64_t padded_count(const mien_conv_thin *c) {
    return c->frames * c->rows * c->row;
}

int64_t mien_conv_thin_scratch_count(const mien_conv_thin *c) {
    return padded_count(c) + c->threads * c->y[2] * c->columns;
}

/* Row `r` of frame `f` of a film, both counted with the padding. */
static void copy_row(
    const mien_conv_thin *c, const float *film, int64_t f, int64_t r, float *to) {
    const int64_t frame = f - c->before[0], row = r - c->before[1];
    const int64_t area = c->x[1] * c->x[2], places = c->row / c->in;
    if (frame < 0 || frame >= c->x[0] || row < 0 || row >= c->x[1]) {
        memset(to, 0, (size_t)c->row * sizeof *to);
        return;
    }
    const int64_t left = c->before[2] < places ? c->before[2] : places;
    const int64_t inside = c->x[2] < places - left ? c->x[2] : places - left;
    const float *from = film + frame * area + row * c->x[2];
    memset(to, 0, (size_t)(left * c->in) * sizeof *to);
    for (int64_t i = 0; i < c->in; i++) {
        const float *channel = from + i * c->x[0] * area;
        float *at = to + left * c->in + i;
        for (int64_t k = 0; k < inside; k++) {
            at[k * c->in] = channel[k];
        }
    }
    memset(to + (left + inside) * c->in, 0,
        (size_t)(c->row - (left + inside) * c->in) * sizeof *to);
}

static void run_row(const mien_conv_thin *c, const float *padded, const float *packed,
    const float *bias, int64_t t, int64_t h, float *sums, float *y) {
    const int64_t block = c->kernels->block, frame = c->rows * c->row;
    const int64_t depth = c->kernel[2] * c->in;
    const int64_t points = c->kernel[0] * c->kernel[1] * c->kernel[2];
    const int64_t least = WEIGHTS_AT_ONCE / (depth * block);
    const int64_t step = least < 1 ? 1 : least;
    for (int64_t o = 0; o < c->columns; o += block) {
        const float *u = packed + o * points * c->in;
        for (int64_t k = 0; k < c->kernel[0]; k++) {
            for (int64_t i = 0; i < c->kernel[1]; i += step) {
                const float *v = padded + (t * c->stride[0] + k) * frame +
                                 (h * c->stride[1] + i) * c->row;
                const int64_t left = c->kernel[1] - i;
                const mien_winograd_product p = {.rows = c->y[2],
                    .terms = left < step ? left : step,
                    .depth = depth,
                    .v_row = c->stride[2] * c->in,
                    .v_term = c->row,
                    .m_row = c->columns,
                    .columns = c->out - o,
                    .adds = k + i > 0};
                c->kernels->product(&p, v, u, sums + o);
                u += p.terms * depth * block;
            }
        }
    }
    c->kernels->finish(&c->after, sums, c->columns, c->y[2], bias,
        y + t * c->to_frame + h * c->after.y.row);
}

void mien_conv_thin_run(const mien_conv_thin *c, const float *x, const float *packed,
    const float *bias, float *scratch, float *y) {
    const int64_t film = c->in * c->x[0] * c->x[1] * c->x[2];
    float *sums = scratch + padded_count(c);
#pragma omp parallel num_threads(c->threads)
    for (int64_t n = 0; n < c->films; n++) {
#pragma omp for
        for (int64_t r = 0; r < c->frames * c->rows; r++) {
            copy_row(c, x + n * film, r / c->rows, r % c->rows, scratch + r * c->row);
        }
#pragma omp for
        for (int64_t r = 0; r < c->y[0] * c->y[1]; r++) {
            run_row(c, scratch, packed, bias, r / c->y[1], r % c->y[1],
                sums + omp_get_thread_num() * c->y[2] * c->columns,
                y + n * c->after.y.image);
        }
    }
}
