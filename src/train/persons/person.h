/* SPDX-License-Identifier: MIT */
/* One person's ratings over the norm of others: what the files person*.c share.
 *
 * A person's rating of a stimulus is a row of values of that stimulus (1, the norm of
 * other people, features, hidden tastes) times weights of the person's own, plus noise.
 * The weights of people are spread about a mean, which is learnt from many people;
 * a person of whom few ratings are known gets the weights that both together make most
 * likely. All forms (offset, offset and slope, features, low rank) are this, with other
 * values in the row.
 *
 * Source: random-coefficient (mixed) models, Laird & Ware 1982; the low rank is matrix
 * completion by alternating ridge regressions. */
#ifndef MIEN_TRAIN_PERSON_H
#define MIEN_TRAIN_PERSON_H

#include "train/study/study.h"

enum { MIEN_PERSON_COLUMNS_MAX = 64 };

/** Ratings of one target: who rated what how. */
typedef struct mien_ratings {
    int64_t people, stimuli, count;
    int64_t *first;       /* [people + 1]: ratings of person p are first[p] … */
    int64_t *stimulus;    /* [count] */
    double *value;        /* [count] own scale */
    int64_t *row;         /* [count] of the trial table */
    const char **person;  /* [people] names, lent by the trial table */
    const char **name;    /* [stimuli] the same */
    int columns;          /* features of a stimulus */
    double *column;       /* [stimuli, columns], each of mean 0 and SD 1; NULL: none */
    double *mean, *scale; /* [columns] that were taken off, and divided by */
    double minimum, maximum; /* of the scale */
} mien_ratings;
/** Reads the study's only target. MIEN_EFORMAT names a row without a person or a
 * stimulus, a stimulus that one person rates twice, a feature that differs between rows
 * of a stimulus. The trials must outlive the ratings. Clear also after a failure. */
mien_status mien_ratings_read(
    mien_ratings *ratings, const mien_trials *trials, const mien_study *study);
void mien_ratings_clear(mien_ratings *ratings);

/** The norm of each stimulus: the mean of its ratings by some people, shrunk towards
 * the mean of all: (Σ y + κ ȳ) / (n + κ), κ = σ² of the rest / σ² of stimuli. */
typedef struct mien_norm {
    double mean, kappa;
    double *sum, *count; /* [stimuli] */
} mien_norm;
mien_status mien_norm_fit(mien_norm *norm, const mien_ratings *ratings,
    const int64_t *people, int64_t people_count);
void mien_norm_clear(mien_norm *norm);
double mien_norm_of(const mien_norm *norm, int64_t stimulus);
/** The norm without one rating that is among those it was fitted on. */
double mien_norm_without(const mien_norm *norm, int64_t stimulus, double value);

/** How people's weights are spread: N(mean, root rootᵀ), and ratings about them. */
typedef struct mien_prior {
    int columns;
    double *mean; /* [columns] */
    double *root; /* [columns, columns] lower triangle */
    double noise; /* variance */
} mien_prior;
/** The ratings of one person, as sums over ratings y with rows a of the stimuli. */
typedef struct mien_known {
    double *square;  /* [columns, columns] Σ a aᵀ */
    double *product; /* [columns] Σ a y */
    double power;    /* Σ y² */
    int64_t count;
} mien_known;
mien_status mien_known_init(mien_known *known, int columns);
void mien_known_clear(mien_known *known);
void mien_known_reset(mien_known *known, int columns);
void mien_known_add(mien_known *known, int columns, const double *row, double value);

/** Mean, spread and noise by expectation maximisation: no weight of any person is
 * fixed by itself, so that people with few ratings do no harm. MIEN_EINVAL for fewer
 * than two people. */
mien_status mien_prior_fit(
    mien_prior *prior, int columns, const mien_known *people, int64_t count);
void mien_prior_clear(mien_prior *prior);
/** A person's weights [columns] and their covariance [columns, columns] (NULL: not
 * asked for), given what is known. scratch [3 columns²]. */
mien_status mien_prior_weights(const mien_prior *prior, const mien_known *known,
    double *weights, double *covariance, double *scratch);
/** Logarithm of the probability of what is known if the noise had this variance. */
mien_status mien_prior_evidence(const mien_prior *prior, const mien_known *known,
    double noise, double *evidence, double *scratch);

/** The forms of a prediction for a person: what stands in a form's row. */
typedef enum mien_person_form {
    MIEN_PERSON_NORM,     /* the norm, of whoever it is asked */
    MIEN_PERSON_OWN_MEAN, /* of the own trials alone; without any, the mean of all */
    MIEN_PERSON_OWN,      /* ridge regression on the own trials' features alone */
    MIEN_PERSON_OFFSET,   /* 1; the norm has one slope for all */
    MIEN_PERSON_SLOPE,    /* 1, norm */
    MIEN_PERSON_FEATURES, /* 1, norm, features */
    MIEN_PERSON_RANK,     /* 1, norm, hidden tastes */
    MIEN_PERSON_FORMS
} mien_person_form;
extern const char *const mien_person_form_name[MIEN_PERSON_FORMS];

/** The knowledge that some people's ratings give about all people. */
typedef struct mien_taught {
    const mien_ratings *ratings;
    mien_norm norm;
    bool outside;        /* people that are looked at have no part in the norm */
    double slope, level; /* of the form offset */
    mien_prior prior[MIEN_PERSON_FORMS]; /* of those that have one */
    int rank;
    double *taste; /* [stimuli, rank] */
} mien_taught;
typedef struct mien_taught_options {
    int rank, rounds;
    double lambda;
    uint32_t seed; /* of the first tastes */
} mien_taught_options;
mien_status mien_taught_fit(mien_taught *taught, const mien_ratings *ratings,
    const int64_t *people, int64_t people_count, const mien_taught_options *options);
void mien_taught_clear(mien_taught *taught);
/** Values in the row of a form with a prior; 0: it has none. */
int mien_taught_columns(const mien_taught *taught, mien_person_form form);
/** Fills a form's row, and what of the rating its weights stand for. */
void mien_taught_row(const mien_taught *taught, mien_person_form form, int64_t stimulus,
    double norm, double *row);
/** The part that is taken off a rating before the form's weights explain it. */
double mien_taught_base(const mien_taught *taught, mien_person_form form, double norm);

/** Predictions of `count` stimuli for a person of whom `own` ratings (their numbers in
 * the ratings) are known: value and SD of a rating about it (NULL: not asked for; NaN
 * where the form has none). */
mien_status mien_taught_predict(const mien_taught *taught, mien_person_form form,
    const int64_t *own, int64_t own_count, const int64_t *stimuli, int64_t count,
    double *value, double *deviation);

/** A study of method person, from beginning to end. */
mien_status mien_person_train(
    const mien_study *study, const char *run, const mien_train_options *options);
mien_status mien_person_check(
    const mien_study *study, const mien_train_options *options);

#endif
