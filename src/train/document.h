/* SPDX-License-Identifier: MIT */
/* Fills documents: the first failure is kept, and told at the end. */
#ifndef MIEN_TRAIN_DOCUMENT_H
#define MIEN_TRAIN_DOCUMENT_H

#include "mien/io.h"

/** Takes item, as all below; NULL is out of memory. */
void mien_document_put(
    mien_value *map, const char *key, mien_value *item, mien_status *status);
void mien_document_text(
    mien_value *map, const char *key, const char *text, mien_status *status);
void mien_document_int(
    mien_value *map, const char *key, int64_t n, mien_status *status);
void mien_document_add(mien_value *list, mien_value *item, mien_status *status);
/** null where it is not finite. */
mien_value *mien_document_number(double x);

#endif
