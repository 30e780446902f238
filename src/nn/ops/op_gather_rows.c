/* SPDX-License-Identifier: MIT */
/* Rows of one value by numbers that another holds: of the distinct items of a batch,
 * those that each row of the batch has. An item is then computed once, however many
 * rows show it. */
#include <math.h>
#include <string.h>

#include "nn/kernel.h"
#include "base/need.h"

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_op_node *items = inputs[0], *index = inputs[1];
    if (items->shape[0] < 0 || items->rank + index->rank - 1 > MIEN_RANK_MAX) {
        return mien_fail(MIEN_ESHAPE,
            "it takes items [U, …], U fixed, and numbers [N, …], %d dimensions "
            "together",
            MIEN_RANK_MAX + 1);
    }
    memcpy(node->shape, index->shape, (size_t)index->rank * sizeof *node->shape);
    memcpy(node->shape + index->rank, items->shape + 1,
        (size_t)(items->rank - 1) * sizeof *node->shape);
    node->rank = index->rank + items->rank - 1;
    return MIEN_OK;
}

enum { MISSING = -1, WRONG = -2 };

/* The item that is meant, MISSING for -1, WRONG for any other number outside. */
static int64_t item_of(double value, int64_t items) {
    double item = rint(value);
    return item >= 0 && item < (double)items ? (int64_t)item
           : item == -1                      ? MISSING
                                             : WRONG;
}

static void reference(const mien_reference *r) {
    int64_t items = r->x_shape[0][0], width = r->x_count[0] / items;
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t item = item_of(r->x[1][i / width], items);
        r->y[i] = item >= 0         ? r->x[0][item * width + i % width]
                  : item == MISSING ? 0
                                    : NAN;
    }
}

/* A missing item is zeros; a number that is wrong gives NaN, which no loss overlooks.
 */
static void forward(const mien_kernel_call *c) {
    int64_t items = c->x_shape[0][0], width = c->x_count[0] / items;
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->y_count / 2))
    for (int64_t i = 0; i < c->x_count[1]; i++) {
        int64_t item = item_of((double)c->x[1][i], items);
        float *y = c->y + i * width;
        if (item >= 0) {
            memcpy(y, c->x[0] + item * width, (size_t)width * sizeof *y);
        }
        for (int64_t k = 0; item < 0 && k < width; k++) {
            y[k] = item == MISSING ? 0 : NAN;
        }
    }
}

/* Columns [first, last) of the items' gradients: all rows that read them, in their
 * order. */
static void sum_columns(const void *context, int64_t first, int64_t last) {
    const mien_kernel_call *c = context;
    int64_t items = c->x_shape[0][0], width = c->x_count[0] / items;
    for (int64_t i = 0; i < items; i++) {
        memset(c->dx[0] + i * width + first, 0, (size_t)(last - first) * sizeof(float));
    }
    for (int64_t i = 0; i < c->x_count[1]; i++) {
        int64_t item = item_of((double)c->x[1][i], items);
        for (int64_t k = first; item >= 0 && k < last; k++) {
            c->dx[0][item * width + k] += c->dy[i * width + k];
        }
    }
}

static void backward(const mien_kernel_call *c) {
    if (c->dx[1]) {
        memset(c->dx[1], 0, (size_t)c->x_count[1] * sizeof *c->dx[1]);
    }
    if (c->dx[0]) {
        mien_in_parts(mien_kernel_threads(c, c->y_count / 2),
            c->x_count[0] / c->x_shape[0][0], sum_columns, c);
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_gather_rows = {
    .name = "gather_rows",
    .summary = "Rows of a value by numbers that are given",
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_NEEDS_X,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_gather_rows(mien_graph *graph, const char *name, mien_node items,
    mien_node index, mien_node *y) {
    MIEN_NEED(graph, name, y);
    mien_node inputs[2] = {items, index};
    return mien_graph_add(graph, "gather_rows", name, inputs, 2, NULL, y);
}
