/* SPDX-License-Identifier: MIT */
/* One file over HTTP(S), continued where an earlier try broke off. */
#ifndef MIEN_MODELS_DOWNLOAD_H
#define MIEN_MODELS_DOWNLOAD_H

#include "mien/models.h"

/**
 * Fetches url into the file `part`; bytes already there are taken for the beginning and
 * only the rest is asked for. A connection that breaks is tried again as long as bytes
 * come. Limit: 4 GiB.
 *
 * @return MIEN_ENETWORK; MIEN_EIO if part cannot be written; MIEN_EINTERRUPTED. In each
 * case what has arrived stays in part.
 */
mien_status mien_download(
    const char *url, const char *part, mien_pull_progress *progress, void *context);

#endif
