/* SPDX-License-Identifier: MIT */
/* The trainer of method ridge: learner_ridge.c on what the head reads
 * (head_trainer.c). */
#include "train/trainers/head_trainer.h"

const mien_trainer mien_trainer_linear_ridge = {
    .name = "linear_ridge",
    .method = "ridge",
    .summary = "Ridge regression on features and frozen branches",
    .can = MIEN_TRAINS_NUMBERS | MIEN_TRAINS_CLASSES | MIEN_TRAINS_MASKED,
    .learner = &mien_learner_ridge,
    MIEN_HEAD_TRAINER,
};
