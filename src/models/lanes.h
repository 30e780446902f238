/* SPDX-License-Identifier: MIT */
/* A plan a thread: pictures are shared out, so that no thread waits for another inside
 * the network. */
#ifndef MIEN_MODELS_LANES_H
#define MIEN_MODELS_LANES_H

#include "mien/nn.h"

typedef struct mien_lanes {
    mien_pool *pool;
    mien_plan **plans; /**< [count] */
    int count;
    int64_t batch; /**< pictures a plan takes at once */
} mien_lanes;

typedef struct mien_lanes_options {
    int64_t batch; /**< pictures of all lanes together */
    int threads;   /**< 0: all */
    bool exact;
    bool whole;  /**< a plan runs all of its share at once: no time goes into measuring
                    what were faster */
    bool single; /**< one plan with all threads */
    const char *aside;        /**< a folder, as in nn/plan/aside.h; NULL: none */
    const mien_node *outputs; /**< lent during the call */
    int outputs_count;
} mien_lanes_options;

mien_status mien_lanes_init(mien_lanes *lanes, const mien_graph *graph,
    mien_parameters *parameters, const mien_lanes_options *options);
void mien_lanes_clear(mien_lanes *lanes);

/** Does pictures [first, first + count) with plan number `lane`. */
typedef mien_status mien_lanes_work(
    void *context, int lane, int64_t first, int64_t count);
/** Calls work for shares of n pictures, several at a time. Allocates nothing. */
mien_status mien_lanes_run(
    mien_lanes *lanes, int64_t n, mien_lanes_work *work, void *context);

#endif
