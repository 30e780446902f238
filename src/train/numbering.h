/* SPDX-License-Identifier: MIT */
/* Numbers for equal names: of groups, stimuli and factors. */
#ifndef MIEN_TRAIN_NUMBERING_H
#define MIEN_TRAIN_NUMBERING_H

#include "mien/base.h"

/** Numbers equal names from 0 in the order of their first row. */
mien_status mien_number_names(
    const char *const *names, int64_t n, int64_t *number, int64_t *count);

#endif
