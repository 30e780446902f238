/* SPDX-License-Identifier: MIT */
/* Shared by the kinds of inputs that read pictures. */
#ifndef MIEN_INPUTS_PICTURE_H
#define MIEN_INPUTS_PICTURE_H

#include "mien/inputs.h"

/** Orders of colours that settings name. */
extern const char *const mien_picture_orders[];

/** An option of three numbers with commas between them. */
mien_status mien_picture_three(
    const char *kind, const mien_options *given, const char *key, double numbers[3]);
/** Takes over order, scale, mean and deviation from the options; the rest is left as
 * it is. */
mien_status mien_picture_colours(
    const char *kind, const mien_options *given, mien_preprocess *preprocess);
/** The preprocessing of whole pictures by the options of kind face. */
mien_status mien_face_preprocess(
    const mien_options *given, mien_preprocess *preprocess);

#endif
