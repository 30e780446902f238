/* SPDX-License-Identifier: MIT */
/* Other colours of the same lightness: turns the hue of hue, saturation and value. */
#include "signal/augment.h"

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

/* Hue in sixths of the circle, from −1 to 5, 0 for red. Choices, not branches, so that
 * compilers can do several pixels at once. */
static inline float hue_of(float r, float g, float b, float most, float spread) {
    float share = 1.0f / (spread > 0.0f ? spread : 1.0f);
    float red = (g - b) * share;
    float green = 2.0f + (b - r) * share;
    float blue = 4.0f + (r - g) * share;
    return most == r ? red : most == g ? green : blue;
}

static inline float larger(float a, float b) {
    return a > b ? a : b;
}

static inline float smaller(float a, float b) {
    return a < b ? a : b;
}

/* One channel of a colour: the corner of the hexcone it stands at (A. R. Smith, 1978).
 * offset + hue is above 0; where rounding takes a whole turn too few or too many, both
 * ends of the circle give the same. */
static inline float channel(float hue, float offset, float most, float spread) {
    float k = offset + hue;
    k -= 6.0f * (float)(int)(k * (1.0f / 6.0f));
    return most - spread * clipped(smaller(k, 4.0f - k));
}

/* value: fraction of the circle */
static void paint(
    const mien_augment_step *step, const double *value, const mien_paint_row *row) {
    float *restrict r = row->rgb[0], *restrict g = row->rgb[1];
    float *restrict b = row->rgb[2];
    const float turn = (float)(6.0 * value[0]);
    (void)step;
    for (int i = 0; i < row->width; i++) {
        float red = clipped(r[i]), green = clipped(g[i]), blue = clipped(b[i]);
        float most = larger(red, larger(green, blue));
        float spread = most - smaller(red, smaller(green, blue));
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
