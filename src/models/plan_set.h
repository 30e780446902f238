/* SPDX-License-Identifier: MIT */
/* A plan a thread: pictures are shared out, so that no thread waits for another inside
 * the network. */
#ifndef MIEN_MODELS_PLAN_SET_H
#define MIEN_MODELS_PLAN_SET_H

#include "mien/nn.h"

typedef struct mien_plan_set {
    mien_thread_pool *pool;
    mien_plan **plans; /**< [count] */
    int count;
    int64_t batch; /**< pictures a plan takes at once */
} mien_plan_set;

typedef struct mien_plan_set_options {
    int64_t batch;                /**< pictures of all plans together */
    int threads;                  /**< 0: all */
    bool exact, batch_statistics; /**< as in mien_plan_options */
    bool whole;  /**< a plan runs all of its share at once: no time goes into measuring
                    what were faster */
    bool single; /**< one plan with all threads */
    const char *aside;        /**< a folder, as in nn/plan/aside.h; NULL: none */
    const mien_node *outputs; /**< lent during the call */
    int outputs_count;
} mien_plan_set_options;

mien_status mien_plan_set_init(mien_plan_set *plans, const mien_graph *graph,
    mien_parameters *parameters, const mien_plan_set_options *options);
void mien_plan_set_clear(mien_plan_set *plans);

/** Does pictures [first, first + count) with plan number `lane`. */
typedef mien_status mien_plan_set_work(
    void *context, int lane, int64_t first, int64_t count);
/** Calls work for shares of n pictures, several at a time. Allocates nothing. */
mien_status mien_plan_set_run(
    mien_plan_set *plans, int64_t n, mien_plan_set_work *work, void *context);

#endif
