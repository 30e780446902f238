/* SPDX-License-Identifier: MIT */
/* Where the largest (or smallest) value along a dimension stands; the first of equal
 * ones unless the last is asked for. It has no gradient. */
#include <string.h>

#include "nn/kernel.h"

typedef struct argmax {
    int axis;
    bool keep, least, last;
} argmax;

static const mien_option options[] = {
    {.name = "axis",
        .type = MIEN_OPTION_INT,
        .initial = "-1",
        .minimum = -MIEN_RANK_MAX,
        .maximum = MIEN_RANK_MAX - 1,
        .help = "dimension; below 0: from the end"},
    {.name = "keep",
        .type = MIEN_OPTION_FLAG,
        .initial = "no",
        .help = "the dimension stays, as one of 1"},
    {.name = "least",
        .type = MIEN_OPTION_FLAG,
        .initial = "no",
        .help = "of the smallest value"},
    {.name = "last",
        .type = MIEN_OPTION_FLAG,
        .initial = "no",
        .help = "the last of equal ones"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    argmax *s = settings;
    s->axis = (int)mien_options_int(given, "axis");
    s->keep = mien_options_flag(given, "keep");
    s->least = mien_options_flag(given, "least");
    s->last = mien_options_flag(given, "last");
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    argmax *s = node->settings;
    const mien_op_node *x = inputs[0];
    int axis = s->axis < 0 ? s->axis + x->rank : s->axis;
    if (axis < 1 || axis >= x->rank) {
        return mien_fail(MIEN_ESHAPE, "axis %d is no dimension to look along", s->axis);
    }
    s->axis = axis;
    for (int i = 0; i < x->rank; i++) {
        if (i != axis || s->keep) {
            node->shape[node->rank++] = i == axis ? 1 : x->shape[i];
        }
    }
    return MIEN_OK;
}

/* Values along the axis and behind it. */
static void runs_of(
    const argmax *s, const int64_t *x, int64_t count, int64_t *along, int64_t *inner) {
    int64_t outer = 1;
    *along = x[s->axis];
    for (int i = 0; i < s->axis; i++) {
        outer *= x[i];
    }
    *inner = count / outer / *along;
}

static void reference(const mien_reference *r) {
    const argmax *s = r->node->settings;
    int64_t along, inner;
    runs_of(s, r->x_shape[0], r->x_count[0], &along, &inner);
    for (int64_t i = 0; i < r->y_count; i++) {
        const double *x = r->x[0] + i / inner * along * inner + i % inner;
        int64_t best = 0;
        for (int64_t k = 1; k < along; k++) {
            double d = s->least ? x[best * inner] - x[k * inner]
                                : x[k * inner] - x[best * inner];
            best = d > 0 || (d == 0 && s->last) ? k : best;
        }
        r->y[i] = (double)best;
    }
}

static void forward(const mien_kernel_call *c) {
    const argmax *s = c->node->settings;
    int64_t along, inner;
    runs_of(s, c->x_shape[0], c->x_count[0], &along, &inner);
    for (int64_t i = 0; i < c->y_count; i++) {
        const float *x = c->x[0] + i / inner * along * inner + i % inner;
        int64_t best = 0;
        for (int64_t k = 1; k < along; k++) {
            float a = x[k * inner], b = x[best * inner];
            bool better = s->least ? a < b : a > b;
            best = better || (a == b && s->last) ? k : best;
        }
        c->y[i] = (float)best;
    }
}

static void backward(const mien_kernel_call *c) {
    if (c->dx[0]) {
        memset(c->dx[0], 0, (size_t)c->x_count[0] * sizeof *c->dx[0]);
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_argmax = {
    .name = "argmax",
    .summary = "Where the largest value stands",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(argmax),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
