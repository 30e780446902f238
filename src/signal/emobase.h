/* SPDX-License-Identifier: MIT */
/* The inside of emobase2010: descriptors of frames, one column each. */
#ifndef MIEN_SIGNAL_EMOBASE_H
#define MIEN_SIGNAL_EMOBASE_H

#include "mien/signal.h"
#include "signal/chirp.h"
#include "signal/fft.h"
#include "signal/jitter.h"
#include "signal/lsp.h"
#include "signal/mel_bank.h"
#include "signal/pitch.h"

enum {
    EMOBASE_MFCC = 15,
    EMOBASE_MFCC_BANDS = 26,
    EMOBASE_LOG_MEL = 8,
    /* columns in the order of the set */
    EMOBASE_AT_LOUDNESS = 0,
    EMOBASE_AT_MFCC = 1,
    EMOBASE_AT_LOG_MEL = EMOBASE_AT_MFCC + EMOBASE_MFCC,
    EMOBASE_AT_LSP = EMOBASE_AT_LOG_MEL + EMOBASE_LOG_MEL,
    EMOBASE_AT_ENVELOPE = EMOBASE_AT_LSP + MIEN_LSP_ORDER,
    EMOBASE_AT_VOICING,
    EMOBASE_A, /* columns before are summed up by all functionals */
    EMOBASE_AT_F0 = EMOBASE_A,
    EMOBASE_AT_JITTER,
    EMOBASE_AT_JITTER_DDP,
    EMOBASE_AT_SHIMMER,
    EMOBASE_COLUMNS, /* columns from A on: by those values alone that are not 0 */
    EMOBASE_B = EMOBASE_COLUMNS - EMOBASE_A,
    EMOBASE_B_FUNCTIONALS = 19,
    EMOBASE_AT_B = 2 * EMOBASE_A * 21, /* first value of theirs */
    EMOBASE_AT_ONSETS = EMOBASE_AT_B + 2 * EMOBASE_B * EMOBASE_B_FUNCTIONALS,
    EMOBASE_AT_DURATION,
    EMOBASE_VALUES
};

/** Descriptors of a piece of sound. Columns up to the envelope have rows_short rows,
 * the others, of pitch, rows_long − 1. */
typedef struct mien_emobase_table {
    int64_t rows_short, rows_long; /**< whole frames of either length */
    int64_t room;                  /**< rows there is memory for */
    double *values;                /**< [EMOBASE_COLUMNS, room] */
    float *samples;                /**< the sound as it is read, at the set's scale */
    int64_t sample_room;
    mien_pitch_frame *pitch; /**< [room] */
    mien_jitter_row *jitter; /**< [room] */
} mien_emobase_table;

struct mien_emobase {
    mien_emobase_options options;
    int64_t frame_long, frame_short, hop, window; /* samples; window and step: rows */
    int64_t step;
    mien_emobase_table table;

    double *taper, taper_sum; /* Hamming, of short frames */
    mien_fft *fft;
    int64_t offset; /* of the frame in what is transformed */
    double *power;  /* [bins] */
    mien_mel_bank mfcc_bank, log_mel_bank;
    double cosine[EMOBASE_MFCC][EMOBASE_MFCC_BANDS];
    mien_chirp *chirp;
    int64_t chirp_samples;
    mien_pitch *pitch;

    double
        *smooth; /* [2 × EMOBASE_COLUMNS, smooth_room]: smoothed, then their slopes */
    double *kept, *sorted; /* [smooth_room] */
    int64_t smooth_room;
};

/** Fills e->table from sound [count]. */
mien_status mien_emobase_describe(mien_emobase *e, const float *sound, int64_t count);
/** Smooths e->table's columns and takes their slopes: rows_long rows each in e->smooth.
 */
mien_status mien_emobase_smooth(mien_emobase *e);
/** All values of rows [first, first + n) of e->smooth. */
void mien_emobase_summarize(mien_emobase *e, int64_t first, int64_t n, double *values);

mien_status mien_emobase_frames_init(mien_emobase *e);
void mien_emobase_frames_clear(mien_emobase *e);
/** Descriptors of short frames, from sound on, into rows 0 … rows − 1. */
void mien_emobase_frames(mien_emobase *e, const float *sound, int64_t rows);

#endif
