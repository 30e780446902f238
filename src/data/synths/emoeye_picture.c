/* SPDX-License-Identifier: MIT */
/* Pictures whose colour and brightness tell what people feel of them. */
#include <stdio.h>

#include "data/synths/emoeye_synth.h"
#include "data/synths/planted_picture.h"

enum { WIDE = 200, HIGH = 150, OF_WAVES = 31 };

void mien_planted_stimulus(int stimulus, char name[16]) {
    snprintf(name, 16, "s%03d", stimulus);
}

mien_status mien_planted_picture(
    const mien_reactions *r, int stimulus, const char *path) {
    double warm = 20 * r->a[MIEN_AROUSAL][stimulus];
    mien_painting p = {.wide = WIDE,
        .high = HIGH,
        .spot = &r->spot[stimulus * 2 * MIEN_SPOTS],
        .spots = MIEN_SPOTS,
        .radius_px = 12,
        .shade = 22,
        .brightness = 128 + 30 * r->a[MIEN_VALENCE][stimulus],
        .tint = {warm, 0, -warm}};
    mien_tensor *image = NULL;
    mien_stream s;
    mien_stream_init(&s, r->seed, OF_WAVES, (uint64_t)stimulus);
    for (int w = 0; w < MIEN_PAINTING_WAVES; w++) {
        for (int k = 0; k < 3; k++) {
            p.wave[w][k] = mien_stream_uniform(&s);
        }
    }
    mien_status status = mien_painting_draw(&p, &image);
    status = status ? status : mien_painting_write(image, path);
    mien_tensor_free(&image);
    return status;
}
