/* SPDX-License-Identifier: MIT */
/* More or less contrast. */
#include "signal/augment.h"

static const mien_option options[] = {
    MIEN_AUGMENT_P("1"),
    {.name = "factor",
        .type = MIEN_OPTION_TEXT,
        .initial = "0.2",
        .minimum = 0,
        .maximum = 10,
        .help = "range of how far colours are from the picture's mean grey"},
    {.name = NULL},
};

static mien_status prepare(mien_augment_step *step) {
    return mien_augment_range(step, "factor", 1.0, step->number);
}

static inline float clipped(float x) {
    return x < 0.0f ? 0.0f : x > 1.0f ? 1.0f : x;
}

/* value: factor */
static void paint(
    const mien_augment_step *step, const double *value, const mien_paint_row *row) {
    const float factor = (float)value[0];
    const float rest = (float)((1.0 - value[0]) * row->grey);
    (void)step;
    for (int c = 0; c < 3; c++) {
        float *x = row->rgb[c];
        for (int i = 0; i < row->width; i++) {
            x[i] = clipped(x[i] * factor + rest);
        }
    }
}

static const mien_augment_work work = {.phase = MIEN_AUGMENT_PAINTS,
    .wants_grey = true,
    .prepare = prepare,
    .draw = mien_augment_draw_factor,
    .paint = paint};

const mien_augment_kind mien_augment_contrast = {
    .name = "contrast",
    .summary = "moves colours from or to the mean grey; torchvision's adjust_contrast",
    .main = "factor",
    .options = options,
    .work = &work,
};
