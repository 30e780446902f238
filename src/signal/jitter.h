/* SPDX-License-Identifier: MIT */
/* How much the periods of a voice vary in length and height, from the sound itself. */
#ifndef MIEN_SIGNAL_JITTER_H
#define MIEN_SIGNAL_JITTER_H

#include "mien/base.h"

typedef struct mien_jitter_row {
    double local, ddp, shimmer;
    double shimmer_db; /**< of neighbouring periods' heights, the mean of
                             20 log10(1 + difference ÷ mean), as eGeMAPS has it */
} mien_jitter_row;

typedef struct mien_jitter_spec {
    double rate_hz;
    int64_t frame, hop; /**< samples of a long frame, and from one to the next */
    int64_t ahead;      /**< hops that a row reads sound behind its pitch's frame */
    /** A period counts if its correlation is higher than this; 0: than the lowest of
     * its row so far, as emobase2010 has it. */
    double least;
    double range; /**< how far around the pitch's period one is sought, a share of it */
} mien_jitter_spec;

/**
 * One row for each value of the pitch.
 *
 * @param sound [count] samples
 * @param f0_hz [rows]; 0 unvoiced
 * @param out   rows
 * @return MIEN_OK; MIEN_ENOMEM
 */
mien_status mien_jitter(const mien_jitter_spec *spec, const float *sound, int64_t count,
    const double *f0_hz, int64_t rows, mien_jitter_row *out);

#endif
