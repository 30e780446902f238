/* SPDX-License-Identifier: MIT */
/* Files that every run folder has. */
#ifndef MIEN_TRAIN_FOLDER_H
#define MIEN_TRAIN_FOLDER_H

#include "mien/train.h"
#include "train/run/folder_lock.h"

/** Makes the folder and takes it for this process; one that is there must be empty. */
mien_status mien_folder_make(const char *run, mien_folder_lock **folder_lock);
/** Removes what a process that was killed had not written to its end. Only of a folder
 * that is claimed. */
mien_status mien_folder_sweep(const char *folder);
/** The study as YAML with every default. */
mien_status mien_folder_study(const mien_study *study, const char *path);
/** A document as indented JSON. */
mien_status mien_folder_document(const mien_value *document, const char *path);
/** SHA256SUMS of files[0..count) of the folder, in the format of sha256sum, so that
 * `sha256sum -c SHA256SUMS` checks a run. */
mien_status mien_folder_sums(const char *run, const char *const *files, int count);
/** Closes the writer and gives the first failure: status with its text, or the
 * closing's. */
mien_status mien_folder_rows_close(mien_table_writer **writer, mien_status status);

#endif
