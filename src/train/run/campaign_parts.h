/* SPDX-License-Identifier: MIT */
/* What a whole study of a network is made of; for the files campaign*.c. */
#ifndef MIEN_TRAIN_CAMPAIGN_PARTS_H
#define MIEN_TRAIN_CAMPAIGN_PARTS_H

#include "train/run/campaign.h"
#include "train/run/claim.h"
#include "train/run/journal.h"
#include "train/dataset/material.h"
#include "train/network.h"
#include "train/scores/scores.h"
#include "train/scores/scores_crossed.h"
#include "train/trainers/trainer.h"
#include "train/fit/tuning.h"

typedef struct mien_campaign mien_campaign;

/** One fold, or the model on all rows, with one seed. */
typedef struct mien_campaign_job {
    mien_campaign *campaign;
    int fold, seed; /* seed: of the campaign's, from 0 */
    char name[48];  /* "fold-0", "final"; of several seeds "fold-0-seed-7" */
    char *folder, *checkpoint, *events_path;
    char id[65]; /* what its checkpoints belong to */
    mien_events *events;
    mien_feed *feed; /* its own, where jobs run side by side */
    mien_training *training;
    double saved_s, part; /* part: of its steps that are done */
    int64_t epochs_done;  /* since it was opened */
    /* kept of the training when it is done */
    int64_t epochs, steps, trained, best;
    mien_tuning_epoch *history;
    mien_fit_answers answers;   /* of crossed folds */
    mien_fit_answers validated; /* rows that validate, where it is calibrated on them */
    double temperature[MIEN_TARGETS_MAX]; /* of targets of classes; 0: none */
    double smooth[MIEN_TARGETS_MAX];      /* what was chosen for each target */
    mien_value *chosen[MIEN_TARGETS_MAX]; /* the same, told by the trainer; NULL */
} mien_campaign_job;

struct mien_campaign {
    const mien_study *study;
    const mien_train_options *options;
    const char *folder;
    const char *weights; /* file of the backbone, "random", or NULL: the cache's */
    int threads;
    bool exact;
    bool resumed;
    char study_hash[65], weights_hash[65];
    mien_corpus corpus;
    mien_pool *pool;
    uint32_t computed; /* bit m: what is frozen of input m is computed once */
    bool side_by_side; /* jobs, on one thread each */
    mien_net whole;    /* where something is computed once: the network it is part of */
    mien_features features;
    mien_material material; /* of the trainer ridge */
    mien_feed *feed;
    mien_claim *claim; /* of the run folder */
    mien_journal *journal;
    mien_lock *lock; /* of progress */
    int seeds;
    mien_study *seeded; /* [seeds] the study as each trains it */
    int jobs;
    mien_campaign_job *job; /* [jobs] all of the first seed, then of the next */
    int model;              /* whose weights are the run's: of the first seed */
    mien_net net;           /* the whole network with the model's weights */
    mien_columns columns;   /* of studies on features: the model's */
    double *predictions;    /* [seeds, rows, width]; NaN: in no fold */
    double *unsmoothed;     /* the same before smoothing; NULL: nothing is smoothed */
    double *plain;          /* [rows, width] by a simpler model; NULL: there is none */
    mien_scores scores;
    int variant_of;  /* 0: the study itself; else a further deal, or exchanged labels */
    double *variant; /* figures of all, see campaign_variants.c; NULL: there are none */
};

void mien_campaign_clear(mien_campaign *campaign);
/** Whether the run in a folder came to its end. */
bool mien_campaign_finished(const char *run);
/** The study as every seed trains it. */
mien_status mien_campaign_seeds(mien_campaign *campaign);
/** Fits of one seed: the folds and the model on all rows, or the only fold. */
int mien_campaign_fits(const mien_campaign *campaign);
/** What is frozen, of every different picture, where it may be computed once. */
mien_status mien_campaign_extract(mien_campaign *campaign);
/** Lists the jobs: every fold and the model on all rows, with every seed. */
mien_status mien_campaign_jobs(mien_campaign *campaign);
/** Builds a job's network, as far as its first step. */
mien_status mien_campaign_job_open(mien_campaign_job *job);
/** Lists all jobs and trains them, from where their checkpoints stand. */
mien_status mien_campaign_run(mien_campaign *campaign);
void mien_campaign_job_clear(mien_campaign_job *job);
/** What calibration asks for and rows, folds or the trainer do not give. */
mien_status mien_campaign_calibration_check(const mien_campaign *campaign);
/** Fits each job's temperatures on rows that it did not learn from, and softens what it
 * predicted. */
mien_status mien_campaign_calibrate(mien_campaign *campaign);
/** Further deals of the folds, and fits of exchanged labels: how many a study asks for.
 */
int mien_campaign_deals(const mien_campaign *campaign);
int mien_campaign_permutations(const mien_campaign *campaign);
mien_status mien_campaign_variants_check(const mien_campaign *campaign);
/** Trains and judges them all. */
mien_status mien_campaign_variants(mien_campaign *campaign);
/** Their figures, as keys deals and permutation of results.json. */
void mien_campaign_variants_put(
    const mien_campaign *campaign, mien_value *document, mien_status *status);
/** Figures, tables, model and sums. */
mien_status mien_campaign_write(mien_campaign *campaign);

#endif
