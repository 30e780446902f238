/* SPDX-License-Identifier: MIT */
/* Rows of a table, looked up by number. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/kernel.h"
#include "base/need.h"

typedef struct embedding {
    int64_t rows, width, padding;
} embedding;

static const mien_option options[] = {
    {.name = "rows",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = 1 << 24, /* all of them are floats that are whole */
        .help = "of the table"},
    {.name = "width",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = 1 << 20,
        .help = "values a row"},
    {.name = "padding",
        .type = MIEN_OPTION_INT,
        .initial = "-1",
        .minimum = -1,
        .maximum = 1 << 24,
        .help = "row that is not trained; -1: none"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    embedding *s = settings;
    if (!mien_options_given(given, "rows") || !mien_options_given(given, "width")) {
        return mien_fail(MIEN_EINVAL, "options rows and width must be given");
    }
    s->rows = mien_options_int(given, "rows");
    s->width = mien_options_int(given, "width");
    s->padding = mien_options_int(given, "padding");
    return s->padding < s->rows
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "padding: there is no row %lld of %lld",
                     (long long)s->padding, (long long)s->rows);
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const embedding *s = node->settings;
    int64_t table[2] = {s->rows, s->width};
    if (inputs[0]->rank == MIEN_RANK_MAX) {
        return mien_fail(
            MIEN_ESHAPE, "it takes at most %d dimensions", MIEN_RANK_MAX - 1);
    }
    mien_op_same_shape(node, inputs);
    node->shape[node->rank++] = s->width;
    mien_op_node_own(node, "weight", true, MIEN_INITIAL_ZERO, 1, 2, table);
    return MIEN_OK;
}

/* The row meant by a value; -1 if there is no such row. */
static int64_t row_of(const embedding *s, double value) {
    double row = rint(value);
    return row >= 0 && row < (double)s->rows ? (int64_t)row : -1;
}

static void reference(const mien_reference *r) {
    const embedding *s = r->node->settings;
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t row = row_of(s, r->x[0][i / s->width]);
        r->y[i] =
            row < 0 ? NAN : (double)r->parameters[0][row * s->width + i % s->width];
    }
}

/* A number outside the table gives NaN, which no loss overlooks. */
static void forward(const mien_kernel_call *c) {
    const embedding *s = c->node->settings;
    for (int64_t i = 0; i < c->x_count[0]; i++) {
        int64_t row = row_of(s, (double)c->x[0][i]);
        float *y = c->y + i * s->width;
        if (row >= 0) {
            memcpy(y, c->parameters[0] + row * s->width, (size_t)s->width * sizeof *y);
        }
        for (int64_t k = 0; row < 0 && k < s->width; k++) {
            y[k] = NAN;
        }
    }
}

static void backward(const mien_kernel_call *c) {
    const embedding *s = c->node->settings;
    float *table = c->gradients[0];
    if (c->dx[0]) {
        memset(c->dx[0], 0, (size_t)c->x_count[0] * sizeof *c->dx[0]);
    }
    if (!table) {
        return;
    }
    memset(table, 0, (size_t)(s->rows * s->width) * sizeof *table);
    for (int64_t i = 0; i < c->x_count[0]; i++) {
        int64_t row = row_of(s, (double)c->x[0][i]);
        if (row < 0 || row == s->padding) {
            continue;
        }
        for (int64_t k = 0; k < s->width; k++) {
            table[row * s->width + k] += c->dy[i * s->width + k];
        }
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_embedding = {
    .name = "embedding",
    .summary = "Rows of a table, looked up by number",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(embedding),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_embedding(mien_graph *graph, const char *name, mien_node x,
    int64_t rows, int64_t width, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[96];
    snprintf(
        text, sizeof text, "rows=%lld width=%lld", (long long)rows, (long long)width);
    return mien_graph_add(graph, "embedding", name, &x, 1, text, y);
}
