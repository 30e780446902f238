/* SPDX-License-Identifier: MIT */
/* Taking up a search: mien_resume() asks. */
#ifndef MIEN_TRAIN_SEARCH_SEARCH_H
#define MIEN_TRAIN_SEARCH_SEARCH_H

#include "mien/train.h"

/** Whether a folder is that of a search. */
bool mien_search_is(const char *run);
/** Goes on with it; does nothing for one that is finished. */
mien_status mien_search_resume(const char *run, const mien_train_options *options);

#endif
