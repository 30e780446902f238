/* SPDX-License-Identifier: MIT */
/* Tells which rows a model was trained on, by the fingerprints that it keeps. */
#ifndef MIEN_PREDICT_KNOWN_H
#define MIEN_PREDICT_KNOWN_H

#include "mien/predict.h"

typedef struct mien_known mien_known;
/** *known NULL: the model keeps no fingerprints. MIEN_EVERIFY for some that are none.
 */
mien_status mien_known_open(const mien_model *model, mien_known **known);
void mien_known_close(mien_known **known);
/** The bytes of a picture that was read: it is not read again to be hashed. */
mien_status mien_known_tell(
    mien_known *known, const char *path, const void *bytes, size_t count);
/** 1: the model was trained on a row with these inputs [inputs]; -1: it was not; 0:
 * that is not known. known NULL: 0. One thread at a time. */
int mien_known_ask(mien_known *known, const mien_place *places);

#endif
