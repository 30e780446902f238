/* SPDX-License-Identifier: MIT */
/* A plan a thread: pictures are shared out, so that no thread waits for another inside
 * the network. */
#include "models/lanes.h"

#include "nn/plan/aside.h"

mien_status mien_lanes_init(mien_lanes *lanes, const mien_graph *graph,
    mien_parameters *parameters, const mien_lanes_options *options) {
    mien_plan_options plan = mien_plan_options_default();
    int threads = options->threads > 0 ? options->threads : plan.threads;
    int count = options->single            ? 1
                : options->batch < threads ? (int)options->batch
                                           : threads;
    lanes->batch = (options->batch + count - 1) / count;
    lanes->plans = mien_alloc((size_t)count, sizeof(mien_plan *));
    mien_status status =
        lanes->plans ? mien_pool_new(count, &lanes->pool) : MIEN_ENOMEM;
    plan.batch = lanes->batch;
    plan.threads = count > 1 ? 1 : threads;
    plan.exact = options->exact;
    plan.micro_batch = options->whole ? lanes->batch : 0;
    plan.outputs = options->outputs;
    plan.outputs_count = options->outputs_count;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = mien_plan_new_aside(
            graph, parameters, &plan, options->aside, &lanes->plans[i]);
        if (status == MIEN_OK) {
            lanes->count++;
            plan.micro_batch =
                mien_plan_describe(lanes->plans[i]).micro_batch; /* measured once */
        }
    }
    return status;
}

void mien_lanes_clear(mien_lanes *lanes) {
    mien_pool_free(&lanes->pool);
    for (int i = 0; i < lanes->count; i++) {
        mien_plan_free(&lanes->plans[i]);
    }
    mien_free(lanes->plans);
    *lanes = (mien_lanes){0};
}

typedef struct sharing {
    const mien_lanes *lanes;
    int64_t n;
    mien_lanes_work *work;
    void *context;
} sharing;

static mien_status run_share(void *context, int64_t share, int worker) {
    const sharing *s = context;
    int64_t first = share * s->lanes->batch;
    int64_t left = s->n - first;
    return s->work(
        s->context, worker, first, left < s->lanes->batch ? left : s->lanes->batch);
}

mien_status mien_lanes_run(
    mien_lanes *lanes, int64_t n, mien_lanes_work *work, void *context) {
    sharing s = {lanes, n, work, context};
    int64_t shares = (n + lanes->batch - 1) / lanes->batch;
    return mien_pool_run(lanes->pool, shares, run_share, &s);
}
