/* SPDX-License-Identifier: MIT */
/* Made-up pictures whose mean colour says something, under texture that says nothing.
 */
#ifndef MIEN_DATA_PLANTED_PICTURE_H
#define MIEN_DATA_PLANTED_PICTURE_H

#include "mien/media.h"

enum { MIEN_PAINTING_WAVES = 2 };

/* Waves and discs are shades without a mean, so that the mean of all pixels is
 * brightness + tint as far as no pixel is cut off at 0 or 255. */
typedef struct mien_painting {
    int wide, high;
    double wave[MIEN_PAINTING_WAVES][3]; /* periods across, down (thirds), phase */
    const double *spot;                  /* [spots, 2] shares of width and height */
    int spots;
    double radius_px, shade; /* of the discs, which are alternately darker, lighter */
    double brightness;       /* 0 to 255 */
    double tint[3];          /* added to red, green, blue */
} mien_painting;

/* image [high, wide, 3] u8, freed by the caller. */
mien_status mien_painting_draw(const mien_painting *painting, mien_tensor **image);
/* Writes a JPEG of quality 95 or, where the name ends so, a BMP of 24 bits. */
mien_status mien_painting_write(const mien_tensor *image, const char *path);

#endif
