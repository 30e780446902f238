/* SPDX-License-Identifier: MIT */
/* Dropout: the identity when inferring. */
#include <stdio.h>
#include <string.h>

#include "nn/ops/gradient.h"
#include "base/need.h"
#include "nn/kernel.h"
#include "nn/kernels/narrow.h"

typedef struct dropout {
    double rate;
} dropout;

static const mien_option options[] = {
    {.name = "rate",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.5",
        .minimum = 0,
        .maximum = 1,
        .help = "part of the values set to 0 in training"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    ((dropout *)settings)->rate = mien_options_number(given, "rate");
    return MIEN_OK;
}

static bool passes(
    const mien_op_node *node, const mien_op_node *const *inputs, mien_mode mode) {
    (void)node;
    (void)inputs;
    return mode == MIEN_INFER;
}

/* ---- training: which values are kept ------------------------------------------------
 */

typedef struct drawing {
    const mien_plan *plan; /* its seed and run */
    mien_node node;
    int64_t count;
    uint64_t least; /* drawn numbers of 32 bits from here on keep their value */
    float scale;
} drawing;

/* A well-mixed 64-bit number (the finaliser of splitmix64). */
static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

#define PART 65536 /* values worth a thread; a multiple of any vector */

typedef struct dropping {
    mien_narrow_drop draw;
    const float *x;
    float *y;
    int64_t count;
} dropping;

static void drop_parts(const void *context, int64_t first, int64_t last) {
    const dropping *d = context;
    int64_t end = last * PART;
    mien_narrow_best()->drop(
        &d->draw, d->x, d->y, first * PART, end < d->count ? end : d->count);
}

/* y = x / (1 − rate) where value i is kept, else 0: for values and for their gradients,
 * which see the same draw, as it depends on the place and the run alone. */
static void drop(const mien_step *step, const float *x, float *y, uint64_t run) {
    const drawing *d = step->settings;
    uint64_t key = mix(d->plan->seed ^ mix(run ^ mix((uint64_t)d->node + 1)));
    dropping work = {.x = x, .y = y, .count = d->count};
    if (d->least > UINT32_MAX) { /* nothing is kept */
        memset(y, 0, (size_t)d->count * sizeof *y);
        return;
    }
    work.draw = (mien_narrow_drop){.key = {(uint32_t)key, (uint32_t)(key >> 32)},
        .least = (uint32_t)d->least,
        .scale = d->scale};
    mien_in_parts(step->threads, (d->count + PART - 1) / PART, drop_parts, &work);
}

static void run_forward(const mien_step *step) {
    const drawing *d = step->settings;
    drop(step, mien_step_data(step, DNNL_ARG_SRC), mien_step_data(step, DNNL_ARG_DST),
        d->plan->run);
}

/* The plan has counted the run by now. */
static void run_backward(const mien_step *step) {
    const drawing *d = step->settings;
    drop(step, mien_step_data(step, DNNL_ARG_DIFF_DST),
        mien_step_data(step, DNNL_ARG_DIFF_SRC), d->plan->run - 1);
}

static mien_status add_step(mien_builder *b, const mien_group *group,
    mien_step_run *run, int from_arg, mien_value_ref from, int to_arg,
    mien_value_ref to) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    int64_t shape[MIEN_RANK_MAX];
    drawing *d = mien_arena_alloc(b->program->arena, 1, sizeof *d);
    mien_step *step = d ? mien_builder_step(b, group->main) : NULL;
    if (!step) {
        return MIEN_ENOMEM;
    }
    mien_builder_shape(b, group->main, shape);
    double rate = ((const dropout *)n->settings)->rate;
    *d = (drawing){b->plan, group->main, mien_shape_count(n->rank, shape),
        (uint64_t)(rate * 4294967296.0), rate < 1 ? (float)(1 / (1 - rate)) : 0};
    step->run = run;
    step->settings = d;
    mien_status status = mien_step_value(b, step, from_arg, from);
    return status == MIEN_OK ? mien_step_value(b, step, to_arg, to) : status;
}

/* In the row-major layout, so that what is drawn does not depend on the processor. */
static mien_status prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from, to;
    mien_status status = mien_builder_plain(b, n->inputs[0], &from);
    if (status == MIEN_OK) {
        status = mien_builder_new(b, group->last, from.md, &to);
    }
    if (status == MIEN_OK) {
        status = add_step(b, group, run_forward, DNNL_ARG_SRC, from, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
    }
    return status;
}

static mien_status backward(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    int64_t shape[MIEN_RANK_MAX];
    mien_value_ref dy = mien_builder_gradient(b, group->last), dx;
    dnnl_memory_desc_t md = NULL;
    mien_builder_shape(b, group->main, shape);
    mien_status status = mien_md_plain(&md, n->rank, shape);
    if (status == MIEN_OK) {
        status = mien_builder_in(b, group->main, dy, md, &dy);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, md, &dx);
    }
    if (status == MIEN_OK) {
        status = add_step(
            b, group, run_backward, DNNL_ARG_DIFF_DST, dy, DNNL_ARG_DIFF_SRC, dx);
    }
    dnnl_memory_desc_destroy(md);
    return status == MIEN_OK ? mien_builder_gradient_add(b, n->inputs[0], dx) : status;
}

const mien_op mien_op_dropout = {
    .name = "dropout",
    .summary = "Sets a random part of the values to 0 in training",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_DRAWS,
    .settings_size = sizeof(dropout),
    .parse = parse,
    .shape = mien_op_same_shape,
    .passes = passes,
    .prepare = prepare,
    .backward = backward,
    .reference = mien_op_pass_reference,
};

mien_status mien_dropout(
    mien_graph *graph, const char *name, mien_node x, double rate, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[48], number[32];
    snprintf(text, sizeof text, "rate=%s", mien_format_double(rate, number));
    return mien_graph_add(graph, "dropout", name, &x, 1, text, y);
}
