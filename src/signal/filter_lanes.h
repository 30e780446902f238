/* SPDX-License-Identifier: MIT */
/* Sections of second order at work, and long series filtered in several places at once.
 */
#ifndef MIEN_SIGNAL_FILTER_LANES_H
#define MIEN_SIGNAL_FILTER_LANES_H

#include "mien/base.h"

/** A section with its last two values in and out: direct form I, in which a value waits
 * for one product and one difference of the value before it, and for no more. */
typedef struct mien_section {
    double b0, b1, b2, a1, a2, x1, x2, y1, y2;
} mien_section;

/** Filters the first values of at [n], in place; step +1, or -1: backward from `at`.
 * Returns how many were filtered, the states being those behind them; 0 where the
 * series is too short for the filter to be cut. */
int64_t mien_filter_lanes(
    mien_section *sections, int count, double *at, int64_t n, int64_t step);

#endif
