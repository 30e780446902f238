/* SPDX-License-Identifier: MIT */
/* What a trained network over features attends to in the rows it is tested on. */
#include "train/tuning_parts.h"

#include <string.h>

int mien_tuning_encoders(
    const mien_tuning *tuning, mien_attention_stack stacks[MIEN_ATTENTION_STACKS_MAX]) {
    mien_node outputs[MIEN_MAPS_OUTPUTS_MAX] = {tuning->net.output};
    int count = 1;
    return mien_maps_find(tuning->net.graph, stacks, outputs, &count);
}

static mien_status run(
    mien_tuning *t, mien_plan *plan, const int64_t *rows, int64_t n) {
    float *to[MIEN_INPUTS_MAX];
    for (int m = 0; m < t->net.architecture.inputs_count; m++) {
        to[m] = mien_plan_input(plan, t->net.inputs[m]);
    }
    float *mask = t->net.mask >= 0 ? mien_plan_input(plan, t->net.mask) : NULL;
    mien_columns_fill(&t->inputs, rows, n, -1, to, mask);
    return mien_plan_run(plan);
}

mien_status mien_tuning_attention(mien_tuning *tuning, float *const *maps) {
    mien_tuning *t = tuning;
    mien_attention_stack stacks[MIEN_ATTENTION_STACKS_MAX];
    mien_node outputs[MIEN_MAPS_OUTPUTS_MAX] = {t->net.output};
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    int count = 1, encoders = mien_maps_find(t->net.graph, stacks, outputs, &count);
    o.batch = t->batch;
    o.threads = t->setup.threads;
    o.outputs = outputs;
    o.outputs_count = count;
    o.measure = false;
    o.exact = t->setup.exact;
    mien_status status = mien_plan_new(t->net.graph, t->net.parameters, &o, &plan);
    for (int64_t done = 0; status == MIEN_OK && done < t->test_count;) {
        int64_t left = t->test_count - done, n = left < t->batch ? left : t->batch;
        status = run(t, plan, t->test + done, n);
        for (int i = 0; status == MIEN_OK && i < encoders; i++) {
            mien_maps_take(&stacks[i], plan, done, n, maps[i]);
        }
        done += n;
    }
    mien_plan_free(&plan);
    return status;
}
