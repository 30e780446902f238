/* SPDX-License-Identifier: MIT */
/* Trainers: how one fit is made, of the training rows of a fold with a seed.
 *
 * A row of trainers.def opens a fit, runs it, and answers with predictions of the rows
 * that the fold tests. study_run_jobs.c calls them for every fold, seed and the model
 * on all rows; checkpoint.c and replay.c save a fit and take it up again. */
#ifndef MIEN_TRAIN_TRAINER_H
#define MIEN_TRAIN_TRAINER_H

#include "train/dataset/columns.h"
#include "train/dataset/batches.h"
#include "train/trainers/learner.h"
#include "train/dataset/feature_set.h"
#include "train/network.h"
#include "train/run/checkpoint_state.h"

/** The setup of a fit, of one fold of a study. All is lent. */
typedef struct mien_training_setup {
    const mien_study *study;
    const mien_dataset *dataset;
    int fold;                      /* dataset->folds: the model on all rows */
    mien_batches *feed;            /* of the trainer gradient */
    const mien_features *features; /* computed once; NULL: none are */
    const mien_net *whole; /* with features: the network whose tail is trained */
    uint32_t computed;     /* bit m: input m is among them */
    const char *weights;   /* the backbone's file, or "random"; not read of a tail */
    const mien_feature_set
        *feature_set; /* of the trainer ridge: its features, computed */
    int threads;
    bool exact; /* as in mien_plan_options */
    mien_thread_pool
        *pool; /* of all that is done side by side within a fit; may be NULL */
} mien_training_setup;

/** The figures of an epoch; NaN where there is none. */
typedef struct mien_network_fit_epoch {
    double loss_train, loss_validation;
    double metric; /* mean over targets of r and accuracy, on the validation rows */
    double rate;   /* of its last step */
    double norm;   /* of the gradients, mean over steps */
    /* of studies with the key watch */
    double accuracy_train; /* as it trains, mean over batches and targets of classes */
    double metric_test;    /* as metric, on the rows that the fold tests */
} mien_network_fit_epoch;
enum { MIEN_NETWORK_FIT_COLUMNS = 7 };

/** Where it stands when a hook is called. */
typedef struct mien_network_fit_moment {
    int fold;
    int64_t seed;
    int64_t epoch, step; /* step within the epoch, just done; from 0 */
    int64_t steps;       /* of an epoch */
    double loss, rate, norm;
    double idle; /* share of the epoch so far in which batches were waited for */
    const mien_network_fit_epoch *result; /* epochs only */
    bool best;                            /* epochs only: the best so far */
} mien_network_fit_moment;

/** Any may be NULL. A failure ends the training. */
typedef struct mien_network_fit_hooks {
    void *context;
    mien_status (*step)(void *context, const mien_network_fit_moment *moment);
    mien_status (*epoch)(void *context, const mien_network_fit_moment *moment);
    /** A moment from which it could go on: at the end of an epoch, between two steps,
     * when it is interrupted (urgent), and when all is done (urgent). */
    mien_status (*save)(void *context, bool epoch_end, bool urgent);
} mien_network_fit_hooks;

/** The result of a fit that is done. Lent until it is closed. */
typedef struct mien_training_result {
    int64_t tested;            /* rows that the fold tests */
    const int64_t *rows;       /* [tested] of the dataset */
    const double *predictions; /* [tested, width], own scale */
    const double *unsmoothed; /* the same before smoothing; NULL: nothing is smoothed */
    const double *smooth;     /* [targets] the candidate that was chosen; NULL alike */
    const double *plain; /* [tested, width] by a simpler model; NULL: there is none */
    int64_t validated;   /* rows that validate, where calibration asks for them */
    const int64_t *validation; /* [validated] of the dataset */
    const double *validations; /* [validated, width] what is predicted of them */
    int64_t epochs, steps;     /* that were done, and steps of one; 0: none are made */
    int64_t best;              /* epoch whose weights are kept; -1: the last's */
    int64_t trained;           /* values that were learnt */
    mien_value *const
        *chosen; /* [targets] maps: what was chosen on the training rows */
} mien_training_result;

/** Flags: what a trainer can learn, and what it makes on the way. */
enum {
    MIEN_TRAINS_NUMBERS = 1,
    MIEN_TRAINS_CLASSES = 2,
    MIEN_TRAINS_MASKED = 4, /* rows may lack some of the targets */
    MIEN_TRAINS_BY_STEPS = 8,
    MIEN_TRAINS_GROUPS = 16, /* its choices leave groups out: needs two in training */
    MIEN_TRAINS_PEOPLE = 32  /* judged by people, not by folds */
};

/** A row of trainers.def. `own` is what open() made. */
typedef struct mien_trainer {
    const char *name;
    const char *method; /* what a study calls it */
    const char *summary;
    unsigned can;
    const mien_learner *learner; /* that it fits the head with; NULL: it is none of
                                    head_trainer.c's */
    /** Runs a whole study, from beginning to end, and all of its figures that need no
     * more work; for trainers that are judged in another way than by folds. The
     * functions that follow are NULL then; other trainers have these. */
    mien_status (*whole)(
        const mien_study *study, const char *run, const mien_train_options *options);
    mien_status (*whole_check)(
        const mien_study *study, const mien_train_options *options);
    /** Whether the fold's rows and the study go together: all that can be told before
     * any work. */
    mien_status (*check)(const mien_training_setup *setup);
    mien_status (*open)(const mien_training_setup *setup, void **own);
    void (*close)(void **own);
    /** Goes on until all is done, then predicts the tested rows. MIEN_EINTERRUPTED
     * after a save. */
    mien_status (*run)(void *own, const mien_network_fit_hooks *hooks);
    bool (*done)(const void *own);
    /** Lists everything that a checkpoint keeps. The fit must outlive the state. */
    mien_status (*state)(void *own, mien_checkpoint_state *state);
    /** Resumes where a checkpoint stood. */
    mien_status (*load)(void *own, mien_archive *archive);
    mien_status (*result)(void *own, mien_training_result *result);
    mien_network_fit_epoch (*epoch_at)(const void *own, int64_t epoch);
    /** Predicts the tested rows of a fit that is done again, with what a change shows
     * (NULL: as they are). predictions [tested, width]. NULL: it cannot. */
    mien_status (*predict)(
        void *own, const mien_columns_change *change, double *predictions);
    /** Moves what a fit learnt into the whole network, which it opens, and how its
     * inputs were standardised out of the fit. NULL: its model is no network. */
    mien_status (*take)(void *own, mien_net *net, mien_columns *columns);
} mien_trainer;

int mien_trainer_count(void);
const mien_trainer *mien_trainer_at(int index);
/** Whether it fits kernels on blocks of features (feature_set.h) and no network. */
bool mien_trainer_kernels(const mien_trainer *trainer);
/** The row that a study's method names; NULL if there is none. */
const mien_trainer *mien_trainer_of(const char *method);

/** One fit of any trainer. */
typedef struct mien_training mien_training;
mien_status mien_training_open(const mien_trainer *trainer,
    const mien_training_setup *setup, mien_training **training);
void mien_training_close(mien_training **training);
/** The trainer's own part, for what only that trainer has. */
void *mien_training_own(mien_training *training);
const mien_trainer *mien_training_trainer(const mien_training *training);
mien_status mien_training_run(
    mien_training *training, const mien_network_fit_hooks *hooks);
bool mien_training_done(const mien_training *training);
mien_status mien_training_state(mien_training *training, mien_checkpoint_state *state);
mien_status mien_training_load(mien_training *training, mien_archive *archive);
mien_status mien_training_result_of(
    mien_training *training, mien_training_result *result);
mien_network_fit_epoch mien_training_epoch_at(
    const mien_training *training, int64_t epoch);
mien_status mien_training_take(
    mien_training *training, mien_net *net, mien_columns *columns);
/** MIEN_EUNSUPPORTED where the trainer cannot. */
mien_status mien_training_predict(
    mien_training *training, const mien_columns_change *change, double *predictions);

#endif
