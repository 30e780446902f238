/* SPDX-License-Identifier: MIT */
/* The doctor's list of findings, and its parts. */
#ifndef MIEN_DATA_DOCTOR_H
#define MIEN_DATA_DOCTOR_H

#include "data/doctor/likeness.h"
#include "data/doctor/sides.h"
#include "data/trials.h"

/* Findings of one check beyond this many are only counted. */
#define MIEN_FINDINGS_MAX 100
#define MIEN_CHECKS_MAX 32

typedef struct mien_findings {
    mien_finding *items;
    int64_t count, room;
    struct {
        char check[32];
        int64_t count;
        mien_severity severity; /* the worst */
    } checks[MIEN_CHECKS_MAX];
    int checks_count;
    int64_t most; /* of a kind that are listed; 0: MIEN_FINDINGS_MAX */
} mien_findings;

/* trial NULL or "": the whole table. */
mien_status mien_findings_add(mien_findings *findings, mien_severity severity,
    const char *check, const char *trial, const char *format, ...) MIEN_PRINTF(5, 6);
/* One more line for each check that found more than it shows. */
mien_status mien_findings_end(mien_findings *findings);

/* The look of one picture; pictures are told apart by their path. */
typedef struct mien_look {
    int64_t row; /* the first that shows it */
    char *path;
    char bytes_hash[65], pixels_hash[65]; /* "" if it could not be read */
    uint64_t perceptual;
    bool flat;         /* without any structure a perceptual hash says nothing */
    mien_thumb *thumb; /* NULL where there are too many pictures */
    int width, height;
    mien_status status;
    char error[448];
} mien_look;

/* More pictures than this are compared by their plain outline alone. */
#define MIEN_LIKENESS_MAX 20000

/* progress: before training the second half of 2 count; else nothing. Pictures that
 * look alike: as they are, or mirrored, cropped, framed or turned a little. */
mien_status mien_doctor_likeness(const mien_sides *sides, const char *column,
    const mien_look *looks, int64_t count, const mien_doctor_options *options,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_findings *findings);

/* dHash: whether brightness falls from one cell to the next in each row of a 9 × 8 grid
 * of mean grey values. flat is true where the cells hardly differ.
 *
 * @param image [H, W, 3] u8 */
uint64_t mien_perceptual_hash(const mien_tensor *image, bool *flat);

/* Pictures that a column names: missing, unreadable, small, duplicate, near-duplicate
 * within and across sides. Of strict sides only duplicates and near-duplicates of two
 * sides, and of at most MIEN_LIKENESS_MAX pictures, evenly out of the table. */
mien_status mien_doctor_pictures(const mien_sides *sides, const char *column,
    const mien_doctor_options *options,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_findings *findings);
/* Ratings: missing, out of range, how they are spread; classes. */
mien_status mien_doctor_ratings(const mien_trials *trials, mien_findings *findings);
/* Groups: how many, how large, stimuli in several, leaks between prescribed splits.
 * fold gets the fold of each row; *folded is false if there are too few groups. */
mien_status mien_doctor_groups(const mien_trials *trials,
    const mien_doctor_options *options, int *fold, bool *folded,
    mien_findings *findings);
/* A target among the values of the column features.NAME, of which a row has `width`,
 * and rows that are nearly the same on both sides.
 *
 * @param at     [rows][width]; NULL of a row: it has none
 * @param sides  NULL: groups and the column split divide; strict ones: rows that are
 *               the very same are told too, and targets [targets_count] are looked for
 *               alone */
mien_status mien_doctor_values(const mien_trials *trials, const char *column,
    int64_t width, const float *const *at, const mien_sides *sides,
    const char *const *targets, int targets_count, mien_findings *findings);
/* The same of all targets, on the sides of groups and of the column split, of values
 * that it reads itself. */
mien_status mien_doctor_inputs(const mien_trials *trials, const char *column,
    int64_t width, mien_findings *findings);
/* The same of a column whose cells are numbers, which has a target in it or not. */
mien_status mien_doctor_number(const mien_trials *trials, const char *column,
    const char *const *targets, int targets_count, mien_findings *findings);
/* Names that differ only by blanks, case or leading zeros; cells with line breaks. */
mien_status mien_doctor_names(const mien_trials *trials,
    const mien_doctor_options *options, mien_findings *findings);
/* Features: missing, unreadable, of another width, not finite, constant, the same on
 * both sides; segments of films that overlap or leave gaps. */
mien_status mien_doctor_features(const mien_trials *trials, mien_findings *findings);

#endif
