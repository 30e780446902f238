/* SPDX-License-Identifier: MIT */
/* The one way from a trial to its decoded picture. */
#ifndef MIEN_DATA_LOAD_H
#define MIEN_DATA_LOAD_H

#include "mien/data.h"

/** What is done with a picture while it is there. */
typedef mien_status mien_picture_use(void *context, const mien_tensor *image);

/** Decodes the row's image and hands it to use; failures name the file. */
mien_status mien_trials_use_image(const mien_trials *trials, int64_t row,
    const mien_image_options *options, mien_picture_use *use, void *context);

#endif
