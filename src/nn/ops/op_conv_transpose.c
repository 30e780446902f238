/* SPDX-License-Identifier: MIT */
/* Transposed convolution in one to three dimensions: the gradient of a convolution as
 * an operator, with PyTorch's parameters, weight [C, out / groups, k…] and bias [out].
 * Each item is a product with the weights, whose columns are then added where the
 * kernel puts them. */
#include <math.h>
#include <string.h>

#include "nn/kernel.h"

#define SPACE 3

typedef struct turned {
    int64_t out, groups;
    bool bias;
    int kernel[SPACE], stride[SPACE], padding[2 * SPACE], dilation[SPACE], more[SPACE];
    int counts[5];
} turned;

static const mien_option options[] = {
    {.name = "out",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = 1 << 20,
        .help = "channels of the result"},
    {.name = "kernel",
        .type = MIEN_OPTION_TEXT,
        .initial = "1",
        .help = "of each dimension"},
    {.name = "stride",
        .type = MIEN_OPTION_TEXT,
        .initial = "1",
        .help = "of each dimension"},
    {.name = "padding",
        .type = MIEN_OPTION_TEXT,
        .initial = "0",
        .help = "taken away: one for all, of each dimension, or all before, then all "
                "behind"},
    {.name = "dilation",
        .type = MIEN_OPTION_TEXT,
        .initial = "1",
        .help = "of each dimension"},
    {.name = "more",
        .type = MIEN_OPTION_TEXT,
        .initial = "0",
        .help = "places more behind (PyTorch's output_padding)"},
    {.name = "groups",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = 1 << 20,
        .help = "of channels"},
    {.name = "bias",
        .type = MIEN_OPTION_FLAG,
        .initial = "yes",
        .help = "it has a bias"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    turned *s = settings;
    static const char *const keys[] = {
        "kernel", "stride", "padding", "dilation", "more"};
    int *values[] = {s->kernel, s->stride, s->padding, s->dilation, s->more};
    s->out = mien_options_int(given, "out");
    s->groups = mien_options_int(given, "groups");
    s->bias = mien_options_flag(given, "bias");
    for (int i = 0; i < 5; i++) {
        int least = i == 2 || i == 4 ? 0 : 1;
        s->counts[i] = mien_op_ints(
            mien_options_text(given, keys[i]), i == 2 ? 2 * SPACE : SPACE, values[i]);
        bool good = s->counts[i] > 0;
        for (int k = 0; k < s->counts[i]; k++) {
            good &= values[i][k] >= least;
        }
        if (!good) {
            return mien_fail(MIEN_EINVAL,
                "%s: 1 to 3 whole numbers from %d on divided by commas", keys[i],
                least);
        }
    }
    return MIEN_OK;
}

/* One number counts for all dimensions. */
static bool spread(int *values, int count, int wanted) {
    for (int i = 1; count == 1 && i < wanted; i++) {
        values[i] = values[0];
    }
    return count == 1 || count == wanted;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    turned *s = node->settings;
    const mien_op_node *x = inputs[0];
    int n = x->rank - 2;
    if (n < 1 || n > SPACE || x->shape[1] % s->groups || s->out % s->groups) {
        return mien_fail(MIEN_ESHAPE,
            "it takes [N, C, …] of one to three dimensions, C and out multiples of "
            "%lld "
            "groups",
            (long long)s->groups);
    }
    bool both = s->counts[2] == 2 * n;
    bool good =
        spread(s->kernel, s->counts[0], n) && spread(s->stride, s->counts[1], n) &&
        (both || spread(s->padding, s->counts[2], n)) &&
        spread(s->dilation, s->counts[3], n) && spread(s->more, s->counts[4], n);
    for (int d = 0; good && !both && d < n; d++) {
        s->padding[n + d] = s->padding[d];
    }
    s->counts[2] = 2 * n; /* now of each side */
    int64_t weight[MIEN_RANK_MAX] = {x->shape[1], s->out / s->groups}, fan = weight[1];
    node->rank = x->rank;
    node->shape[0] = x->shape[0];
    node->shape[1] = s->out;
    for (int d = 0; good && d < n; d++) {
        weight[2 + d] = s->kernel[d];
        fan *= s->kernel[d];
        node->shape[2 + d] = (x->shape[2 + d] - 1) * s->stride[d] +
                             (int64_t)s->dilation[d] * (s->kernel[d] - 1) + 1 +
                             s->more[d] - s->padding[d] - s->padding[n + d];
        good = node->shape[2 + d] > 0;
    }
    if (!good) {
        return mien_fail(MIEN_ESHAPE,
            "kernel, stride, padding, dilation and more do not fit %d dimensions", n);
    }
    mien_op_node_own(node, "weight", true, MIEN_INITIAL_ZERO, fan, node->rank, weight);
    if (s->bias) {
        mien_op_node_own(node, "bias", true, MIEN_INITIAL_ZERO, fan, 1, &s->out);
    }
    return MIEN_OK;
}

/* Sizes, always as three dimensions. */
typedef struct sizes {
    int64_t items, in, out, groups; /* channels of one group */
    int64_t x[SPACE], y[SPACE], kernel[SPACE], stride[SPACE], before[SPACE],
        dilation[SPACE];
    int64_t x_area, y_area, taps;
} sizes;

static sizes sizes_of(const turned *s, int rank, const int64_t *x, const int64_t *y) {
    sizes z = {.items = x[0],
        .in = x[1] / s->groups,
        .out = y[1] / s->groups,
        .groups = s->groups,
        .x_area = 1,
        .y_area = 1,
        .taps = 1};
    for (int d = 0; d < SPACE; d++) {
        int own = d - (SPACE - (rank - 2)); /* -1: a dimension of 1 that is not there */
        z.x[d] = own < 0 ? 1 : x[2 + own];
        z.y[d] = own < 0 ? 1 : y[2 + own];
        z.kernel[d] = own < 0 ? 1 : s->kernel[own];
        z.stride[d] = own < 0 ? 1 : s->stride[own];
        z.before[d] = own < 0 ? 0 : s->padding[own];
        z.dilation[d] = own < 0 ? 1 : s->dilation[own];
        z.x_area *= z.x[d];
        z.y_area *= z.y[d];
        z.taps *= z.kernel[d];
    }
    return z;
}

static double flops(
    const mien_op_node *node, const mien_op_node *const *inputs, int64_t batch) {
    const turned *s = node->settings;
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    mien_shape_of(inputs[0], batch, x);
    mien_shape_of(node, batch, y);
    sizes z = sizes_of(s, node->rank, x, y);
    return 2.0 * (double)(z.items * z.groups * z.in) * (double)(z.x_area * z.out) *
           (double)z.taps;
}

/* Where tap t puts the values that stand at place p of x; -1: outside. */
static int64_t place_of(const sizes *z, int64_t t, int64_t p) {
    int64_t at = 0, stride = 1;
    for (int d = SPACE - 1; d >= 0; d--) {
        int64_t to = p % z->x[d] * z->stride[d] + t % z->kernel[d] * z->dilation[d] -
                     z->before[d];
        if (to < 0 || to >= z->y[d]) {
            return -1;
        }
        at += to * stride;
        stride *= z->y[d];
        p /= z->x[d];
        t /= z->kernel[d];
    }
    return at;
}

static void reference(const mien_reference *r) {
    const turned *s = r->node->settings;
    sizes z = sizes_of(s, r->node->rank, r->x_shape[0], r->y_shape);
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t channel = i / z.y_area % (z.out * z.groups);
        r->y[i] = s->bias ? (double)r->parameters[1][channel] : 0;
    }
    for (int64_t i = 0; i < r->x_count[0]; i++) {
        int64_t p = i % z.x_area, c = i / z.x_area % (z.in * z.groups);
        int64_t n = i / z.x_area / (z.in * z.groups), group = c / z.in;
        for (int64_t k = 0; k < z.out * z.taps; k++) {
            int64_t to = place_of(&z, k % z.taps, p);
            int64_t channel = group * z.out + k / z.taps;
            if (to >= 0) {
                r->y[(n * z.out * z.groups + channel) * z.y_area + to] +=
                    r->x[0][i] * (double)r->parameters[0][c * z.out * z.taps + k];
            }
        }
    }
}

/* ---- kernels ----------------------------------------------------------------------
 */

static sizes sizes_here(const mien_kernel_call *c) {
    return sizes_of(c->node->settings, c->node->rank, c->x_shape[0], c->y_shape);
}

/* Columns [out × taps, places of x] of one item and group. */
static int64_t scratch(const mien_kernel_call *c, bool back, bool trains) {
    sizes z = sizes_here(c);
    (void)back;
    (void)trains;
    return z.out * z.taps * z.x_area;
}

/* One tap along a row of the last dimension of x: where it begins in x and y, and how
 * many places of y it meets. */
typedef struct meeting {
    int64_t x, y, count;
} meeting;

static meeting meet(const sizes *z, int64_t tap, int64_t row) {
    int64_t w = SPACE - 1, stride = z->stride[w];
    int64_t shift = tap % z->kernel[w] * z->dilation[w] - z->before[w];
    int64_t first = shift < 0 ? (-shift + stride - 1) / stride : 0;
    int64_t last = z->y[w] - 1 - shift < 0 ? -1 : (z->y[w] - 1 - shift) / stride;
    meeting m = {row * z->x[w] + first, first * stride + shift, 0};
    m.count = (last < z->x[w] - 1 ? last : z->x[w] - 1) - first + 1;
    int64_t size = z->y[w];
    tap /= z->kernel[w];
    for (int d = SPACE - 2; d >= 0; d--) {
        int64_t to = row % z->x[d] * z->stride[d] +
                     tap % z->kernel[d] * z->dilation[d] - z->before[d];
        m.count = to < 0 || to >= z->y[d] ? 0 : m.count;
        m.y += to * size;
        size *= z->y[d];
        row /= z->x[d];
        tap /= z->kernel[d];
    }
    return m;
}

/* Adds columns to y. */
static void fold(const sizes *z, const float *columns, float *y) {
    int64_t rows = z->x_area / z->x[SPACE - 1], stride = z->stride[SPACE - 1];
    for (int64_t k = 0; k < z->out * z->taps; k++) {
        for (int64_t row = 0; row < rows; row++) {
            meeting m = meet(z, k % z->taps, row);
            const float *from = columns + k * z->x_area + m.x;
            for (int64_t i = 0; i < m.count; i++) {
                y[k / z->taps * z->y_area + m.y + i * stride] += from[i];
            }
        }
    }
}

/* Takes columns from y. */
static void unfold(const sizes *z, const float *y, float *columns) {
    int64_t rows = z->x_area / z->x[SPACE - 1], stride = z->stride[SPACE - 1];
    memset(columns, 0, (size_t)(z->out * z->taps * z->x_area) * sizeof *columns);
    for (int64_t k = 0; k < z->out * z->taps; k++) {
        for (int64_t row = 0; row < rows; row++) {
            meeting m = meet(z, k % z->taps, row);
            float *to = columns + k * z->x_area + m.x;
            for (int64_t i = 0; i < m.count; i++) {
                to[i] = y[k / z->taps * z->y_area + m.y + i * stride];
            }
        }
    }
}

static void forward(const mien_kernel_call *c) {
    const turned *s = c->node->settings;
    sizes z = sizes_here(c);
    int64_t wide = z.out * z.taps;
    for (int64_t i = 0; i < z.items * z.groups; i++) {
        int64_t group = i % z.groups;
        const float *x = c->x[0] + i * z.in * z.x_area;
        const float *weight = c->parameters[0] + group * z.in * wide;
        float *y = c->y + i * z.out * z.y_area;
        for (int64_t k = 0; k < z.out; k++) {
            float bias = s->bias ? c->parameters[1][group * z.out + k] : 0;
            for (int64_t p = 0; p < z.y_area; p++) {
                y[k * z.y_area + p] = bias;
            }
        }
        mien_product(true, false, wide, z.x_area, z.in, weight, wide, x, z.x_area, 0,
            c->scratch, z.x_area);
        fold(&z, c->scratch, y);
    }
}

static void bias_back(const mien_kernel_call *c, const sizes *z) {
    int64_t channels = z->out * z->groups;
    for (int64_t k = 0; k < channels; k++) {
        double sum = 0;
        for (int64_t n = 0; n < z->items; n++) {
            const float *dy = c->dy + (n * channels + k) * z->y_area;
            for (int64_t p = 0; p < z->y_area; p++) {
                sum += (double)dy[p];
            }
        }
        c->gradients[1][k] = (float)sum;
    }
}

static void backward(const mien_kernel_call *c) {
    const turned *s = c->node->settings;
    sizes z = sizes_here(c);
    int64_t wide = z.out * z.taps;
    if (s->bias && c->gradients[1]) {
        bias_back(c, &z);
    }
    for (int64_t i = 0; i < z.items * z.groups; i++) {
        int64_t group = i % z.groups;
        const float *x = c->x[0] + i * z.in * z.x_area;
        unfold(&z, c->dy + i * z.out * z.y_area, c->scratch);
        if (c->dx[0]) {
            mien_product(false, false, z.in, z.x_area, wide,
                c->parameters[0] + group * z.in * wide, wide, c->scratch, z.x_area, 0,
                c->dx[0] + i * z.in * z.x_area, z.x_area);
        }
        if (c->gradients[0]) {
            mien_product(false, true, z.in, wide, z.x_area, x, z.x_area, c->scratch,
                z.x_area, i < z.groups ? 0 : 1, c->gradients[0] + group * z.in * wide,
                wide);
        }
    }
}

static const mien_kernel kernel = {
    .forward = forward, .backward = backward, .scratch = scratch};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_conv_transpose = {
    .name = "conv_transpose",
    .summary = "Transposed convolution in one to three dimensions",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(turned),
    .parse = parse,
    .shape = shape,
    .flops = flops,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
