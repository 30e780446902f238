/* SPDX-License-Identifier: MIT */
/* Runs networks over features: standardises their inputs, hands out values and maps of
 * attention. */
#include "models/runner.h"

#include <stdio.h>
#include <string.h>

mien_status mien_runner_prepare_features(
    mien_runner *runner, const mien_runner_options *options) {
    mien_node outputs[MIEN_MAPS_OUTPUTS_MAX] = {runner->body->output};
    int count = 1;
    if (options->attention) {
        runner->stacks_count =
            mien_maps_find(runner->body->graph, runner->stacks, outputs, &count);
    }
    const mien_lanes_options lanes = {.batch = options->batch,
        .threads = options->threads,
        .exact = options->exact,
        .whole = true,
        .outputs = outputs,
        .outputs_count = count};
    return mien_lanes_init(
        &runner->lanes, runner->body->graph, runner->body->parameters, &lanes);
}

/* What one call works on. */
typedef struct passage {
    const mien_runner *runner;
    mien_runner_fill *fill;
    void *context;
    float *values;
    float *const *maps; /* of each stack; NULL: not wanted */
} passage;

static void take_maps(
    const passage *p, const mien_plan *plan, int64_t first, int64_t count) {
    for (int i = 0; p->maps && i < p->runner->stacks_count; i++) {
        mien_maps_take(&p->runner->stacks[i], plan, first, count, p->maps[i]);
    }
}

/* ---- running ----------------------------------------------------------------------
 */

/* Rows [rows, width] of one input as its network reads them; seen: one in `step` floats
 * for each row, 0 where it is missing. */
static void standardise(
    const mien_network *n, int index, const float *seen, int64_t rows, float *values) {
    int64_t width = n->design.inputs[index].width, step = n->design.inputs_count;
    const float *mean = n->mean[index], *scale = n->scale[index];
    for (int64_t row = 0; row < rows && (mean || seen); row++, values += width) {
        if (seen && seen[row * step] == 0) {
            memset(values, 0, (size_t)width * sizeof *values);
            continue;
        }
        for (int64_t i = 0; mean && i < width; i++) {
            values[i] = (values[i] - mean[i]) * scale[i];
        }
    }
}

static mien_status fill_plan(
    const passage *p, mien_plan *plan, int64_t first, int64_t count) {
    const mien_runner *r = p->runner;
    const mien_design *d = &r->network->design;
    int64_t rows = count * mien_design_segments(d);
    float *inputs[MIEN_INPUTS_MAX];
    float *mask = d->masks ? mien_plan_input(plan, r->body->mask) : NULL;
    for (int i = 0; i < d->inputs_count; i++) {
        inputs[i] = mien_plan_input(plan, r->body->inputs[i]);
    }
    for (int64_t i = 0; mask && i < rows * d->inputs_count; i++) {
        mask[i] = 1;
    }
    mien_status status = p->fill(p->context, first, count, inputs, mask);
    for (int i = 0; status == MIEN_OK && i < d->inputs_count; i++) {
        standardise(r->network, i, mask ? mask + i : NULL, rows, inputs[i]);
    }
    return status;
}

static mien_status run_share(void *context, int lane, int64_t first, int64_t count) {
    const passage *p = context;
    const mien_runner *r = p->runner;
    mien_plan *plan = r->lanes.plans[lane];
    mien_status status = fill_plan(p, plan, first, count);
    if (status == MIEN_OK) {
        status = mien_plan_run(plan);
    }
    if (status == MIEN_OK) {
        mien_runner_take(r, plan, count, p->values + first * r->width);
        take_maps(p, plan, first, count);
    }
    return status;
}

mien_status mien_runner_run_filled(mien_runner *runner, int64_t n,
    mien_runner_fill *fill, void *context, float *values, float *const *maps) {
    passage p = {runner, fill, context, values, maps};
    return runner->features_only
               ? mien_lanes_run(&runner->lanes, n, run_share, &p)
               : mien_fail(MIEN_EINVAL, "the model reads pictures, not features");
}

/* Rows that are in memory already. */
typedef struct held {
    const mien_design *design;
    const float *const *inputs;
    const float *mask;
} held;

static mien_status fill_held(
    void *context, int64_t first, int64_t count, float *const *inputs, float *mask) {
    const held *h = context;
    int64_t segments = mien_design_segments(h->design), m = h->design->inputs_count;
    for (int i = 0; i < m; i++) {
        int64_t row = segments * h->design->inputs[i].width;
        memcpy(inputs[i], h->inputs[i] + first * row,
            (size_t)(count * row) * sizeof(float));
    }
    if (mask && h->mask) {
        memcpy(mask, h->mask + first * segments * m,
            (size_t)(count * segments * m) * sizeof *mask);
    }
    return MIEN_OK;
}

static mien_status check_mask(const mien_design *d, const float *mask, int64_t n) {
    int64_t each = mien_design_segments(d) * d->inputs_count;
    for (int64_t i = 0; !d->masks && mask && i < n * each; i++) {
        if (mask[i] == 0) {
            return mien_fail(MIEN_EINVAL,
                "row %lld: %s is missing, and the model takes no mask",
                (long long)(i / each), d->inputs[i % d->inputs_count].name);
        }
    }
    return MIEN_OK;
}

mien_status mien_runner_run_attention(mien_runner *runner, const float *const *inputs,
    const float *mask, int64_t n, float *values, float *const *maps) {
    if (!runner->features_only) {
        return mien_fail(MIEN_EINVAL, "the model reads pictures, not features");
    }
    held h = {&runner->network->design, inputs, mask};
    mien_status status = check_mask(h.design, mask, n);
    return status == MIEN_OK
               ? mien_runner_run_filled(runner, n, fill_held, &h, values, maps)
               : status;
}

mien_status mien_runner_run_features(mien_runner *runner, const float *const *inputs,
    const float *mask, int64_t n, float *values) {
    return mien_runner_run_attention(runner, inputs, mask, n, values, NULL);
}

int mien_runner_attention_count(const mien_runner *runner) {
    return runner->stacks_count;
}

const char *mien_runner_attention_name(const mien_runner *runner, int index) {
    return runner->stacks[index].name;
}

int mien_runner_attention_shape(
    const mien_runner *runner, int index, int64_t shape[MIEN_RANK_MAX]) {
    const mien_attention_stack *s = &runner->stacks[index];
    memcpy(shape, s->shape, (size_t)s->rank * sizeof *shape);
    return s->rank;
}
