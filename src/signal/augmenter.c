/* SPDX-License-Identifier: MIT */
/* Applies what was drawn to a network's input: one resampling, then one pass of
 * colours.
 *
 * It works on the preprocessed picture, normalised as the network gets it: bilinear
 * sums do not mind a shift and a scale, so only colours go back to [0, 1] and forth, a
 * row at a time; and a step that is not done cannot change a bit. A contrast asks for
 * the mean grey of the whole picture, so a pass ends before each. */
#include "signal/augment.h"
#include "base/need.h"

#include <math.h>
#include <string.h>

struct mien_augmenter {
    const mien_augment *augment;
    mien_frame frame;
    int plane[3];    /* of red, green, blue */
    float to_one[3]; /* of red, green, blue: (x × to_one + mean_one) in [0, 1] … */
    float mean_one[3];
    float from_one[3]; /* … and back: (v − mean_one) × from_one */
    double mean[3];
    mien_pixel fill;    /* normalised, by plane */
    mien_pixel *pixels; /* [height, width]: the picture while it is resampled */
};

static void read_units(mien_augmenter *a, const mien_preprocess *p) {
    for (int c = 0; c < 3; c++) {
        int plane = p->bgr ? 2 - c : c;
        double one = 255.0 * p->scale; /* what white is before the mean is taken off */
        a->plane[c] = plane;
        a->mean[c] = p->mean[plane] / one;
        a->mean_one[c] = (float)a->mean[c];
        a->to_one[c] = (float)(p->deviation[plane] / one);
        a->from_one[c] = (float)(one / p->deviation[plane]);
    }
    const mien_colour *colour = &a->augment->resampling.colour;
    for (int c = 0; c < 3 && !colour->mean; c++) {
        a->fill[a->plane[c]] =
            (float)((colour->rgb[c] - a->mean[c]) * (double)a->from_one[c]);
    }
}

mien_status mien_augmenter_new(const mien_augment *augment,
    const mien_preprocess *preprocess, mien_augmenter **augmenter) {
    MIEN_NEED(augment, preprocess, augmenter);
    mien_status status = mien_preprocess_check(preprocess);
    if (status != MIEN_OK) {
        return status;
    }
    if (preprocess->crop_height < 1 || preprocess->crop_width < 1) {
        return mien_fail(MIEN_EINVAL,
            "augmentation needs pictures of one size; the preprocessing has none");
    }
    mien_augmenter *a = mien_alloc(1, sizeof *a);
    if (!a) {
        return MIEN_ENOMEM;
    }
    a->augment = augment;
    a->frame = (mien_frame){preprocess->crop_height, preprocess->crop_width};
    a->pixels =
        mien_alloc((size_t)a->frame.height * (size_t)a->frame.width, sizeof *a->pixels);
    if (!a->pixels) {
        mien_augmenter_free(&a);
        return MIEN_ENOMEM;
    }
    read_units(a, preprocess);
    *augmenter = a;
    return MIEN_OK;
}

void mien_augmenter_free(mien_augmenter **augmenter) {
    if (augmenter && *augmenter) {
        mien_free((*augmenter)->pixels);
        mien_free(*augmenter);
        *augmenter = NULL;
    }
}

static void gather(mien_augmenter *a, const float *in) {
    const size_t plane = (size_t)a->frame.height * (size_t)a->frame.width;
    const float *one = in, *two = in + plane, *three = in + 2 * plane;
    mien_pixel *pixels = a->pixels;
    for (size_t i = 0; i < plane; i++) {
        pixels[i] = (mien_pixel){one[i], two[i], three[i], 0.0f};
    }
}

/* ---- colours ------------------------------------------------------------------ */

/* A part of the colour steps that one pass can do. */
typedef struct colour_pass {
    int begin, end;
    bool first, last; /* comes from the network's units, goes back to them */
    double grey;
} colour_pass;

static void rows_of(const mien_augmenter *a, int y, float *out, float *rgb[3]) {
    const size_t plane = (size_t)a->frame.height * (size_t)a->frame.width;
    for (int c = 0; c < 3; c++) {
        rgb[c] = out + (size_t)a->plane[c] * plane + (size_t)y * (size_t)a->frame.width;
    }
}

static void paint_row(mien_augmenter *a, const mien_augment_draw *draw,
    const colour_pass *pass, int y, float *out) {
    mien_paint_row row = {.y = y,
        .width = a->frame.width,
        .height = a->frame.height,
        .mean = a->mean,
        .grey = pass->grey,
        .noise = draw->noise};
    rows_of(a, y, out, row.rgb);
    for (int c = 0; c < 3 && pass->first; c++) {
        for (int x = 0; x < row.width; x++) {
            row.rgb[c][x] = row.rgb[c][x] * a->to_one[c] + a->mean_one[c];
        }
    }
    for (int i = pass->begin; i < pass->end; i++) {
        const mien_augment_step *step = &a->augment->steps[i];
        if (draw->does[i] && step->kind->work->paint) {
            step->kind->work->paint(step, draw->value[i], &row);
        }
    }
    for (int c = 0; c < 3 && pass->last; c++) {
        for (int x = 0; x < row.width; x++) {
            row.rgb[c][x] = (row.rgb[c][x] - a->mean_one[c]) * a->from_one[c];
        }
    }
}

static double grey_of_row(const mien_augmenter *a, int y, float *out) {
    float *rgb[3];
    double sum = 0.0;
    rows_of(a, y, out, rgb);
    for (int x = 0; x < a->frame.width; x++) {
        sum += (double)(MIEN_GREY_R * rgb[0][x] + MIEN_GREY_G * rgb[1][x] +
                        MIEN_GREY_B * rgb[2][x]);
    }
    return sum;
}

/* Up to the next step that asks for the grey of what those before it made. */
static void end_pass(
    const mien_augment *augment, const mien_augment_draw *draw, colour_pass *pass) {
    pass->end = pass->begin;
    pass->last = true;
    for (int i = pass->begin; i < augment->count; i++, pass->end = i) {
        const mien_augment_work *work = augment->steps[i].kind->work;
        bool may_start = i == pass->begin && !pass->first;
        if (draw->does[i] && work->wants_grey && !may_start) {
            pass->last = false;
            return;
        }
    }
}

static bool paints(const mien_augment *augment, const mien_augment_draw *draw) {
    for (int i = 0; i < augment->count; i++) {
        if (draw->does[i] && augment->steps[i].kind->work->paint) {
            return true;
        }
    }
    return false;
}

/* The first pass takes its rows from the warp, while they are near. */
static void work(mien_augmenter *a, const mien_augment_draw *draw,
    const mien_warp *warp, float *out) {
    const bool coloured = paints(a->augment, draw);
    colour_pass pass = {.first = true};
    do {
        double grey = 0.0;
        end_pass(a->augment, draw, &pass);
        for (int y = 0; y < a->frame.height; y++) {
            if (pass.first && warp) {
                const size_t plane = (size_t)a->frame.height * (size_t)a->frame.width;
                float *row = out + (size_t)y * (size_t)a->frame.width;
                mien_warp_row(
                    warp, y, (float *const[]){row, row + plane, row + 2 * plane});
            }
            if (coloured) {
                paint_row(a, draw, &pass, y, out);
            }
            grey += pass.last ? 0.0 : grey_of_row(a, y, out);
        }
        pass.begin = pass.end;
        pass.first = false;
        pass.grey = grey / ((double)a->frame.height * a->frame.width);
    } while (!pass.last);
}

mien_status mien_augmenter_run(
    mien_augmenter *a, const mien_augment_draw *draw, const float *in, float *out) {
    MIEN_NEED(a, draw, in, out);
    const mien_frame *frame = &a->frame;
    if (draw->height != frame->height || draw->width != frame->width) {
        return mien_fail(MIEN_ESHAPE,
            "augmentation drawn for %d x %d, the picture is %d x %d", draw->width,
            draw->height, frame->width, frame->height);
    }
    const mien_resampling *r = &a->augment->resampling;
    mien_warp warp = {
        .pixels = a->pixels, .nearest = r->nearest, .fill = r->fill, .colour = a->fill};
    bool warps = draw->moves;
    if (warps && !mien_warp_init(&warp, &draw->map, frame)) {
        return MIEN_EINVAL;
    }
    if (warps) {
        gather(a, in);
    } else if (in != out) {
        memcpy(out, in, 3 * (size_t)frame->height * (size_t)frame->width * sizeof *out);
    }
    if (warps || paints(a->augment, draw)) {
        work(a, draw, warps ? &warp : NULL, out);
    }
    return MIEN_OK;
}
