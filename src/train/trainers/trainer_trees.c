/* SPDX-License-Identifier: MIT */
/* The trainer of method trees: learner_trees.c on what the head reads
 * (head_trainer.c). */
#include "train/trainers/head_trainer.h"

const mien_trainer mien_trainer_trees = {
    .name = "trees",
    .method = "trees",
    .summary = "Random forests and boosted trees on features and frozen branches",
    .can = MIEN_TRAINS_NUMBERS | MIEN_TRAINS_CLASSES | MIEN_TRAINS_MASKED,
    .learner = &mien_learner_trees,
    MIEN_HEAD_TRAINER,
};
