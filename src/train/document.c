/* SPDX-License-Identifier: MIT */
/* Fills documents: the first failure is kept, and told at the end. */
#include "train/document.h"

#include <math.h>

void mien_document_put(
    mien_value *map, const char *key, mien_value *item, mien_status *status) {
    mien_status set = mien_value_set(map, key, item);
    *status = *status == MIEN_OK ? set : *status;
}

void mien_document_text(
    mien_value *map, const char *key, const char *text, mien_status *status) {
    mien_document_put(map, key, mien_value_new_text(text), status);
}

void mien_document_int(
    mien_value *map, const char *key, int64_t n, mien_status *status) {
    mien_document_put(map, key, mien_value_new_int(n), status);
}

void mien_document_add(mien_value *list, mien_value *item, mien_status *status) {
    mien_status added = mien_value_add(list, item);
    *status = *status == MIEN_OK ? added : *status;
}

mien_value *mien_document_number(double x) {
    return isfinite(x) ? mien_value_new_number(x) : mien_value_new_null();
}
