/* SPDX-License-Identifier: MIT */
/* Slants the picture. */
#include "signal/augment.h"

#include <string.h>

static const char *const rules[] = {"tangent", "keras", NULL};

static const mien_option options[] = {
    MIEN_AUGMENT_P("1"),
    {.name = "degrees",
        .type = MIEN_OPTION_TEXT,
        .initial = "10",
        .minimum = -80,
        .maximum = 80,
        .help = "range of the angle by which upright lines lean to the right"},
    {.name = "rule",
        .type = MIEN_OPTION_CHOICE,
        .initial = "tangent",
        .choices = rules,
        .help =
            "tangent: rows slide by the tangent; keras: columns slide by the sine and "
            "come closer by the cosine"},
    {.name = NULL},
};

static mien_status prepare(mien_augment_step *step) {
    const char *rule = mien_options_text(step->options, "rule");
    step->number[2] = strcmp(rule, "keras") == 0 ? 1.0 : 0.0;
    return mien_augment_range(step, "degrees", 0.0, step->number);
}

/* value: degrees */
static mien_affine map(
    const double *value, const mien_frame *frame, const mien_augment_step *step) {
    double sine, cosine;
    (void)frame;
    mien_turn(value[0], &sine, &cosine);
    if (step->number[2] == 0.0) {
        return (mien_affine){.xx = 1.0, .xy = -sine / cosine, .yy = 1.0};
    }
    /* Keras samples row r − sin c, column cos c: this is the way back from there */
    return (mien_affine){.xx = 1.0 / cosine, .yx = sine / cosine, .yy = 1.0};
}

static const mien_augment_work work = {.phase = MIEN_AUGMENT_MOVES,
    .prepare = prepare,
    .draw = mien_augment_draw_amount,
    .map = map};

const mien_augment_kind mien_augment_shear = {
    .name = "shear",
    .summary = "slants about the centre, as torchvision's or Keras' affine shear",
    .main = "degrees",
    .options = options,
    .work = &work,
};
