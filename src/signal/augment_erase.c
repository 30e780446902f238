/* SPDX-License-Identifier: MIT */
/* Random erasing (Zhong et al. 2020): a rectangle is painted over. */
#include "signal/augment.h"

#include <math.h>

#define TRIES 10

static const mien_option options[] = {
    MIEN_AUGMENT_P("0.5"),
    {.name = "area",
        .type = MIEN_OPTION_TEXT,
        .initial = "0.02,0.33",
        .minimum = 0,
        .maximum = 1,
        .help = "range of the part of the picture"},
    {.name = "aspect",
        .type = MIEN_OPTION_TEXT,
        .initial = "0.3,3.3",
        .minimum = 0.01,
        .maximum = 100,
        .help = "range of height over width"},
    {.name = "colour",
        .type = MIEN_OPTION_TEXT,
        .initial = "mean",
        .help = "mean (the network's), a grey or red,green,blue from 0 to 1"},
    {.name = NULL},
};

static mien_status prepare(mien_augment_step *step) {
    double *n = step->number, aspect[2];
    mien_status status = mien_augment_range(step, "area", 0.0, n);
    status = status ? status : mien_augment_range(step, "aspect", 1.0, aspect);
    status = status ? status : mien_augment_colour(step, "colour", n + 4);
    if (status == MIEN_OK) {
        n[2] = log(aspect[0]);
        n[3] = log(aspect[1]);
    }
    return status;
}

/* value: left, top, width, height. As torchvision's: area and the logarithm of the
 * aspect are uniform, and drawn anew where the rectangle does not fit, ten times at
 * most. All ten are drawn, so that the next step's numbers do not hang on it. */
static bool draw(const mien_augment_step *step, const mien_frame *frame,
    mien_stream *stream, double *value) {
    bool found = false;
    for (int i = 0; i < TRIES; i++) {
        double area =
            mien_augment_uniform(stream, step->number) * frame->height * frame->width;
        double aspect = exp(mien_augment_uniform(stream, step->number + 2));
        double height = nearbyint(sqrt(area * aspect));
        double width = nearbyint(sqrt(area / aspect));
        double left = mien_stream_uniform(stream), top = mien_stream_uniform(stream);
        if (!found && height >= 1.0 && width >= 1.0 && height < frame->height &&
            width < frame->width) {
            found = true;
            value[0] = floor(left * (frame->width - width + 1.0));
            value[1] = floor(top * (frame->height - height + 1.0));
            value[2] = width;
            value[3] = height;
        }
    }
    return found;
}

static void paint(
    const mien_augment_step *step, const double *value, const mien_paint_row *row) {
    mien_colour colour = mien_augment_colour_of(step->number + 4);
    if (row->y < value[1] || row->y >= value[1] + value[3]) {
        return;
    }
    for (int c = 0; c < 3; c++) {
        float fill = (float)(colour.mean ? row->mean[c] : colour.rgb[c]);
        for (int x = 0; x < (int)value[2]; x++) {
            row->rgb[c][(int)value[0] + x] = fill;
        }
    }
}

static const mien_augment_work work = {
    .phase = MIEN_AUGMENT_PAINTS, .prepare = prepare, .draw = draw, .paint = paint};

const mien_augment_kind mien_augment_erase = {
    .name = "erase",
    .summary = "paints a rectangle over; torchvision's RandomErasing",
    .main = "p",
    .options = options,
    .work = &work,
};
