/* SPDX-License-Identifier: MIT */
/* Moves the picture in its frame. */
#include "signal/augment.h"

static const mien_option options[] = {
    MIEN_AUGMENT_P("1"),
    {.name = "across",
        .type = MIEN_OPTION_TEXT,
        .initial = "0.1",
        .minimum = -1,
        .maximum = 1,
        .help = "range of the way to the right, as a fraction of the width"},
    {.name = "down",
        .type = MIEN_OPTION_TEXT,
        .help =
            "range of the way down, as a fraction of the height; without it that of "
            "across",
        .minimum = -1,
        .maximum = 1},
    {.name = NULL},
};

static mien_status prepare(mien_augment_step *step) {
    bool given = mien_options_given(step->options, "down");
    mien_status status = mien_augment_range(step, "across", 0.0, step->number);
    return status == MIEN_OK ? mien_augment_range(step, given ? "down" : "across", 0.0,
                                   step->number + 2)
                             : status;
}

/* value: fraction of the width, fraction of the height */
static bool draw(const mien_augment_step *step, const mien_frame *frame,
    mien_stream *stream, double *value) {
    (void)frame;
    value[0] = mien_augment_uniform(stream, step->number);
    value[1] = mien_augment_uniform(stream, step->number + 2);
    return value[0] != 0.0 || value[1] != 0.0;
}

static mien_affine map(
    const double *value, const mien_frame *frame, const mien_augment_step *step) {
    (void)step;
    return (mien_affine){.xx = 1.0,
        .yy = 1.0,
        .x0 = value[0] * frame->width,
        .y0 = value[1] * frame->height};
}

static const mien_augment_work work = {
    .phase = MIEN_AUGMENT_MOVES, .prepare = prepare, .draw = draw, .map = map};

const mien_augment_kind mien_augment_shift = {
    .name = "shift",
    .summary = "moves the picture by fractions of its size",
    .main = "across",
    .options = options,
    .work = &work,
};
