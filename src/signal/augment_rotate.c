/* SPDX-License-Identifier: MIT */
/* Turns by any angle, counter-clockwise as Pillow and torchvision count. */
#include "signal/augment.h"

static const mien_option options[] = {
    MIEN_AUGMENT_P("1"),
    {.name = "degrees",
        .type = MIEN_OPTION_TEXT,
        .initial = "15",
        .minimum = -360,
        .maximum = 360,
        .help = "range of the angle, counter-clockwise"},
    {.name = NULL},
};

static mien_status prepare(mien_augment_step *step) {
    return mien_augment_range(step, "degrees", 0.0, step->number);
}

/* value: degrees */
static mien_affine map(
    const double *value, const mien_frame *frame, const mien_augment_step *step) {
    double sine, cosine;
    (void)frame, (void)step;
    mien_turn(value[0], &sine, &cosine);
    return (mien_affine){.xx = cosine, .xy = sine, .yx = -sine, .yy = cosine};
}

static const mien_augment_work work = {.phase = MIEN_AUGMENT_MOVES,
    .prepare = prepare,
    .draw = mien_augment_draw_amount,
    .map = map};

const mien_augment_kind mien_augment_rotate = {
    .name = "rotate",
    .summary = "turns about the centre; torchvision's rotate without expand",
    .main = "degrees",
    .options = options,
    .work = &work,
};
