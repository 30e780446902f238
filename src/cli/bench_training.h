/* SPDX-License-Identifier: MIT */
/* A step of training on a backbone, for mien bench. */
#ifndef MIEN_CLI_BENCH_TRAINING_H
#define MIEN_CLI_BENCH_TRAINING_H

#include "mien/models.h"
#include "train/learnables.h"
#include "train/loss.h"
#include "train/optim.h"

typedef struct cli_bench_training {
    mien_objective *objective;
    mien_pool *pool;
    mien_learnables *learnables;
    mien_optimiser *optimiser;
    int32_t *classes; /* [batch] */
    int64_t batch;
    mien_loss_result loss; /* of the last step */
} cli_bench_training;

/** Takes everything out of training but what matches one of the patterns, divided by
 * commas. */
mien_status cli_bench_freeze(mien_parameters *parameters, const char *patterns);
/** t is zeroed; plan's first output are the logits. */
mien_status cli_bench_training_init(cli_bench_training *t, mien_plan *plan,
    mien_parameters *parameters, const char *optimiser, int threads);
void cli_bench_training_clear(cli_bench_training *t);
/** Forward, loss, backward, and the optimiser unless it is NULL. */
mien_status cli_bench_step(
    cli_bench_training *t, mien_plan *plan, mien_optimiser *optimiser);
/** One step more, and what went in and came out of it as a file. */
mien_status cli_bench_write_gradients(cli_bench_training *t, mien_plan *plan,
    mien_parameters *parameters, mien_node input, const char *path);

#endif
