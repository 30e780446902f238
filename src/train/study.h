/* SPDX-License-Identifier: MIT */
/* A study as the rest of the room sees it: every key checked and typed. */
#ifndef MIEN_TRAIN_STUDY_H
#define MIEN_TRAIN_STUDY_H

#include "mien/train.h"

enum {
    MIEN_STUDY_LAYERS_MAX = 16,
    MIEN_STUDY_GAMMAS_MAX = 16,
    MIEN_STUDY_LAMBDAS_MAX = 64,
    MIEN_STUDY_KEYS_MAX = 64
};

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
};

/** The keys with type, default, range and help: what docs and --print are made of. */
extern const mien_option mien_study_keys[];

#endif
