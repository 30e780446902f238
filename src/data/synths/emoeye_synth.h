/* SPDX-License-Identifier: MIT */
/* Reactions like EmoEye's with planted causes: who and what makes a rating, what the
 * body shows of it, and what can be read out at best. */
#ifndef MIEN_DATA_EMOEYE_SYNTH_H
#define MIEN_DATA_EMOEYE_SYNTH_H

#include "data/importers/emoeye.h"
#include "mien/data.h"

enum { MIEN_SCALES = 2, MIEN_PLANTED_SENSORS = 4, MIEN_SPOTS = 4, MIEN_RATINGS = 7 };
typedef enum mien_scale { MIEN_AROUSAL, MIEN_VALENCE } mien_scale;
typedef enum mien_planted_sensor {
    MIEN_PLANTED_PUPIL,
    MIEN_PLANTED_GSR,
    MIEN_PLANTED_HR,
    MIEN_PLANTED_GAZE
} mien_planted_sensor;

extern const char *const mien_scale_names[MIEN_SCALES];
extern const char *const mien_planted_names[MIEN_PLANTED_SENSORS];
/* Pupil and skin tell arousal, heart and gaze valence. */
mien_scale mien_planted_scale(mien_planted_sensor sensor);
/* Correlation of a sensor's score with the body's answer. */
double mien_planted_rho(const mien_synth_reactions *o, mien_planted_sensor sensor);

/* One reaction. */
typedef struct mien_reaction {
    int person, stimulus, sequence; /* sequence: among the person's own */
    double t[MIEN_SCALES], e[MIEN_SCALES];
    double z[MIEN_PLANTED_SENSORS];
    int rating[MIEN_SCALES];
} mien_reaction;

/* All that is drawn before any series is. */
typedef struct mien_reactions {
    const mien_synth_reactions *o;
    uint64_t seed;
    double *a[MIEN_SCALES]; /* [stimuli] */
    double *b[MIEN_SCALES]; /* [persons] */
    bool *lost;             /* [persons, sensors] */
    double *spot;           /* [stimuli, spots, 2]: shares of the picture */
    double cut[MIEN_SCALES][MIEN_RATINGS - 1]; /* a rating is 1 + the cuts below t */
    int64_t count;
    mien_reaction *item; /* by person, then sequence */
} mien_reactions;
mien_status mien_reactions_draw(
    const mien_synth_reactions *o, uint64_t seed, mien_reactions *r);
void mien_reactions_clear(mien_reactions *r);

/* Correlation of a standard normal with its ratings. */
double mien_planted_quantising(mien_scale scale);
/* Squared correlation of t with the best linear read-out of some sensors (a bit for
 * each) that tell the scale, with the picture and the person known or not. */
double mien_planted_r2(const mien_synth_reactions *o, mien_scale scale,
    unsigned sensors, bool picture, bool person);
/* The same with the share `missing` of sensors lost. */
double mien_planted_r2_missing(const mien_synth_reactions *o, mien_scale scale,
    unsigned sensors, bool picture, bool person);

/* The constants of one person's body, carried from reaction to reaction. */
typedef struct mien_body {
    double pupil_mm, skin_ohm, skin_scale, heart_bpm;
} mien_body;
void mien_body_draw(const mien_reactions *r, int person, mien_body *body);
/* 301 rows of a reaction; the level of the skin drifts on in body. */
void mien_body_react(const mien_reactions *r, const mien_reaction *reaction,
    mien_body *body, double start_s, mien_epoch *epoch);

/* A picture whose mean red − blue is 40 a (arousal), its mean brightness 128 + 30 a
 * (valence), its spots discs; written as JPEG. */
mien_status mien_planted_picture(
    const mien_reactions *r, int stimulus, const char *path);
/* "s007" */
void mien_planted_stimulus(int stimulus, char name[16]);

/* Writes the same reactions as BIDS: a run for each person. epochs [count of the
 * person]. */
mien_status mien_planted_bids(
    const mien_reactions *r, int person, const mien_epoch *epochs, const char *root);

#endif
