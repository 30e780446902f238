/* SPDX-License-Identifier: MIT */
/* Published weights of networks over features, taken over into models. */
#ifndef MIEN_MODELS_CONVERT_H
#define MIEN_MODELS_CONVERT_H

#include "mien/models.h"

/** The network that a file was found to hold. */
typedef struct mien_found {
    mien_architecture architecture;
    /** The file's name of input i's projection ("linear1"). */
    char projection[MIEN_INPUTS_MAX][16];
    char class_name[128]; /* of the whole module; "" for tensors alone */
    const char *licence;  /* of the publication it is from; NULL: not known */
    const char *citation;
    double segment_s;
    /** Tensors whose names begin so are of no use; NULL: there are none. */
    const char *unused;
} mien_found;

/** Recognises AttendAffectNet's Feature AAN. settings as in mien_convert_options.
 * MIEN_EFORMAT says what is missing. */
mien_status mien_convert_aan(
    mien_archive *archive, const char *settings, mien_found *found);

#endif
