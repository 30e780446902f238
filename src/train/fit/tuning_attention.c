/* SPDX-License-Identifier: MIT */
/* What a trained network over features attends to in the rows it is tested on. */
#include "train/fit/tuning_parts.h"

#include <string.h>

int mien_tuning_encoders(
    const mien_tuning *tuning, mien_attention_stack stacks[MIEN_ATTENTION_STACKS_MAX]) {
    mien_node outputs[MIEN_MAPS_OUTPUTS_MAX] = {tuning->net.output};
    int count = 1;
    return mien_maps_find(tuning->net.graph, stacks, outputs, &count);
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
    mien_feed_pass pass = {.rows = t->test, .count = t->test_count};
    if (status == MIEN_OK) {
        status = mien_feed_start(t->setup.feed, &pass);
    }
    for (int64_t done = 0; status == MIEN_OK && done < t->test_count;) {
        mien_feed_batch b;
        status = mien_feed_next(t->setup.feed, &b);
        if (status == MIEN_OK) {
            status = mien_tuning_put(t, plan, &b, -1);
        }
        if (status == MIEN_OK) {
            status = mien_plan_run(plan);
        }
        for (int i = 0; status == MIEN_OK && i < encoders; i++) {
            mien_maps_take(&stacks[i], plan, done, b.n, maps[i]);
        }
        done += status == MIEN_OK ? b.n : 0;
    }
    mien_plan_free(&plan);
    return status;
}
