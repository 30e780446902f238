/* SPDX-License-Identifier: MIT */
/* Shared by the optimisers that keep a mean of gradients and of their squares. */
#ifndef MIEN_TRAIN_ADAM_H
#define MIEN_TRAIN_ADAM_H

#include "train/optimisers/optim.h"

typedef struct mien_adam_settings {
    mien_optim_common common; /* momentum: beta1 */
    double beta2, epsilon;
    double momentum_decay; /* nadam */
    bool decoupled;        /* decay shrinks the weights, not through the gradient */
} mien_adam_settings;

/** "mean", "square", NULL. */
extern const char *const mien_adam_state_names[];

/** beta1, beta2, epsilon. */
mien_status mien_adam_parse(const mien_options *given, mien_adam_settings *settings);

void mien_adam_begin(mien_optim_step *step, double *memory);
void mien_adam_update(const mien_optim_step *step, const mien_optim_chunk *chunk);

#define MIEN_ADAM_OPTIONS                                                              \
    {.name = "beta1",                                                                  \
        .type = MIEN_OPTION_NUMBER,                                                    \
        .initial = "0.9",                                                              \
        .minimum = 0,                                                                  \
        .maximum = 0.9999999,                                                          \
        .help = "part of the mean of gradients that a step keeps"},                    \
        {.name = "beta2",                                                              \
            .type = MIEN_OPTION_NUMBER,                                                \
            .initial = "0.999",                                                        \
            .minimum = 0,                                                              \
            .maximum = 0.9999999,                                                      \
            .help = "part of the mean of their squares that a step keeps"},            \
    {                                                                                  \
        .name = "epsilon", .type = MIEN_OPTION_NUMBER, .initial = "1e-8",              \
        .minimum = 1e-30, .maximum = 1, .help = "added to the root of that mean"       \
    }

#endif
