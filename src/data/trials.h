/* SPDX-License-Identifier: MIT */
/* Shared by the files of this room: the inside of a trial table, lenient reading for
 * the doctor, and the making of sidecars for the importers. */
#ifndef MIEN_DATA_TRIALS_H
#define MIEN_DATA_TRIALS_H

#include "mien/data.h"

/* 2 added class targets; a sidecar without any is still written as 1. */
#define MIEN_TRIALS_VERSION 2
#define MIEN_TRIALS_VERSION_CLASSES 2
#define MIEN_TRIALS_TARGETS_MAX 64
#define MIEN_TRIALS_CLASSES_MAX 256
/* Bytes of a label: what a model's contract keeps (src/models/readout.c). */
#define MIEN_TRIALS_LABEL_MAX 63

struct mien_trials {
    char *path, *directory;
    mien_table *table;
    mien_value *sidecar; /* NULL only when read leniently */
    int id_column;       /* -1 only when read leniently */
    mien_trials_target *targets;
    int targets_count;
    char hash[65];
};

/* Hears of each mistake (its text is in mien_error()) instead of the reading ending
 * there: row is -1 for the whole table. What it returns ends the reading unless it is
 * MIEN_OK. */
typedef struct mien_complaints {
    mien_status (*complain)(
        void *context, const char *check, int64_t row, mien_status status);
    void *context;
} mien_complaints;

/* Passes a mistake on, or returns it where nobody hears; memory running out ends all.
 */
mien_status mien_complain(const mien_complaints *complaints, const char *check,
    int64_t row, mien_status status);

/* mien_trials_open() with complaints (NULL: the first ends it). */
mien_status mien_trials_read(
    const char *path, const mien_complaints *complaints, mien_trials **trials);
/* From memory; path stands for the file. sidecar NULL: there is none. */
mien_status mien_trials_parse(const char *path, const char *table, size_t table_count,
    const char *sidecar, size_t sidecar_count, const mien_complaints *complaints,
    mien_trials **trials);

/* MIEN_ENOTFOUND: a study names a target that the table does not have; says which it
 * has. */
mien_status mien_trials_no_target(
    const mien_trials *trials, const char *study, const char *name);

/* "a/b.tsv" → "a/b.json"; NULL when out of memory. */
char *mien_sidecar_path(const char *path);
/* Checks trials->sidecar and fills targets; mien_targets_clear() frees them. */
mien_status mien_sidecar_check(mien_trials *trials, const mien_complaints *complaints);
void mien_targets_clear(mien_trials *trials);
/* The class that a label names; -1 if it is none of them. */
int mien_target_class(const mien_trials_target *target, const char *label);
/* Votes of one row as shares that sum to 1; NaN if all are missing. MIEN_EFORMAT else
 * as mien_trials_shares() says. */
mien_status mien_target_shares(const mien_trials *trials,
    const mien_trials_target *target, int64_t row, double *shares);

/* A sidecar with everything but its targets. NULL when out of memory. */
mien_value *mien_sidecar_new(
    const char *name, const char *source, const char *citation, const char *licence);
mien_status mien_sidecar_add_target(
    mien_value *sidecar, const mien_trials_target *target);
/* Writes both, the sidecar first: a table never stands without it. The sidecar gets
 * created_by and table_sha256, by which the table is known as one that nobody has
 * changed since. */
mien_status mien_trials_write(
    const mien_table *table, mien_value *sidecar, const char *output);
/* Says in words what a column holds. */
mien_status mien_sidecar_add_column(
    mien_value *sidecar, const char *column, const char *words);

/* Says of the column features.NAME how many values a trial has (0: not said), and in
 * words what they are. */
mien_status mien_sidecar_add_feature(
    mien_value *sidecar, const char *name, int64_t width, const char *words);
/* Says what computed a feature that was added: a map, taken over. */
mien_status mien_sidecar_add_maker(
    mien_value *sidecar, const char *name, mien_value *made_by);
/* Something a reader should know of the whole table. */
mien_status mien_sidecar_add_note(mien_value *sidecar, const char *text);
/* The width that mien_sidecar_add_feature() was told; 0 if none. */
int64_t mien_sidecar_feature_width(const mien_value *sidecar, const char *name);

/* first[i] = the first index that has the same name as i. NULL names are alone. */
mien_status mien_names_first(int64_t count, const char *const *names, int64_t *first);
/* number[i] = which of the sorted unique names i has, from 0; NULL names follow, each a
 * name of its own. *unique is how many there are. */
mien_status mien_names_number(
    int64_t count, const char *const *names, int64_t *number, int64_t *unique);

#endif
