/* SPDX-License-Identifier: MIT */
/* Losses: the rows of losses.def, and an objective, which is a row with its options,
 * made ready for one target. They work on plain arrays and know nothing of networks. */
#ifndef MIEN_TRAIN_LOSS_H
#define MIEN_TRAIN_LOSS_H

#include "mien/base.h"

typedef struct mien_loss mien_loss;
typedef struct mien_objective mien_objective;

/* ---- using a loss ------------------------------------------------------------- */

typedef struct mien_objective_setup {
    int64_t classes; /**< K; for a loss of values, how many stand in a row */
    const double *class_weights; /**< [classes], finite, ≥ 0; NULL: all 1; copied */
    /** [classes] rows of each class in the training part, all > 0; only for losses with
     * wants_counts; copied. */
    const int64_t *class_counts;
} mien_objective_setup;

/** One batch. A loss of classes takes either classes or values (shares of the classes,
 * such as votes, that sum to 1 in each row), a loss of values takes values. */
typedef struct mien_loss_batch {
    int64_t rows;
    const float *prediction;  /**< [rows, width] what the network gives, row-major */
    const int32_t *classes;   /**< [rows] in [0, K); or NULL */
    const float *values;      /**< [rows, classes]; or NULL */
    const float *row_weights; /**< [rows] ≥ 0; NULL: all 1. Of a row with weight 0 (its
                                 target is missing) nothing is read. */
} mien_loss_batch;

typedef struct mien_loss_result {
    double value; /**< mean over the batch, as the row of the table defines it */
    double weight; /**< what was divided by: Σ value·weight / Σ weight is the mean over
                      several batches. 0: no row counted; value is 0 then */
} mien_loss_result;

/** given: parsed options of the row; NULL: its defaults. MIEN_EINVAL for a setup that
 * does not fit the loss; MIEN_ENOMEM. */
mien_status mien_objective_new(const mien_loss *loss, const mien_options *given,
    const mien_objective_setup *setup, mien_objective **objective);
void mien_objective_free(mien_objective **objective);
const mien_loss *mien_objective_loss(const mien_objective *objective);
int64_t mien_objective_classes(const mien_objective *objective);
/** Outputs the network needs: K, or K − 1 for thresholds between ordered classes. */
int64_t mien_objective_width(const mien_objective *objective);

/**
 * Loss of a batch and its gradient with respect to the predictions.
 *
 * @param gradient [rows, width], 0 in rows of weight 0; NULL if it is not wanted
 * @return MIEN_EINVAL names the row whose target is wrong; MIEN_ENUMBER the row whose
 *         prediction, loss or gradient is no finite number (a logit of −∞ is fine as
 *         long as its class has no share); nothing is written then, and
 *         mien_objective_bad_row() tells which. MIEN_ENOMEM. Allocates only for a
 *         batch larger than any before.
 *
 * Sums run in double, row by row.
 */
mien_status mien_objective_compute(mien_objective *objective,
    const mien_loss_batch *batch, mien_loss_result *result, float *gradient);
/** The same with the gradient (not the loss) times scale: for a sum of several losses.
 */
mien_status mien_objective_compute_scaled(mien_objective *objective,
    const mien_loss_batch *batch, double scale, mien_loss_result *result,
    float *gradient);
/** The same on predictions and gradient in double; batch->prediction is not read. */
mien_status mien_objective_compute_f64(mien_objective *objective,
    const mien_loss_batch *batch, const double *prediction, mien_loss_result *result,
    double *gradient);
/** The row at fault in the last call that failed; −1 if it was none in particular. */
int64_t mien_objective_bad_row(const mien_objective *objective);

/** Turns predictions into answers: for a loss of classes outputs [rows, classes] are
 * their probabilities and classes [rows] the choice (the lowest of equals); for a
 * loss of values outputs are the predictions and classes is left alone. Either may
 * be NULL. MIEN_ENUMBER names a row that is no number. */
mien_status mien_objective_predict(const mien_objective *objective, int64_t rows,
    const float *prediction, float *outputs, int32_t *classes);

/* ---- rows --------------------------------------------------------------------- */

/** A batch as a row sees it: checked, in double. */
typedef struct mien_loss_work {
    int64_t rows, width, classes;
    const double *prediction;    /* [rows, width] */
    const int32_t *labels;       /* [rows], or NULL: values has shares */
    const double *values;        /* [rows, classes] */
    const double *row_weights;   /* [rows]; nothing else of a row with 0 may be read */
    const double *class_weights; /* [classes] */
    const double *log_prior;     /* [classes]; NULL unless the row wants counts */
    double *scratch;             /* [5, classes] */
    double *gradient;            /* [rows, width], zero at first: of sum */
    double sum, weight;          /* the loss is sum / weight */
    int64_t bad_row;             /* first row whose part is not finite; −1 */
} mien_loss_work;

struct mien_loss {
    const char *name;           /**< "cross_entropy" */
    const char *summary;        /**< the formula, its source */
    const mien_option *options; /**< NULL: none */
    bool of_classes;            /**< else of values */
    bool wants_counts;
    int64_t classes_min;
    size_t settings_size;
    mien_status (*parse)(const mien_options *given, void *settings);
    int64_t (*width)(int64_t classes); /**< NULL: classes */
    void (*compute)(const void *settings, mien_loss_work *work);
    /** Probabilities [classes] of one row [width] and the choice; losses of classes. */
    int32_t (*predict)(int64_t classes, const double *prediction, double *shares);
};

int mien_loss_count(void);
const mien_loss *mien_loss_at(int index);
/** NULL with error text that names the nearest. */
const mien_loss *mien_loss_find(const char *name);

/** Adds a row's part to the sum and to what it is divided by. */
static inline void mien_loss_add(
    mien_loss_work *work, int64_t row, double part, double weight) {
    /* false for NaN too */
    if (!(part <= 1.7976931348623157e308 && part >= -1.7976931348623157e308) &&
        work->bad_row < 0) {
        work->bad_row = row;
    }
    work->sum += part;
    work->weight += weight;
}

#define X(name) extern const mien_loss mien_loss_##name;
#include "train/losses/losses.def"
#undef X

#endif
