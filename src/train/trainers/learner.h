/* SPDX-License-Identifier: MIT */
/* Heads that are fitted at once instead of step by step: logistic regression, ridge
 * regression, trees.
 *
 * In come rows of the network in front of the head, which nothing trains, and one
 * target of theirs (a lesson); out comes what the head has learnt of them. Rows of
 * trainers.def name their learner, head_trainer.c calls it for every fold, and tries
 * its candidates inside the fold. */
#ifndef MIEN_TRAIN_LEARNER_H
#define MIEN_TRAIN_LEARNER_H

#include "train/study/study.h"

/** The lesson: the rows that one target is learnt from. All is lent. */
typedef struct mien_lesson {
    int64_t rows, width;
    const float *x;       /* [rows, width], finite */
    int classes;          /* K; 0: the target is a number */
    const int *label;     /* [rows], of classes */
    const double *value;  /* [rows], of numbers: on [-1, 1] over the target's range */
    const double *weight; /* [rows], above 0 */
    int blocks;           /* what the inputs give stands side by side: so many parts */
    int64_t block[MIEN_INPUTS_MAX]; /* [blocks] widths that sum up to width */
    uint32_t seed;
} mien_lesson;

/** Trees as the operator `trees` (nn/ops/op_trees.c) reads them. */
typedef struct mien_forest {
    int64_t trees, nodes;               /* 0: there are none */
    float *feature, *threshold, *child; /* [nodes] */
    float *root, *output;               /* [trees] */
} mien_forest;

/** The result of learning: outputs of a row x are bias + weight x, or bias and the
 * leaves of trees. Zeroed is empty. */
typedef struct mien_learned {
    int64_t width, outputs; /* outputs: 1, or a logit for each class */
    double *weight;         /* [outputs, width]; NULL: it has trees */
    double *bias;           /* [outputs] */
    mien_forest forest;
} mien_learned;

/** Memory for the linear kind, zeros. */
mien_status mien_learned_init(mien_learned *learned, int64_t width, int64_t outputs);
void mien_learned_clear(mien_learned *learned);
/** x [rows, width] to outputs [rows, outputs], summed in double. */
void mien_learned_run(
    const mien_learned *learned, const float *x, int64_t rows, double *outputs);
/** Values that were learnt: weights and biases, or nodes of trees. */
int64_t mien_learned_count(const mien_learned *learned);

typedef struct mien_learner mien_learner;
struct mien_learner {
    const char *head; /* row of heads.def that runs what is learnt */
    /* Row that stands in its place while the rows in front of it are made. */
    const char *stand_in;
    bool scales; /* columns that branches compute are standardised for it */
    /** Whether this build and this study can; NULL: always. */
    mien_status (*check)(const mien_study *study);
    /** Whether a candidate learns this kind of target; NULL: all do. */
    bool (*suits)(const mien_study *study, int candidate, bool classes);
    /** Candidates of the study, among which each fold chooses on its training rows. */
    int (*candidates)(const mien_study *study);
    /** Fills `learned`, which is empty; clear it also after a failure. The same bits
     * for the same lesson. */
    mien_status (*fit)(const mien_lesson *lesson, const mien_study *study,
        int candidate, mien_learned *learned);
    /** Sets the candidate's own keys. */
    void (*tell)(
        const mien_study *study, int candidate, mien_value *map, mien_status *status);
};

extern const mien_learner mien_learner_logistic, mien_learner_ridge, mien_learner_trees,
    mien_learner_best;

/** Whether the study's method tries candidates of a learner: its own, or one of the
 * learners that method best lists. */
bool mien_study_learns(const mien_study *study, const mien_learner *learner);

#endif
