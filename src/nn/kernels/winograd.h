/* SPDX-License-Identifier: MIT */
/* Winograd's minimal filtering: convolutions of stride 1 in tiles of 6 × 6 points,
 * straight on channel-blocked or channels-last layouts. F(4×4, 3×3) takes a quarter of
 * the multiplications, F(2×2, 5×5) a little more than a third: both have the points 0,
 * ±1, ±2 and infinity, so that what is done to the input is the same. */
#ifndef MIEN_NN_WINOGRAD_H
#define MIEN_NN_WINOGRAD_H

#include "mien/base.h"

#define MIEN_WINOGRAD_POINTS 36 /* of a transformed tile: 6 × 6 */

/** Where a value lies, in floats: channel c of pixel (h, w) of picture n is at
 * n·image + (c / block)·slab + h·row + w·pixel + c % block. */
typedef struct mien_winograd_layout {
    int64_t block, image, slab, row, pixel;
} mien_winograd_layout;

typedef struct mien_winograd_kernels mien_winograd_kernels;

/** How a convolution becomes sums of 3×3 ones of stride 1, its terms. */
typedef enum mien_winograd_kind {
    MIEN_WINOGRAD_PLAIN,   /**< it is one */
    MIEN_WINOGRAD_STRIDED, /**< 5×5, stride 2, padding 2: x falls into four pictures, of
                              even and odd rows and columns; each meets its own nine,
                              six or four of the 25 weights */
    MIEN_WINOGRAD_FRAMES,  /**< k×3×3, stride 1: k frames of x for each of y */
} mien_winograd_kind;

/** One convolution: its shapes, layouts and schedule. */
typedef struct mien_winograd {
    int64_t pictures, in, out; /**< channels, multiples of 16 */
    int64_t x_height, x_width, y_height, y_width;
    int64_t top, left; /**< padding */
    int taps;          /**< rows and columns of the kernel: 3 or 5; 0 is taken as 3 */
    mien_winograd_layout x, y;
    /** After the sums: y ← y + bias + addend, then y < 0 ? slope·y : y, then min(y,
     * most). */
    bool sums;
    float slope, most;
    int threads;
    int64_t tiles_at_once; /**< tiles taken through all three steps together */
    bool together; /**< all threads share those tiles; else each takes its own */
    /** Whether this is one of the two wider kinds, which infer alone: 5×5 of stride 2
     * with padding 2, and kernels of k×3×3 over frames. */
    mien_winograd_kind kind;
    /** The geometry of frames: how many, how far they lie apart in floats, the
     * kernel's length and the padding before the first. Layouts are those of one
     * frame; `image` is the distance of films. */
    int64_t x_frames, y_frames, x_frame, y_frame, length, front;
    int64_t frames_at_once; /**< frames of y taken through all three steps together */
    /* set by mien_winograd_init() */
    const mien_winograd_kernels *kernels;
    int64_t side; /**< of a tile of y: 7 - taps */
    int64_t tiles_down, tiles_across, tiles;
    int64_t columns; /**< out, rounded up to whole blocks of the product's kernel */
    int64_t terms;   /**< convolutions that are summed: 1, 4, or the kernel's length */
    int64_t v_row;   /**< floats of a transformed tile: its channels of all terms that
                        lie side by side */
} mien_winograd;

/** Widest kernels of this processor; fills what the caller left out. */
void mien_winograd_init(mien_winograd *w);
/** The processor's kernels by name: "avx512", "avx2", "plain". */
const char *mien_winograd_kernels_name(void);
/** Channels must be multiples of this many in both layouts. */
#define MIEN_WINOGRAD_CHANNELS 16

/** Floats of the transformed weights. */
int64_t mien_winograd_weight_count(const mien_winograd *w);
/**
 * Transforms weights; several threads.
 *
 * @param weight  [out, in, taps, taps] ([out, in, 5, 5], [out, in, k, 3, 3] of the
 * wider kinds), or [in, out, taps, taps] where `backward`: the weights of the
 * convolution whose gradient with respect to its input this is, which are turned by
 * 180°
 * @param packed  [36][columns / block][terms][in][block]
 */
void mien_winograd_pack(
    const mien_winograd *w, const float *weight, bool backward, float *packed);

/** Floats of scratch memory a run needs. */
int64_t mien_winograd_scratch_count(const mien_winograd *w);
/**
 * y = conv(x, weights) + bias (+ addend), activated.
 *
 * @param bias    [out], or NULL
 * @param addend  laid out as y; NULL where nothing is summed; may be y itself
 *
 * Source: A. Lavin and S. Gray, Fast algorithms for convolutional neural networks, CVPR
 * 2016.
 */
void mien_winograd_run(const mien_winograd *w, const float *x, const float *packed,
    const float *bias, const float *addend, float *scratch, float *y);

/** Floats of scratch memory mien_winograd_weight_gradient() needs. */
int64_t mien_winograd_gradient_scratch_count(const mien_winograd *w);
/**
 * Gradients of the weights and the bias of y = conv(x, weight) + bias.
 *
 * @param dy      the gradient of y, laid out as y; w's sums and activation play no part
 * @param weight  [out, in, taps, taps], overwritten
 * @param bias    [out], overwritten; NULL: not wanted
 */
void mien_winograd_weight_gradient(const mien_winograd *w, const float *x,
    const float *dy, float *scratch, float *weight, float *bias);

/** The shape of one product. */
typedef struct mien_winograd_product {
    int64_t rows, terms, depth, v_row, v_term, m_row, columns;
    bool adds; /**< to what m holds */
} mien_winograd_product;

/** The widest kernels of this processor. */
const mien_winograd_kernels *mien_winograd_best(void);

/* ---- kernels: one set per instruction set
 * --------------------------------------------- */

struct mien_winograd_kernels {
    const char *name;
    int block; /**< columns of one block of packed weights */
    /** Tiles [first, first + count) of x, transformed: v[point][tile][channel]; points
     * are v_plane floats apart, tiles v_row. */
    void (*input)(const mien_winograd *w, const float *x, int64_t first, int64_t count,
        float *v, int64_t v_plane);
    /** m[row][block] = Σ over terms of v[row][0 … depth) · u[term][depth][block]; rows
     * of m are m_row apart, of v v_row, its terms v_term. Of the block only the first
     * `columns` are needed. */
    void (*product)(
        const mien_winograd_product *p, const float *v, const float *u, float *m);
    /** The way back: tiles of y out of m[point][tile][column]. */
    void (*output)(const mien_winograd *w, const float *m, int64_t m_plane,
        int64_t first, int64_t count, const float *bias, const float *addend, float *y);
    /** Weights of columns [first, first + block) for all inputs, to packed of that
     * block; points are `plane` floats apart. */
    void (*weight)(const mien_winograd *w, const float *weight, bool backward,
        int64_t first, float *packed, int64_t plane);
    /** Tiles of the gradient of y, transformed: d[point][tile][column]. */
    void (*gradient)(const mien_winograd *w, const float *y, int64_t first,
        int64_t count, float *d, int64_t d_plane);
    /** m[row][block] = Σ over tiles v[tile][row] · d[tile][block], added to what is
     * there where `adds`. */
    void (*product_across)(const float *v, int64_t rows, int64_t tiles, const float *d,
        int64_t d_row, float *m, int64_t m_row, bool adds);
    /** y[place] = activated(m[place] + bias), `count` places of which those of m are
     * m_row apart, and those of y as its layout says. */
    void (*finish)(const mien_winograd *w, const float *m, int64_t m_row, int64_t count,
        const float *bias, float *y);
    /** Outputs [first, last) of weights [out, in, taps, taps] out of
     * m[point][input][column].
     */
    void (*weight_back)(const mien_winograd *w, const float *m, int64_t plane,
        int64_t first, int64_t last, float *weight);
};

extern const mien_winograd_kernels mien_winograd_plain;
#if defined(__x86_64__)
extern const mien_winograd_kernels mien_winograd_avx2;
extern const mien_winograd_kernels mien_winograd_avx512;
#endif

#endif
