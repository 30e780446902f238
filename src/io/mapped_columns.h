/* SPDX-License-Identifier: MIT */
/* Assigns the columns of a table to signals: by a preset or by the user's own pairs. */
#ifndef MIEN_IO_MAPPED_COLUMNS_H
#define MIEN_IO_MAPPED_COLUMNS_H

#include "io/recording.h"

/* One channel of a mapped table. */
typedef struct mien_mapped {
    char name[64], unit[32];
    int column;
    int valid;          /* column that says so; −1: none */
    double valid_above; /* a number at most this is invalid; NaN: flags and words */
    double valid_below; /* a number of this or more is invalid; NaN: as above */
} mien_mapped;

typedef struct mien_mapping {
    int channels;
    mien_mapped channel[MIEN_CHANNELS_MAX];
    int time;            /* −1: an even clock of rate_hz from 0 */
    double time_s;       /* seconds of a unit of time */
    double rate_hz;      /* where there is no time */
    int split[2];        /* columns whose values make tracks; −1 */
    int sensor;          /* column that names the device of a row; −1 */
    int event, stimulus; /* columns whose cells are events; −1 */
} mien_mapping;

/* Finds the columns of a header. MIEN_EFORMAT names the column that is not there and
 * what is. */
mien_status mien_mapping_make(const char *where, const char *preset,
    const char *columns, int count, const char *const *header, mien_mapping *mapping);
/* Whether a header is one of a preset's; its name, or NULL. */
const char *mien_mapping_guess(int count, const char *const *header);
/* MIEN_EFORMAT: a header is none of a preset's. Names its columns, and what to do. */
mien_status mien_mapping_unknown(
    const char *where, int count, const char *const *header);

#endif
