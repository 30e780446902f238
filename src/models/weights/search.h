/* SPDX-License-Identifier: MIT */
/* Where models are looked for by name. */
#ifndef MIEN_MODELS_SEARCH_H
#define MIEN_MODELS_SEARCH_H

#include "mien/base.h"

/** Folders that may hold models, the first wins; they need not exist.
 * mien_names_free(). */
mien_status mien_model_folders(char ***folders, int64_t *count);
/** Path of the file a name or path stands for; MIEN_ENOTFOUND names the folders. */
mien_status mien_model_locate(const char *name, char **path);

#endif
