/* SPDX-License-Identifier: MIT */
/* The recordings in a folder, and all of them as BIDS. */
#ifndef MIEN_DATA_RECORDING_FILES_H
#define MIEN_DATA_RECORDING_FILES_H

#include "mien/recordings.h"

typedef struct mien_recording_file {
    char *path;      /* that mien_recording_open() takes */
    char *below;     /* the same from the folder on */
    char *stem;      /* its name without ending */
    char person[64]; /* the folder above it, else its stem; letters and digits */
} mien_recording_file;

typedef struct mien_recording_files {
    int64_t count, room;
    mien_recording_file *item;
} mien_recording_files;

/* Files whose looks are a recording's, four levels deep, in natural order; `except`
 * (NULL: none) is left out, and what is no recording. MIEN_ENOTFOUND if there are none.
 */
mien_status mien_recording_files_find(
    const char *directory, const char *except, mien_recording_files *files);
void mien_recording_files_clear(mien_recording_files *files);

/* Writes every recording of a folder as BIDS below root, which must be new or empty.
 * The task is called `task`; recordings of one person are runs. */
mien_status mien_recordings_to_bids(const char *directory, const char *root,
    const char *task, const mien_recording_options *options);

#endif
