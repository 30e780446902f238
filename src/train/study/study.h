/* SPDX-License-Identifier: MIT */
/* A study as the rest of the room sees it: every key checked and typed. */
#ifndef MIEN_TRAIN_STUDY_H
#define MIEN_TRAIN_STUDY_H

#include "mien/train.h"
#include "train/trainers/heads_fitted.h"
#include "train/study/recipe.h"

struct mien_trainer;
struct mien_search_strategy;
struct mien_space;

enum {
    MIEN_STUDY_LAYERS_MAX = 16,
    MIEN_STUDY_GAMMAS_MAX = 16,
    MIEN_STUDY_LAMBDAS_MAX = 64,
    MIEN_STUDY_KEYS_MAX = 256,
    MIEN_STUDY_EXTRAS_MAX = 64,
    MIEN_STUDY_SMOOTHS_MAX = 32,
    MIEN_STUDY_WHERE_MAX = 4200,
    MIEN_SEEDS_MAX = 100
};

/** An option of a network, a loss, an optimiser or a schedule, until their rows are
 * known. */
typedef struct mien_study_extra {
    char *key, *text;
    int line; /* -1: --set */
} mien_study_extra;

struct mien_study {
    char *path, *folder;
    mien_options *options;
    int lines[MIEN_STUDY_KEYS_MAX]; /* where each key was given; 0: nowhere, -1: --set
                                     */
    char *trials;                   /* path from here */
    char *targets[MIEN_TARGETS_MAX];
    int targets_count; /* 0: all of the table */
    const mien_backbone *backbone;
    mien_preprocess preprocess;
    char *layers[MIEN_STUDY_LAYERS_MAX]; /* candidates: "pool", "pool, classifier.1" */
    int layers_count;
    double gammas[MIEN_STUDY_GAMMAS_MAX];
    int gammas_count;
    double lambdas[MIEN_STUDY_LAMBDAS_MAX];
    int lambdas_count;
    mien_heads_fitted heads; /* of trainers that fit a head at once */
    mien_study_extra extra[MIEN_STUDY_EXTRAS_MAX];
    int extras;
    bool bad_set;                       /* what was wrong is in --set */
    const struct mien_trainer *trainer; /* that its method names */
    mien_recipe recipe;
    char *
        inputs[MIEN_INPUTS_MAX]; /* by name, in order; "image" is the table's picture */
    int inputs_count;            /* 0: one picture, or the trees */
    mien_value *inputs_tree,
        *branches_tree; /* as the file maps them; NULL: it does not */
    bool pictured;      /* has a picture by the keys backbone and picture */
    bool preset;        /* a network over features by the key model */
    mien_smoothing_rule smoothing;
    double smooth[MIEN_STUDY_SMOOTHS_MAX]; /* candidates; 0: not smoothed */
    int smooth_count;
    bool searched;         /* a key of the section search is given */
    mien_value *over_tree; /* search.over */
    const struct mien_search_strategy *search_strategy; /* that search.name names */
    struct mien_space *space;                           /* what search.over says */
    struct mien_dataset *opened; /* by the audit, for the run; NULL: by no one */
};

/** The keys with type, default, range and help: what docs and --print are made of. */
extern const mien_option mien_study_keys[];
/** Whether a key has a say in this study: the parts that own it are used. */
bool mien_study_key_of(const char *key, const mien_study *study);

/** "study.yaml:3", as far as the place of a key is known. buffer:
 * MIEN_STUDY_WHERE_MAX. */
const char *mien_study_where(const mien_study *study, const char *key, char *buffer);
/** Whether a key stands in the file or among --set. */
bool mien_study_given(const mien_study *study, const char *key);
/** Cuts the items of a list key, trimmed, into at most `most` new strings, each
 * different. */
mien_status mien_study_items(
    const mien_study *study, const char *key, char **items, int most, int *count);

/** Numbers of a list key in a range; repeats are allowed. */
mien_status mien_study_numbers(const mien_study *study, const char *key, double minimum,
    double maximum, bool whole, double *numbers, int most, int *count);

/** The study as it is trained with another seed: its own options, everything else lent
 * by the study. Clear also after a failure. */
mien_status mien_study_seeded(
    const mien_study *study, int64_t seed, mien_study *seeded);
void mien_study_seeded_clear(mien_study *seeded);

/** Reads how folds and validation rows are assigned, which every trainer asks for. */
mien_status mien_recipe_folds(mien_study *study);
/** The same of trainers that fit a head at once: candidates, weights of classes. */
mien_status mien_recipe_heads(mien_study *study);
/** The learners that method best chooses among: what keys a study may have hangs on
 * them. */
mien_status mien_recipe_best(mien_study *study);
/** Fills the recipe from the study's keys, and the rows' options from its extras. */
mien_status mien_recipe_take(mien_study *study);
/** Reads the options of a row out of the study's extras. table NULL: it has none. */
mien_status mien_recipe_options(
    mien_study *study, int section, const mien_option *table);
/** Names of inputs, and whether a picture or a preset is among what the study says. */
mien_status mien_recipe_inputs(mien_study *study);
/** Inputs, branches, fusion and head; of trainers without a network the inputs alone.
 */
mien_status mien_recipe_architecture(mien_study *study);
mien_status mien_recipe_smoothing(mien_study *study);
/** The strategy and the space of mien search; without the section search the default
 * strategy and an empty space. */
mien_status mien_recipe_search(mien_study *study);
/** The section of a key that belongs to a row's own options ("optimiser.momentum"), or
 * -1. */
int mien_recipe_section(const char *key);
const char *mien_recipe_section_name(int section);
void mien_recipe_clear(mien_recipe *recipe);

#endif
