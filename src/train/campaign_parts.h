/* SPDX-License-Identifier: MIT */
/* What a whole study of a network is made of; for the files campaign*.c. */
#ifndef MIEN_TRAIN_CAMPAIGN_PARTS_H
#define MIEN_TRAIN_CAMPAIGN_PARTS_H

#include "train/campaign.h"
#include "train/journal.h"
#include "train/material.h"
#include "train/network.h"
#include "train/scores.h"
#include "train/tuning.h"

typedef struct mien_campaign mien_campaign;

/** One fold, or the model on all rows. */
typedef struct mien_campaign_job {
    mien_campaign *campaign;
    int fold;
    char name[24]; /* "fold-0", "final" */
    char *folder, *checkpoint, *events_path;
    char id[65]; /* what its checkpoints belong to */
    mien_events *events;
    mien_feed *feed; /* its own, where jobs run side by side */
    mien_tuning *tuning;
    double saved_s, part; /* part: of its steps that are done */
    /* kept of the tuning when it is done */
    int64_t epochs, steps, trained, best;
    mien_tuning_epoch *history;
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
    bool cached;  /* what is frozen is computed once */
    bool abreast; /* jobs run side by side, on one thread each */
    mien_features features;
    mien_feed *feed;
    mien_journal *journal;
    mien_lock *lock; /* of progress */
    int jobs;
    mien_campaign_job *job; /* [jobs] the last has the model of the run */
    mien_net net;           /* the whole network with the model's weights */
    double *predictions;    /* [rows, width]; NaN: in no fold */
    mien_scores scores;
};

/** What is frozen, of every different picture, where it may be computed once. */
mien_status mien_campaign_extract(mien_campaign *campaign);
/** Trains all jobs, from where their checkpoints stand. */
mien_status mien_campaign_run(mien_campaign *campaign);
void mien_campaign_job_clear(mien_campaign_job *job);
/** Figures, tables, model and sums. */
mien_status mien_campaign_write(mien_campaign *campaign);

#endif
