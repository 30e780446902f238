/* SPDX-License-Identifier: MIT */
/* What the model of one value of the key each tells of its training. */
#ifndef MIEN_TRAIN_RUN_EACH_DOCUMENT_H
#define MIEN_TRAIN_RUN_EACH_DOCUMENT_H

#include "train/run/study_run_parts.h"

/** Makes results.json anew for the model of one: what holds for all, and figures, fits
 * and choices of its own rows alone. all: the run's results.json; figures: that one's
 * (mien_scores_each()). The caller frees it. */
mien_status mien_each_document(const mien_study_run *run, const mien_value *all,
    const mien_value *figures, int64_t each, mien_value **document);

#endif
