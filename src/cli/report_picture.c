/* SPDX-License-Identifier: MIT */
/* A small picture of a trial for the page of a run: the picture, or a moment of the
 * film. */
#include "cli/command.h"

#include <math.h>

enum { HEIGHT = 240, QUALITY = 80 };

static mien_status shrink(const mien_tensor *image, void **jpeg, size_t *bytes) {
    double aspect = (double)image->shape[1] / (double)image->shape[0];
    int width = (int)lround(HEIGHT * fmin(fmax(aspect, 0.2), 5));
    mien_tensor *small = NULL;
    mien_status status =
        mien_image_resize(image, HEIGHT, width, MIEN_RESIZE_BILINEAR, NULL, &small);
    if (status == MIEN_OK) {
        status = mien_image_to_jpeg(small, QUALITY, jpeg, bytes);
    }
    mien_tensor_free(&small);
    return status;
}

static mien_status of_film(const char *file, double at_s, void **jpeg, size_t *bytes) {
    mien_film_options o = mien_film_options_default();
    mien_film *film = NULL;
    const mien_tensor *image = NULL;
    int64_t time_us = 0, sample_us = 0;
    o.start_s = isnan(at_s) ? 0 : at_s;
    o.every_s = 1;
    o.short_side = HEIGHT;
    mien_status status = mien_film_open(file, &o, &film);
    if (status == MIEN_OK) {
        status = mien_film_next(film, &image, &time_us, &sample_us);
    }
    if (status == MIEN_OK) {
        status = shrink(image, jpeg, bytes);
    }
    mien_film_close(&film);
    return status;
}

mien_status cli_report_picture(
    void *context, const char *file, double at_s, void **jpeg, size_t *bytes) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    mien_image_options o = mien_image_options_default();
    mien_tensor *image = NULL;
    (void)context;
    o.scale_short_min = HEIGHT;
    mien_status status = mien_media_kind_of(file, &kind);
    if (status == MIEN_OK && kind == MIEN_MEDIA_FILM) {
        return of_film(file, at_s, jpeg, bytes);
    }
    if (status == MIEN_OK) {
        status = mien_image_read(file, &o, &image);
    }
    if (status == MIEN_OK) {
        status = shrink(image, jpeg, bytes);
    }
    mien_tensor_free(&image);
    return status;
}
