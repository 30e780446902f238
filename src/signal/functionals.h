/* SPDX-License-Identifier: MIT */
/* Statistics of a track of values over time, as emobase2010 takes them. */
#ifndef MIEN_SIGNAL_FUNCTIONALS_H
#define MIEN_SIGNAL_FUNCTIONALS_H

#include "mien/base.h"

/** In the order of the set; percentile1.0 and pctlrange0-1 are not taken of pitch. */
enum {
    MIEN_FUNCTIONAL_PERCENTILE1 = 16,
    MIEN_FUNCTIONAL_PERCENTILE_RANGE = 18,
    MIEN_FUNCTIONALS = 21
};

/** "maxPos", …, "upleveltime90". */
const char *mien_functional_name(int index);
/**
 * All of them.
 *
 * @param x       [n] values, n ≥ 1
 * @param scratch [n], overwritten
 * @param out     [MIEN_FUNCTIONALS]: positions of the first largest and smallest value
 * (index / n), mean, slope per value and level at the first one of the least-squares
 *                line, its mean absolute and mean squared error, standard deviation (of
 * the population), skewness, kurtosis (3 for a normal distribution; both 0 where
 *                nothing varies), quartiles and their distances, 1st and 99th
 * percentile and their distance (all linear between neighbours), shares of values above
 * 75 and 90 % of the range
 */
void mien_functionals(const double *x, int64_t n, double *scratch, double *out);

#endif
