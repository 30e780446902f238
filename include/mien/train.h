/* SPDX-License-Identifier: MIT */
/* Studies: from a trial table to a judged model in a run folder.
 *
 *     const char *set[] = {"epochs=5", "folds.k=5"}; // over what the file says
 *     mien_study *study = NULL;
 *     mien_status status = mien_study_open("study.yaml", set, 2, &study);
 *     if (status == MIEN_OK) {
 *         status = mien_train_check(study, NULL); // all that can be told beforehand
 *     }
 *     if (status == MIEN_OK) {
 *         status = mien_train(study, "runs/first", NULL); // a run folder
 *     }
 *     if (status == MIEN_EINTERRUPTED) {
 *         status = mien_resume("runs/first", NULL); // as if it had never stopped
 *     }
 *     mien_study_close(&study);
 */
#ifndef MIEN_TRAIN_H
#define MIEN_TRAIN_H

#include "mien/data.h"
#include "mien/eval.h"
#include "mien/models.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A checked study with every default filled in. */
typedef struct mien_study mien_study;
/** Reads YAML; every key is checked before anything else is opened: MIEN_EFORMAT with
 * file, line, key and what is allowed. set: "key=value" overrides (dotted keys; the
 * items of a list separated by ;), may be NULL; MIEN_EINVAL for a bad one. Limits:
 * those of mien_value_read(). */
MIEN_API mien_status mien_study_open(
    const char *path, const char *const *set, int set_count, mien_study **study);
MIEN_API void mien_study_close(mien_study **study);
/** All keys with their values, as YAML that reads back the same. */
MIEN_API mien_status mien_study_write(const mien_study *study, mien_string *out);

/** Whether its run has a page (mien_report_runs()): all that are judged by folds. */
MIEN_API bool mien_study_reported(const mien_study *study);

typedef struct mien_train_options {
    int threads;
    const char *weights; /**< backbone file; NULL: cache */
    bool exact;          /**< convolutions as they are written, see mien_plan_options */
    /** stage names what is done ("features", "fold 3"); total 0 if unknown. */
    void (*progress)(void *context, const char *stage, int64_t done, int64_t total);
    void *context;
} mien_train_options;
MIEN_API mien_train_options mien_train_options_default(void);
/** Does the study and fills the run folder (see docs/run-folder.md): study.yaml,
 * trials.tsv, predictions.csv, results.json, model.safetensors, SHA256SUMS. The folder
 * must not hold another run. A network (method: network) is trained with checkpoints:
 * after MIEN_EINTERRUPTED, a kill or a full disk mien_resume() goes on. MIEN_ENUMBER
 * names fold, epoch, step and trials of a loss that is no number; the last checkpoint
 * is kept. progress may be called from any thread, by one at a time. */
MIEN_API mien_status mien_train(
    const mien_study *study, const char *run, const mien_train_options *options);
/** Refuses what mien_train() would refuse before it makes a folder, as far as the
 * backbone's weights are not needed for it: the trial table and its sidecar, targets
 * that the method cannot learn, folds that cannot be dealt, a batch that no fold
 * fills, a warm-up longer than the training, … NULL options: default. */
MIEN_API mien_status mien_train_check(
    const mien_study *study, const mien_train_options *options);
/** How many values of a part of a study's model are learnt, and how many stay as they
 * were. */
typedef struct mien_tally_part {
    char name[192]; /**< "image (mobilenet_v2)", "fusion", "head", "read-out" */
    int64_t learnt; /**< -1: as many as the data ask for, as of trees */
    int64_t frozen;
    bool most; /**< at most so many are learnt: some of what is offered is left out */
} mien_tally_part;
enum { MIEN_TALLY_PARTS = MIEN_INPUTS_MAX + 2 };
typedef struct mien_tally {
    int parts;
    mien_tally_part part[MIEN_TALLY_PARTS];
} mien_tally;
/** mien_train_check() that also counts, by branch; nothing of a study that learns each
 * person's own (method: person). tally is filled on MIEN_OK alone. */
MIEN_API mien_status mien_train_tally(
    const mien_study *study, const mien_train_options *options, mien_tally *tally);
/** Goes on with the run of a network, to the same bits as if it had never stopped, with
 * the threads that it began with; does nothing for one that is finished.
 * options->weights: where the backbone's file is now, NULL: where it was. MIEN_EVERIFY
 * names what is not as it was: study, trials, weights, or a checkpoint. MIEN_ENOTFOUND
 * for a folder without such a run. NULL options: default. */
MIEN_API mien_status mien_resume(const char *run, const mien_train_options *options);

/** What a search is of, beside its study. */
typedef struct mien_search_options {
    const char *const *set; /**< as mien_study_open() takes them */
    int sets;
    const char *const
        *over; /**< KEY=WHAT: keys that are searched, see docs/search.md */
    int overs;
    bool check; /**< everything is checked, nothing made */
} mien_search_options;
/**
 * Searches keys of a study inside its folds: in each, points are judged on inner folds
 * of its training part, the best is trained on all of that part, and the fold, which
 * the choice has not seen, is predicted; what is chosen on all rows is the model.
 *
 * @param study  the study's file
 * @param run    a run folder, made: as mien_train() fills it, and points.sqlite,
 * search.csv and chosen.yaml (docs/search.md)
 * @param options  NULL: the defaults
 * @return as mien_train(); after MIEN_EINTERRUPTED, a kill, a full disk or a locked
 * database mien_resume() goes on, every finished point is kept
 */
MIEN_API mien_status mien_search_begin(const char *study,
    const mien_search_options *search, const char *run,
    const mien_train_options *options);

typedef enum mien_hiding {
    MIEN_HIDING_AUTO, /**< a mask if the network has learnt with inputs missing
                         (features that are, or modality-dropout), else the mean */
    MIEN_HIDING_MASK, /**< what is hidden is missing */
    MIEN_HIDING_MEAN  /**< its mean over the training rows of the fold stands for it */
} mien_hiding;

typedef enum mien_permutation {
    MIEN_PERMUTATION_AUTO,  /**< shifts where rows have an order in time, else rows */
    MIEN_PERMUTATION_SHIFT, /**< an input is turned round in time within its film */
    MIEN_PERMUTATION_ROWS   /**< its rows are exchanged among those of a fold */
} mien_permutation;

typedef struct mien_explain_options {
    int threads;
    mien_hiding hiding;
    mien_permutation permutation;
    int repeats;   /**< permutations of each input; default 5 */
    uint32_t seed; /**< of them; default 1 */
    bool retrain;  /**< train once more without each input, in RUN/explain/without-NAME;
                      what  is there is taken up */
    const char *attention; /**< file (.h5) for maps of attention of every held-out row
                              by its fold's network (of the first seed), a data set an
                              encoder [rows, layers, heads, T, T], query by key; NULL:
                              none */
    void (*progress)(void *context, const char *stage, int64_t done, int64_t total);
    void *context;
} mien_explain_options;
MIEN_API mien_explain_options mien_explain_options_default(void);
/** Measures what each input of a finished run contributes, out of fold: every row is
 * predicted by the network of its own fold, rebuilt from its checkpoint, with an input
 * left out, alone, and permuted; figures have paired intervals, films resampled.
 * @param path the document (explain.json in docs/run-folder.md); what each input does
 * to every row goes beside it, with .csv in place of .json
 * @return MIEN_EINVAL for a path without .json, masks that the network does not
 * take, shifts of rows without order; MIEN_EUNSUPPORTED for networks over pictures
 * and studies without a target of numbers; MIEN_ENOTFOUND for a run that is not
 * finished; MIEN_EVERIFY for one whose table, features or networks are not what they
 * were */
MIEN_API mien_status mien_explain(
    const char *run, const mien_explain_options *options, const char *path);

/** One user's ratings of a model's target, beside what the model says of the same. */
typedef struct mien_own_ratings {
    int64_t count;
    const double *norm;   /**< [count] the model's values, own scale */
    const double *rating; /**< [count] */
} mien_own_ratings;
typedef struct mien_adapt_options {
    double offset,
        slope; /**< SDs over people before any rating: of the offset as a share of the
                    scale (default 0.12), of the slope about 1 (0.3) */
    const char *weights; /**< the backbone's file; NULL: the cache's */
    bool exact;
    int threads;
    const char *const
        *pictures; /**< files [pictures_count] that the ratings are of: the
                      model then knows them as rows it was trained on, where
                      it knows those it was trained on before; NULL: not */
    int64_t pictures_count;
} mien_adapt_options;
MIEN_API mien_adapt_options mien_adapt_options_default(void);
/** The adaptation of one target: a rating is the scale's middle + offset + slope
 * times (the model's value - the middle), give or take. */
typedef struct mien_adapted {
    double offset, slope;
    double noise; /**< SD of ratings about that */
    double half;  /**< half width of a 95 % interval of the next rating */
} mien_adapted;
/**
 * Writes a read-out that says what the model does and, as targets own_NAME, what one
 * user would rate: a line through the model's values with normal priors, its noise the
 * likeliest.
 *
 * @param own      [targets of the model]; count 0: not rated
 * @param adapted  [targets of the model], those that were rated; NULL: not asked for
 * @return MIEN_EUNSUPPORTED for a model that is no read-out; MIEN_EINVAL for no rating
 * at all, or one outside the scale; MIEN_ELIMIT beyond MIEN_TARGETS_MAX targets
 */
MIEN_API mien_status mien_adapt(const mien_model *model, const mien_own_ratings *own,
    const mien_adapt_options *options, const char *path, mien_adapted *adapted);

/** Writes a model whose logits are divided by temperatures, on top of those it has.
 *
 * @param temperature  [targets of the model]; 0: as it is
 * @return MIEN_EINVAL for a target of numbers, or no temperature at all; MIEN_ENOMEM;
 * as mien_network_save()
 */
MIEN_API mien_status mien_model_calibrate(
    const mien_model *model, const double *temperature, const char *path);

#ifdef __cplusplus
}
#endif

#endif
