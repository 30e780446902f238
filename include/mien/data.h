/* SPDX-License-Identifier: MIT */
/* Trial tables, data-set importers, folds, loading of stimuli. */
#ifndef MIEN_DATA_H
#define MIEN_DATA_H

#include "mien/io.h"
#include "mien/media.h"
#include "mien/signal.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A trial table (.tsv) with its sidecar (.json): see docs/formats.md. */
typedef struct mien_trials mien_trials;

/** A number on a scale, or one of a list of classes. */
typedef enum mien_target_kind { MIEN_TARGET_NUMBER, MIEN_TARGET_CLASS } mien_target_kind;

/** What the sidecar says of a target column. */
typedef struct mien_trials_target {
    char name[32];
    double minimum, maximum; /**< of numbers */
    char unit[64];           /**< of numbers */
    char construct[16];      /**< "evoked", "depicted" */
    char perspective[16];    /**< "normative", "subjective" */
    char sd_column[64], n_column[64]; /**< "" if none */
    mien_target_kind kind;
    int classes;                     /**< of classes: 2 or more, else 0 */
    const char *const *class_name;   /**< [classes], in label order; lent until the table is
                                          closed */
    const char *const *votes_column; /**< [classes] columns, or NULL; lent as class_name */
} mien_trials_target;

/** Reads and checks: MIEN_EFORMAT (file:line) on repeated or empty trial ids, a target (or its SD
 * or N, start_s, end_s) that is not a finite number, an end before its start, an unknown split,
 * rows of wrong length, a missing or malformed sidecar, a trial column missing, a label that is
 * none of its target's classes. Ratings outside the range are the doctor's. Limits: table 1 GiB,
 * sidecar 16 MiB, 64 targets, 256 classes; a sidecar of a newer version is MIEN_EUNSUPPORTED. */
MIEN_API mien_status mien_trials_open(const char *path, mien_trials **trials);
MIEN_API void mien_trials_close(mien_trials **trials);
MIEN_API const mien_table *mien_trials_table(const mien_trials *trials);
MIEN_API int64_t mien_trials_rows(const mien_trials *trials);
MIEN_API const char *mien_trials_id(const mien_trials *trials, int64_t row);
/** Cell by column name, lent until the table is closed; NULL if the column is absent or the cell missing. */
MIEN_API const char *mien_trials_cell(
    const mien_trials *trials, int64_t row, const char *column);
/** Path of an input (image, film …) made relative to here; NULL as above; mien_free(). */
MIEN_API char *mien_trials_path(
    const mien_trials *trials, int64_t row, const char *column);
MIEN_API int mien_trials_targets(const mien_trials *trials);
MIEN_API const mien_trials_target *mien_trials_target_at(
    const mien_trials *trials, int index);
MIEN_API const mien_trials_target *mien_trials_target_find(
    const mien_trials *trials, const char *name);
/** Values of a numeric column, NaN where missing; out has one per row. MIEN_ENOTFOUND without
 * such a column; MIEN_EFORMAT (file:line) where a cell is no number. */
MIEN_API mien_status mien_trials_numbers(
    const mien_trials *trials, const char *column, double *out);
/** Class of each row by a class target's order, -1 where the label is missing. MIEN_ENOTFOUND
 * without such a target, MIEN_EINVAL if it is one of numbers. */
MIEN_API mien_status mien_trials_classes(
    const mien_trials *trials, const char *target, int *out);
/** Share of the votes that each class got, out [rows, classes]: the vote columns divided by their
 * sum; NaN where a row's votes are missing. MIEN_ENOTFOUND without such a target or if it names no
 * vote columns; MIEN_EFORMAT (file:line) for votes below 0, only some missing, or all 0. */
MIEN_API mien_status mien_trials_shares(
    const mien_trials *trials, const char *target, double *out);
/** The sidecar's whole map; lent. */
MIEN_API const mien_value *mien_trials_sidecar(const mien_trials *trials);
/** SHA-256 of the table's bytes followed by the sidecar's. */
MIEN_API mien_status mien_trials_hash(const mien_trials *trials, char hex[65]);

/** A row of data/datasets.def. */
typedef struct mien_dataset {
    const char *name;    /**< "oasis" */
    const char *summary; /**< what it holds, citation */
    /** Reads directory into a table and a sidecar (both freed by the caller); paths in the table
     * are relative to the folder of `output`, which must exist. A picture that the published
     * table names and the disk lacks is left out with a warning. */
    mien_status (*import)(const char *directory, const char *output, mien_table **table,
        mien_value **sidecar);
} mien_dataset;
MIEN_API int mien_dataset_count(void);
MIEN_API const mien_dataset *mien_dataset_at(int index);
MIEN_API mien_status mien_dataset_find(const char *name, const mien_dataset **dataset);
/** Imports and writes output (its name ends in .tsv: MIEN_EINVAL) and its sidecar. MIEN_EIO for
 * folders that are not there, MIEN_EFORMAT (file:line) for a published table that is not as it
 * should be, MIEN_ENOTFOUND if nothing of it was found. */
MIEN_API mien_status mien_dataset_import(
    const mien_dataset *dataset, const char *directory, const char *output);

/** One finding of the doctor. */
typedef enum mien_severity { MIEN_NOTE, MIEN_WARNING, MIEN_ERROR } mien_severity;
typedef struct mien_finding {
    mien_severity severity;
    char check[32];  /**< reading: "sidecar", "column", "id", "number", "label", "time",
                          "split";
                          pictures: "file" (missing), "unreadable", "small", "duplicate",
                          "near" (looks alike), "near-fold" (and in another fold); ratings:
                          "missing", "range", "raters", "balance", "class" (empty), "votes";
                          "groups", "leak", "rows" */
    char trial[64];  /**< "" for the whole table */
    char text[448];
} mien_finding;
typedef struct mien_doctor_options {
    int threads;             /**< default 1 */
    int folds;               /**< for near-duplicates across folds; default 10 */
    int near_bits;           /**< perceptual hashes closer than this are near-duplicates; 6 */
    const char *group_column; /**< default "group" */
} mien_doctor_options;
MIEN_API mien_doctor_options mien_doctor_options_default(void);
/** Opens every picture once. NULL options: default; progress may be NULL and is called on the
 * calling thread. At most 100 findings of a check are listed, the others counted. Unlike mien_trials_open() it reports repeated ids, bad numbers
 * and missing columns as findings and goes on. findings freed with mien_free(). */
MIEN_API mien_status mien_doctor(const char *path, const mien_doctor_options *options,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_finding **findings, int64_t *count);

/** fold[row] in [0, k): k-fold over groups (each group whole in one fold), groups dealt
 * largest first to the smallest fold after a NumPy-exact shuffle by seed. group NULL:
 * scikit-learn's KFold(shuffle=True, random_state=seed) exactly. A NULL in group is a row by
 * itself. MIEN_EINVAL if k < 2 or there are fewer rows or groups than k. */
MIEN_API mien_status mien_folds_make(int64_t rows, const char *const *group, int k,
    uint32_t seed, int *fold);

/** Loads pictures of trials, preprocessed, in order, by the pool's threads. failed[i] (may be
 * NULL: the first failure ends the call) marks rows that could not be read, each reported to
 * the log; their values are 0 (running out of memory or an interrupt ends the call all the
 * same). images [count, 3, H, W], the caller's. MIEN_EINVAL if the preprocessing leaves the size
 * open. */
MIEN_API mien_status mien_trials_load_images(const mien_trials *trials,
    const int64_t *rows, int64_t count, const mien_preprocess *preprocess,
    mien_pool *pool, bool *failed, float *images);

#ifdef __cplusplus
}
#endif

#endif
