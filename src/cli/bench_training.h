/* SPDX-License-Identifier: MIT */
/* A step of training of a network, for mien bench. */
#ifndef MIEN_CLI_BENCH_TRAINING_H
#define MIEN_CLI_BENCH_TRAINING_H

#include "mien/models.h"
#include "train/fit/trainables.h"
#include "train/losses/loss.h"
#include "train/optimisers/optim.h"

typedef struct cli_bench_training {
    mien_objective *objective;
    mien_thread_pool *pool;
    mien_trainables *trainables;
    mien_optimiser *optimiser;
    int32_t *classes; /* [batch]; NULL: the loss is of values */
    float *values;    /* [batch, outputs], likewise */
    int64_t batch;
    double rate;
    mien_loss_result loss; /* of the last step */
} cli_bench_training;

typedef struct cli_bench_training_setup {
    const char *loss, *optimiser; /**< rows of their tables */
    double rate;
    int threads;
} cli_bench_training_setup;

/** Takes everything out of training but what matches one of the patterns, divided by
 * commas. */
mien_status cli_bench_freeze(mien_parameters *parameters, const char *patterns);
/** t is zeroed; plan's first output [batch, outputs] is what the loss judges. */
mien_status cli_bench_training_init(cli_bench_training *t, mien_plan *plan,
    mien_parameters *parameters, const cli_bench_training_setup *setup);
void cli_bench_training_clear(cli_bench_training *t);
/** Forward, loss, backward, and the optimiser unless it is NULL. */
mien_status cli_bench_step(
    cli_bench_training *t, mien_plan *plan, mien_optimiser *optimiser);
/** One step more, and what went in and came out of it as a file. */
mien_status cli_bench_write_gradients(cli_bench_training *t, const mien_graph *graph,
    mien_plan *plan, mien_parameters *parameters, const char *path);

#endif
