/* SPDX-License-Identifier: MIT */
/* A linear layer for many features of very different size and few results: summed in
 * double. Measured features (of sound, say) come as they are, some a thousand times as
 * large as others, and single sums would lose the digits of the small ones. */
#include <stdio.h>
#include <string.h>

#include "nn/kernel.h"
#include "base/need.h"

typedef struct project {
    int64_t out;
} project;

static const mien_option options[] = {
    {.name = "out",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = 1 << 20,
        .help = "features of the result"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    ((project *)settings)->out = mien_options_int(given, "out");
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const project *s = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank < 2) {
        return mien_fail(MIEN_ESHAPE, "it takes [N, F] to [N, …, F]");
    }
    mien_op_same_shape(node, inputs);
    node->shape[node->rank - 1] = s->out;
    int64_t weight[2] = {s->out, x->shape[x->rank - 1]};
    mien_op_node_own(node, "weight", true, MIEN_INITIAL_ZERO, weight[1], 2, weight);
    mien_op_node_own(node, "bias", true, MIEN_INITIAL_ZERO, weight[1], 1, &s->out);
    return MIEN_OK;
}

static double flops(
    const mien_op_node *node, const mien_op_node *const *inputs, int64_t batch) {
    int64_t y[MIEN_RANK_MAX];
    mien_shape_of(node, batch, y);
    return 2.0 * (double)mien_shape_count(node->rank, y) *
           (double)inputs[0]->shape[node->rank - 1];
}

static void reference(const mien_reference *r) {
    int64_t out = r->y_shape[r->node->rank - 1];
    int64_t in = r->x_shape[0][r->node->rank - 1];
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t row = i / out, o = i % out;
        r->y[i] = (double)r->parameters[1][o];
        for (int64_t k = 0; k < in; k++) {
            r->y[i] += (double)r->parameters[0][o * in + k] * r->x[0][row * in + k];
        }
    }
}

/* ---- forward: tiles of rows × results whose sums stay in registers
 * ------------------- */

#define INLINE static inline __attribute__((always_inline))
#define LANES 8
#define TILE_ROWS 4
#define TILE_OUT 2

typedef float floats __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef double doubles __attribute__((vector_size(LANES * sizeof(double))));

/* y[r, o] = b[o] + Σ x[r, k] w[o, k] for a tile; y's rows are `out` apart. */
INLINE void tile(int rows, int outs, int64_t in, int64_t out, const float *x,
    const float *w, const float *b, float *y) {
    doubles sums[TILE_ROWS][TILE_OUT] = {0};
    int64_t k = 0;
    for (; k + LANES <= in; k += LANES) {
        doubles weight[TILE_OUT];
        for (int o = 0; o < outs; o++) {
            weight[o] =
                __builtin_convertvector(*(const floats *)(w + o * in + k), doubles);
        }
        for (int r = 0; r < rows; r++) {
            doubles value =
                __builtin_convertvector(*(const floats *)(x + r * in + k), doubles);
            for (int o = 0; o < outs; o++) {
                sums[r][o] += value * weight[o];
            }
        }
    }
    for (int r = 0; r < rows; r++) {
        for (int o = 0; o < outs; o++) {
            double sum = (double)b[o];
            for (int l = 0; l < LANES; l++) {
                sum += sums[r][o][l];
            }
            for (int64_t i = k; i < in; i++) {
                sum += (double)x[r * in + i] * (double)w[o * in + i];
            }
            y[r * out + o] = (float)sum;
        }
    }
}

INLINE void all(int64_t rows, int64_t in, int64_t out, const float *x, const float *w,
    const float *b, float *y) {
    for (int64_t r = 0; r < rows; r += TILE_ROWS) {
        for (int64_t o = 0; o < out; o += TILE_OUT) {
            const float *xr = x + r * in, *wo = w + o * in;
            if (rows - r >= TILE_ROWS && out - o >= TILE_OUT) {
                tile(TILE_ROWS, TILE_OUT, in, out, xr, wo, b + o, y + r * out + o);
                continue;
            }
            for (int64_t i = r; i < rows && i < r + TILE_ROWS; i++) {
                for (int64_t j = o; j < out && j < o + TILE_OUT; j++) {
                    tile(1, 1, in, out, x + i * in, w + j * in, b + j, y + i * out + j);
                }
            }
        }
    }
}

#define ROWS(name, target)                                                             \
    target static void rows_##name(int64_t rows, int64_t in, int64_t out,              \
        const float *x, const float *w, const float *b, float *y) {                    \
        all(rows, in, out, x, w, b, y);                                                \
    }

typedef void rows_kernel(int64_t rows, int64_t in, int64_t out, const float *x,
    const float *w, const float *b, float *y);

ROWS(plain, )
#if defined(__x86_64__)
ROWS(avx2, __attribute__((target("avx2,fma"))))
ROWS(avx512, __attribute__((target("avx512f,fma"))))
#endif

static rows_kernel *best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) {
        return rows_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return rows_avx2;
    }
#endif
    return rows_plain;
}

#define SHARE 64 /* rows */

static void forward(const mien_kernel_call *c) {
    int64_t out = c->node->parameters[0].shape[0], in = c->node->parameters[0].shape[1];
    int64_t rows = c->y_count / out;
    rows_kernel *run = best();
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->y_count *in))
    for (int64_t first = 0; first < rows; first += SHARE) {
        run(rows - first < SHARE ? rows - first : SHARE, in, out, c->x[0] + first * in,
            c->parameters[0], c->parameters[1], c->y + first * out);
    }
}

static const mien_kernel kernel = {
    .forward = forward, .backward = mien_product_linear_backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_project = {
    .name = "project",
    .summary = "Linear layer whose sums are double",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(project),
    .parse = parse,
    .shape = shape,
    .flops = flops,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_project(mien_graph *graph, const char *name, mien_node x,
    int64_t out_features, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[48];
    snprintf(text, sizeof text, "out=%lld", (long long)out_features);
    return mien_graph_add(graph, "project", name, &x, 1, text, y);
}
