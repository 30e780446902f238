/* SPDX-License-Identifier: MIT */
/* Sums of all values so far along a dimension. */
#include <string.h>

#include "nn/kernel.h"

typedef struct cumsum {
    int axis;
    bool exclusive, reverse;
} cumsum;

static const mien_option options[] = {
    {.name = "axis",
        .type = MIEN_OPTION_INT,
        .initial = "-1",
        .minimum = -MIEN_RANK_MAX,
        .maximum = MIEN_RANK_MAX - 1,
        .help = "dimension; below 0: from the end"},
    {.name = "exclusive",
        .type = MIEN_OPTION_FLAG,
        .initial = "no",
        .help = "without the value itself"},
    {.name = "reverse",
        .type = MIEN_OPTION_FLAG,
        .initial = "no",
        .help = "from the end"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    cumsum *s = settings;
    s->axis = (int)mien_options_int(given, "axis");
    s->exclusive = mien_options_flag(given, "exclusive");
    s->reverse = mien_options_flag(given, "reverse");
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    cumsum *s = node->settings;
    int axis = s->axis < 0 ? s->axis + inputs[0]->rank : s->axis;
    if (axis < 1 || axis >= inputs[0]->rank) {
        return mien_fail(MIEN_ESHAPE, "axis %d is no dimension to sum along", s->axis);
    }
    s->axis = axis;
    return mien_op_same_shape(node, inputs);
}

static void runs_of(const cumsum *s, const int64_t *x, int64_t count, int64_t *outer,
    int64_t *along, int64_t *inner) {
    *outer = 1;
    *along = x[s->axis];
    for (int i = 0; i < s->axis; i++) {
        *outer *= x[i];
    }
    *inner = count / *outer / *along;
}

static void reference(const mien_reference *r) {
    const cumsum *s = r->node->settings;
    int64_t outer, along, inner;
    runs_of(s, r->x_shape[0], r->y_count, &outer, &along, &inner);
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t place = i / inner % along, base = i - place * inner;
        r->y[i] = 0;
        for (int64_t k = 0; k < along; k++) {
            bool in =
                s->reverse ? k >= place + s->exclusive : k <= place - s->exclusive;
            r->y[i] += in ? r->x[0][base + k * inner] : 0;
        }
    }
}

/* The sums of x into y, in the direction asked for: going back, in the other. */
static void sum(const mien_kernel_call *c, const float *x, float *y, bool reverse) {
    const cumsum *s = c->node->settings;
    int64_t outer, along, inner;
    runs_of(s, c->x_shape[0], c->x_count[0], &outer, &along, &inner);
    for (int64_t run = 0; run < outer * inner; run++) {
        int64_t base = run / inner * along * inner + run % inner;
        double so_far = 0;
        for (int64_t k = 0; k < along; k++) {
            int64_t at = base + (reverse ? along - 1 - k : k) * inner;
            double with = so_far + (double)x[at];
            y[at] = (float)(s->exclusive ? so_far : with);
            so_far = with;
        }
    }
}

static void forward(const mien_kernel_call *c) {
    const cumsum *s = c->node->settings;
    sum(c, c->x[0], c->y, s->reverse);
}

static void backward(const mien_kernel_call *c) {
    const cumsum *s = c->node->settings;
    if (c->dx[0]) {
        sum(c, c->dy, c->dx[0], !s->reverse);
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_cumsum = {
    .name = "cumsum",
    .summary = "Sums so far along a dimension",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(cumsum),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
