/* SPDX-License-Identifier: MIT */
/* A plan a thread: pictures are shared out, so that no thread waits for another inside
 * the network. */
#include "models/plan_set.h"

#include "nn/plan/aside.h"

mien_status mien_plan_set_init(mien_plan_set *plans, const mien_graph *graph,
    mien_parameters *parameters, const mien_plan_set_options *options) {
    mien_plan_options plan = mien_plan_options_default();
    int threads = options->threads > 0 ? options->threads : plan.threads;
    int count = options->single            ? 1
                : options->batch < threads ? (int)options->batch
                                           : threads;
    plans->batch = (options->batch + count - 1) / count;
    plans->plans = mien_alloc((size_t)count, sizeof(mien_plan *));
    mien_status status =
        plans->plans ? mien_thread_pool_new(count, &plans->pool) : MIEN_ENOMEM;
    plan.batch = plans->batch;
    plan.threads = count > 1 ? 1 : threads;
    plan.exact = options->exact;
    plan.batch_statistics = options->batch_statistics;
    plan.micro_batch = options->whole ? plans->batch : 0;
    plan.outputs = options->outputs;
    plan.outputs_count = options->outputs_count;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = mien_plan_new_aside(
            graph, parameters, &plan, options->aside, &plans->plans[i]);
        if (status == MIEN_OK) {
            plans->count++;
            plan.micro_batch =
                mien_plan_describe(plans->plans[i]).micro_batch; /* measured once */
        }
    }
    return status;
}

void mien_plan_set_clear(mien_plan_set *plans) {
    mien_thread_pool_free(&plans->pool);
    for (int i = 0; i < plans->count; i++) {
        mien_plan_free(&plans->plans[i]);
    }
    mien_free(plans->plans);
    *plans = (mien_plan_set){0};
}

typedef struct sharing {
    const mien_plan_set *plans;
    int64_t n;
    mien_plan_set_work *work;
    void *context;
} sharing;

static mien_status run_share(void *context, int64_t share, int worker) {
    const sharing *s = context;
    int64_t first = share * s->plans->batch;
    int64_t left = s->n - first;
    return s->work(
        s->context, worker, first, left < s->plans->batch ? left : s->plans->batch);
}

mien_status mien_plan_set_run(
    mien_plan_set *plans, int64_t n, mien_plan_set_work *work, void *context) {
    sharing s = {plans, n, work, context};
    int64_t shares = (n + plans->batch - 1) / plans->batch;
    return mien_thread_pool_run(plans->pool, shares, run_share, &s);
}
