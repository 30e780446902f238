/* SPDX-License-Identifier: MIT */
/* Intervals of figures that are computed of groups, whatever the groups hold. */
#ifndef MIEN_EVAL_INTERVAL_H
#define MIEN_EVAL_INTERVAL_H

#include "eval/row_groups.h"
#include "mien/eval.h"

/** The groups that count in a resample, and how often. */
typedef struct mien_draw {
    const uint32_t *times; /* [groups]; NULL: each once, but for: */
    int64_t without;       /* a group; −1: none */
} mien_draw;

/** Figures as a function of a draw. */
typedef struct mien_statistic {
    const void *context;
    int64_t groups;
    int figures;
    const mien_scale *scale; /* [figures] */
    size_t room;             /* bytes that each call needs for itself */
    void (*compute)(
        const void *context, const mien_draw *draw, void *room, double *figures);
} mien_statistic;

/** intervals [figures]; see mien_intervals(). */
mien_status mien_statistic_intervals(const mien_statistic *statistic,
    const mien_interval_options *options, mien_thread_pool *pool,
    mien_interval *intervals);

/** Parts of it, for other ways to an interval. A figure on its scale, and back. */
double mien_scale_to(mien_scale scale, double x);
double mien_scale_from(mien_scale scale, double y);
/** The plain scale where the value or any of values [n] lies at its scale's end. */
mien_scale mien_scale_usable(
    mien_scale scale, double value, const double *values, int64_t n);
/** Two-sided p of the bootstrap: twice the share of resamples on the other side of 0,
 * this one among them; NaN with fewer than two. */
double mien_share_beyond(const double *values, int64_t n);
/** low and high of values [n], which are sorted. */
void mien_percentiles(double *values, int64_t n, double level, mien_interval *interval);
/** MIEN_EINVAL for options that cannot be. */
mien_status mien_interval_options_check(const mien_interval_options *options);

#endif
