/* SPDX-License-Identifier: MIT */
/* The pitch of frames of sound by sub-harmonic summation. */
#ifndef MIEN_SIGNAL_PITCH_H
#define MIEN_SIGNAL_PITCH_H

#include "mien/base.h"

enum { MIEN_PITCH_CANDIDATES = 6 };

typedef struct mien_pitch_frame {
    int candidates; /**< at most as many as the spec asks for, those outside 52 to 620
                       Hz among them */
    double hz[MIEN_PITCH_CANDIDATES], voicing[MIEN_PITCH_CANDIDATES],
        score[MIEN_PITCH_CANDIDATES]; /**< highest peak first */
    double f0_hz, probability;        /**< of the best one in range; 0: none */
} mien_pitch_frame;

/** Tables and scratch for frames of one length. One thread at a time. */
typedef struct mien_pitch mien_pitch;
typedef struct mien_pitch_spec {
    int64_t frame;  /**< samples of a frame */
    double frame_s; /**< its nominal length */
    double spread;  /**< standard deviation of its Gaussian window, in halves of it */
    /** The spectrum keeps its peaks alone, two bins to either side, smoothed, and low
     * octaves weigh less, as Hermes (1988) has it: eGeMAPS does, emobase2010 does not.
     */
    bool peaks_only;
    /** At most MIEN_PITCH_CANDIDATES. */
    int candidates;
    /** A candidate is a peak higher than all those below it, as emobase2010 lists them;
     * else the highest ones are candidates. */
    bool rising_only;
} mien_pitch_spec;
mien_status mien_pitch_new(const mien_pitch_spec *spec, mien_pitch **pitch);
void mien_pitch_free(mien_pitch **pitch);
/** Frames [count] that begin every `hop` samples of sound. */
void mien_pitch_run(mien_pitch *pitch, const float *sound, int64_t hop, int64_t count,
    mien_pitch_frame *frames);

/** The smoothed track: f0_hz, its envelope and the voicing of rows 0 … n − 2 from n
 * frames. */
void mien_pitch_smooth(int64_t n, const mien_pitch_frame *frames, double *f0_hz,
    double *envelope, double *voicing);

#endif
