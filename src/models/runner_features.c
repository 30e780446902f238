/* SPDX-License-Identifier: MIT */
/* Runs networks over features: standardises their inputs, hands out values and maps of
 * attention. */
#include "models/runner.h"

#include <stdio.h>
#include <string.h>

#define OUTPUTS_MAX 160 /* the network's, and two encoders of 64 layers */

/* ---- maps of attention ------------------------------------------------------------
 */

/* The stack that this encoder's maps belong to, a new one if need be. */
static mien_attention_stack *stack_of(mien_runner *r, const char *name, int length) {
    for (int i = 0; i < r->stacks_count; i++) {
        if ((int)strlen(r->stacks[i].name) == length &&
            strncmp(r->stacks[i].name, name, (size_t)length) == 0) {
            return &r->stacks[i];
        }
    }
    mien_attention_stack *s = &r->stacks[r->stacks_count];
    if (r->stacks_count == MIEN_ATTENTION_STACKS_MAX || length >= (int)sizeof s->name) {
        return NULL;
    }
    r->stacks_count++;
    snprintf(s->name, sizeof s->name, "%.*s", length, name);
    return s;
}

/* Nodes "ENCODER.layers.0.self_attn.weights", … in the order of layers, behind the
 * network's own output. */
static void find_maps(mien_runner *r, mien_node *outputs, int *count) {
    const mien_graph *graph = r->body->graph;
    for (mien_node n = 0; n < mien_graph_nodes(graph) && *count < OUTPUTS_MAX; n++) {
        const char *name = mien_graph_name(graph, n);
        const char *layers = strstr(name, ".layers.");
        int64_t shape[MIEN_RANK_MAX];
        if (!layers ||
            strcmp(mien_graph_operator(graph, n), "attention_weights") != 0) {
            continue;
        }
        mien_attention_stack *s = stack_of(r, name, (int)(layers - name));
        if (!s) {
            continue;
        }
        s->rank = mien_graph_shape(graph, n, shape);
        s->first = s->layers == 0 ? *count : s->first;
        s->shape[0] = ++s->layers;
        memcpy(s->shape + 1, shape + 1, (size_t)(s->rank - 1) * sizeof *shape);
        outputs[(*count)++] = n;
    }
}

mien_status mien_runner_prepare_features(
    mien_runner *runner, const mien_runner_options *options) {
    mien_node outputs[OUTPUTS_MAX] = {runner->body->output};
    int count = 1;
    if (options->attention) {
        find_maps(runner, outputs, &count);
    }
    const mien_lanes_options lanes = {.batch = options->batch,
        .threads = options->threads,
        .exact = options->exact,
        .outputs = outputs,
        .outputs_count = count};
    return mien_lanes_init(
        &runner->lanes, runner->body->graph, runner->body->parameters, &lanes);
}

/* What one call works on. */
typedef struct passage {
    const mien_runner *runner;
    const float *const *inputs; /* with a mask or NULL */
    const float *mask;
    float *values;
    float *const *maps; /* of each stack; NULL: not wanted */
} passage;

static void take_maps(
    const passage *p, const mien_plan *plan, int64_t first, int64_t count) {
    for (int i = 0; p->maps && i < p->runner->stacks_count; i++) {
        const mien_attention_stack *s = &p->runner->stacks[i];
        int64_t each = mien_shape_count(s->rank - 1, s->shape + 1);
        for (int l = 0; l < s->layers; l++) {
            const float *from = mien_plan_output(plan, s->first + l)->data;
            for (int64_t row = 0; row < count; row++) {
                memcpy(p->maps[i] + ((first + row) * s->layers + l) * each,
                    from + row * each, (size_t)each * sizeof *from);
            }
        }
    }
}

/* ---- running ----------------------------------------------------------------------
 */

/* Rows [rows, width] of one input as its network reads them; seen: one in `step` floats
 * for each row, 0 where it is missing. */
static void fill_input(const mien_network *n, int index, const float *from,
    const float *seen, int64_t rows, float *to) {
    int64_t width = n->design.inputs[index].width, step = n->design.inputs_count;
    const float *mean = n->mean[index], *scale = n->scale[index];
    if (!mean && !seen) {
        memcpy(to, from, (size_t)(rows * width) * sizeof *to);
        return;
    }
    for (int64_t row = 0; row < rows; row++, from += width, to += width) {
        if (seen && seen[row * step] == 0) {
            memset(to, 0, (size_t)width * sizeof *to);
            continue;
        }
        for (int64_t i = 0; i < width; i++) {
            to[i] = mean ? (from[i] - mean[i]) * scale[i] : from[i];
        }
    }
}

static void fill_mask(const passage *p, mien_plan *plan, int64_t first, int64_t count) {
    int64_t each = mien_design_segments(&p->runner->network->design) *
                   p->runner->network->design.inputs_count;
    float *to = mien_plan_input(plan, p->runner->body->mask);
    for (int64_t i = 0; i < count * each; i++) {
        to[i] = p->mask ? p->mask[first * each + i] : 1;
    }
}

static mien_status run_features(void *context, int lane, int64_t first, int64_t count) {
    const passage *p = context;
    const mien_runner *r = p->runner;
    const mien_design *d = &r->network->design;
    mien_plan *plan = r->lanes.plans[lane];
    int64_t segments = mien_design_segments(d), begin = first * segments;
    for (int i = 0; i < d->inputs_count; i++) {
        const float *seen = p->mask ? p->mask + begin * d->inputs_count + i : NULL;
        fill_input(r->network, i, p->inputs[i] + begin * d->inputs[i].width, seen,
            count * segments, mien_plan_input(plan, r->body->inputs[i]));
    }
    if (d->masks) {
        fill_mask(p, plan, first, count);
    }
    mien_status status = mien_plan_run(plan);
    if (status == MIEN_OK) {
        mien_runner_take(r, plan, count, p->values + first * r->width);
        take_maps(p, plan, first, count);
    }
    return status;
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
    passage p = {runner, inputs, mask, values, maps};
    mien_status status = check_mask(&runner->network->design, mask, n);
    return status == MIEN_OK ? mien_lanes_run(&runner->lanes, n, run_features, &p)
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
