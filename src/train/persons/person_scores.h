/* SPDX-License-Identifier: MIT */
/* Learning curves over own trials, for people who taught nothing. */
#ifndef MIEN_TRAIN_PERSON_SCORES_H
#define MIEN_TRAIN_PERSON_SCORES_H

#include "train/persons/person.h"

enum { MIEN_PERSON_STEPS_MAX = 32 };

typedef struct mien_person_plan {
    int64_t unseen, test; /* people of a draw; ratings of each that are predicted */
    int draws;
    uint32_t seed; /* draw d is assigned by seed + d */
    int steps;
    int64_t own[MIEN_PERSON_STEPS_MAX]; /* ascending numbers of own trials */
    mien_taught_options teach;
    bool use[MIEN_PERSON_FORMS];
} mien_person_plan;

/** A form at a number of own trials. */
typedef struct mien_person_point {
    mien_interval r, rmse, gain; /* of people; gain: RMSE of the norm less the form's */
    double pooled;               /* root of the mean square over all their ratings */
    double covered;    /* share of ratings within the 95 % interval; NaN: it has none */
    int64_t undefined; /* people without an r: their ratings do not vary */
} mien_person_point;

typedef struct mien_person_draw {
    int64_t *people;          /* [unseen] */
    int64_t *test;            /* [unseen, test] ratings */
    mien_person_point *point; /* [forms, steps] */
    double *shown;            /* [unseen, test] of the form and step that are shown */
    double *deviation;        /* the same */
    double null;              /* mean of the ratings that taught */
} mien_person_draw;

/** People with enough ratings to be drawn; MIEN_EFORMAT if too few are, or too few are
 * left to learn from. */
mien_status mien_person_eligible(const mien_ratings *ratings,
    const mien_person_plan *plan, const char *study, int64_t *people, int64_t *count);
/** Judges every draw. draws [plan->draws]; clear each, also after a failure. */
mien_status mien_person_scores(const mien_ratings *ratings,
    const mien_person_plan *plan, const int64_t *eligible, int64_t eligible_count,
    mien_person_form shown, int shown_step, mien_thread_pool *pool,
    mien_person_draw *draws);
void mien_person_draw_clear(mien_person_draw *draw);

#endif
