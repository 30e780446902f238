/* SPDX-License-Identifier: MIT */
/* The data that the trainer ridge learns from: ratings, groups and features as plain
 * arrays, and the candidates that a study lists. */
#ifndef MIEN_TRAIN_FEATURE_SET_H
#define MIEN_TRAIN_FEATURE_SET_H

#include "train/dataset/dataset.h"
#include "train/kernel_ridge.h"

typedef struct mien_feature_set {
    int64_t rows;
    int targets;
    double *rated;        /* [targets, rows] own scale */
    const int64_t *group; /* [rows] numbers from 0; lent by the dataset */
    int64_t groups;
    char layers[1024]; /* union of the candidates' layers, as the extractor takes it */
    char backbone_hash[65];
    mien_blocks blocks;  /* one a layer, a row a different picture */
    const int64_t *item; /* [rows] of blocks, lent; NULL: each row its own */
    mien_candidate *candidates;
    char (*candidate_name)[320]; /* "pool, classifier.1; gamma 2" */
    int candidates_count;
} mien_feature_set;

/** Ratings, groups and candidates of a study's rows. Clear also after a failure. */
mien_status mien_feature_set_open(mien_feature_set *feature_set,
    const mien_dataset *dataset, const mien_study *study);
/** Whether the study's layers are there and can be pooled as it says; builds the
 * networks without their weights, and counts their values: [MIEN_MEMBERS_MAX]. */
mien_status mien_feature_set_check(
    const mien_study *study, mien_tally_part *backbones, int *count);
/** Computes features once per different picture. */
mien_status mien_feature_set_extract(mien_feature_set *feature_set,
    const mien_dataset *dataset, const mien_study *study,
    const mien_train_options *options);
void mien_feature_set_clear(mien_feature_set *feature_set);

#endif
