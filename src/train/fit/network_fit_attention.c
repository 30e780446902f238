/* SPDX-License-Identifier: MIT */
/* Attention maps of a trained network over features, in the rows it is tested on. */
#include "train/fit/network_fit_parts.h"

#include <string.h>

int mien_network_fit_encoders(const mien_network_fit *fit,
    mien_attention_stack stacks[MIEN_ATTENTION_STACKS_MAX]) {
    mien_node outputs[MIEN_MAPS_OUTPUTS_MAX] = {fit->net.output};
    int count = 1;
    return mien_attention_maps_find(fit->net.graph, stacks, outputs, &count);
}

mien_status mien_network_fit_attention(mien_network_fit *fit, float *const *maps) {
    mien_network_fit *t = fit;
    mien_attention_stack stacks[MIEN_ATTENTION_STACKS_MAX];
    mien_node outputs[MIEN_MAPS_OUTPUTS_MAX] = {t->net.output};
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    int count = 1,
        encoders = mien_attention_maps_find(t->net.graph, stacks, outputs, &count);
    o.batch = t->batch;
    o.threads = t->setup.threads;
    o.outputs = outputs;
    o.outputs_count = count;
    o.measure = false;
    o.exact = t->setup.exact;
    mien_status status = mien_plan_new(t->net.graph, t->net.parameters, &o, &plan);
    mien_batches_pass pass = {.rows = t->test, .count = t->test_count};
    if (status == MIEN_OK) {
        status = mien_batches_start(t->setup.feed, &pass);
    }
    for (int64_t done = 0; status == MIEN_OK && done < t->test_count;) {
        mien_fit_batch b;
        status = mien_batches_next(t->setup.feed, &b);
        if (status == MIEN_OK) {
            status = mien_network_fit_put(t, plan, &b, -1);
        }
        if (status == MIEN_OK) {
            status = mien_plan_run(plan);
        }
        for (int i = 0; status == MIEN_OK && i < encoders; i++) {
            mien_attention_maps_take(&stacks[i], plan, done, b.n, maps[i]);
        }
        done += status == MIEN_OK ? b.n : 0;
    }
    mien_plan_free(&plan);
    return status;
}
