/* SPDX-License-Identifier: MIT */
/* Turns by right angles: pixels change places, none is resampled (in a square picture).
 */
#include "signal/augment.h"

#include <math.h>

static const mien_option options[] = {
    MIEN_AUGMENT_P("1"),
    {.name = "turns",
        .type = MIEN_OPTION_TEXT,
        .initial = "0,3",
        .minimum = -3,
        .maximum = 3,
        .help = "range of the number of quarter turns, counter-clockwise"},
    {.name = NULL},
};

static mien_status prepare(mien_augment_step *step) {
    mien_status status = mien_augment_range(step, "turns", 0.0, step->number);
    if (status == MIEN_OK && (step->number[0] != floor(step->number[0]) ||
                                 step->number[1] != floor(step->number[1]))) {
        return mien_fail(MIEN_EINVAL, "turns: %g to %g are not whole numbers",
            step->number[0], step->number[1]);
    }
    return status;
}

/* value: quarter turns */
static bool draw(const mien_augment_step *step, const mien_frame *frame,
    mien_stream *stream, double *value) {
    (void)frame;
    double choices = step->number[1] - step->number[0] + 1.0;
    value[0] = step->number[0] + floor(mien_stream_uniform(stream) * choices);
    return value[0] != 0.0;
}

static mien_affine map(
    const double *value, const mien_frame *frame, const mien_augment_step *step) {
    double sine, cosine;
    (void)frame, (void)step;
    mien_turn(90.0 * value[0], &sine, &cosine);
    return (mien_affine){.xx = cosine, .xy = sine, .yx = -sine, .yy = cosine};
}

static const mien_augment_work work = {.phase = MIEN_AUGMENT_MOVES,
    .stays = MIEN_STAYS_IF_SQUARE,
    .prepare = prepare,
    .draw = draw,
    .map = map};

const mien_augment_kind mien_augment_rotate90 = {
    .name = "rotate90",
    .summary = "turns by right angles, each as likely",
    .main = "turns",
    .options = options,
    .work = &work,
};
