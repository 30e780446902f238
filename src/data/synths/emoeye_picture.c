/* SPDX-License-Identifier: MIT */
/* Pictures whose colour and brightness tell what people feel of them. */
#include <math.h>
#include <stdio.h>

#include "data/synths/emoeye_synth.h"
#include "mien/media.h"

enum { WIDE = 200, HIGH = 150, OF_WAVES = 31 };

void mien_planted_stimulus(int stimulus, char name[16]) {
    snprintf(name, 16, "s%03d", stimulus);
}

/* Brightness of each pixel without its mean: discs at the spots over two waves. */
static double paint(const mien_reactions *r, int stimulus, double *shade) {
    const double *spot = &r->spot[stimulus * 2 * MIEN_SPOTS];
    double wave[2][3], mean = 0;
    mien_stream s;
    mien_stream_init(&s, r->seed, OF_WAVES, (uint64_t)stimulus);
    for (int w = 0; w < 2; w++) {
        for (int k = 0; k < 3; k++) {
            wave[w][k] = mien_stream_uniform(&s);
        }
    }
    for (int y = 0; y < HIGH; y++) {
        for (int x = 0; x < WIDE; x++) {
            double v = 0;
            for (int w = 0; w < 2; w++) {
                v += 12 * sin(6.2831853 * (3 * wave[w][0] * x / WIDE +
                                              3 * wave[w][1] * y / HIGH + wave[w][2]));
            }
            for (int k = 0; k < MIEN_SPOTS; k++) {
                double dx = x - spot[2 * k] * WIDE, dy = y - spot[2 * k + 1] * HIGH;
                v += dx * dx + dy * dy < 144 ? (k % 2 ? 22 : -22) : 0;
            }
            shade[y * WIDE + x] = v;
            mean += v / (WIDE * HIGH);
        }
    }
    return mean;
}

mien_status mien_planted_picture(
    const mien_reactions *r, int stimulus, const char *path) {
    const int64_t shape[] = {HIGH, WIDE, 3};
    double *shade = mien_alloc(WIDE * HIGH, sizeof *shade);
    mien_tensor *image = NULL;
    void *bytes = NULL;
    size_t count = 0;
    mien_status status =
        shade ? mien_tensor_new(MIEN_U8, 3, shape, &image) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        double mean = paint(r, stimulus, shade);
        double warm = 20 * r->a[MIEN_AROUSAL][stimulus];
        double bright = 128 + 30 * r->a[MIEN_VALENCE][stimulus];
        const double tint[] = {warm, 0, -warm};
        unsigned char *pixel = image->data;
        for (int i = 0; i < 3 * WIDE * HIGH; i++) {
            double v = bright + shade[i / 3] - mean + tint[i % 3];
            pixel[i] = (unsigned char)rint(fmax(0, fmin(255, v)));
        }
        status = mien_image_to_jpeg(image, 95, &bytes, &count);
    }
    status = status ? status : mien_file_write(path, bytes, count);
    mien_free(bytes);
    mien_tensor_free(&image);
    mien_free(shade);
    return status;
}
