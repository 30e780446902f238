/* SPDX-License-Identifier: MIT */
/* A small made problem for the tests of the room: two layers that know something of the
 * ratings, one that is noise. */
#ifndef MIEN_TESTS_TRAIN_MADE_H
#define MIEN_TESTS_TRAIN_MADE_H

#include <string.h>

#include "train/choice.h"

enum {
    MADE_ROWS = 60,
    MADE_NEW = 7, /* rows of features behind the feature set's, never trained on */
    MADE_ALL = MADE_ROWS + MADE_NEW,
    MADE_GROUPS = 20,
    MADE_FOLDS = 4,
    MADE_TARGETS = 2,
    MADE_WIDTH = 6
};
enum { MADE_SIGNAL, MADE_SECOND, MADE_NOISE, MADE_BLOCKS };

typedef struct made {
    mien_study study;
    mien_backbone backbone;
    mien_feature_set feature_set;
    mien_dataset dataset; /* as far as a model file asks for it */
    mien_trials_target target[MADE_TARGETS];
    float values[MADE_BLOCKS][MADE_ALL * MADE_WIDTH];
    double rated[MADE_TARGETS * MADE_ROWS];
    int64_t group[MADE_ROWS];
    int fold[MADE_ROWS];
    int folds;
    mien_candidate candidates[MADE_BLOCKS + 1];
    char names[MADE_BLOCKS + 1][320];
} made;

/* Sum of 12 uniforms: near enough to normal. */
static inline double made_normal(mien_stream *s) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        sum += mien_stream_uniform(s);
    }
    return sum;
}

static inline void made_features(made *m) {
    mien_stream s;
    mien_stream_init(&s, 17, 0, 0);
    for (int b = 0; b < MADE_BLOCKS; b++) {
        for (int i = 0; i < MADE_ALL * MADE_WIDTH; i++) {
            m->values[b][i] = (float)made_normal(&s);
        }
    }
    for (int i = 0; i < MADE_ROWS; i++) {
        const float *a = m->values[MADE_SIGNAL] + i * MADE_WIDTH;
        const float *b = m->values[MADE_SECOND] + i * MADE_WIDTH;
        m->group[i] = i % MADE_GROUPS;
        m->fold[i] = (int)(m->group[i] % MADE_FOLDS);
        m->rated[i] = 4 + (double)a[0] + 0.7 * (double)b[0] + 0.3 * made_normal(&s);
        m->rated[MADE_ROWS + i] = 2 - (double)b[1] + 0.3 * made_normal(&s);
    }
}

static inline void made_describe(
    const mien_trials_target *from, mien_dataset_target *target) {
    mien_target *to = &target->target;
    target->from = from;
    strcpy(to->name, from->name);
    strcpy(to->unit, from->unit);
    strcpy(to->construct, from->construct);
    strcpy(to->perspective, from->perspective);
    to->minimum = from->minimum;
    to->maximum = from->maximum;
}

/* combine: "best" or "stack". Candidates: each block alone at gamma, then the two that
 * know something together. */
static inline void made_init(made *m, const char *combine, double gamma) {
    static const double lambdas[] = {0.001, 0.01, 0.1, 1, 10, 100};
    static const char *const layers[] = {"pool", "second", "noise"};
    *m = (made){0};
    made_features(m);
    m->folds = MADE_FOLDS;
    m->backbone = (mien_backbone){.name = "made"};
    m->study.backbone = &m->backbone;
    m->study.preprocess = mien_preprocess_imagenet();
    assert_good(mien_options_new(mien_study_keys, &m->study.options));
    assert_good(mien_options_set(m->study.options, NULL, "readout.combine", combine));
    m->study.lambdas_count = sizeof lambdas / sizeof *lambdas;
    memcpy(m->study.lambdas, lambdas, sizeof lambdas);
    m->feature_set = (mien_feature_set){.rows = MADE_ROWS,
        .targets = MADE_TARGETS,
        .rated = m->rated,
        .group = m->group,
        .groups = MADE_GROUPS,
        .layers = "pool,second,noise",
        .candidates = m->candidates,
        .candidate_name = m->names,
        .candidates_count = MADE_BLOCKS + 1};
    m->feature_set.blocks = (mien_blocks){.count = MADE_BLOCKS, .rows = MADE_ALL};
    memset(m->feature_set.backbone_hash, 'a', 64);
    for (int b = 0; b < MADE_BLOCKS; b++) {
        m->feature_set.blocks.width[b] = MADE_WIDTH;
        m->feature_set.blocks.values[b] = m->values[b];
        m->feature_set.blocks.name[b] = layers[b];
        m->candidates[b] = (mien_candidate){.blocks = {b}, .count = 1, .gamma = gamma};
        strcpy(m->names[b], layers[b]);
    }
    m->candidates[MADE_BLOCKS] =
        (mien_candidate){.blocks = {0, 1}, .count = 2, .gamma = gamma};
    strcpy(m->names[MADE_BLOCKS], "pool, second");
    for (int t = 0; t < MADE_TARGETS; t++) {
        m->target[t] = (mien_trials_target){.minimum = -10,
            .maximum = 20,
            .unit = "points",
            .construct = "evoked",
            .perspective = "normative"};
        strcpy(m->target[t].name, t ? "arousal" : "valence");
        made_describe(&m->target[t], &m->dataset.target[t]);
    }
}

static inline void made_clear(made *m) {
    mien_options_free(&m->study.options);
}

/* Out-of-fold predictions by [targets, rows], as the trainer makes them fold by fold.
 */
typedef struct made_judgement {
    double prediction[MADE_TARGETS * MADE_ROWS], plain[MADE_TARGETS * MADE_ROWS];
    double mean[MADE_TARGETS * MADE_ROWS];
    mien_choice choice[MADE_FOLDS];
} made_judgement;

static inline mien_status made_judge_fold(
    const made *m, int fold, mien_thread_pool *pool, made_judgement *j) {
    int64_t training[MADE_ROWS], tested[MADE_ROWS];
    double prediction[MADE_TARGETS * MADE_ROWS], plain[MADE_TARGETS * MADE_ROWS];
    mien_fold_rows rows = {training, tested, 0, 0};
    for (int i = 0; i < MADE_ROWS; i++) {
        if (m->fold[i] == fold) {
            tested[rows.tested_count++] = i;
        } else {
            training[rows.training_count++] = i;
        }
    }
    mien_status status = mien_choose(&j->choice[fold], &m->feature_set,
        m->feature_set.candidates, m->feature_set.candidates_count, training,
        rows.training_count, &m->study, pool);
    if (status == MIEN_OK) {
        status = mien_choice_predict(&j->choice[fold], &m->feature_set,
            m->feature_set.candidates, &rows, NULL, NULL, pool, prediction);
    }
    if (status == MIEN_OK) {
        status = mien_choice_plain(&m->feature_set, &m->study, &rows, pool, plain);
    }
    for (int64_t i = 0; status == MIEN_OK && i < rows.tested_count; i++) {
        for (int t = 0; t < MADE_TARGETS; t++) {
            int64_t at = t * MADE_ROWS + tested[i];
            j->prediction[at] = prediction[i * MADE_TARGETS + t];
            j->plain[at] = plain[i * MADE_TARGETS + t];
            j->mean[at] = j->choice[fold].ridge[t].mean;
        }
    }
    return status;
}

static inline mien_status made_judge(
    const made *m, mien_thread_pool *pool, made_judgement *j) {
    mien_status status = MIEN_OK;
    memset(j, 0, sizeof *j);
    for (int k = 0; status == MIEN_OK && k < m->folds; k++) {
        status = made_judge_fold(m, k, pool, j);
    }
    return status;
}

static inline void made_judgement_clear(made_judgement *j) {
    for (int k = 0; k < MADE_FOLDS; k++) {
        mien_choice_clear(&j->choice[k]);
    }
}

#endif
