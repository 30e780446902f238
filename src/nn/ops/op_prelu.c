/* SPDX-License-Identifier: MIT */
/* x, or a learned slope times x below 0, one slope a channel or one for all. */
#include <string.h>

#include "nn/kernel.h"

typedef struct prelu {
    int64_t slopes;
} prelu;

static const mien_option options[] = {
    {.name = "slopes",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = 1 << 20,
        .help = "1, or one for each channel"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    ((prelu *)settings)->slopes = mien_options_int(given, "slopes");
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const prelu *s = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank < 2 || (s->slopes != 1 && s->slopes != x->shape[1])) {
        return mien_fail(MIEN_ESHAPE, "%lld slopes: it takes [N, C, …] and 1 or C",
            (long long)s->slopes);
    }
    mien_op_node_own(node, "weight", true, MIEN_INITIAL_ZERO, 1, 1, &s->slopes);
    return mien_op_same_shape(node, inputs);
}

/* Channel of value i: of x [N, C, …] with `area` values behind the channel. */
static int64_t channel_of(int64_t slopes, int64_t area, int64_t i) {
    return slopes == 1 ? 0 : i / area % slopes;
}

static void reference(const mien_reference *r) {
    const prelu *s = r->node->settings;
    int64_t area = r->y_count / r->y_shape[0] / r->y_shape[1];
    for (int64_t i = 0; i < r->y_count; i++) {
        double slope = (double)r->parameters[0][channel_of(s->slopes, area, i)];
        r->y[i] = r->x[0][i] > 0 ? r->x[0][i] : slope * r->x[0][i];
    }
}

static void forward(const mien_kernel_call *c) {
    const prelu *s = c->node->settings;
    int64_t rows = c->y_shape[0] * c->y_shape[1], area = c->y_count / rows;
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->y_count))
    for (int64_t row = 0; row < rows; row++) {
        float slope = c->parameters[0][s->slopes == 1 ? 0 : row % s->slopes];
        const float *x = c->x[0] + row * area;
        float *y = c->y + row * area;
        for (int64_t i = 0; i < area; i++) {
            y[i] = x[i] > 0 ? x[i] : slope * x[i];
        }
    }
}

static void backward(const mien_kernel_call *c) {
    const prelu *s = c->node->settings;
    int64_t area = c->y_count / c->y_shape[0] / c->y_shape[1];
    double *sums = (double *)(void *)c->scratch;
    memset(sums, 0, (size_t)s->slopes * sizeof *sums);
    for (int64_t i = 0; i < c->y_count; i++) {
        int64_t channel = channel_of(s->slopes, area, i);
        float x = c->x[0][i], dy = c->dy[i];
        sums[channel] += x > 0 ? 0 : (double)dy * (double)x;
        if (c->dx[0]) {
            c->dx[0][i] = x > 0 ? dy : c->parameters[0][channel] * dy;
        }
    }
    for (int64_t k = 0; c->gradients[0] && k < s->slopes; k++) {
        c->gradients[0][k] = (float)sums[k];
    }
}

static int64_t scratch(const mien_kernel_call *c, bool back, bool trains) {
    (void)trains;
    return back ? 2 * ((const prelu *)c->node->settings)->slopes : 0;
}

static const mien_kernel kernel = {
    .forward = forward, .backward = backward, .scratch = scratch};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_prelu = {
    .name = "prelu",
    .summary = "Learned slope below 0",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(prelu),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
