/* SPDX-License-Identifier: MIT */
/* Intervals of samples with groups and what lies across them; see mien_intervals(). */
#ifndef MIEN_EVAL_INTERVAL_ACROSS_H
#define MIEN_EVAL_INTERVAL_ACROSS_H

#include "mien/eval.h"

/** Both of a's numberings are there, from 0; b has a's rows. */
mien_status mien_intervals_across(const mien_metric *const *metrics, int count,
    const mien_sample *a, const mien_sample *b, const mien_interval_options *options,
    mien_thread_pool *pool, mien_interval *intervals);
mien_status mien_class_intervals_across(const mien_class_metric *const *metrics,
    int count, const mien_class_sample *a, const mien_class_sample *b,
    const mien_interval_options *options, mien_thread_pool *pool,
    mien_interval *intervals);

#endif
