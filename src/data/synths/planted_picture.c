/* SPDX-License-Identifier: MIT */
/* Draws the pictures of synthetic sets, and writes them as the published sets have
 * theirs. */
#include "data/synths/planted_picture.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "mien/io.h"

#define WAVE_SHADE 12
#define TURN 6.2831853

/* Shade of each pixel; returns the mean. */
static double shade_pixels(const mien_painting *p, double *shade) {
    double mean = 0, near = p->radius_px * p->radius_px;
    for (int y = 0; y < p->high; y++) {
        for (int x = 0; x < p->wide; x++) {
            double v = 0;
            for (int w = 0; w < MIEN_PAINTING_WAVES; w++) {
                const double *wave = p->wave[w];
                v += WAVE_SHADE * sin(TURN * (3 * wave[0] * x / p->wide +
                                                 3 * wave[1] * y / p->high + wave[2]));
            }
            for (int k = 0; k < p->spots; k++) {
                double dx = x - p->spot[2 * k] * p->wide;
                double dy = y - p->spot[2 * k + 1] * p->high;
                v += dx * dx + dy * dy < near ? (k % 2 ? p->shade : -p->shade) : 0;
            }
            shade[y * p->wide + x] = v;
            mean += v / (p->wide * p->high);
        }
    }
    return mean;
}

mien_status mien_painting_draw(const mien_painting *painting, mien_tensor **image) {
    const mien_painting *p = painting;
    const int64_t shape[] = {p->high, p->wide, 3};
    double *shade = mien_alloc((size_t)(p->wide * p->high), sizeof *shade);
    mien_status status =
        shade ? mien_tensor_new(MIEN_U8, 3, shape, image) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        double mean = shade_pixels(p, shade);
        unsigned char *pixel = (*image)->data;
        for (int i = 0; i < 3 * p->wide * p->high; i++) {
            double v = p->brightness + shade[i / 3] - mean + p->tint[i % 3];
            pixel[i] = (unsigned char)rint(fmax(0, fmin(255, v)));
        }
    }
    mien_free(shade);
    return status;
}

static void put_u32(unsigned char *at, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        at[i] = (unsigned char)(value >> (8 * i));
    }
}

/* BITMAPINFOHEADER, rows from the bottom, blue before red, each row filled up to a
 * multiple of four bytes. */
static mien_status to_bmp(const mien_tensor *image, void **bytes, size_t *count) {
    enum { HEAD = 54 };
    size_t high = (size_t)image->shape[0], wide = (size_t)image->shape[1];
    size_t line = (3 * wide + 3) / 4 * 4, size = HEAD + high * line;
    unsigned char *b = mien_alloc(size, 1);
    if (!b) {
        return MIEN_ENOMEM;
    }
    memcpy(b, "BM", 2);
    put_u32(b + 2, (uint32_t)size);
    put_u32(b + 10, HEAD);
    put_u32(b + 14, 40);
    put_u32(b + 18, (uint32_t)wide);
    put_u32(b + 22, (uint32_t)high);
    b[26] = 1;
    b[28] = 24;
    put_u32(b + 34, (uint32_t)(high * line));
    const unsigned char *from = image->data;
    for (size_t y = 0; y < high; y++) {
        unsigned char *to = b + HEAD + (high - 1 - y) * line;
        for (size_t x = 0; x < wide; x++, from += 3, to += 3) {
            to[0] = from[2];
            to[1] = from[1];
            to[2] = from[0];
        }
    }
    *bytes = b;
    *count = size;
    return MIEN_OK;
}

mien_status mien_painting_write(const mien_tensor *image, const char *path) {
    void *bytes = NULL;
    size_t count = 0;
    bool bmp = strcasecmp(mien_path_extension(path), "bmp") == 0;
    mien_status status = bmp ? to_bmp(image, &bytes, &count)
                             : mien_image_to_jpeg(image, 95, &bytes, &count);
    status = status ? status : mien_file_write(path, bytes, count);
    mien_free(bytes);
    return status;
}
