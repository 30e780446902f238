/* SPDX-License-Identifier: MIT */
/* More or less colour. */
#include "signal/augment.h"

static const mien_option options[] = {
    MIEN_AUGMENT_P("1"),
    {.name = "factor",
        .type = MIEN_OPTION_TEXT,
        .initial = "0.2",
        .minimum = 0,
        .maximum = 10,
        .help = "range of how far colours are from their own grey"},
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
    const float factor = (float)value[0], rest = (float)(1.0 - value[0]);
    float *r = row->rgb[0], *g = row->rgb[1], *b = row->rgb[2];
    (void)step;
    for (int i = 0; i < row->width; i++) {
        float grey = MIEN_GREY_R * r[i] + MIEN_GREY_G * g[i] + MIEN_GREY_B * b[i];
        r[i] = clipped(r[i] * factor + grey * rest);
        g[i] = clipped(g[i] * factor + grey * rest);
        b[i] = clipped(b[i] * factor + grey * rest);
    }
}

static const mien_augment_work work = {.phase = MIEN_AUGMENT_PAINTS,
    .prepare = prepare,
    .draw = mien_augment_draw_factor,
    .paint = paint};

const mien_augment_kind mien_augment_saturation = {
    .name = "saturation",
    .summary = "moves colours from or to their grey; torchvision's adjust_saturation",
    .main = "factor",
    .options = options,
    .work = &work,
};
