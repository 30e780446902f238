/* SPDX-License-Identifier: MIT */
/* Expands what the user named (files, folders, lists) into one flat list of files. */
#ifndef MIEN_PREDICT_INPUT_FILES_H
#define MIEN_PREDICT_INPUT_FILES_H

#include "mien/predict.h"

typedef struct mien_input_file {
    char *path;
    double start_s,
        end_s;     /**< the part of a film that is asked for; 0, INFINITY: all */
    char *problem; /**< why it could not be expanded; NULL: fine */
    mien_status status;
} mien_input_file;

typedef struct mien_input_files {
    mien_input_file *items;
    int64_t count, capacity;
} mien_input_files;

/** Folders are walked in natural order; files that are neither a picture or film nor
 * named like one are left out there, so are hidden ones, pipes and links to folders. A
 * .txt names a path a line (# starts a remark), a .tsv has an image or film column,
 * and may say which part of a film by start_s, end_s; both relative to their own
 * folder. A name that cannot be read, or holds nothing, becomes an item with its
 * problem. Limits: folders 32 deep, lists 64 MiB. Clear with mien_input_files_clear(),
 * also after a failure. */
mien_status mien_input_files_expand(
    mien_input_files *inputs, const char *const *names, int64_t count);
void mien_input_files_clear(mien_input_files *inputs);

#endif
