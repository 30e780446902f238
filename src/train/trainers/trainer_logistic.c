/* SPDX-License-Identifier: MIT */
/* The trainer of method logistic: learner_logistic.c on what the head reads
 * (head_trainer.c). */
#include "train/trainers/head_trainer.h"

const mien_trainer mien_trainer_logistic = {
    .name = "logistic",
    .method = "logistic",
    .summary = "Logistic regression on features and frozen branches",
    .can = MIEN_TRAINS_CLASSES | MIEN_TRAINS_MASKED,
    .learner = &mien_learner_logistic,
    MIEN_HEAD_TRAINER,
};
