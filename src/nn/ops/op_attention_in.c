/* SPDX-License-Identifier: MIT */
/* The input side of multi-head attention, before query, key and value are compared:
 * three linear layers whose weights stand in one parameter, as PyTorch keeps them. */
#include <string.h>

#include "nn/kernel.h"

typedef struct attention_in {
    bool bias;
} attention_in;

static const char *const no_yes[] = {"no", "yes", NULL};
static const mien_option options[] = {
    {.name = "bias",
        .type = MIEN_OPTION_CHOICE,
        .initial = "yes",
        .choices = no_yes,
        .help = "adds a number per feature"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    ((attention_in *)settings)->bias = !strcmp(mien_options_text(given, "bias"), "yes");
    return MIEN_OK;
}

/* One after the other in time, for their lengths may differ. */
static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    int64_t width = inputs[0]->rank == 3 ? inputs[0]->shape[2] : 0;
    bool good = width > 0;
    node->rank = 3;
    node->shape[0] = inputs[0]->shape[0];
    node->shape[2] = width;
    for (int i = 0; good && i < 3; i++) {
        good = inputs[i]->rank == 3 && inputs[i]->shape[2] == width &&
               inputs[i]->shape[0] == node->shape[0];
        node->shape[1] += inputs[i]->shape[1];
    }
    if (!good) {
        return mien_fail(
            MIEN_ESHAPE, "it takes query [N, T, D], key and value [N, S, D]");
    }
    int64_t weight[2] = {3 * width, width};
    mien_op_node_own(node, "in_proj_weight", true, MIEN_INITIAL_ZERO, width, 2, weight);
    if (((const attention_in *)node->settings)->bias) {
        mien_op_node_own(
            node, "in_proj_bias", true, MIEN_INITIAL_ZERO, width, 1, weight);
    }
    return MIEN_OK;
}

static void reference(const mien_reference *r) {
    int64_t d = r->y_shape[2], first = 0;
    for (int k = 0; k < 3; k++) {
        int64_t t = r->x_shape[k][1];
        for (int64_t i = 0; i < r->y_shape[0] * t * d; i++) {
            int64_t n = i / (t * d), row = i / d % t, o = k * d + i % d;
            double sum =
                r->node->parameters_count > 1 ? (double)r->parameters[1][o] : 0;
            for (int64_t l = 0; l < d; l++) {
                sum += (double)r->parameters[0][o * d + l] *
                       r->x[k][(n * t + row) * d + l];
            }
            r->y[(n * r->y_shape[1] + first + row) * d + i % d] = sum;
        }
        first += t;
    }
}

static double flops(
    const mien_op_node *node, const mien_op_node *const *inputs, int64_t batch) {
    int64_t y[MIEN_RANK_MAX];
    (void)inputs;
    mien_shape_of(node, batch, y);
    return 2.0 * (double)mien_shape_count(3, y) * (double)y[2];
}

/* ---- plan: each part's rows stand together in scratch, for one product of all
 * ---------- */

static int64_t scratch(const mien_kernel_call *c, bool back, bool trains) {
    int64_t most = 0;
    (void)back;
    (void)trains;
    for (int k = 0; k < 3; k++) {
        most = c->x_count[k] > most ? c->x_count[k] : most;
    }
    return most;
}

/* Where the rows of item i of a part begin in y, which lies in time after `first`. */
static int64_t place_of(const mien_kernel_call *c, int64_t i, int64_t first) {
    return (i * c->y_shape[1] + first) * c->y_shape[2];
}

static void forward(const mien_kernel_call *c) {
    int64_t d = c->y_shape[2], first = 0;
    for (int k = 0; k < 3; k++) {
        int64_t t = c->x_shape[k][1], rows = c->y_shape[0] * t;
        mien_product_linear(rows, d, d, c->x[k], c->parameters[0] + k * d * d,
            c->parameters[1] ? c->parameters[1] + k * d : NULL, c->scratch);
        for (int64_t i = 0; i < c->y_shape[0]; i++) {
            memcpy(c->y + place_of(c, i, first), c->scratch + i * t * d,
                (size_t)(t * d) * sizeof *c->y);
        }
        first += t;
    }
}

static void backward(const mien_kernel_call *c) {
    int64_t d = c->y_shape[2], first = 0;
    float *weight = c->gradients[0], *bias = c->gradients[1];
    for (int k = 0; k < 3; k++) {
        int64_t t = c->x_shape[k][1], rows = c->y_shape[0] * t;
        for (int64_t i = 0; i < c->y_shape[0]; i++) {
            memcpy(c->scratch + i * t * d, c->dy + place_of(c, i, first),
                (size_t)(t * d) * sizeof *c->scratch);
        }
        if (weight) {
            mien_product(true, false, d, d, rows, c->scratch, d, c->x[k], d, 0,
                weight + k * d * d, d);
        }
        if (bias) {
            mien_column_sums(
                c->scratch, rows, d, mien_kernel_threads(c, rows * d), bias + k * d);
        }
        if (c->dx[k]) {
            mien_product(false, false, rows, d, d, c->scratch, d,
                c->parameters[0] + k * d * d, d, 0, c->dx[k], d);
        }
        first += t;
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

const mien_op mien_op_attention_in = {
    .name = "attention_in",
    .summary = "Query, key and value of multi-head attention",
    .options = options,
    .inputs_min = 3,
    .inputs_max = 3,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(attention_in),
    .parse = parse,
    .shape = shape,
    .flops = flops,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
