/* SPDX-License-Identifier: MIT */
/* What a study learns from: rows with ratings, their groups and folds, and their
 * features. */
#ifndef MIEN_TRAIN_MATERIAL_H
#define MIEN_TRAIN_MATERIAL_H

#include "train/kernel.h"
#include "train/study.h"

typedef struct mien_material {
    mien_trials *trials;
    int64_t rows;     /* rows with all targets rated */
    int64_t left_out; /* rows of the table without */
    int64_t *row;     /* [rows] their numbers in the table */
    int targets;
    const mien_trials_target *target[MIEN_TARGETS_MAX];
    double *rated;  /* [targets, rows] own scale */
    int64_t *group; /* [rows] numbers from 0 */
    int64_t groups;
    int *fold; /* [rows] */
    int folds;
    /* features */
    char layers[512]; /* union of the candidates' layers, as the extractor takes it */
    char backbone_hash[65];
    mien_blocks blocks; /* one a layer */
    int64_t stimuli;    /* different pictures */
    mien_candidate *candidates;
    char (*candidate_name)[160]; /* "pool, classifier.1; gamma 2" */
    int candidates_count;
} mien_material;

/** Reads trials, targets, groups, folds. Clear also after a failure. */
mien_status mien_material_open(mien_material *material, const mien_study *study);
/** Computes features once per different picture. */
mien_status mien_material_extract(mien_material *material, const mien_study *study,
    const mien_train_options *options, mien_pool *pool);
/** Numbers equal names from 0 in the order of their first row. */
mien_status mien_number_names(
    const char *const *names, int64_t n, int64_t *number, int64_t *count);
void mien_material_clear(mien_material *material);

#endif
