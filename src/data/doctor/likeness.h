/* SPDX-License-Identifier: MIT */
/* Pictures that show the same although one is mirrored, cropped, framed or turned: a
 * thumbnail with outlines of how it would look then, and an alignment of two. */
#ifndef MIEN_DATA_LIKENESS_H
#define MIEN_DATA_LIKENESS_H

#include "mien/tensor.h"

#define MIEN_THUMB_SIDE 48
/** Mirrored or not × 5 sizes × 3 angles. */
#define MIEN_VARIANTS 30
/** The one that is the picture itself. */
#define MIEN_VARIANT_PLAIN 7

typedef struct mien_thumb {
    uint8_t grey[MIEN_THUMB_SIDE][MIEN_THUMB_SIDE]; /* mean grey of each cell */
    float aspect;                                   /* width / height */
    uint64_t outline[MIEN_VARIANTS];                /* dHash of each variant */
} mien_thumb;

/** @param image [H, W, 3] u8 */
void mien_thumb_take(const mien_tensor *image, mien_thumb *thumb);
/** The fewest bits in which an outline of one differs from the plain one of the other,
 * and which it is: `variant` of a (or of b: *swapped). */
int mien_thumb_distance(
    const mien_thumb *a, const mien_thumb *b, int *variant, bool *swapped);
/** Correlation of the two after a has been laid on b as well as an affine map can, from
 * a variant on, over what both show; 0 where too little is shared. */
double mien_thumb_align(const mien_thumb *a, const mien_thumb *b, int variant);

#endif
