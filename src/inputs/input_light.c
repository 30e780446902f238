/* SPDX-License-Identifier: MIT */
/* Light and colour of a whole picture in six numbers: what the pupil follows whatever
 * is felt, and what a picture tells without anything in it being seen. A picture file
 * comes in; pixels go through linear light (sRGB, IEC 61966-2-1). */
#include <math.h>
#include <string.h>

#include "mien/inputs.h"

enum { VALUES = 6 };

static const mien_option options[] = {{0}};

static mien_status shape(
    const mien_options *given, const mien_place *example, mien_item_shape *out) {
    (void)given;
    (void)example;
    *out = (mien_item_shape){.rank = 1, .size = {VALUES}, .steps = 1};
    return MIEN_OK;
}

typedef struct reader {
    double linear[256]; /* of each value of a channel */
} reader;

static mien_status open(const mien_input *input, const mien_options *given,
    const mien_augment *augment, void **own) {
    reader *r = mien_alloc(1, sizeof *r);
    (void)input;
    (void)given;
    (void)augment;
    if (!r) {
        return MIEN_ENOMEM;
    }
    for (int k = 0; k < 256; k++) {
        double v = k / 255.0;
        r->linear[k] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
    }
    *own = r;
    return MIEN_OK;
}

static void close(void **own) {
    mien_free(*own);
    *own = NULL;
}

static size_t bytes(const void *own) {
    (void)own;
    return VALUES * sizeof(float);
}

/* Luminance is relative, Y of Rec. 709; its logarithm is taken over a floor of 1 %, as
 * screens and rooms have one. */
static void measure(const reader *r, const mien_tensor *image, float *kept) {
    const unsigned char *pixel = image->data;
    int64_t n = image->shape[0] * image->shape[1];
    double sum[3] = {0}, light = 0, squares = 0;
    for (int64_t i = 0; i < n; i++, pixel += 3) {
        double y = 0.2126 * r->linear[pixel[0]] + 0.7152 * r->linear[pixel[1]] +
                   0.0722 * r->linear[pixel[2]];
        light += y;
        squares += y * y;
        for (int k = 0; k < 3; k++) {
            sum[k] += pixel[k];
        }
    }
    double count = (double)n, red = sum[0] / count / 255;
    double green = sum[1] / count / 255, blue = sum[2] / count / 255;
    light /= count;
    const double values[VALUES] = {light, log10(light + 0.01),
        sqrt(fmax(squares / count - light * light, 0)), (red + green + blue) / 3,
        red - green, blue - (red + green) / 2};
    for (int k = 0; k < VALUES; k++) {
        kept[k] = (float)values[k];
    }
}

static mien_status load(void *own, const mien_place *place, void *kept) {
    mien_image_options o = mien_image_options_default();
    mien_tensor *image = NULL;
    mien_status status = mien_image_read(place->file, &o, &image);
    if (status == MIEN_OK) {
        measure(own, image, kept);
    }
    mien_tensor_free(&image);
    return status;
}

static mien_status make(void *own, const void *kept, const mien_augment_draw *draw,
    float *values, float *seen) {
    (void)own;
    (void)draw;
    memcpy(values, kept, VALUES * sizeof *values);
    if (seen) {
        *seen = 1;
    }
    return MIEN_OK;
}

/* A grey picture, another for each index. */
static void golden(void *own, int64_t index, void *kept) {
    double grey = 0.2 + 0.1 * (double)(index % 8);
    const reader *r = own;
    double light = r->linear[(int)(255 * grey)];
    const double values[VALUES] = {light, log10(light + 0.01), 0.1, grey, 0, 0};
    for (int k = 0; k < VALUES; k++) {
        ((float *)kept)[k] = (float)values[k];
    }
}

const mien_input_kind mien_input_kind_light = {
    .name = "light",
    .summary = "Luminance, contrast and mean colour of a picture, in six numbers",
    .column = "image",
    .options = options,
    .traits = MIEN_INPUT_SMALL,
    .shape = shape,
    .open = open,
    .bytes = bytes,
    .load = load,
    .make = make,
    .close = close,
    .golden = golden,
};
