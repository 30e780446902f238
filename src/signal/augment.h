/* SPDX-License-Identifier: MIT */
/* Inside of the augmentations: what a row of augments.def can do. */
#ifndef MIEN_SIGNAL_AUGMENT_H
#define MIEN_SIGNAL_AUGMENT_H

#include "mien/signal.h"

#define X(name) extern const mien_augment_kind mien_augment_##name;
#include "signal/augments.def"
#undef X

/** Numbers a step reads from its options, and draws. */
#define MIEN_AUGMENT_NUMBERS 8
#define MIEN_AUGMENT_VALUES 4

typedef struct mien_augment_step {
    const mien_augment_kind *kind;
    mien_options *options;
    double p;
    double number[MIEN_AUGMENT_NUMBERS];
} mien_augment_step;

typedef struct mien_frame {
    int height, width;
} mien_frame;

/** Colour of a constant fill or an erased part, RGB in [0, 1], or the network's mean.
 */
typedef struct mien_colour {
    bool mean;
    double rgb[3];
} mien_colour;

/** How one picture is resampled. */
typedef struct mien_resampling {
    bool nearest; /**< else bilinear */
    mien_fill fill;
    mien_colour colour;
} mien_resampling;

/** A row of pixels in RGB, [0, 1], and where it stands. */
typedef struct mien_paint_row {
    float *rgb[3];
    int y, width, height;
    const double *mean; /**< the network's, RGB in [0, 1] */
    double grey;        /**< mean grey of the picture, where the kind asks for it */
    uint64_t noise;
} mien_paint_row;

typedef enum mien_augment_phase {
    MIEN_AUGMENT_MOVES,  /**< has map() */
    MIEN_AUGMENT_PAINTS, /**< has paint() */
    MIEN_AUGMENT_MIXES,  /**< has mix() */
    MIEN_AUGMENT_SETS    /**< has set() */
} mien_augment_phase;

typedef enum mien_augment_stay {
    MIEN_STAYS_NEVER,
    MIEN_STAYS_IF_SQUARE,
    MIEN_STAYS_ALWAYS
} mien_augment_stay;

/** The work of a kind. draw() is called for every picture, done or not, and takes the
 * same number of random numbers each time, so that what a step draws does not hang
 * on what those before it drew. */
typedef struct mien_augment_work {
    mien_augment_phase phase;
    mien_augment_stay stays; /**< no point of the picture leaves it */
    bool wants_grey;
    /** Options to numbers; may be NULL. */
    mien_status (*prepare)(mien_augment_step *step);
    /** True if what was drawn changes anything. NULL: always true. */
    bool (*draw)(const mien_augment_step *step, const mien_frame *frame,
        mien_stream *stream, double *value);
    /** Where points go, from the picture's centre. */
    mien_affine (*map)(
        const double *value, const mien_frame *frame, const mien_augment_step *step);
    void (*paint)(
        const mien_augment_step *step, const double *value, const mien_paint_row *row);
    void (*mix)(
        const mien_augment_step *step, mien_stream *stream, int64_t n, double *weight);
    void (*set)(const mien_augment_step *step, mien_resampling *resampling);
} mien_augment_work;

struct mien_augment {
    int count;
    mien_augment_step steps[MIEN_AUGMENT_STEPS_MAX];
    mien_resampling resampling;
};

/* ---- for the rows ------------------------------------------------------------- */

/** The option p, for the tables of kinds. */
#define MIEN_AUGMENT_P(initial_text)                                                   \
    {                                                                                  \
        .name = "p", .type = MIEN_OPTION_NUMBER, .initial = (initial_text),            \
        .minimum = 0, .maximum = 1, .help = "how likely it is done"                    \
    }

/** Option `name` ("a" or "a, b") as a range: one number stands for centre − a to centre
 * + a. Bounds are the option's. */
mien_status mien_augment_range(
    const mien_augment_step *step, const char *name, double centre, double *range);
/** "mean", or three numbers in [0, 1], or one for grey, to number[0..3] (mean: NaN). */
mien_status mien_augment_colour(
    const mien_augment_step *step, const char *name, double *number);
mien_colour mien_augment_colour_of(const double *number);
/** Uniform in [range[0], range[1]]. */
double mien_augment_uniform(mien_stream *stream, const double *range);
/** One of the draw()s: value[0] from number[0..1]; does nothing at 1 (or at 0). */
bool mien_augment_draw_factor(const mien_augment_step *step, const mien_frame *frame,
    mien_stream *stream, double *value);
bool mien_augment_draw_amount(const mien_augment_step *step, const mien_frame *frame,
    mien_stream *stream, double *value);

/** sin and cos of degrees, exact at multiples of 90. */
void mien_turn(double angle_deg, double *sine, double *cosine);

/** Grey of RGB, ITU-R BT.601 as Pillow and torchvision weight it. */
#define MIEN_GREY_R 0.2989f
#define MIEN_GREY_G 0.587f
#define MIEN_GREY_B 0.114f

/* ---- resampling --------------------------------------------------------------- */

/** Pixels side by side, so that one load takes all channels. */
typedef float mien_pixel __attribute__((vector_size(16)));

typedef struct mien_warp {
    const mien_pixel *pixels; /**< [height, width] */
    int height, width;
    mien_affine back; /**< from a place of the result to one of the picture */
    bool nearest;
    mien_fill fill;
    mien_pixel colour;
} mien_warp;

/** How `map` is undone; false if it cannot be. A map that only permutes pixels is done
 * by picking them, so that no value changes. */
bool mien_warp_init(mien_warp *warp, const mien_affine *map, const mien_frame *frame);
/** Row y of the result, as three rows of planes. */
void mien_warp_row(const mien_warp *warp, int y, float *const out[3]);

#endif
