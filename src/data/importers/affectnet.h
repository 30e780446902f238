/* SPDX-License-Identifier: MIT */
/* Single values as AffectNet's .npy release stores them. */
#ifndef MIEN_DATA_AFFECTNET_H
#define MIEN_DATA_AFFECTNET_H

#include "data/faces.h"

/**
 * The number in a .npy file of one value: text of any length ("<U9", "|S3"), or a
 * number.
 *
 * @return MIEN_EFORMAT for an array, objects, or text that is no number; as
 * mien_file_read()
 */
mien_status mien_affectnet_value(const char *path, double *value);

#endif
