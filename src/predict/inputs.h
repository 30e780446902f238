/* SPDX-License-Identifier: MIT */
/* What the user named (files, folders, lists) as one flat list of files. */
#ifndef MIEN_PREDICT_INPUTS_H
#define MIEN_PREDICT_INPUTS_H

#include "mien/predict.h"

typedef struct mien_input {
    char *path;
    char *problem; /**< why it could not be expanded; NULL: fine */
    mien_status status;
} mien_input;

typedef struct mien_inputs {
    mien_input *items;
    int64_t count, capacity;
} mien_inputs;

/** Folders are walked in natural order; files that are neither a picture or film nor
 * named like one are left out there, so are hidden ones, pipes and links to folders. A
 * .txt names a path a line (# starts a remark), a .tsv has an image or film column;
 * both relative to their own folder. A name that cannot be read, or holds nothing,
 * becomes an item with its problem. Limits: folders 32 deep, lists 64 MiB. Clear with
 * mien_inputs_clear(), also after a failure. */
mien_status mien_inputs_expand(
    mien_inputs *inputs, const char *const *names, int64_t count);
void mien_inputs_clear(mien_inputs *inputs);

#endif
