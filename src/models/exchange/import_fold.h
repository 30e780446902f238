/* SPDX-License-Identifier: MIT */
/* Folding: values that are known when a file is imported are computed there and then;
 * each value of the result is one of an input. Shared by the rows of operators that
 * move values. */
#ifndef MIEN_MODELS_IMPORT_FOLD_H
#define MIEN_MODELS_IMPORT_FOLD_H

#include "models/exchange/import.h"

/** A tensor of v's type and another shape; NULL where v is not constant or memory ends.
 */
mien_tensor *mien_import_tensor_like(
    mien_importing *im, const mien_import_value *v, int rank, const int64_t *shape);
/** Copies value `from` of a constant to place `at`. */
void mien_import_copy_one(
    const mien_import_value *v, int64_t from, mien_tensor *to, int64_t at);
/** Gives output k the values at start + Σ i_d · stride_d of a block of this shape. */
void mien_import_fold_strided(mien_importing *im, int k, const mien_import_value *v,
    int rank, const int64_t *shape, int64_t start, const int64_t *stride);
/** The distance of neighbours along each dimension: [v->rank]. */
void mien_import_strides(const mien_import_value *v, int64_t *stride);
/** Gives the same values of a constant under another shape. */
void mien_import_fold_as(
    mien_importing *im, const mien_import_value *v, int rank, const int64_t *shape);
/** Gives a value under another shape, folded or not. `shape` may have one -1 only where
 * it is computed. */
void mien_import_give_as(
    mien_importing *im, mien_import_value *v, int rank, const int64_t *shape);

#endif
