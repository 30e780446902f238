/* SPDX-License-Identifier: MIT */
/* The rules of folds.c that stand in files of their own. Inputs that a rule needs are
 * there when it is called.
 */
#ifndef MIEN_DATA_FOLDS_H
#define MIEN_DATA_FOLDS_H

#include "data/trials.h"

mien_status mien_folds_stratified(
    int64_t rows, const mien_fold_options *options, int *fold);
mien_status mien_folds_stratified_groups(
    int64_t rows, const mien_fold_options *options, int *fold);
mien_status mien_folds_leave_group(
    int64_t rows, const mien_fold_options *options, int *fold, int *folds);
mien_status mien_folds_prescribed(
    int64_t rows, const mien_fold_options *options, int *fold);
mien_status mien_folds_names(int64_t rows, const mien_fold_options *options, int *fold);
mien_status mien_folds_class_share(
    int64_t rows, const mien_fold_options *options, int *fold);
/* The most folds of persons, and of stimuli. */
enum { MIEN_FOLDS_CROSSED_MAX = 1000 };
mien_status mien_folds_crossed(
    int64_t rows, const mien_fold_options *options, int *fold, int *folds);

/* Classes of the rows (given, or bins of value), checked, and how many there are; freed
 * by the caller. Bins may be empty, classes may not. */
mien_status mien_strata_make(
    int64_t rows, const mien_fold_options *options, int **strata, int *count);

#endif
