/* SPDX-License-Identifier: MIT */
/* Order statistics, as the detectors of this room need them. */
#ifndef MIEN_SIGNAL_ORDER_H
#define MIEN_SIGNAL_ORDER_H

#include "mien/base.h"

/* Median of x [n], which is put in another order; the mean of the middle two of an even
 * number; NaN of none. */
double mien_median(double *x, int64_t n);
/* Quantile of sorted x [n ≥ 1], linear between neighbours. */
double mien_quantile_sorted(const double *sorted, int64_t n, double q);
/* qsort()'s comparison of doubles. */
int mien_by_value(const void *a, const void *b);

#endif
