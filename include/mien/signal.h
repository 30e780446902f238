/* SPDX-License-Identifier: MIT */
/* Transforms of pictures: resizes, and the one preprocessing that training and prediction
 * share. */
#ifndef MIEN_SIGNAL_H
#define MIEN_SIGNAL_H

#include "mien/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Resize kernels, named by whose results they equal (tolerances: docs/numerics.md). */
typedef enum mien_resize {
    MIEN_RESIZE_NEAREST,            /**< Keras' loader / Pillow NEAREST: pixel centres */
    MIEN_RESIZE_NEAREST_TORCH,      /**< torchvision "nearest": floor(i × scale) */
    MIEN_RESIZE_BILINEAR,           /**< Pillow BILINEAR = torchvision antialias=True on PIL
                                         pictures; 8-bit fixed point, exact */
    MIEN_RESIZE_BICUBIC,            /**< Pillow BICUBIC (a = −0.5), exact */
    MIEN_RESIZE_BILINEAR_TORCH,     /**< torchvision tensors, antialias=False, float */
    MIEN_RESIZE_BILINEAR_AA_TORCH,  /**< torchvision tensors, antialias=True, float */
    MIEN_RESIZE_BICUBIC_TORCH,      /**< torchvision tensors, antialias=False, a = −0.75 */
    MIEN_RESIZE_BICUBIC_AA_TORCH    /**< torchvision tensors, antialias=True, a = −0.5 */
} mien_resize;

MIEN_API const char *mien_resize_name(mien_resize resize);
MIEN_API mien_status mien_resize_parse(const char *name, mien_resize *resize);

/** [H, W, C] u8 → [height, width, C] u8 (Pillow kernels, NEAREST, NEAREST_TORCH) or f32 in
 * [0, 255] (the other torch kernels on u8 divided later by the caller). C 1 to 4. pool may be
 * NULL. */
MIEN_API mien_status mien_image_resize(const mien_tensor *image, int height, int width,
    mien_resize resize, mien_pool *pool, mien_tensor **resized);

typedef enum mien_fit {
    MIEN_FIT_NONE,    /**< the picture must have the right size already */
    MIEN_FIT_SHORT,   /**< short side to `size`, aspect kept, then centre crop */
    MIEN_FIT_SQUASH,  /**< to crop_height × crop_width, aspect ignored */
    MIEN_FIT_PAD      /**< long side fits, the rest filled with the mean */
} mien_fit;

/** From an 8-bit picture to a network's input; stands in every model's contract. */
typedef struct mien_preprocess {
    mien_fit fit;
    int size;                     /**< short side before the crop (FIT_SHORT) */
    int crop_height, crop_width;  /**< of the network's input; FIT_NONE: 0 = any */
    mien_resize resize;
    bool bgr;                     /**< channel order handed to the network */
    double scale;                 /**< pixel value 0–255 is multiplied by this first … */
    double mean[3], deviation[3]; /**< … then (x − mean) / deviation, in that channel order */
} mien_preprocess;

/** torchvision IMAGENET1K_V1: short side 256, Pillow bilinear, crop 224, 1/255, ImageNet mean
 * and SD. */
MIEN_API mien_preprocess mien_preprocess_imagenet(void);
/** Checks ranges (sizes 1–4096, deviations > 0 …). */
MIEN_API mien_status mien_preprocess_check(const mien_preprocess *preprocess);
/** Short side a decoder must keep so that scaled decoding is harmless: twice what the resize
 * needs, where it averages (a JPEG decoded at one half then differs by 0.03 of [0, 1] at
 * most, 0.003 rms, measured); 0: full size, for kernels that pick single pixels. */
MIEN_API int mien_preprocess_short_side(const mien_preprocess *preprocess);
/**
 * One picture into one row of a batch.
 * @param image [H, W, 3] u8 RGB
 * @param mirror flips left and right after the crop
 * @param out [3, crop_height, crop_width] f32, the caller's memory (FIT_NONE with crop 0: the
 *            picture's own size)
 */
MIEN_API mien_status mien_preprocess_run(const mien_preprocess *preprocess,
    const mien_tensor *image, bool mirror, float *out);

/** The same with its tables and scratch kept from picture to picture: allocates only when
 * the size of the picture changes. One thread at a time. */
typedef struct mien_preprocessor mien_preprocessor;
MIEN_API mien_status mien_preprocessor_new(
    const mien_preprocess *preprocess, mien_preprocessor **preprocessor);
MIEN_API void mien_preprocessor_free(mien_preprocessor **preprocessor);
MIEN_API mien_status mien_preprocessor_run(mien_preprocessor *preprocessor,
    const mien_tensor *image, bool mirror, float *out);

#ifdef __cplusplus
}
#endif

#endif
