/* SPDX-License-Identifier: MIT */
/* Rows of persons in front of stimuli as sums that add up; for interval_crossed.c,
 * which resamples them, and crossed_sums.c, which makes them. */
#ifndef MIEN_EVAL_CROSSED_H
#define MIEN_EVAL_CROSSED_H

#include "eval/class_metric.h"
#include "eval/metric.h"

/** Units are the pairs of a person and a stimulus that have rows, sorted by person. */
typedef struct mien_crossed {
    const mien_crossed_figure *figure; /* [figures] */
    int figures;
    bool any_within;
    mien_scale *scale;               /* [figures] */
    int64_t persons, stimuli, units; /* of the first two, those that have rows */
    int64_t *first;                  /* [persons + 1] of their units */
    int64_t *stimulus;               /* [units] */
    int answers, a; /* the first a are those that are judged, the rest is subtracted */
    int width;      /* doubles of a sum */
    double *sums;   /* [answers, units, width] */
    /* of numbers */
    mien_origin *origin; /* [answers]; NULL: of classes */
    bool *has_null;      /* [answers] */
    int classes;
} mien_crossed;

static inline const double *mien_crossed_unit(
    const mien_crossed *crossed, int answer, int64_t unit) {
    return crossed->sums + ((int64_t)answer * crossed->units + unit) * crossed->width;
}
/** The weight of an answer in the mean over seeds, below 0 where it is subtracted. */
static inline double mien_crossed_weight(const mien_crossed *crossed, int answer) {
    return answer < crossed->a ? 1.0 / crossed->a
                               : -1.0 / (crossed->answers - crossed->a);
}
/** Every figure's metric of some sums; NaN where it is undefined, or where what it
 * compares does not vary by more than rounding. */
void mien_crossed_values(
    const mien_crossed *crossed, int answer, const double *sums, double *values);
/** Figures with intervals; see mien_crossed_intervals(). */
mien_status mien_crossed_resample(const mien_crossed *crossed,
    const mien_interval_options *options, mien_thread_pool *pool,
    mien_interval *intervals);

#endif
