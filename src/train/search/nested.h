/* SPDX-License-Identifier: MIT */
/* What a search is made of; for the files of this folder.
 *
 * mien_search() and mien_search_resume() (search.c) open it, nested.c goes through the
 * folds, points.c asks the strategy and keeps points, trial.c trains and judges one
 * point, shared.c keeps what is frozen, writing.c ends the run. */
#ifndef MIEN_TRAIN_SEARCH_NESTED_H
#define MIEN_TRAIN_SEARCH_NESTED_H

#include "io/database.h"
#include "train/run/study_run_parts.h"
#include "train/search/strategy.h"

enum { MIEN_SEARCH_SETS_MAX = 256 };

/** What is frozen, computed once for all points that agree in the keys it hangs on. */
typedef struct mien_search_shared {
    char key[65]; /* SHA-256 of those keys */
    mien_study *study;
    mien_study_run run; /* its dataset, features and the network they are part of */
} mien_search_shared;

/** A network whose tail points train, for points that differ in the head. */
typedef struct mien_search_whole {
    char key[65];
    mien_net net;
} mien_search_whole;

/** A point that the database has. */
typedef struct mien_search_kept {
    mien_search_past past;
    char *failure; /* why it failed; NULL: it did not */
    double seconds;
} mien_search_kept;

/** One search: inside a fold's training part, or on all rows. */
typedef struct mien_search_of {
    char name[32]; /* "fold-0", "all" */
    int64_t points;
    mien_search_kept *kept; /* [points] */
    int64_t done;
    int64_t best;           /* of those with the whole effort; -1: none is judged */
    mien_study_run_job job; /* the fit of what was chosen */
    bool elsewhere;         /* another rank did it */
} mien_search_of;

typedef struct mien_search {
    const char *folder;
    mien_train_options options;
    mien_train_options silent; /* the same without progress: of fits within a point */
    char *given;               /* path of the study's copy */
    char *set[MIEN_SEARCH_SETS_MAX];
    int sets;
    mien_study *study; /* as it is given */
    const mien_space *space;
    mien_study_run root; /* dataset, threads, weights, lock, log */
    mien_database *database;
    mien_search_shared *shared;
    int shareds;
    mien_search_whole *whole;
    int wholes;
    int searches; /* folds and, where there are several, all rows */
    mien_search_of *of;
    int64_t done, total;                      /* points of all searches */
    double *predictions, *unsmoothed, *plain; /* as those of a study_run */
    mien_study *model_study;                  /* as it was chosen on all rows */
    mien_study_run model;
} mien_search;

/** The study with a point's values: and further sets [count]. */
mien_status mien_search_study(const mien_search *search, const double *at,
    const char *const *more, int count, mien_study **study);
/** Rows of a fold's training part assigned to inner folds, all others taken out; of a
 * budget below 1, where steps do not spend it, a share of the groups. */
mien_status mien_search_assign(const mien_search *search, const mien_dataset *dataset,
    int outer, double share, int *fold, int *folds);
/** Trains and judges a point on the inner folds of a search. A point that cannot be
 * trained has a failure and no score; the search goes on. */
mien_status mien_search_judge(mien_search *search, int outer, int64_t number,
    const mien_search_point *point, mien_search_kept *kept);
/** Trains what a search has chosen on all of its rows and predicts the fold's. */
mien_status mien_search_fit(mien_search *search, int outer);
/** Lends what is frozen to the run of a point, whose study, dataset and settings are
 * there; mien_search_take_back() before the run is cleared, with what is the root's. */
mien_status mien_search_lend(
    mien_search *search, const double *at, mien_study_run *run);
void mien_search_take_back(mien_study_run *run);
void mien_search_shared_clear(mien_search *search);

/** Opens DIR/points.sqlite and takes up the points that it has; on a rank other than 0
 * those that rank 0 has. */
mien_status mien_search_points_open(mien_search *search);
/** On rank 0: keeps a point that another rank has judged. *taken: it was one, and not
 * something else that a rank tells. */
mien_status mien_search_points_heard(
    mien_search *search, const char *bytes, size_t count, bool *taken);
/** Goes on with a search where its points stand. */
mien_status mien_search_points_run(mien_search *search, int outer);
/** A point as text: KEY=VALUE, …, what does not count left out. */
mien_status mien_search_settings(
    const mien_search *search, const double *at, mien_string *out);
/** The score of inner predictions that search.score asks for, the larger the better. */
mien_status mien_search_score(
    const mien_search *search, const mien_study_run *run, double *score);
/** Whether the score's name is one, of the targets at hand. */
mien_status mien_search_score_check(const mien_search *search);
/** Whether larger figures of search.score are better; of others the score is minus the
 * figure. */
bool mien_search_score_rises(const mien_search *search);

/** All searches, then everything that a run folder ends with. */
mien_status mien_search_nested(mien_search *search);
mien_status mien_search_write(mien_search *search);

#endif
