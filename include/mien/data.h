/* SPDX-License-Identifier: MIT */
/* Trial tables, data-set importers, folds, loading of stimuli.
 *
 *     mien_trials *trials = NULL;
 *     int *fold = NULL;
 *     mien_status status = mien_trials_open("trials.tsv", &trials); // and trials.json
 *     int64_t rows = mien_trials_rows(trials);
 *     if (status == MIEN_OK) {
 *         fold = mien_alloc((size_t)rows, sizeof *fold);
 *         status = fold ? mien_folds_make(rows, NULL, 5, 1, fold) : MIEN_ENOMEM;
 *     }
 *     for (int64_t r = 0; status == MIEN_OK && r < rows; r++) {
 *         printf("%s\t%s\t%d\n", mien_trials_id(trials, r),
 *             mien_trials_cell(trials, r, "valence"), fold[r]);
 *     }
 *     mien_free(fold);
 *     mien_trials_close(&trials);
 */
#ifndef MIEN_DATA_H
#define MIEN_DATA_H

#include "mien/inputs.h"
#include "mien/io.h"
#include "mien/media.h"
#include "mien/signal.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A trial table (.tsv) with its sidecar (.json): see docs/trials.md. */
typedef struct mien_trials mien_trials;

/** A number on a scale, or one of a list of classes. */
typedef enum mien_target_kind {
    MIEN_TARGET_NUMBER,
    MIEN_TARGET_CLASS
} mien_target_kind;

/** A target column as the sidecar describes it. */
typedef struct mien_trials_target {
    char name[32];
    double minimum, maximum;          /**< of numbers */
    char unit[64];                    /**< of numbers */
    char construct[16];               /**< "evoked", "depicted" */
    char perspective[16];             /**< "normative", "subjective" */
    char sd_column[64], n_column[64]; /**< "" if none */
    mien_target_kind kind;
    int classes;                   /**< of classes: 2 or more, else 0 */
    const char *const *class_name; /**< [classes], in label order; lent until the table
                                      is closed */
    const char *const
        *votes_column; /**< [classes] columns, or NULL; lent as class_name */
} mien_trials_target;

/** Reads and checks: MIEN_EFORMAT (file:line) on repeated or empty trial ids, a target
 * (or its SD or N, start_s, end_s) that is not a finite number, an end before its
 * start, an unknown split, rows of wrong length, a missing or malformed sidecar, a
 * trial column missing, a label that is none of its target's classes, a label or a
 * target's name that a model or a table of predictions could not hold (a label of more
 * than 63 bytes, a control character, a target called as a column of theirs: trial,
 * person, stimulus, group, fold, split, seed, row, input, start_s, end_s, or NAME_low
 * and the like of another target). Ratings outside the range are told by doctor and by
 * mien_trials_check_range(). Limits: table 1 GiB, sidecar 16 MiB, 64 targets, 256
 * classes; a sidecar of a newer version is MIEN_EUNSUPPORTED. */
MIEN_API mien_status mien_trials_open(const char *path, mien_trials **trials);
MIEN_API void mien_trials_close(mien_trials **trials);
MIEN_API const mien_table *mien_trials_table(const mien_trials *trials);
MIEN_API int64_t mien_trials_rows(const mien_trials *trials);
MIEN_API const char *mien_trials_id(const mien_trials *trials, int64_t row);
/** Cell by column name, lent until the table is closed; NULL if the column is absent or
 * the cell missing. */
MIEN_API const char *mien_trials_cell(
    const mien_trials *trials, int64_t row, const char *column);
/** Path of an input (image, film …) made relative to here; NULL as above; mien_free().
 */
MIEN_API char *mien_trials_path(
    const mien_trials *trials, int64_t row, const char *column);
MIEN_API int mien_trials_targets(const mien_trials *trials);
MIEN_API const mien_trials_target *mien_trials_target_at(
    const mien_trials *trials, int index);
MIEN_API const mien_trials_target *mien_trials_target_find(
    const mien_trials *trials, const char *name);
/** Makes classes of a target of whole numbers: "1", "2", … of its range, in that order.
 * MIEN_EINVAL where its range is no range of 2 to 256 whole numbers, MIEN_EFORMAT
 * (file:line) where a cell is none of them, MIEN_ENOTFOUND. A target of classes stays
 * as it is. */
MIEN_API mien_status mien_trials_classify(mien_trials *trials, const char *name);
/** Values of a numeric column, NaN where missing; out has one per row. MIEN_ENOTFOUND
 * without such a column; MIEN_EFORMAT (file:line) where a cell is no number. */
MIEN_API mien_status mien_trials_numbers(
    const mien_trials *trials, const char *column, double *out);
/** MIEN_EFORMAT (file:line, how many more) where a row of `rows` [count] (NULL: all)
 * has a rating of a number target outside the range that the sidecar declares.
 * MIEN_ENOTFOUND without such a target. */
MIEN_API mien_status mien_trials_check_range(
    const mien_trials *trials, const char *target, const int64_t *rows, int64_t count);
/** Class of each row by a class target's order, -1 where the label is missing.
 * MIEN_ENOTFOUND without such a target, MIEN_EINVAL if it is one of numbers. */
MIEN_API mien_status mien_trials_classes(
    const mien_trials *trials, const char *target, int *out);
/** Share of the votes that each class got, out [rows, classes]: the vote columns
 * divided by their sum; NaN where a row's votes are missing. MIEN_ENOTFOUND without
 * such a target or if it names no vote columns; MIEN_EFORMAT (file:line) for votes
 * below 0, only some missing, or all 0. */
MIEN_API mien_status mien_trials_shares(
    const mien_trials *trials, const char *target, double *out);
/** Where the items of some rows are. */
typedef struct mien_item_places {
    int64_t count;
    mien_place *place; /**< [count]; file NULL: missing */
    char **text;       /**< [count] what the places are lent from */
} mien_item_places;
/** Places of the cells of an input's column: PATH, or, for kinds that take rows,
 * PATH[#[DATASET:]ROW]. MIEN_ENOTFOUND without the column; MIEN_EFORMAT names line,
 * trial and cell. Clear also after a failure. */
MIEN_API mien_status mien_trials_places(const mien_trials *trials,
    const mien_input *input, const int64_t *rows, int64_t count,
    mien_item_places *places);
MIEN_API void mien_item_places_clear(mien_item_places *places);
/** Fixes the shape of an input, by looking at the first row that has an item where its
 * settings leave it open. */
MIEN_API mien_status mien_trials_measure(const mien_trials *trials, const int64_t *rows,
    const mien_item_places *places, mien_input *input);
/** Reads every different item of an input whose kind is small.
 *
 * @param item    [places->count] number of each row's item; -1: missing, by the rule of
 *                mien_reader_load()
 * @param values  [items, item], the caller frees them
 */
MIEN_API mien_status mien_trials_items(const mien_trials *trials, const int64_t *rows,
    const mien_item_places *places, const mien_input *input, int64_t *item,
    int64_t *items, float **values);
/**
 * Features of rows: what the column features.NAME points at. A cell is
 * PATH[#[DATASET:]ROW], the path relative to the table, read by mien_array_open(), the
 * row from 0; without a row all values of the file are the trial's. A missing cell:
 * this modality is missing for the trial.
 *
 * @param rows    [count] rows of the table, in any order
 * @param values  [count, width] f32, 0 where missing; mien_free()
 * @param present [count]; mien_free()
 * @return MIEN_OK; MIEN_ENOTFOUND without such a column, a row its file does not have,
 * or with nothing but missing cells in the whole table; MIEN_EFORMAT for a cell that is
 * none of these; MIEN_ESHAPE where two trials have different numbers of values;
 * MIEN_ENUMBER for a value that is not finite; else as mien_array_open(). The text
 * names table, line, trial, group, file and row.
 *
 * Each file is opened once.
 */
MIEN_API mien_status mien_trials_features(const mien_trials *trials, const char *name,
    const int64_t *rows, int64_t count, float **values, bool **present, int64_t *width);
/** The sidecar's whole map; lent. */
MIEN_API const mien_value *mien_trials_sidecar(const mien_trials *trials);
/** SHA-256 of the table's bytes followed by the sidecar's. */
MIEN_API mien_status mien_trials_hash(const mien_trials *trials, char hex[65]);

/** A row of data/importers/importers.def. */
typedef struct mien_importer {
    const char *name;           /**< "oasis" */
    const char *summary;        /**< what it holds, citation */
    const mien_option *options; /**< of its own; NULL: none */
    /** Reads directory into a table and a sidecar (both freed by the caller); paths in
     * the table are relative to the folder of `output`, which must exist. A picture
     * that the published table names and the disk lacks is left out with a warning.
     * options are never NULL where it has any. */
    mien_status (*import)(const char *directory, const char *output,
        const mien_options *options, mien_table **table, mien_value **sidecar);
} mien_importer;
MIEN_API int mien_importer_count(void);
MIEN_API const mien_importer *mien_importer_at(int index);
MIEN_API mien_status mien_importer_find(
    const char *name, const mien_importer **importer);
/** Imports and writes output (its name ends in .tsv: MIEN_EINVAL) and its sidecar, or
 * nothing. options: of the set's own table; NULL: the defaults. MIEN_EIO for folders
 * that are not there, MIEN_EFORMAT (file:line) for a published table that is not as it
 * should be, MIEN_ESHAPE where files do not fit together, MIEN_ENOTFOUND if nothing of
 * it was found. */
MIEN_API mien_status mien_importer_run(const mien_importer *importer,
    const char *directory, const mien_options *options, const char *output);

/** The planted truth of `emoeye`: a rating's latent T = √alpha · picture + √beta ·
 * person + √gamma · rest, all standard normal; the body answers to picture and rest;
 * each sensor's score correlates with that answer as told. Shares sum to 1. */
typedef struct mien_synth_reactions {
    int persons, stimuli, per_person; /**< 24, 60, 40 */
    double alpha, beta, gamma;        /**< 0.36, 0.16, 0.48 */
    double pupil, gsr, hr, gaze;      /**< 0.5, 0.4, 0.3, 0.3; 0 to 0.99 */
    double missing; /**< share of person × sensor that is lost wholly; 0.1 */
    bool bids;      /**< write bids/ too */
} mien_synth_reactions;

typedef struct mien_synth_options {
    double r;               /**< planted correlation, 0 to 0.95; default 0.6 */
    int films, segments;    /**< films, and segments of each within a tenth; 12, 360 */
    uint32_t seed;          /**< default 1 */
    const char *modalities; /**< names joined by commas: those that carry the signal;
                               NULL: all */
    bool media; /**< cognimuse: write short films as files in place of features; the
                     modalities are colour, motion, sound, each with =STRENGTH */
    mien_synth_reactions
        reactions; /**< of emoeye, which takes the seed and none of the others */
    const mien_options *own; /**< of sets with options of their own, which take these
                                and the seed; NULL: their defaults */
} mien_synth_options;
MIEN_API mien_synth_options mien_synth_options_default(void);

/** A row of data/synths/synths.def: data with a planted signal, in the form of a
 * published set. */
typedef struct mien_synth {
    const char *name; /**< "cognimuse" */
    const char *summary;
    const mien_option
        *options; /**< of its own; NULL: it takes those of mien_synth_options */
    /** Fills an empty folder; may call progress, which may be NULL, on the calling
     * thread. */
    mien_status (*write)(const mien_synth_options *options, const char *directory,
        void (*progress)(void *context, int64_t done, int64_t total), void *context);
    /** Adds what can be read out at best, in closed form, as a table for people; NULL:
     * it stands in a file. Where the set has options of its own, `own` is never NULL in
     * write and tell. */
    mien_status (*tell)(const mien_synth_options *options, mien_string *text);
} mien_synth;
MIEN_API int mien_synth_count(void);
MIEN_API const mien_synth *mien_synth_at(int index);
MIEN_API mien_status mien_synth_find(const char *name, const mien_synth **synth);
/**
 * Writes features, ratings (labels/FILM.csv, as the importer reads them), `ideal.csv`
 * and, last, trials.tsv with its sidecar. The same options give the same bytes.
 *
 * `r` is the correlation, in each film, of a rating with the best linear read-out of
 * all features of its own segment: the read-out of one who knows which columns carry
 * the signal, how strongly, and how much noise they have. ideal.csv holds its values.
 * The ratings' part that the features do not tell varies as slowly as the signal, and
 * is orthogonal to it in each film.
 *
 * @param directory  made if it is not there; MIEN_EINVAL if anything is in it
 * @return MIEN_OK; MIEN_EINVAL for an option out of range; MIEN_EINTERRUPTED; MIEN_EIO
 */
MIEN_API mien_status mien_synth_write(const mien_synth *synth,
    const mien_synth_options *options, const char *directory,
    void (*progress)(void *context, int64_t done, int64_t total), void *context);

enum { MIEN_COPIES_PASSES_MAX = 32 };
/** Copies of a table's pictures made beforehand. */
typedef struct mien_copies_options {
    const char *const *passes; /**< [passes_count] augmentation steps; "plain": none */
    int passes_count;          /**< 1 to MIEN_COPIES_PASSES_MAX */
    int height, width;         /**< of the copies; 0: the picture's own */
    uint32_t seed;
} mien_copies_options;
/**
 * Fills a folder with a copy of every picture for each pass, as JPEG, and trials.tsv:
 * all rows as they were and a row for each copy, with person, stimulus, split, ratings
 * and group of its original. Columns `copy` (0, or the pass from 1) and `copy_of` tell
 * them apart; a table or row without a group gets its picture as one, so that folds by
 * group never part copies.
 *
 * @param directory  made if it is not there; MIEN_EINVAL if anything is in it
 * @return MIEN_OK; MIEN_EINVAL for steps that cannot be, or that mix pictures;
 * MIEN_ENOTFOUND for a table without pictures; MIEN_EINTERRUPTED; as
 * mien_trials_open(), mien_image_read()
 */
MIEN_API mien_status mien_trials_copies(const char *trials,
    const mien_copies_options *options, const char *directory,
    void (*progress)(void *context, int64_t done, int64_t total), void *context);

/** One finding of the doctor. */
typedef enum mien_severity { MIEN_NOTE, MIEN_WARNING, MIEN_ERROR } mien_severity;
typedef struct mien_finding {
    mien_severity severity;
    char check[32]; /**< reading: "sidecar", "column", "id", "number", "label", "time",
                         "split";
                         pictures: "file" (missing), "unreadable", "small", "duplicate",
                         "near" (looks alike, also mirrored, cropped, framed or turned),
                         "near-fold" (and in another fold); ratings: "missing", "range",
                         "raters", "balance", "class" (empty), "votes"; "features"
                       (missing, unreadable), "width", "finite", "constant", "target"
                       (among the inputs), "near" (rows), "segment" (overlaps, gaps);
                       "groups", "leak", "names" (differ by what is not seen), "quote"
                       (joins rows), "rows" */
    char trial[64]; /**< "" for the whole table */
    char text[448];
} mien_finding;
typedef struct mien_doctor_options {
    int threads;   /**< default 1 */
    int folds;     /**< for near-duplicates across folds; default 10 */
    int near_bits; /**< perceptual hashes closer than this are near-duplicates; 6 */
    const char *group_column; /**< default "group" */
} mien_doctor_options;
MIEN_API mien_doctor_options mien_doctor_options_default(void);
/** Opens every picture and every file of features once. NULL options: default; progress
 * may be NULL and is called on the calling thread. At most 100 findings of a check are
 * listed, the others counted. Unlike mien_trials_open() it reports repeated ids, bad
 * numbers and missing columns as findings and goes on. findings freed with mien_free().
 */
MIEN_API mien_status mien_doctor(const char *path, const mien_doctor_options *options,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_finding **findings, int64_t *count);

/** fold[row] in [0, k): k-fold over groups (each group whole in one fold), groups dealt
 * largest first to the smallest fold after a NumPy-exact shuffle by seed. group NULL:
 * scikit-learn's KFold(shuffle=True, random_state=seed) exactly. A NULL in group is a
 * row by itself. MIEN_EINVAL if k < 2 or there are fewer rows or groups than k. */
MIEN_API mien_status mien_folds_make(
    int64_t rows, const char *const *group, int k, uint32_t seed, int *fold);

/** Strata of a continuous target: out[i] in [0, bins) by the rank of value[i], equal
 * values together, bins as equal as that allows (some may stay empty). MIEN_EINVAL for
 * bins < 1 or a NaN. */
MIEN_API mien_status mien_bins_make(
    int64_t rows, const double *value, int bins, int *out);

/** How rows are dealt to folds; where a seed decides, NumPy's RandomState(seed) does.
 */
typedef enum mien_fold_rule {
    /** "rows": scikit-learn's KFold(k, shuffle=True, random_state=seed) */
    MIEN_FOLDS_ROWS,
    /** "groups": mien_folds_make() with groups */
    MIEN_FOLDS_GROUPS,
    /** "stratified": scikit-learn's StratifiedKFold(k, shuffle=True, random_state=seed)
     * by label, or by bins of value */
    MIEN_FOLDS_STRATIFIED,
    /** "stratified-groups": whole groups, shuffled, then the largest first, each to the
     * fold in which its labels are rarest: least sum over classes of (the fold's rows ×
     * the group's rows) / (rows of the class)²; the emptier fold among equals */
    MIEN_FOLDS_STRATIFIED_GROUPS,
    /** "leave-one-group-out": a fold for each group, in the order of sorted names */
    MIEN_FOLDS_LEAVE_GROUP,
    /** "prescribed": fold 0 is the rows whose split is "test" (those of "validation"
     * then always validate), or, without any, "validation"; rows without a split are in
     * no part */
    MIEN_FOLDS_PRESCRIBED,
    /** "names": fold 0 is all rows of `hold_out` names, RandomState(seed).choice() of
     * the sorted unique names (group) without replacement */
    MIEN_FOLDS_NAMES,
    /** "class-share": fold 0 is floor(share × rows) of each class, the first of a
     * shuffle of its rows, class by class from one generator */
    MIEN_FOLDS_CLASS_SHARE,
    /** "crossed": persons (group) and stimuli (across) are dealt to k and k_across
     * folds of their own, sorted by their mean value and each block of k spread over
     * the folds; fold a × k_across + b is the rows of persons of fold a before stimuli
     * of fold b. See mien_folds_cells(). */
    MIEN_FOLDS_CROSSED
} mien_fold_rule;
/** By name, as above; MIEN_EINVAL lists them. */
MIEN_API mien_status mien_fold_rule_parse(const char *name, mien_fold_rule *rule);
MIEN_API const char *mien_fold_rule_name(mien_fold_rule rule);

/** fold[row] below 0: the row is tested in no fold. */
enum {
    MIEN_FOLD_TRAIN = -1,      /**< always in the training part */
    MIEN_FOLD_VALIDATION = -2, /**< always in the validation part */
    MIEN_FOLD_NONE = -3        /**< in no part */
};

typedef struct mien_fold_options {
    mien_fold_rule rule;
    int k;            /**< folds of the first four rules; default 5 */
    uint32_t seed;    /**< default 0 */
    int64_t hold_out; /**< "names": how many; default 100 */
    double share;     /**< "class-share": in (0, 1); default 0.2 */
    int bins;         /**< strata of value; default 10 */
    /* per row; what the rule does not need may be NULL */
    const char *const
        *group;          /**< groups, or the names to hold out; a NULL row is alone */
    const int *label;    /**< classes from 0 */
    const double *value; /**< used for strata if label is NULL */
    const char *const *split;  /**< "train", "validation", "test" or NULL */
    int classes;               /**< of label; 0: the highest and one */
    const char *const *across; /**< "crossed": the stimuli */
    int k_across;              /**< "crossed": folds of stimuli; default 5 */
} mien_fold_options;
MIEN_API mien_fold_options mien_fold_options_default(void);
/** Fills fold[rows], and *folds with their number. MIEN_EINVAL, saying what to change,
 * for fewer rows, groups or rows of a class than folds, a single group, a missing
 * label, an empty class or part, or an input that the rule needs and does not have. */
MIEN_API mien_status mien_folds_deal(
    int64_t rows, const mien_fold_options *options, int *fold, int *folds);

/** How much of a row's person and stimulus a fit has seen, when the fit leaves out
 * persons and stimuli. */
typedef enum mien_cell {
    MIEN_CELL_BOTH_UNSEEN,
    MIEN_CELL_PERSON_SEEN,   /**< the person, in front of other stimuli */
    MIEN_CELL_STIMULUS_SEEN, /**< the stimulus, by other persons */
    MIEN_CELL_BOTH_SEEN,     /**< both, but not together: a row kept out of the core */
    MIEN_CELLS,
    MIEN_CELL_CORE, /**< the row is learnt from */
    MIEN_CELL_NONE  /**< its person or its stimulus has no row in the core although
                       neither  is left out */
} mien_cell;
/** "both-unseen", "person-seen", "stimulus-seen", "both-seen". */
MIEN_API const char *mien_cell_name(mien_cell cell);
/** Tells of each row how much each fit of crossed folds has seen of it: fit a ×
 * k_across
 * + b learns from the core, the rows of neither persons of fold a nor stimuli of fold
 * b, but for a share of each person's rows (drawn by seed, fit and person), whose
 * person and stimulus it has seen without learning from the row.
 * @param options as mien_folds_deal() took them, but for the rule
 * @param share kept out of the core, in [0, 1)
 * @param fold [rows] as mien_folds_deal() made them
 * @param cell [k × k_across, rows] of mien_cell
 * @return MIEN_EINVAL for a share that cannot be and for a fit without rows to learn
 * from or rows of which both are unseen; MIEN_ENOMEM */
MIEN_API mien_status mien_folds_cells(int64_t rows, const mien_fold_options *options,
    double share, const int *fold, int8_t *cell);

typedef enum mien_part {
    MIEN_PART_NONE,
    MIEN_PART_TRAIN,
    MIEN_PART_VALIDATION,
    MIEN_PART_TEST
} mien_part;

/** The rule that holds back a part of a fold's training rows for validation (early
 * stopping). */
typedef enum mien_validation_rule {
    MIEN_VALIDATION_NONE,
    MIEN_VALIDATION_ROWS,   /**< ceil(share × rows): scikit-learn's train_test_split on
                               the   training rows */
    MIEN_VALIDATION_GROUPS, /**< ceil(share × groups) whole groups: its
                               GroupShuffleSplit */
    MIEN_VALIDATION_FIRST /**< the first floor(share × rows), as Keras' generator; the
                             rows must be in no order of their own */
} mien_validation_rule;
typedef struct mien_validation_options {
    mien_validation_rule rule; /**< default MIEN_VALIDATION_NONE */
    double share;              /**< in (0, 1); default 0.2 */
    uint32_t seed;             /**< the same for every fold; default 0 */
    const char *const *group;  /**< [rows], for MIEN_VALIDATION_GROUPS */
} mien_validation_options;
MIEN_API mien_validation_options mien_validation_options_default(void);
/** The part of each row when fold `held_out` is tested. options NULL: default.
 * MIEN_EINVAL if no row is tested, trained on or, where a part was asked for, validated
 * on. */
MIEN_API mien_status mien_folds_parts(int64_t rows, const int *fold, int held_out,
    const mien_validation_options *options, mien_part *part);

/** Weight of each class in a loss. */
typedef enum mien_class_weight_rule {
    MIEN_CLASS_WEIGHTS_GIVEN,   /**< as they are given; all ≥ 0, one above 0 */
    MIEN_CLASS_WEIGHTS_SHARE,   /**< 1 − share of the rows */
    MIEN_CLASS_WEIGHTS_BALANCED /**< N / (K n): scikit-learn's "balanced" */
} mien_class_weight_rule;
/** weight[classes] from the labels of the training rows. MIEN_EINVAL for a label
 * outside the classes, for an empty class by the last two rules, and for weights that
 * cannot be. */
MIEN_API mien_status mien_class_weights(mien_class_weight_rule rule, int64_t rows,
    const int *label, int classes, const double *given, double *weight);

/** Draws the rows of an epoch: a row of data/samplers/samplers.def. */
typedef struct mien_sampler mien_sampler;
MIEN_API int mien_sampler_count(void);
MIEN_API const mien_sampler *mien_sampler_at(int index);
/** MIEN_EINVAL lists the names. */
MIEN_API mien_status mien_sampler_find(const char *name, const mien_sampler **sampler);
MIEN_API const char *mien_sampler_name(const mien_sampler *sampler);
MIEN_API const char *mien_sampler_summary(const mien_sampler *sampler);
/** How many class columns it needs at least; 0: none. */
MIEN_API int mien_sampler_factors(const mien_sampler *sampler);

#define MIEN_SAMPLER_FACTORS 8
/** All that an epoch's order depends on, besides its number. */
typedef struct mien_sampler_options {
    uint32_t
        seed; /**< epoch e is drawn with RandomState(seed + e), modulo 2³²; default 0 */
    bool redraw;   /**< draw other rows each epoch (default), or those of epoch 0 in
                      another   order */
    int64_t count; /**< rows of an epoch, where the rule leaves it open; 0: as many as
                      there are */
    int64_t cap;   /**< "cap": size of a class; 0: the largest */
    bool up, down; /**< "cap": top up smaller classes (default), cut larger ones */
    int batch;     /**< "batches": rows of a batch */
    int factors;   /**< class columns given, at most MIEN_SAMPLER_FACTORS */
    const int *label[MIEN_SAMPLER_FACTORS]; /**< [rows] each, classes from 0 */
    int classes[MIEN_SAMPLER_FACTORS];
} mien_sampler_options;
MIEN_API mien_sampler_options mien_sampler_options_default(void);

/** A sampler at work on `rows` rows. What it draws depends on options and epoch alone,
 * so a resumed training sees the same order; it is never in an order of the data. */
typedef struct mien_sampling mien_sampling;
/** Labels are lent until mien_sampling_free(). MIEN_EINVAL, saying what to change, for
 * too few factors, a label outside its classes, an empty class, a batch larger than the
 * data or one that the classes do not divide, more rows than there are, no rows. */
MIEN_API mien_status mien_sampling_new(const mien_sampler *sampler,
    const mien_sampler_options *options, int64_t rows, mien_sampling **sampling);
MIEN_API void mien_sampling_free(mien_sampling **sampling);
/** Rows of an epoch, the same for every epoch. */
MIEN_API int64_t mien_sampling_count(const mien_sampling *sampling);
/** Indices [count] of epoch ≥ 0, in order; lent until the next call. Allocates nothing.
 */
MIEN_API const int64_t *mien_sampling_draw(mien_sampling *sampling, int64_t epoch);

/** Appends the steps a study names: a list of names and of maps with one name each,
 * whose value is a number, a text, a list (a range, a colour) or a map of options;
 * `[flip, {rotate: 15}, {brightness: [0.8, 1.2]}, {zoom: {factor: 0.3, joint: true}}]`.
 * A text is read by mien_augment_parse(). Null and an empty list add nothing; on
 * failure nothing is added. MIEN_EINVAL with file:line. */
MIEN_API mien_status mien_augment_read(const mien_value *value, mien_augment *augment);

/* ---- loading while a network trains ------------------------------------------------
 */

/** The source that a loader reads: items of several inputs for every row. */
typedef struct mien_loader_source {
    int64_t rows;
    const char *const *id; /**< [rows] trial ids: what is drawn depends on them */
    int inputs;
    const mien_input *input[MIEN_INPUTS_MAX];
    const mien_place *place[MIEN_INPUTS_MAX]; /**< [rows] of each input's items */
    const mien_augment
        *augment[MIEN_INPUTS_MAX]; /**< NULL: none. That of an input which
                                        follows another is the other's */
} mien_loader_source;

typedef struct mien_loader_options {
    int batch;             /**< rows; default 32 */
    int ahead;             /**< batches made ready while one is lent, 1-64; default 2 */
    int threads;           /**< that make them; default 1 */
    bool drop_last;        /**< leave out a last batch that is not full */
    uint64_t seed;         /**< of augmentation */
    bool augment_by_batch; /**< one draw for all rows of a batch, as some published code
                              has it; default: each row its own */
    /** After a draw was made, before it is done: to move what belongs to the
     * picture along with it (mien_augment_draw_gaze()). Called by the loader's threads,
     * for several rows at a time; may be NULL. */
    void (*adjust)(void *context, int64_t row, mien_augment_draw *draw);
    void *adjust_context;
    int64_t cache_bytes; /**< memory for items in the form that was read (pictures
                            decoded and resized), so that a second pass only augments;
                            default 1 GiB */
    const char *cache_directory; /**< beyond it they go to a file without a name in this
                                      folder; NULL: they are decoded each time */
    int64_t cache_file_bytes;    /**< its largest size; default 64 GiB */
} mien_loader_options;
MIEN_API mien_loader_options mien_loader_options_default(void);

/** One pass over rows, in this order (a row may come more than once). */
typedef struct mien_loader_pass {
    const int64_t *rows; /**< copied */
    int64_t count;
    uint32_t epoch; /**< what is drawn depends on seed, trial id, epoch, and how often
                       the row came before in this pass; on nothing else */
    bool augment;   /**< false: as for prediction */
    int64_t first; /**< batches left out at the beginning, as a training that is resumed
                        within an epoch wants it: the others are as they would be */
    const int64_t
        *from[MIEN_INPUTS_MAX]; /**< [rows of the source] whose item of the input a row
                                     shows; NULL: its own. Lent for the pass */
} mien_loader_pass;

typedef struct mien_batch {
    int64_t index; /**< of the batch in its pass */
    int64_t n;
    const int64_t *rows;                  /**< [n] */
    const float *values[MIEN_INPUTS_MAX]; /**< [n, item] of each input */
    const float
        *seen[MIEN_INPUTS_MAX]; /**< [n, steps] 1 there, 0 missing: values are zeros */
    const bool *failed; /**< [n]: some item could not be read, its values are zeros */
    const mien_augment_draw *draws; /**< [n, inputs]: what was done; NULL without */
    bool mixed;                     /**< rows were mixed: mix the targets alike */
    const int64_t *partner;         /**< [n], see mien_augment_mix_draw() */
    const double *weight;           /**< [n] */
} mien_batch;

/** Counts and times of the pass that is under way, or of the last one. */
typedef struct mien_loader_stats {
    double elapsed_s; /**< since it was started, to its end */
    double wait_s;    /**< of these mien_loader_next() waited: the engine's idle time */
    int64_t decoded, from_memory, from_file; /**< items */
    int64_t failed;
} mien_loader_stats;

/**
 * Prepares batches ahead while the caller uses the one before. Memory: (ahead + 1)
 * batches and the cache. The cache is by place and serves all passes. An item that
 * cannot be read is logged once and its rows marked failed in each of their batches;
 * one that is missing is not.
 *
 * @param source  copied; what it points to is lent
 * @return MIEN_OK; MIEN_EINVAL if an input or an option cannot be; MIEN_ENOMEM
 */
typedef struct mien_loader mien_loader;
MIEN_API mien_status mien_loader_open(const mien_loader_source *source,
    const mien_loader_options *options, mien_loader **loader);
/** Stops a pass that is under way. */
MIEN_API void mien_loader_close(mien_loader **loader);
/** Begins a pass; one that is under way is given up. Returns at once. MIEN_EINVAL for a
 * row that is not in the table, no rows, drop_last with fewer rows than a batch, or a
 * first batch that the pass does not have. */
MIEN_API mien_status mien_loader_start(
    mien_loader *loader, const mien_loader_pass *pass);
/** The next batch, lent until the next call with this loader. The same bits whatever
 * the threads. MIEN_END after the last; MIEN_EINTERRUPTED; MIEN_ENOMEM; MIEN_EINVAL
 * before any pass. */
MIEN_API mien_status mien_loader_next(mien_loader *loader, const mien_batch **batch);
/** Batches of the pass. */
MIEN_API int64_t mien_loader_batches(const mien_loader *loader);
MIEN_API mien_loader_stats mien_loader_stats_of(mien_loader *loader);

#ifdef __cplusplus
}
#endif

#endif
