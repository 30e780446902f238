/* SPDX-License-Identifier: MIT */
/* Shared by smoothing and the filters of bodily signals. */
#ifndef MIEN_SIGNAL_BIQUADS_H
#define MIEN_SIGNAL_BIQUADS_H

#include "mien/physiology.h"

/* Forward and backward with `edge` values (fewer than n, at most what
 * mien_filter_extension() says) turned over at each end; y may be x. */
void mien_filter_extended(
    const mien_filter *filter, const double *x, int64_t n, int64_t edge, double *y);

#endif
