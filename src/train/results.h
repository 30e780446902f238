/* SPDX-License-Identifier: MIT */
/* Figures of a run, and the files that hold them. */
#ifndef MIEN_TRAIN_RESULTS_H
#define MIEN_TRAIN_RESULTS_H

#include "train/judge.h"

enum { MIEN_METRICS_MAX = 16 };

typedef struct mien_results {
    struct {
        mien_interval model[MIEN_METRICS_MAX];
        mien_interval plain[MIEN_METRICS_MAX]; /* NaN: not there */
        mien_interval mean[MIEN_METRICS_MAX];
        mien_noise_ceiling ceiling;
        bool has_ceiling;
        double interval[2]; /* out-of-fold residual quantiles 2.5 % and 97.5 % */
    } target[MIEN_TARGETS_MAX];
} mien_results;

/** Quantiles 2.5 % and 97.5 % of truth minus prediction, interpolated as NumPy does by
 * default. */
mien_status mien_residual_interval(
    const double *truth, const double *prediction, int64_t n, double interval[2]);
/** Of a target whose SD and number of raters the table has. */
mien_status mien_ceiling_of(const mien_trials *trials, const mien_trials_target *target,
    mien_noise_ceiling *ceiling, bool *has);
mien_status mien_results_compute(mien_results *results, const mien_material *material,
    const mien_judgement *judgement, const mien_study *study, mien_pool *pool);

/** results.json: see docs/formats.md. final_choice is what the model on all rows chose.
 */
mien_status mien_results_document(const mien_results *results,
    const mien_material *material, const mien_judgement *judgement,
    const mien_choice *final_choice, const mien_study *study, mien_value **document);
/** predictions.csv and trials.tsv. */
mien_status mien_results_write_predictions(
    const mien_material *material, const mien_judgement *judgement, const char *path);
mien_status mien_results_write_trials(const mien_material *material, const char *path);

#endif
