/* SPDX-License-Identifier: MIT */
/* Intervals of variances between persons, stimuli and else. */
#ifndef MIEN_EVAL_VARIANCE_H
#define MIEN_EVAL_VARIANCE_H

#include "mien/eval.h"

/**
 * What mien_variance_of() gives, with intervals over other persons and stimuli.
 *
 * @param level      above 0, below 1
 * @param intervals  of persons, stimuli, rest; low and high NaN with one person or one
 * stimulus, or where the rows without one of them do not tell
 *
 * The jackknife leaves out each person, then each stimulus; the larger of both
 * variances counts, on the logarithm, with Student's t of the fewer of both less 1.
 * Where an estimate is not above 0 with one left out, it is on the plain scale, cut at
 * 0. Costs (persons + stimuli)^2 and the rows. Source: Arvesen & Schmitz 1970 (the
 * logarithm).
 */
mien_status mien_variance_intervals(const double *y, const int64_t *person,
    const int64_t *stimulus, int64_t n, int64_t persons, int64_t stimuli, double level,
    mien_interval intervals[3]);

#endif
