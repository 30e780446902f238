/* SPDX-License-Identifier: MIT */
/* Draws a synthetic body's reaction: 301 rows of gaze, pupils, skin and heart with
 * blinks and invalid spans, as an eye tracker of 61.2 Hz would write them. */
#include <math.h>
#include <string.h>

#include "data/synths/emoeye_synth.h"
#include "data/synths/synth.h"

enum { ROWS = MIEN_EPOCH_ROWS, SENSORS = MIEN_PLANTED_SENSORS };
enum { OF_BODIES = 21, OF_SERIES, OF_GAZE, OF_GAPS };
#define RATE_HZ 61.2
#define SACCADE_S 0.04

void mien_body_draw(const mien_reactions *r, int person, mien_body *b) {
    mien_stream s;
    mien_stream_init(&s, r->seed, OF_BODIES, (uint64_t)person);
    b->pupil_mm = fmax(2.2, fmin(5.5, 3.4 + 0.35 * mien_synth_normal(&s)));
    b->skin_ohm = 2.6e5 * exp(0.4 * mien_synth_normal(&s));
    b->skin_scale = exp(0.3 * mien_synth_normal(&s));
    b->heart_bpm = fmax(50, fmin(120, 78 + 9 * mien_synth_normal(&s)));
}

/* ---- shapes over time ------------------------------------------------------ */

/* Gamma-shaped from 0.35 s, peak 1 at 1.2 s. */
static double pupil_shape(double t) {
    double u = (t - 0.35) / 0.85;
    return u > 0 ? u * exp(1 - u) : 0;
}

/* From 1.2 s, rises within 1.5 s, half gone 2 s later. */
static double skin_shape(double t) {
    return t < 1.2 ? 0 : (1 - exp(-(t - 1.2) / 0.75)) * exp(-fmax(t - 2.7, 0) / 2.9);
}

/* A dip around 2.5 s. */
static double heart_shape(double t) {
    return exp(-(t - 2.5) * (t - 2.5));
}

/* ---- the eye --------------------------------------------------------------- */

/* Fixations around the picture's spots, their duration telling the score. */
static void look(const mien_reactions *r, const mien_reaction *x, double z,
    mien_epoch *e, mien_stream *s) {
    const double *spots = &r->spot[x->stimulus * 2 * MIEN_SPOTS];
    double id = 200 + 40.0 * x->sequence, left_s = 0, from[2] = {0.5, 0.5};
    double at[2] = {0.5, 0.5}, moving_s = 0;
    for (int i = 0; i < ROWS; i++) {
        if (left_s <= 0) {
            const double *spot = spots + 2 * (int)(mien_stream_uniform(s) * MIEN_SPOTS);
            memcpy(from, at, sizeof from);
            for (int k = 0; k < 2; k++) {
                at[k] = spot[k] + 0.03 * mien_synth_normal(s);
            }
            left_s += SACCADE_S +
                      fmax(0.08, 0.26 * exp(0.25 * z + 0.25 * mien_synth_normal(s)));
            moving_s = SACCADE_S;
            id += 1;
        }
        double way = moving_s > 0 ? moving_s / SACCADE_S : 0;
        e->x[i] = at[0] + (from[0] - at[0]) * way + 0.003 * mien_synth_normal(s);
        e->y[i] = at[1] + (from[1] - at[1]) * way + 0.003 * mien_synth_normal(s);
        e->fixation[i] = id;
        moving_s -= 1 / RATE_HZ;
        left_s -= 1 / RATE_HZ;
    }
}

/* ---- gaps ------------------------------------------------------------------ */

static void blank(unsigned char *flags, int from, int rows) {
    for (int i = from; i < from + rows && i < ROWS; i++) {
        flags[i] = 0;
    }
}

static void add_gaps(mien_epoch *e, mien_stream *s) {
    double at = 0.4 + 3 * mien_stream_uniform(s);
    int row = (int)(at * RATE_HZ), rows = 6 + (int)(12 * mien_stream_uniform(s));
    if (mien_stream_uniform(s) < 0.4) { /* a blink of 0.1 to 0.3 s */
        blank(e->gaze_valid, row, rows);
        blank(e->left_valid, row, rows);
        blank(e->right_valid, row, rows);
        for (int i = row; i < row + rows && i < ROWS; i++) {
            e->left_mm[i] = e->right_mm[i] = 1.67;
        }
    }
    if (mien_stream_uniform(s) < 0.1) {
        blank(e->gsr_valid, (int)(280 * mien_stream_uniform(s)), 20);
    }
    if (mien_stream_uniform(s) < 0.15) {
        blank(e->heart_valid, (int)(260 * mien_stream_uniform(s)), 40);
    }
}

/* A sensor that was lost has invalid rows alone, and says nothing in them. */
static void lose(const bool *lost, const mien_body *b, mien_epoch *e) {
    for (int i = 0; i < ROWS; i++) {
        if (lost[MIEN_PLANTED_PUPIL]) {
            e->left_mm[i] = e->right_mm[i] = 1.67;
            e->left_valid[i] = e->right_valid[i] = 0;
        }
        if (lost[MIEN_PLANTED_GSR]) {
            e->gsr_ohm[i] = rint(b->skin_ohm);
            e->gsr_valid[i] = 0;
        }
        if (lost[MIEN_PLANTED_HR]) {
            e->heart_bpm[i] = rint(b->heart_bpm);
            e->heart_valid[i] = 0;
        }
        if (lost[MIEN_PLANTED_GAZE]) {
            e->x[i] = e->y[i] = 0.5;
            e->fixation[i] = e->fixation[0];
            e->gaze_valid[i] = 0;
        }
    }
}

/* Rounds to as many decimals as the published files have. */
static double rounded(double x, double to) {
    return rint(x * to) / to;
}

static void round_all(mien_epoch *e) {
    for (int i = 0; i < ROWS; i++) {
        e->x[i] = rounded(e->x[i], 1e5);
        e->y[i] = rounded(e->y[i], 1e5);
        e->left_mm[i] = rounded(e->left_mm[i], 1e5);
        e->right_mm[i] = rounded(e->right_mm[i], 1e5);
        e->gsr_ohm[i] = rint(e->gsr_ohm[i]);
        e->heart_bpm[i] = rounded(e->heart_bpm[i], 1e2);
    }
}

void mien_body_react(const mien_reactions *r, const mien_reaction *x, mien_body *b,
    double start_s, mien_epoch *e) {
    uint64_t which =
        (uint64_t)x->person * (uint64_t)r->o->stimuli + (uint64_t)x->stimulus;
    double walk = 0, beat;
    mien_stream s;
    mien_stream_init(&s, r->seed, OF_SERIES, which);
    b->skin_ohm *= exp(0.01 * mien_synth_normal(&s));
    beat = b->heart_bpm + mien_synth_normal(&s);
    for (int i = 0; i < ROWS; i++) {
        double t = i / RATE_HZ;
        walk += 0.05 * mien_synth_normal(&s) / sqrt(ROWS);
        double pupil = b->pupil_mm + walk +
                       (0.3 + 0.25 * x->z[MIEN_PLANTED_PUPIL]) * pupil_shape(t);
        e->time_s[i] = rounded(start_s + t, 1e5);
        e->left_mm[i] = pupil - 0.05 + 0.02 * mien_synth_normal(&s);
        e->right_mm[i] = pupil + 0.05 + 0.02 * mien_synth_normal(&s);
        e->gsr_ohm[i] =
            b->skin_ohm -
            6000 * b->skin_scale * exp(0.5 * x->z[MIEN_PLANTED_GSR]) * skin_shape(t) +
            60 * mien_synth_normal(&s);
        e->heart_bpm[i] = beat - 2.5 * x->z[MIEN_PLANTED_HR] * heart_shape(t) +
                          0.4 * mien_synth_normal(&s);
    }
    memset(e->gaze_valid, 1, ROWS);
    memset(e->left_valid, 1, ROWS);
    memset(e->right_valid, 1, ROWS);
    memset(e->gsr_valid, 1, ROWS);
    memset(e->heart_valid, 1, ROWS);
    mien_stream_init(&s, r->seed, OF_GAZE, which);
    look(r, x, x->z[MIEN_PLANTED_GAZE], e, &s);
    mien_stream_init(&s, r->seed, OF_GAPS, which);
    add_gaps(e, &s);
    lose(&r->lost[x->person * SENSORS], b, e);
    round_all(e);
}
