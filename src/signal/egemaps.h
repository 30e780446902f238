/* SPDX-License-Identifier: MIT */
/* The inside of eGeMAPS: descriptors of frames, one column each. */
#ifndef MIEN_SIGNAL_EGEMAPS_H
#define MIEN_SIGNAL_EGEMAPS_H

#include "mien/signal.h"
#include "signal/chirp.h"
#include "signal/fft.h"
#include "signal/jitter.h"
#include "signal/mel_bank.h"
#include "signal/pitch.h"

enum {
    EGEMAPS_RATE = 16000,
    EGEMAPS_SHORT = 320, /* samples of a short frame, 20 ms */
    EGEMAPS_LONG = 960,  /* of a long one, 60 ms */
    EGEMAPS_HOP = 160,
    EGEMAPS_SHORT_SIZE = 512,
    EGEMAPS_LONG_SIZE = 1024,
    EGEMAPS_BANDS = 26,
    EGEMAPS_FORMANTS = 3,
    EGEMAPS_LPC = 11
};

/* Columns, in the order of the tracks. Those up to EGEMAPS_AT_F0 have a row a short
 * frame, the others a row a long frame; formants have both's. */
enum {
    EGEMAPS_AT_LOUDNESS,
    EGEMAPS_AT_ALPHA,
    EGEMAPS_AT_HAMMARBERG,
    EGEMAPS_AT_SLOPE_LOW,
    EGEMAPS_AT_SLOPE_HIGH,
    EGEMAPS_AT_FLUX,
    EGEMAPS_AT_MFCC,
    EGEMAPS_AT_F0 = EGEMAPS_AT_MFCC + 4,
    EGEMAPS_AT_JITTER,
    EGEMAPS_AT_SHIMMER,
    EGEMAPS_AT_HNR,
    EGEMAPS_AT_H1_H2,
    EGEMAPS_AT_H1_A3,
    EGEMAPS_AT_FORMANT, /* frequency, bandwidth, level; three times */
    EGEMAPS_COLUMNS = EGEMAPS_AT_FORMANT + 3 * EGEMAPS_FORMANTS
};

/* What a formant's level is where there is no pitch to compare with. */
#define EGEMAPS_NO_LEVEL (-201.0)

struct mien_egemaps {
    mien_fft *short_fft, *long_fft;
    mien_chirp *chirp;
    int64_t chirp_samples;
    mien_mel_bank bank;
    mien_pitch *pitch;
    double taper[EGEMAPS_SHORT], window[EGEMAPS_LONG];
    double weight[EGEMAPS_BANDS]; /* of loudness */
    double cosine[4][EGEMAPS_BANDS];
    double power[EGEMAPS_SHORT_SIZE / 2 + 1];
    double magnitude[2][EGEMAPS_SHORT_SIZE / 2 + 1]; /* of this frame and the last */
    /* of the sound at hand */
    float *samples;
    int64_t sample_room, room;
    int64_t rows_short, rows_long;
    double *values, *smooth; /* [EGEMAPS_COLUMNS, room] */
    double *scratch;         /* [3, room] */
    mien_pitch_frame *frames;
    mien_jitter_row *jitter;
    double *hz;    /* [room] the path of pitch; 0: unvoiced */
    uint8_t *from; /* [room, states] */
};

mien_status mien_egemaps_frames_init(mien_egemaps *e);
void mien_egemaps_frames_clear(mien_egemaps *e);
/** Columns of short frames, formants' frequencies and bandwidths. */
void mien_egemaps_frames(mien_egemaps *e);
/** Pitch and what hangs on it. */
mien_status mien_egemaps_voice(mien_egemaps *e, int64_t count);

static inline double *mien_egemaps_at(mien_egemaps *e, int column, int64_t row) {
    return e->values + column * e->room + row;
}

#endif
