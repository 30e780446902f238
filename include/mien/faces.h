/* SPDX-License-Identifier: MIT */
/* Faces in a picture: where they are, how they are cut out. Of room signal.
 *
 *     mien_tensor *image = NULL; // [H, W, 3] u8
 *     mien_face face = {.box = {40, 30, 80, 96}};   // as mien_finder_find() gives it
 *     mien_face_frame frame = mien_face_frame_fer(); // 48 x 48, as in FER2013
 *     float *crop = mien_alloc(48 * 48 * 3, sizeof *crop);
 *     int64_t shape[] = {240, 320, 3};
 *     mien_status status = mien_tensor_new(MIEN_U8, 3, shape, &image);
 *     if (status == MIEN_OK) {
 *         status = mien_face_cut(&frame, image, face.box, NULL, crop);
 *     }
 *     mien_tensor_free(&image);
 *     mien_free(crop);
 */
#ifndef MIEN_FACES_H
#define MIEN_FACES_H

#include "mien/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One face, in the picture's own pixels. */
typedef struct mien_face {
    double box[4]; /**< x, y, width, height; may leave the picture */
    double
        points[10]; /**< x, y of the person's right eye (the left one in the picture),
                       left eye, nose tip, right and left corner of the mouth */
    double score;   /**< of the finder, 0 to 1 */
} mien_face;

/** x' = a x - b y + tx, y' = b x + a y + ty: turned, scaled and moved, never mirrored.
 */
typedef struct mien_similarity {
    double a, b, tx, ty;
    double residual; /**< root of the mean squared distance that is left, in target
                        units */
} mien_similarity;
/** The similarity that takes five points nearest to a template's (Umeyama 1991, without
 * reflection). MIEN_EFORMAT if all points are equal or one is not finite. */
MIEN_API mien_status mien_similarity_fit(
    const double points[10], const double target[10], mien_similarity *fit);

/** Places of the five points in a crop of size 1, by name: "arcface", "fer", or of
 * "ddamfn" the one of five (turned left to turned right) that the points fit best.
 * MIEN_ENOTFOUND lists the names; points are only read for "ddamfn". */
MIEN_API mien_status mien_face_template(
    const char *name, const double points[10], double target[10]);

typedef enum mien_face_crop {
    MIEN_FACE_SQUARE, /**< of side margin * max(width, height) */
    MIEN_FACE_BOX,    /**< margin * the box, its aspect squashed into the crop's */
    MIEN_FACE_ALIGNED /**< the five points brought to a template's */
} mien_face_crop;
typedef enum mien_face_fill {
    MIEN_FACE_EDGE, /**< outside the picture its nearest pixel */
    MIEN_FACE_ZERO,
    MIEN_FACE_MEAN /**< the mean colour of the picture */
} mien_face_fill;

/** How a face is cut out: stands in the contract of a model on faces. */
typedef struct mien_face_frame {
    mien_face_crop crop;
    char reference[16];      /**< name of the template, of MIEN_FACE_ALIGNED */
    double margin;           /**< 0.1 to 10 */
    double shift_x, shift_y; /**< of the centre, in sides of the crop; -2 to 2 */
    mien_face_fill fill;
    bool antialias;    /**< halve the picture by means of 2 * 2 until no more than two
                          pixels fall on    one; false: as OpenCV does, which takes single
                          pixels */
    int height, width; /**< of the crop, 1 to 1024 */
} mien_face_frame;
/** The frame that makes YuNet's boxes look like FER2013's pictures: a square of side
 * 0.969 of the larger side, centre moved by (-0.003, -0.025), 48 * 48, edges
 * repeated. */
MIEN_API mien_face_frame mien_face_frame_fer(void);
MIEN_API mien_status mien_face_frame_check(const mien_face_frame *frame);

/** Largest residual of five points, for a template of side 112, that still can be a
 * face: mirrored points leave 22, turned heads under 8. */
#define MIEN_FACE_RESIDUAL_MAX 12.0

/**
 * Cuts one face out of a picture.
 *
 * Pixel centres lie at whole numbers; each value is interpolated between four pixels.
 *
 * @param image   [H, W, 3] u8
 * @param region  x, y, width, height
 * @param points  five points; NULL or NaN: none, which only MIEN_FACE_ALIGNED wants
 * @param out     [height, width, 3] in [0, 255], the caller's memory
 * @return MIEN_EFORMAT for a region without area, and for points that are missing, all
 * equal or no face's (see MIEN_FACE_RESIDUAL_MAX); MIEN_ESHAPE; MIEN_ENOMEM
 */
MIEN_API mien_status mien_face_cut(const mien_face_frame *frame,
    const mien_tensor *image, const double region[4], const double points[10],
    float *out);

/** Part of their union that two boxes share, 0 to 1. */
MIEN_API double mien_face_overlap(const double a[4], const double b[4]);

#ifdef __cplusplus
}
#endif

#endif
