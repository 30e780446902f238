/* SPDX-License-Identifier: MIT */
/* Figures of crossed folds: four cells (person seen or not, stimulus seen or not) that
 * the same fits answered, beside what is known without the model. */
#ifndef MIEN_TRAIN_SCORES_CROSSED_H
#define MIEN_TRAIN_SCORES_CROSSED_H

#include "mien/eval.h"
#include "train/dataset/dataset.h"

/** The answers of one fit to all the rows that it tests. */
typedef struct mien_fit_answers {
    int64_t tested;
    int64_t *rows;       /* [tested] of the dataset */
    double *predictions; /* [tested, width] */
} mien_fit_answers;
mien_status mien_fit_answers_keep(mien_fit_answers *answers, int64_t tested,
    const int64_t *rows, const double *predictions, int64_t width);
void mien_fit_answers_clear(mien_fit_answers *answers);

/** The answers that need no model, from the rows that the fit has learnt from: its
 * mean (or shares of classes), a person's, a stimulus', both's offsets on the mean. */
enum {
    MIEN_CROSSED_MODEL,
    MIEN_CROSSED_MEAN,
    MIEN_CROSSED_PERSON,
    MIEN_CROSSED_STIMULUS,
    MIEN_CROSSED_BOTH,
    MIEN_CROSSED_ANSWERS
};
/** "mean", "person", "stimulus", "both". */
const char *mien_crossed_answer_name(int answer);

enum { MIEN_CROSSED_FIGURES_MAX = 32 };

/** The figures of a target in one cell. */
typedef struct mien_cell_scores {
    int64_t rows;  /* with an answer and the target */
    int64_t fits;  /* answers in all: a row may have several, which are averaged */
    int strongest; /* the answer without the model that knows most here */
    mien_interval figure[MIEN_CROSSED_ANSWERS][MIEN_CROSSED_FIGURES_MAX];
    mien_interval gain[MIEN_CROSSED_FIGURES_MAX]; /* the model's less the strongest's */
    mien_interval change[MIEN_CROSSED_FIGURES_MAX]; /* less the model's, both unseen */
} mien_cell_scores;

/** The last figure is within persons: of numbers r, truth and prediction each less its
 * mean over the person's rows that the same fit tests in the same cell. (A fit that has
 * learnt a person's mean without some of its rows would answer too low where these are
 * high, so that within a person, too, chance would have a correlation below 0.) Of
 * classes the balanced accuracy, mean over persons. */
typedef struct mien_crossed_scores {
    int figures;
    mien_crossed_figure figure[MIEN_CROSSED_FIGURES_MAX];
    mien_cell_scores cell[MIEN_CELLS];
} mien_crossed_scores;

/** The answers in every cell; each row's answers are means over the fits. */
typedef struct mien_crossed_answers {
    int seeds;
    int64_t rows, width; /* of the dataset */
    int32_t *fits;       /* [MIEN_CELLS, rows] of one seed */
    /* [MIEN_CELLS, rows, width]; of the model [seeds, MIEN_CELLS, rows, width] */
    double *answer[MIEN_CROSSED_ANSWERS];
    /* the same within persons; the last is the truth */
    double *centred[MIEN_CROSSED_ANSWERS + 1];
} mien_crossed_answers;

/** fits [seeds, folds]: in the order of folds, of each seed. Clear also after a
 * failure.
 */
mien_status mien_crossed_answers_make(mien_crossed_answers *answers,
    const mien_dataset *dataset, int seeds, const mien_fit_answers *const *fits);
void mien_crossed_answers_clear(mien_crossed_answers *answers);

/** metrics [count]: figures of the pooled rows; some are also of each person's. */
mien_status mien_crossed_scores_compute(mien_crossed_scores *scores,
    const mien_dataset *dataset, int target, const void *const *metrics, int count,
    const mien_crossed_answers *answers, const mien_interval_options *options,
    mien_thread_pool *pool);
/** The model's figures in each cell (scores->cell[].figure[MIEN_CROSSED_MODEL]) and in
 * gain those less what `changed` answers to the same rows by the same fits. */
mien_status mien_crossed_losses_compute(mien_crossed_scores *scores,
    const mien_dataset *dataset, int target, const void *const *metrics, int count,
    const mien_crossed_answers *answers, const mien_crossed_answers *changed,
    const mien_interval_options *options, mien_thread_pool *pool);
/** Adds "crossed" to a target of results.json. */
mien_status mien_crossed_scores_put(const mien_crossed_scores *scores,
    const mien_dataset *dataset, const mien_study *study, bool of_classes,
    mien_value *target);

#endif
