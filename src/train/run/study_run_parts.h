/* SPDX-License-Identifier: MIT */
/* The state of a whole study's run; for the files study_run*.c. */
#ifndef MIEN_TRAIN_STUDY_RUN_PARTS_H
#define MIEN_TRAIN_STUDY_RUN_PARTS_H

#include "train/run/study_run.h"
#include "train/run/folder_lock.h"
#include "train/run/training_log.h"
#include "train/dataset/feature_set.h"
#include "train/network.h"
#include "train/scores/scores.h"
#include "train/scores/scores_crossed.h"
#include "train/trainers/trainer.h"
#include "train/fit/network_fit.h"
#include "train/golden.h"

typedef struct mien_study_run mien_study_run;

/** One fold, or the model on all rows, with one seed. */
typedef struct mien_study_run_job {
    mien_study_run *run;
    int fold, seed; /* seed: of the run's, from 0 */
    char name[48];  /* "fold-0", "final"; of several seeds "fold-0-seed-7" */
    char *folder, *checkpoint, *events_path;
    char id[65]; /* what its checkpoints belong to */
    mien_events *events;
    mien_batches *feed; /* its own, where jobs run side by side */
    mien_training *training;
    double begun_s, saved_s, part; /* part: of its steps that are done */
    bool elsewhere;                /* another rank did it */
    int64_t epochs_done;           /* since it was opened */
    /* kept of the training when it is done */
    int64_t epochs, steps, trained, best;
    mien_network_fit_epoch *history;
    mien_fit_answers answers;   /* of crossed folds */
    mien_fit_answers validated; /* rows that validate, where it is calibrated on them */
    double temperature[MIEN_TARGETS_MAX]; /* of targets of classes; 0: none */
    double smooth[MIEN_TARGETS_MAX];      /* what was chosen for each target */
    mien_value *chosen[MIEN_TARGETS_MAX]; /* the same, told by the trainer; NULL */
} mien_study_run_job;

struct mien_study_run {
    const mien_study *study;
    const mien_train_options *options;
    const char *folder;
    const char *weights; /* file of the backbone, "random", or NULL: the cache's */
    int threads;
    bool exact;
    bool resumed;
    bool alone; /* its jobs are this rank's: part of one that was assigned */
    char study_hash[65], weights_hash[65];
    mien_dataset dataset;
    mien_thread_pool *pool;
    uint32_t computed; /* bit m: what is frozen of input m is computed once */
    mien_net whole;    /* where something is computed once: the network it is part of */
    mien_features features;
    mien_feature_set feature_set; /* of the trainer ridge */
    mien_batches *feed;
    int feed_seed;                 /* whose the feed is */
    mien_folder_lock *folder_lock; /* of the run folder */
    mien_training_log *log_of_training;
    mien_lock *lock; /* of progress */
    int seeds;
    mien_study *seeded; /* [seeds] the study as each trains it */
    int jobs;
    mien_study_run_job *job; /* [jobs] all of the first seed, then of the next */
    int model;               /* whose weights are the run's: of the first seed */
    mien_net net;            /* the whole network with the model's weights */
    mien_columns columns;    /* of studies on features: the model's */
    double *predictions;     /* [seeds, rows, width]; NaN: in no fold */
    double *unsmoothed;      /* the same before smoothing; NULL: nothing is smoothed */
    double *plain;           /* [rows, width] by a simpler model; NULL: there is none */
    mien_scores scores;
    mien_golden_shared golden; /* of read-outs, a model each */
    /* adds to results.json; NULL: nothing */
    void (*tell)(const void *context, mien_value *document, mien_status *status);
    const void *tell_context;
    int variant_of; /* 0: the study itself; else a further assignment, or exchanged
                       labels */
    double
        *variant; /* figures of all, see study_run_variants.c; NULL: there are none */
};

void mien_study_run_clear(mien_study_run *run);
/** Whether the run in a folder came to its end. */
bool mien_study_run_finished(const char *run);
/** The study as every seed trains it. */
mien_status mien_study_run_seeds(mien_study_run *run);
/** Fits of one seed: the folds and the model on all rows, or the only fold. */
int mien_study_run_fits(const mien_study_run *run);
/** Computes the frozen features of every different picture, where they may be
 * computed once. */
mien_status mien_study_run_extract(mien_study_run *run);
/** Counts the trained weights behind what is computed of a network. */
mien_status mien_study_run_weigh(
    const mien_study_run *run, uint32_t computed, mien_net *whole);
/** Whether fits are made beside each other, each on one thread: where the inputs are in
 * memory and what is trained is small. Else they are made in turn, each on all. */
bool mien_study_run_is_parallel(const mien_study_run *run);
/** Lists the jobs: every fold and the model on all rows, with every seed. */
mien_status mien_study_run_jobs(mien_study_run *run);
/** Builds a job's network, as far as its first step. */
mien_status mien_study_run_job_open(mien_study_run_job *job);
/** Whether this process writes the run folder's tables: rank 0, or one that is alone.
 */
bool mien_study_run_is_root(const mien_study_run *run);
/** On each of several ranks, before any work: that all see the same study, rows,
 * weights and run folder. file: of the run folder, whose SHA-256 is study_hash. */
mien_status mien_study_run_meet(mien_study_run *run, const char *file);
/** Does the jobs that are listed by `work`, distributed over ranks if there are
 * several; of rank 0, which takes up what the others' checkpoints hold, all are done
 * then. */
mien_status mien_study_run_distribute(mien_study_run *run, mien_thread_pool_work *work);
/** Lists all jobs and trains them, from where their checkpoints stand. */
mien_status mien_study_run_jobs_all(mien_study_run *run);
void mien_study_run_job_clear(mien_study_run_job *job);
/** Refuses a calibration for which rows, folds or the trainer do not suffice. */
mien_status mien_study_run_calibration_check(const mien_study_run *run);
/** Fits each job's temperatures on rows that it did not learn from, and softens what it
 * predicted. */
mien_status mien_study_run_calibrate(mien_study_run *run);
/** Further assignments of the folds, and fits of exchanged labels: how many a study
 * asks for.
 */
int mien_study_run_assignments(const mien_study_run *run);
int mien_study_run_permutations(const mien_study_run *run);
mien_status mien_study_run_variants_check(const mien_study_run *run);
/** Trains and judges them all. */
mien_status mien_study_run_variants(mien_study_run *run);
/** Their figures, as keys deals and permutation of results.json. */
void mien_study_run_variants_put(
    const mien_study_run *run, mien_value *document, mien_status *status);
/** A target's figures of what was predicted out of fold, means over seeds:
 * [MIEN_SCORES_METRICS_MAX], the usual metrics of numbers or those of classes. */
mien_status mien_study_run_figures(
    const mien_study_run *run, int index, double *figures);
/** Figures, tables, model and sums. */
mien_status mien_study_run_write(mien_study_run *run);

#endif
