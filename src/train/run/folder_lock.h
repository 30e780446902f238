/* SPDX-License-Identifier: MIT */
/* One process at a time in a run folder. */
#ifndef MIEN_TRAIN_FOLDER_LOCK_H
#define MIEN_TRAIN_FOLDER_LOCK_H

#include "mien/base.h"

/** The file in the run folder that is locked; it holds the number of the process. */
#define MIEN_CLAIM_FILE "run.lock"

typedef struct mien_folder_lock mien_folder_lock;

/** Takes the folder, which must be there. MIEN_EIO, naming the process, while another
 * (or this one, elsewhere) has it. The lock ends with its process, so the file of one
 * that was killed is in nobody's way. Where a file system knows no locks this is told
 * as a warning. */
mien_status mien_folder_lock_take(const char *run, mien_folder_lock **folder_lock);
/** Removes the file. */
void mien_folder_lock_drop(mien_folder_lock **folder_lock);

#endif
