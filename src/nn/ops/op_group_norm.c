/* SPDX-License-Identifier: MIT */
/* Group normalisation (Wu & He 2018): channels of one item are normalised in groups
 * over all their places; with as many groups as channels it is instance normalisation.
 */
#include <math.h>
#include <string.h>

#include "nn/kernel.h"

typedef struct group_norm {
    int64_t groups;
    double epsilon;
} group_norm;

static const mien_option options[] = {
    {.name = "groups",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = 1 << 20,
        .help = "of channels; 0: each channel by itself"},
    {.name = "epsilon",
        .type = MIEN_OPTION_NUMBER,
        .initial = "1e-5",
        .minimum = 0,
        .maximum = 1,
        .help = "added to the variance"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    group_norm *s = settings;
    s->groups = mien_options_int(given, "groups");
    s->epsilon = mien_options_number(given, "epsilon");
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    group_norm *s = node->settings;
    const mien_op_node *x = inputs[0];
    int64_t channels = x->rank >= 2 ? x->shape[1] : 0;
    s->groups = s->groups ? s->groups : channels;
    if (channels < 1 || channels % s->groups) {
        return mien_fail(MIEN_ESHAPE, "it takes [N, C, …], C a multiple of %lld groups",
            (long long)s->groups);
    }
    mien_op_node_own(node, "weight", true, MIEN_INITIAL_ONE, 0, 1, &channels);
    mien_op_node_own(node, "bias", true, MIEN_INITIAL_ZERO, 0, 1, &channels);
    return mien_op_same_shape(node, inputs);
}

static void reference(const mien_reference *r) {
    const group_norm *s = r->node->settings;
    int64_t channels = r->y_shape[1], area = r->y_count / r->y_shape[0] / channels;
    int64_t size = channels / s->groups * area;
    for (int64_t row = 0; row < r->y_count / size; row++) {
        const double *x = r->x[0] + row * size;
        double mean = 0, squares = 0;
        for (int64_t i = 0; i < size; i++) {
            mean += x[i] / (double)size;
        }
        for (int64_t i = 0; i < size; i++) {
            squares += (x[i] - mean) * (x[i] - mean);
        }
        for (int64_t i = 0; i < size; i++) {
            int64_t c = (row * size + i) / area % channels;
            r->y[row * size + i] = (x[i] - mean) /
                                       sqrt(squares / (double)size + s->epsilon) *
                                       (double)r->parameters[0][c] +
                                   (double)r->parameters[1][c];
        }
    }
}

typedef struct sizes {
    int64_t rows, channels, area,
        size; /* rows: of one group of one item, `size` values */
} sizes;

static sizes sizes_of(const mien_kernel_call *c) {
    const group_norm *s = c->node->settings;
    sizes z = {.channels = c->y_shape[1]};
    z.area = c->y_count / c->y_shape[0] / z.channels;
    z.size = z.channels / s->groups * z.area;
    z.rows = c->y_count / z.size;
    return z;
}

/* Mean and 1 / deviation of each row. */
static int64_t kept(const mien_kernel_call *c) {
    return 2 * sizes_of(c).rows;
}

static void forward(const mien_kernel_call *c) {
    const group_norm *s = c->node->settings;
    sizes z = sizes_of(c);
#pragma omp parallel for num_threads(mien_kernel_threads(c, 4 * c->y_count))
    for (int64_t row = 0; row < z.rows; row++) {
        const float *x = c->x[0] + row * z.size;
        float *y = c->y + row * z.size;
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < z.size; i++) {
            sum += (double)x[i];
        }
        float mean = (float)(sum / (double)z.size);
        for (int64_t i = 0; i < z.size; i++) {
            double d = (double)(x[i] - mean);
            squares += d * d;
        }
        float inverse = (float)(1 / sqrt(squares / (double)z.size + s->epsilon));
        for (int64_t i = 0; i < z.size; i += z.area) {
            int64_t channel = (row * z.size + i) / z.area % z.channels;
            float weight = c->parameters[0][channel] * inverse,
                  bias = c->parameters[1][channel];
            for (int64_t k = 0; k < z.area; k++) {
                y[i + k] = (x[i + k] - mean) * weight + bias;
            }
        }
        if (c->kept) {
            c->kept[2 * row] = mean;
            c->kept[2 * row + 1] = inverse;
        }
    }
}

/* With g = dy weight and x̂ normalised: dx = (g − mean of g − x̂ mean of g x̂) /
 * deviation. */
static void backward_row(const mien_kernel_call *c, sizes z, int64_t row) {
    const float *x = c->x[0] + row * z.size, *dy = c->dy + row * z.size;
    float *dx = c->dx[0] + row * z.size;
    float mean = c->kept[2 * row], inverse = c->kept[2 * row + 1];
    double sum = 0, along = 0;
    for (int64_t i = 0; i < z.size; i++) {
        float weight = c->parameters[0][(row * z.size + i) / z.area % z.channels];
        double g = (double)(dy[i] * weight);
        sum += g;
        along += g * (double)((x[i] - mean) * inverse);
    }
    float shift = (float)(sum / (double)z.size),
          slope = (float)(along / (double)z.size);
    for (int64_t i = 0; i < z.size; i++) {
        float weight = c->parameters[0][(row * z.size + i) / z.area % z.channels];
        dx[i] = inverse * (dy[i] * weight - shift - (x[i] - mean) * inverse * slope);
    }
}

/* Each channel's sums run in the order of items, whatever the threads. */
static void backward_parameters(const mien_kernel_call *c, sizes z, int64_t channel) {
    double bias = 0, weight = 0;
    int64_t groups = z.channels * z.area / z.size, items = z.rows / groups;
    for (int64_t n = 0; n < items; n++) {
        int64_t at = (n * z.channels + channel) * z.area, row = at / z.size;
        float mean = c->kept[2 * row], inverse = c->kept[2 * row + 1];
        for (int64_t k = 0; k < z.area; k++) {
            bias += (double)c->dy[at + k];
            weight +=
                (double)c->dy[at + k] * (double)((c->x[0][at + k] - mean) * inverse);
        }
    }
    if (c->gradients[0]) {
        c->gradients[0][channel] = (float)weight;
    }
    if (c->gradients[1]) {
        c->gradients[1][channel] = (float)bias;
    }
}

static void backward(const mien_kernel_call *c) {
    sizes z = sizes_of(c);
    int threads = mien_kernel_threads(c, 6 * c->y_count);
#pragma omp parallel for num_threads(threads)
    for (int64_t row = 0; row < (c->dx[0] ? z.rows : 0); row++) {
        backward_row(c, z, row);
    }
#pragma omp parallel for num_threads(threads)
    for (int64_t channel = 0; channel < z.channels; channel++) {
        backward_parameters(c, z, channel);
    }
}

static const mien_kernel kernel = {
    .forward = forward, .backward = backward, .kept = kept};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_group_norm = {
    .name = "group_norm",
    .summary = "Normalisation of groups of channels",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(group_norm),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
