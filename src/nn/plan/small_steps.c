/* SPDX-License-Identifier: MIT */
/* Element-wise steps of our own for small row-major values. */
#include "nn/plan/small_steps.h"

#include "nn/kernels/narrow.h"

#define SMALL 32768 /* values; far more are worth a second thread */

typedef struct mapping {
    int64_t count;
    float slope;
} mapping;

bool mien_small(const mien_builder *b, const_dnnl_memory_desc_t md) {
    return b->plan->mode == MIEN_TRAIN &&
           mien_shape_count(mien_md_rank(md), mien_md_dims(md)) <= SMALL &&
           mien_md_is_plain(md);
}

static void run_add(const mien_step *step) {
    const mapping *m = step->settings;
    mien_narrow_best()->add(mien_step_data(step, DNNL_ARG_SRC_0),
        mien_step_data(step, DNNL_ARG_SRC_1), mien_step_data(step, DNNL_ARG_DST),
        m->count);
}

static void run_rectify(const mien_step *step) {
    const mapping *m = step->settings;
    mien_narrow_best()->rectify(mien_step_data(step, DNNL_ARG_SRC), m->slope,
        mien_step_data(step, DNNL_ARG_DST), m->count);
}

static void run_rectify_back(const mien_step *step) {
    const mapping *m = step->settings;
    mien_narrow_best()->rectify_back(mien_step_data(step, DNNL_ARG_DST),
        mien_step_data(step, DNNL_ARG_DIFF_DST), m->slope,
        mien_step_data(step, DNNL_ARG_DIFF_SRC), m->count);
}

typedef struct argument {
    int arg;
    mien_value_ref value;
} argument;

static mien_status add_step(mien_builder *b, mien_node node, mien_step_run *run,
    float slope, int count, const argument *arguments) {
    const_dnnl_memory_desc_t md = arguments[0].value.md;
    mapping *m = mien_arena_alloc(b->program->arena, 1, sizeof *m);
    mien_step *step = m ? mien_builder_step(b, node) : NULL;
    mien_status status = step ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        *m = (mapping){mien_shape_count(mien_md_rank(md), mien_md_dims(md)), slope};
        step->run = run;
        step->settings = m;
    }
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = mien_step_value(b, step, arguments[i].arg, arguments[i].value);
    }
    return status;
}

mien_status mien_small_add(mien_builder *b, mien_node node, mien_value_ref a,
    mien_value_ref c, mien_value_ref to) {
    const argument arguments[] = {
        {DNNL_ARG_SRC_0, a}, {DNNL_ARG_SRC_1, c}, {DNNL_ARG_DST, to}};
    return add_step(b, node, run_add, 0, 3, arguments);
}

mien_status mien_small_rectify(mien_builder *b, mien_node node, float slope,
    mien_value_ref from, mien_value_ref to) {
    const argument arguments[] = {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}};
    return add_step(b, node, run_rectify, slope, 2, arguments);
}

mien_status mien_small_rectify_back(mien_builder *b, mien_node node, float slope,
    mien_value_ref y, mien_value_ref dy, mien_value_ref dx) {
    const argument arguments[] = {
        {DNNL_ARG_DST, y}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_SRC, dx}};
    return add_step(b, node, run_rectify_back, slope, 3, arguments);
}
