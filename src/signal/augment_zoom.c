/* SPDX-License-Identifier: MIT */
/* Larger or smaller, the two axes each by itself. */
#include "signal/augment.h"

static const mien_option options[] = {
    MIEN_AUGMENT_P("1"),
    {.name = "factor",
        .type = MIEN_OPTION_TEXT,
        .initial = "0.2",
        .minimum = 0.05,
        .maximum = 20,
        .help = "range of the magnification"},
    {.name = "joint",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "one factor for both axes"},
    {.name = "step",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help =
            "the factor is the step between samples, so that less than 1 magnifies, "
            "as Keras has it"},
    {.name = NULL},
};

static mien_status prepare(mien_augment_step *step) {
    step->number[2] = mien_options_flag(step->options, "joint") ? 1.0 : 0.0;
    step->number[3] = mien_options_flag(step->options, "step") ? 1.0 : 0.0;
    return mien_augment_range(step, "factor", 1.0, step->number);
}

/* value: factor across, factor down */
static bool draw(const mien_augment_step *step, const mien_frame *frame,
    mien_stream *stream, double *value) {
    (void)frame;
    value[0] = mien_augment_uniform(stream, step->number);
    value[1] = mien_augment_uniform(stream, step->number);
    if (step->number[2] != 0.0) {
        value[1] = value[0];
    }
    return value[0] != 1.0 || value[1] != 1.0;
}

static mien_affine map(
    const double *value, const mien_frame *frame, const mien_augment_step *step) {
    (void)frame;
    bool steps = step->number[3] != 0.0;
    return (mien_affine){
        .xx = steps ? 1.0 / value[0] : value[0],
        .yy = steps ? 1.0 / value[1] : value[1],
    };
}

static const mien_augment_work work = {
    .phase = MIEN_AUGMENT_MOVES, .prepare = prepare, .draw = draw, .map = map};

const mien_augment_kind mien_augment_zoom = {
    .name = "zoom",
    .summary = "magnifies about the centre, across and down by factors of their own",
    .main = "factor",
    .options = options,
    .work = &work,
};
