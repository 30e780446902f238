/* SPDX-License-Identifier: MIT */
/* Other colours of the same lightness: turns the hue of hue, saturation and value. */
#include "signal/augment.h"

#include <math.h>

static const mien_option options[] = {
    MIEN_AUGMENT_P("1"),
    {.name = "turn",
        .type = MIEN_OPTION_TEXT,
        .initial = "0.05",
        .minimum = -0.5,
        .maximum = 0.5,
        .help = "range of the turn, as a fraction of the circle of colours"},
    {.name = NULL},
};

static mien_status prepare(mien_augment_step *step) {
    return mien_augment_range(step, "turn", 0.0, step->number);
}

static inline float clipped(float x) {
    return x < 0.0f ? 0.0f : x > 1.0f ? 1.0f : x;
}

/* Hue in sixths of the circle, 0 for red; spread is the largest less the smallest. */
static float hue_of(float r, float g, float b, float most, float spread) {
    if (spread <= 0.0f) {
        return 0.0f;
    }
    if (most == r) {
        return (g - b) / spread;
    }
    return most == g ? 2.0f + (b - r) / spread : 4.0f + (r - g) / spread;
}

/* One channel of a colour: the corner of the hexcone it stands at (A. R. Smith, 1978).
 */
static float channel(float hue, float offset, float most, float spread) {
    float k = fmodf(offset + hue, 6.0f);
    float fall = fminf(k, 4.0f - k);
    return most - spread * clipped(fall);
}

/* value: fraction of the circle */
static void paint(
    const mien_augment_step *step, const double *value, const mien_paint_row *row) {
    float *r = row->rgb[0], *g = row->rgb[1], *b = row->rgb[2];
    const float turn = (float)(6.0 * value[0]);
    (void)step;
    for (int i = 0; i < row->width; i++) {
        float red = clipped(r[i]), green = clipped(g[i]), blue = clipped(b[i]);
        float most = fmaxf(red, fmaxf(green, blue));
        float spread = most - fminf(red, fminf(green, blue));
        float hue = hue_of(red, green, blue, most, spread) + turn + 6.0f;
        r[i] = channel(hue, 5.0f, most, spread);
        g[i] = channel(hue, 3.0f, most, spread);
        b[i] = channel(hue, 1.0f, most, spread);
    }
}

static const mien_augment_work work = {.phase = MIEN_AUGMENT_PAINTS,
    .prepare = prepare,
    .draw = mien_augment_draw_amount,
    .paint = paint};

const mien_augment_kind mien_augment_hue = {
    .name = "hue",
    .summary = "turns the hue; torchvision's adjust_hue",
    .main = "turn",
    .options = options,
    .work = &work,
};
