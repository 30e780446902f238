/* SPDX-License-Identifier: MIT */
/* How a study is opened: read, overridden, checked; for the files study*.c. */
#ifndef MIEN_TRAIN_STUDY_PARTS_H
#define MIEN_TRAIN_STUDY_PARTS_H

#include "train/study/study.h"

enum { MIEN_STUDY_KEY_MAX = 256 };

/** Every key of the file becomes an option, or an extra of a row that is not known yet.
 * Lists of values of keys that are set to one beside it (axes.h) are passed over. */
mien_status mien_study_read(
    mien_study *study, const char *path, const char *const *set, int count);
/** "key=value", as --set gives them. */
mien_status mien_study_override(mien_study *study, const char *const *set, int count);
/** Checks all options together and fills the study's typed fields. */
mien_status mien_study_take(mien_study *study);

#endif
