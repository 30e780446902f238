/* SPDX-License-Identifier: MIT */
/* Grain: normal noise, each value by itself. */
#include "signal/augment.h"

#include <math.h>

static const mien_option options[] = {
    MIEN_AUGMENT_P("1"),
    {.name = "deviation",
        .type = MIEN_OPTION_TEXT,
        .initial = "0,0.05",
        .minimum = 0,
        .maximum = 1,
        .help = "range of the standard deviation, of colours from 0 to 1"},
    {.name = NULL},
};

static mien_status prepare(mien_augment_step *step) {
    return mien_augment_range(step, "deviation", 0.0, step->number);
}

static inline float clipped(float x) {
    return x < 0.0f ? 0.0f : x > 1.0f ? 1.0f : x;
}

/* value: standard deviation. Each row has a stream of its own, so that it does not
 * matter who makes it; Box and Muller, Ann. Math. Stat. 29, 1958. */
static void paint(
    const mien_augment_step *step, const double *value, const mien_paint_row *row) {
    const float circle = 6.28318530717958647692f, deviation = (float)value[0];
    mien_stream stream;
    (void)step;
    mien_stream_init(&stream, row->noise, (uint64_t)row->y, 0);
    for (int c = 0; c < 3; c++) {
        float *x = row->rgb[c];
        for (int i = 0; i < row->width; i += 2) {
            float chance = (float)(1.0 - mien_stream_uniform(&stream)); /* above 0 */
            float far = deviation * sqrtf(-2.0f * logf(chance));
            float angle = circle * (float)mien_stream_uniform(&stream);
            x[i] = clipped(x[i] + far * cosf(angle));
            if (i + 1 < row->width) {
                x[i + 1] = clipped(x[i + 1] + far * sinf(angle));
            }
        }
    }
}

static const mien_augment_work work = {.phase = MIEN_AUGMENT_PAINTS,
    .prepare = prepare,
    .draw = mien_augment_draw_amount,
    .paint = paint};

const mien_augment_kind mien_augment_noise = {
    .name = "noise",
    .summary = "adds normal noise",
    .main = "deviation",
    .options = options,
    .work = &work,
};
