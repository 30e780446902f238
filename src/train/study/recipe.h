/* SPDX-License-Identifier: MIT */
/* How a network is trained: what a study of the method network says, checked and typed.
 */
#ifndef MIEN_TRAIN_RECIPE_H
#define MIEN_TRAIN_RECIPE_H

#include "mien/data.h"
#include "mien/models.h"
#include "train/losses/loss.h"
#include "train/optimisers/optim.h"
#include "train/schedules/schedule.h"

enum { MIEN_RECIPE_PATTERNS_MAX = 64, MIEN_RECIPE_HIDDEN_MAX = 8 };

/** Parts of a recipe that are rows of a table, with options of their own. */
enum {
    MIEN_RECIPE_NUMBERS,
    MIEN_RECIPE_CLASSES,
    MIEN_RECIPE_OPTIMISER,
    MIEN_RECIPE_SCHEDULE,
    MIEN_RECIPE_MODEL, /* of presets over features */
    MIEN_RECIPE_FUSION,
    MIEN_RECIPE_SEARCH, /* of mien search */
    MIEN_RECIPE_SECTIONS
};

/** How a predicted series is smoothed. */
typedef enum mien_smoothing_rule {
    MIEN_SMOOTHING_NONE,
    MIEN_SMOOTHING_MEAN,
    MIEN_SMOOTHING_BUTTERWORTH
} mien_smoothing_rule;

/** A multiplier of the parameters whose names match. */
typedef struct mien_recipe_factor {
    char *pattern;
    double factor;
} mien_recipe_factor;

/** The choice for parameters whose names match a pattern: a rule, or a file's path. */
typedef struct mien_recipe_choice {
    char *pattern, *value;
} mien_recipe_choice;

typedef struct mien_recipe {
    mien_architecture architecture; /* its outputs are known when the targets are */
    char *what[MIEN_RECIPE_PATTERNS_MAX];
    int what_count;
    mien_recipe_factor rate[MIEN_RECIPE_PATTERNS_MAX], decay[MIEN_RECIPE_PATTERNS_MAX];
    int rates, decays;
    mien_recipe_choice initial[MIEN_RECIPE_PATTERNS_MAX];
    mien_recipe_choice
        load[MIEN_RECIPE_PATTERNS_MAX]; /* paths from the study's folder */
    int initials, loads;
    const mien_loss *numbers, *classes;
    const mien_optim *optim;
    const mien_schedule *schedule;
    const mien_option *table[MIEN_RECIPE_SECTIONS]; /* of their options; NULL: none */
    mien_options *given[MIEN_RECIPE_SECTIONS];
    const mien_sampler *sampler;
    char *sampler_by[MIEN_SAMPLER_FACTORS];
    int sampler_by_count;
    double loss_weight[MIEN_TARGETS_MAX];
    int loss_weights; /* 0: all 1 */
    double class_weight[MIEN_CLASSES_MAX];
    int class_weights;
    mien_augment *augment; /* NULL: none */
    mien_fold_rule folds;
    mien_validation_rule validation;
} mien_recipe;

#endif
