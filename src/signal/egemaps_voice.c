/* SPDX-License-Identifier: MIT */
/* Descriptors of the long frames of eGeMAPS: pitch, and what hangs on it. */
#include <math.h>
#include <string.h>

#include "signal/egemaps.h"

#define BIN_HZ ((double)EGEMAPS_RATE / EGEMAPS_LONG_SIZE)
#define LOWEST_HZ 55.0
#define HIGHEST_HZ 1000.0
#define SEMITONES_FROM_HZ 27.5

/* Costs of the path of pitch: of no voice, where a voice costs what its voicing lacks
 * to 1; of each octave it moves; of beginning and of ending. They were set on 12 of the
 * clips that docs/films.md names, by which frames are voiced for the reference and at
 * which pitch, and tried on 12 others. */
#define COST_UNVOICED 0.3
#define COST_OCTAVE 0.0333
#define COST_BEGIN 0.0193
#define COST_END 0.0348

/* A period of jitter is one tenth longer or shorter at most than the pitch tells, and
 * alike to the next by more than one half. */
#define PERIOD_RANGE 0.1
#define PERIOD_CORRELATION 0.5

enum { STATES = MIEN_PITCH_CANDIDATES + 1 }; /* 0: unvoiced */

/* ---- the path -------------------------------------------------------------------- */

static bool may_be(const mien_pitch_frame *f, int state) {
    return state == 0 || (state <= f->candidates && f->hz[state - 1] >= LOWEST_HZ &&
                             f->hz[state - 1] <= HIGHEST_HZ);
}

static double cost_between(
    const mien_pitch_frame *a, int from, const mien_pitch_frame *b, int to) {
    if (from == 0 || to == 0) {
        return from == to ? 0 : from == 0 ? COST_BEGIN : COST_END;
    }
    return COST_OCTAVE * fabs(log2(a->hz[from - 1] / b->hz[to - 1]));
}

/* The cheapest way through the candidates of all frames (Viterbi), into e->hz. */
static void find_path(mien_egemaps *e) {
    double cost[STATES] = {0}, next[STATES];
    const int64_t n = e->rows_long;
    for (int64_t t = 0; t < n; t++) {
        const mien_pitch_frame *f = &e->frames[t];
        for (int s = 0; s < STATES; s++) {
            double least = INFINITY;
            for (int p = 0; p < STATES; p++) {
                const bool there = t == 0 ? p == 0 : may_be(f - 1, p);
                const double step = t > 0 && there ? cost_between(f - 1, p, f, s) : 0;
                const double way = there ? cost[p] + step : INFINITY;
                if (way < least) {
                    least = way;
                    e->from[t * STATES + s] = (uint8_t)p;
                }
            }
            next[s] = !may_be(f, s)
                          ? INFINITY
                          : least + (s == 0 ? COST_UNVOICED : 1 - f->voicing[s - 1]);
        }
        memcpy(cost, next, sizeof cost);
    }
    int state = 0;
    for (int s = 1; s < STATES; s++) {
        state = cost[s] < cost[state] ? s : state;
    }
    for (int64_t t = n - 1; t >= 0; t--) {
        e->hz[t] = state > 0 ? e->frames[t].hz[state - 1] : 0;
        state = e->from[t * STATES + state];
    }
}

/* ---- what hangs on it --------------------------------------------------------------
 */

/* The highest magnitude near the k-th multiple of the pitch. */
static double harmonic(const double *magnitude, double hz, int k) {
    const int64_t first = (int64_t)ceil((k - 0.2) * hz / BIN_HZ),
                  last = (int64_t)floor((k + 0.2) * hz / BIN_HZ);
    double most = 0;
    for (int64_t i = first; i <= last && i <= EGEMAPS_LONG_SIZE / 2; i++) {
        most = fmax(most, magnitude[i]);
    }
    return most;
}

/* The highest harmonic within a fifth of a formant, at least the nearest one. */
static double formant_peak(const double *magnitude, double hz, double formant_hz) {
    const int nearest = (int)fmax(1, floor(formant_hz / hz + 0.5));
    double most = harmonic(magnitude, hz, nearest);
    for (int k = (int)ceil(0.8 * formant_hz / hz); k <= 1.2 * formant_hz / hz; k++) {
        most = k > 0 ? fmax(most, harmonic(magnitude, hz, k)) : most;
    }
    return most;
}

static double level_db(double a, double b) {
    return a > 0 && b > 0 ? 20 * log10(a / b) : 0;
}

/* Energy at the period over what is not: autocorrelation from the power. */
static double hnr_of(mien_egemaps *e, const double *magnitude, double hz) {
    const double period = EGEMAPS_RATE / hz;
    double *to = mien_fft_input(e->long_fft), most = 0;
    for (int i = 0; i < EGEMAPS_LONG_SIZE; i++) {
        const int k = i <= EGEMAPS_LONG_SIZE / 2 ? i : EGEMAPS_LONG_SIZE - i;
        to[i] = magnitude[k] * magnitude[k];
    }
    const double *r = mien_fft_run(e->long_fft);
    for (int64_t lag = (int64_t)(0.9 * period); lag <= (int64_t)(1.1 * period) + 1;
         lag++) {
        most = lag <= EGEMAPS_LONG_SIZE / 2 ? fmax(most, r[2 * lag]) : most;
    }
    const double rest = r[0] - most;
    return most > 0 && rest > 0 ? fmax(-100, 10 * log10(most / rest)) : 0;
}

static void take_voiced(mien_egemaps *e, int64_t t) {
    double magnitude[EGEMAPS_LONG_SIZE / 2 + 1], *to = mien_fft_input(e->long_fft);
    const double hz = e->hz[t];
    const float *x = e->samples + t * EGEMAPS_HOP;
    memset(to, 0, EGEMAPS_LONG_SIZE * sizeof *to);
    for (int i = 0; i < EGEMAPS_LONG; i++) {
        to[i] = (double)x[i] * e->window[i];
    }
    const double *made = mien_fft_run(e->long_fft);
    for (int k = 0; k <= EGEMAPS_LONG_SIZE / 2; k++) {
        magnitude[k] =
            sqrt(made[2 * k] * made[2 * k] + made[2 * k + 1] * made[2 * k + 1]);
    }
    /* the reference counts harmonics above the pitch: its H1 is at twice the pitch */
    const double first = harmonic(magnitude, hz, 2);
    *mien_egemaps_at(e, EGEMAPS_AT_H1_H2, t) =
        level_db(first, harmonic(magnitude, hz, 3));
    for (int f = 0; f < EGEMAPS_FORMANTS; f++) {
        const double peak = formant_peak(
            magnitude, hz, *mien_egemaps_at(e, EGEMAPS_AT_FORMANT + 3 * f, t));
        *mien_egemaps_at(e, EGEMAPS_AT_FORMANT + 3 * f + 2, t) =
            level_db(peak, harmonic(magnitude, hz, 1));
        if (f == 2) {
            *mien_egemaps_at(e, EGEMAPS_AT_H1_A3, t) = level_db(first, peak);
        }
    }
    *mien_egemaps_at(e, EGEMAPS_AT_HNR, t) = hnr_of(e, magnitude, hz);
    *mien_egemaps_at(e, EGEMAPS_AT_F0, t) = 12 * log2(hz / SEMITONES_FROM_HZ);
}

mien_status mien_egemaps_voice(mien_egemaps *e, int64_t count) {
    const mien_jitter_spec spec = {.rate_hz = EGEMAPS_RATE,
        .frame = EGEMAPS_LONG,
        .hop = EGEMAPS_HOP,
        .least = PERIOD_CORRELATION,
        .range = PERIOD_RANGE};
    const int64_t n = e->rows_long;
    mien_pitch_run(e->pitch, e->samples, EGEMAPS_HOP, n, e->frames);
    find_path(e);
    mien_status status = mien_jitter(&spec, e->samples, count, e->hz, n, e->jitter);
    for (int64_t t = 0; status == MIEN_OK && t < n; t++) {
        for (int c = EGEMAPS_AT_F0; c < EGEMAPS_AT_FORMANT; c++) {
            *mien_egemaps_at(e, c, t) = 0;
        }
        for (int f = 0; f < EGEMAPS_FORMANTS; f++) {
            *mien_egemaps_at(e, EGEMAPS_AT_FORMANT + 3 * f + 2, t) = EGEMAPS_NO_LEVEL;
        }
        if (e->hz[t] > 0) {
            take_voiced(e, t);
            *mien_egemaps_at(e, EGEMAPS_AT_JITTER, t) = e->jitter[t].local;
            *mien_egemaps_at(e, EGEMAPS_AT_SHIMMER, t) = e->jitter[t].shimmer_db;
        }
    }
    return status;
}
