/* SPDX-License-Identifier: MIT */
/* The trainer of method best: learner_best.c on what the head reads (head_trainer.c).
 */
#include "train/trainers/head_trainer.h"

const mien_trainer mien_trainer_best = {
    .name = "best",
    .method = "best",
    .summary = "The best of several fitted heads, chosen inside each fold",
    .can = MIEN_TRAINS_NUMBERS | MIEN_TRAINS_CLASSES | MIEN_TRAINS_MASKED,
    .learner = &mien_learner_best,
    MIEN_HEAD_TRAINER,
};
