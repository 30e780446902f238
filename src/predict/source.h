/* SPDX-License-Identifier: MIT */
/* Files to preprocessed pictures, one after the other: the slow half that runs beside
 * the network. */
#ifndef MIEN_PREDICT_SOURCE_H
#define MIEN_PREDICT_SOURCE_H

#include "predict/input_files.h"

typedef enum mien_item_kind {
    MIEN_ITEM_PICTURE,  /**< image is filled */
    MIEN_ITEM_MOMENT,   /**< the same, of a film */
    MIEN_ITEM_FILM_END, /**< the film gave all its moments */
    MIEN_ITEM_PROBLEM   /**< status and text say what is wrong with the input */
} mien_item_kind;

/** What the source hands over. Its buffers belong to whoever made it with
 * mien_item_init() and are used again and again. */
typedef struct mien_item {
    mien_item_kind kind;
    int64_t input;          /**< index in the inputs */
    double start_s;         /**< of a moment; FILM_END: where the film ends; PROBLEM:
                                 the same of one that breaks off, else −infinity */
    float *image;           /**< [3, H, W] */
    mien_tensor *thumbnail; /**< owned; NULL: none */
    mien_status status;
    char text[1024];
} mien_item;

mien_status mien_item_init(mien_item *item, int64_t image_values);
void mien_item_clear(mien_item *item);

/** One picture, [H, W, 3] u8, into item->image and, where it is asked for, its
 * thumbnail. */
mien_status mien_source_image(const mien_preprocess *preprocess,
    const mien_predict_options *options, const mien_tensor *image, mien_item *item);

typedef struct mien_source mien_source;
/** inputs, preprocess and options are lent until mien_source_close(). */
mien_status mien_source_open(const mien_input_files *inputs,
    const mien_preprocess *preprocess, const mien_predict_options *options,
    mien_source **source);
void mien_source_close(mien_source **source);
/** MIEN_END after the last item; other failures are fatal (out of memory). */
mien_status mien_source_next(mien_source *source, mien_item *item);

#endif
