/* SPDX-License-Identifier: MIT */
/* Local response normalisation (Krizhevsky et al. 2012): each value over a power of the
 * squares of its neighbours in `size` channels. */
#include <math.h>
#include <string.h>

#include "nn/kernel.h"

typedef struct lrn {
    int64_t size;
    double alpha, beta, bias;
} lrn;

static const mien_option options[] = {
    {.name = "size",
        .type = MIEN_OPTION_INT,
        .initial = "5",
        .minimum = 1,
        .maximum = 4096,
        .help = "channels that are summed over"},
    {.name = "alpha",
        .type = MIEN_OPTION_NUMBER,
        .initial = "1e-4",
        .minimum = 0,
        .maximum = 1e6,
        .help = "factor of the mean square"},
    {.name = "beta",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.75",
        .minimum = 0,
        .maximum = 100,
        .help = "power"},
    {.name = "bias",
        .type = MIEN_OPTION_NUMBER,
        .initial = "1",
        .minimum = 1e-12,
        .maximum = 1e6,
        .help = "added to it"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    lrn *s = settings;
    s->size = mien_options_int(given, "size");
    s->alpha = mien_options_number(given, "alpha");
    s->beta = mien_options_number(given, "beta");
    s->bias = mien_options_number(given, "bias");
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    return inputs[0]->rank >= 2 ? mien_op_same_shape(node, inputs)
                                : mien_fail(MIEN_ESHAPE, "it takes [N, C, …]");
}

/* Channels that count for a channel; a window of even size has one more behind it. */
static void window_of(
    const lrn *s, int64_t c, int64_t channels, int64_t *first, int64_t *end) {
    int64_t before = (s->size - 1) / 2;
    *first = c > before ? c - before : 0;
    *end = c - before + s->size < channels ? c - before + s->size : channels;
}

static void reference(const mien_reference *r) {
    const lrn *s = r->node->settings;
    int64_t channels = r->y_shape[1], area = r->y_count / r->y_shape[0] / channels;
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t c = i / area % channels, base = i - c * area, first, end;
        double squares = 0;
        window_of(s, c, channels, &first, &end);
        for (int64_t k = first; k < end; k++) {
            squares += r->x[0][base + k * area] * r->x[0][base + k * area];
        }
        r->y[i] =
            r->x[0][i] / pow(s->bias + s->alpha / (double)s->size * squares, s->beta);
    }
}

/* The divisor of a value, before the power. */
static double base_of(
    const mien_kernel_call *k, const lrn *s, int64_t n, int64_t c, int64_t p) {
    int64_t channels = k->y_shape[1], area = k->y_count / k->y_shape[0] / channels;
    const float *x = k->x[0] + n * channels * area + p;
    int64_t first, end;
    double squares = 0;
    window_of(s, c, channels, &first, &end);
    for (int64_t i = first; i < end; i++) {
        squares += (double)x[i * area] * (double)x[i * area];
    }
    return s->bias + s->alpha / (double)s->size * squares;
}

static void forward(const mien_kernel_call *k) {
    const lrn *s = k->node->settings;
    int64_t channels = k->y_shape[1], area = k->y_count / k->y_shape[0] / channels;
#pragma omp parallel for num_threads(mien_kernel_threads(k, 20 * k->y_count))
    for (int64_t row = 0; row < k->y_count / area; row++) {
        for (int64_t p = 0; p < area; p++) {
            double base = base_of(k, s, row / channels, row % channels, p);
            int64_t at = row * area + p;
            k->y[at] = (float)((double)k->x[0][at] * pow(base, -s->beta));
        }
    }
}

/* dx_c = dy_c b_c^−β − 2 α β / size · x_c Σ dy_j x_j b_j^(−β−1), over the windows j
 * with c in. */
static void backward_item(const mien_kernel_call *k, int64_t n) {
    const lrn *s = k->node->settings;
    int64_t channels = k->y_shape[1], area = k->y_count / k->y_shape[0] / channels;
    const float *x = k->x[0] + n * channels * area, *dy = k->dy + n * channels * area;
    float *dx = k->dx[0] + n * channels * area;
    double factor = 2 * s->alpha * s->beta / (double)s->size;
    memset(dx, 0, (size_t)(channels * area) * sizeof *dx);
    for (int64_t p = 0; p < area; p++) {
        for (int64_t j = 0; j < channels; j++) {
            double base = base_of(k, s, n, j, p), power = pow(base, -s->beta);
            double part = factor * (double)dy[j * area + p] * (double)x[j * area + p] *
                          power / base;
            int64_t first, end;
            window_of(s, j, channels, &first, &end);
            dx[j * area + p] += (float)((double)dy[j * area + p] * power);
            for (int64_t c = first; c < end; c++) {
                dx[c * area + p] -= (float)(part * (double)x[c * area + p]);
            }
        }
    }
}

static void backward(const mien_kernel_call *k) {
#pragma omp parallel for num_threads(mien_kernel_threads(k, 40 * k->y_count))
    for (int64_t n = 0; n < (k->dx[0] ? k->y_shape[0] : 0); n++) {
        backward_item(k, n);
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_lrn = {
    .name = "lrn",
    .summary = "Local response normalisation",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(lrn),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
