/* SPDX-License-Identifier: MIT */
/* Inside of the resizes: weights of one axis, and passes over a window of the result.
 */
#ifndef MIEN_SIGNAL_RESIZE_H
#define MIEN_SIGNAL_RESIZE_H

#include "mien/signal.h"

/* Sides of pictures and of whole results; a result has at most 2^31 values. */
#define MIEN_RESIZE_SIDE_MAX 1000000
#define MIEN_RESIZE_VALUES_MAX INT64_C(0x80000000)

/* Fixed-point weights have 22 fraction bits: 32 less 8 for a pixel and 2 for overshoot.
 */
#define MIEN_RESIZE_BITS 22

/** For each of `count` neighbouring output positions: which inputs, with which weights.
 */
typedef struct mien_taps {
    int count;       /**< output positions */
    int most;        /**< room for weights of each position */
    int begin, end;  /**< inputs that any position reads: [begin, end) */
    int even;        /**< every length, where they could be made equal; else 0 */
    bool copy;       /**< every position is its one input, in order */
    int *first;      /**< [count] */
    int *length;     /**< [count] */
    int32_t *fixed;  /**< [count, most]; NULL for the float kernels */
    float *weight;   /**< [count, most]; NULL for the fixed-point kernels */
    double *scratch; /**< [most] */
} mien_taps;

/** Results of this kernel are bytes. */
bool mien_resize_is_fixed(mien_resize resize);

/** Weights of output positions [begin, begin + count) when `from` inputs become `to`.
 */
mien_status mien_taps_init(
    mien_taps *taps, int from, int to, int begin, int count, mien_resize resize);
void mien_taps_clear(mien_taps *taps);

/** A window [top, top + height) × [left, left + width) of the resized picture, and the
 * room to make it: made once for a size of picture, used for many pictures. */
typedef struct mien_window {
    int from_height, from_width, channels;
    int height, width; /**< of the window */
    bool fixed;
    bool down_first; /**< the order of the passes: see resize.c */
    mien_taps across, down;
    size_t stride; /**< bytes of a row of `middle` */
    void *middle;  /**< [down.end - down.begin] rows, across done (or only cut out) */
    uint8_t *last; /**< copies of the picture's last rows, with room to over-read */
} mien_window;

typedef struct mien_window_shape {
    int from_height, from_width, channels;
    int to_height, to_width;
    int top, left, height, width;
} mien_window_shape;

mien_status mien_window_init(
    mien_window *window, const mien_window_shape *shape, mien_resize resize);
void mien_window_clear(mien_window *window);

/** Narrows rows [begin, end) of the middle, counted from down.begin. */
void mien_window_across(
    mien_window *window, const uint8_t *pixels, int64_t begin, int64_t end);
/** One row of the window, [width, channels] of u8 or f32; row has
 * mien_window_row_bytes(). */
void mien_window_down(const mien_window *window, int row_index, void *row);
/** Bytes of a row that mien_window_down() may write: whole vectors. */
size_t mien_window_row_bytes(const mien_window *window);

#endif
