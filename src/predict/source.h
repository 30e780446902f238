/* SPDX-License-Identifier: MIT */
/* Rows to items, one after the other: pictures and films are decoded and preprocessed,
 * the slow half that runs beside the network. Inputs that fit into memory are read
 * where the network is fed (desks.h). */
#ifndef MIEN_PREDICT_SOURCE_H
#define MIEN_PREDICT_SOURCE_H

#include "predict/known.h"
#include "predict/rows.h"

typedef enum mien_item_kind {
    MIEN_ITEM_ROW,      /**< one row; values are filled */
    MIEN_ITEM_MOMENT,   /**< the same, of a film */
    MIEN_ITEM_FILM_END, /**< the film gave all its moments */
    MIEN_ITEM_PROBLEM   /**< status and text say what is wrong with the row */
} mien_item_kind;

/** An item that the source hands over. Its buffers belong to whoever made it with
 * mien_item_init() and are used again and again. */
typedef struct mien_item {
    mien_item_kind kind;
    int64_t row;           /**< index in the rows */
    int trained_on;        /**< of a row, as mien_known_ask() says */
    double start_s, end_s; /**< of a row as it was told; start_s of a moment; FILM_END:
                                where the film ends; PROBLEM: the same of one that
                                breaks off, else −infinity */
    float *values;         /**< of each decoded input its values, then its seen steps */
    bool there[MIEN_INPUTS_MAX]; /**< of the decoded inputs */
    uint32_t lacking;       /**< bit i: input i is missing and needed; found when the
                                 network is fed, as status and text of a row */
    mien_tensor *thumbnail; /**< owned; NULL: none */
    mien_status status;
    char text[1024];
} mien_item;

/** values: what mien_source_values() says. */
mien_status mien_item_init(mien_item *item, int64_t values);
void mien_item_clear(mien_item *item);

/** Whether an input is decoded here; else it is small. */
bool mien_source_decodes(const mien_input *input);
/** Values and seen steps of the decoded inputs of one item; 0: there are none. first
 * [inputs]: where each begins, NULL: not wanted. */
int64_t mien_source_values(const mien_architecture *architecture, int64_t *first);

/** One picture, [H, W, 3] u8, into item->values and, where it is asked for, its
 * thumbnail. For models whose only input is a picture. */
mien_status mien_source_image(const mien_input *input,
    const mien_predict_options *options, const mien_tensor *image, mien_item *item);

typedef struct mien_source mien_source;
/** rows, options and known are lent until mien_source_close(); known NULL: nothing is
 * known of rows. */
mien_status mien_source_open(const mien_rows *rows, const mien_predict_options *options,
    mien_known *known, mien_source **source);
void mien_source_close(mien_source **source);
/** MIEN_END after the last item; other failures are fatal (out of memory). */
mien_status mien_source_next(mien_source *source, mien_item *item);

#endif
