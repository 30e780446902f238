/* SPDX-License-Identifier: MIT */
/* Picture files to tensors: reads the bytes, finds the decoder, turns the picture
 * upright. */
#include "media/decoder.h"
#include "base/need.h"

#include "media/file.h"
#include "media/orientation.h"

#include <string.h>

#define X(row) extern const mien_decoder mien_decoder_##row;
#include "media/decoders.def"
#undef X

static const mien_decoder *const decoders[] = {
#define X(row) &mien_decoder_##row,
#include "media/decoders.def"
#undef X
};

mien_image_options mien_image_options_default(void) {
    return (mien_image_options){.pixels_max = 100000000,
        .bytes_max = INT64_C(256) << 20,
        .orient = true,
        .background = {255, 255, 255}};
}

const mien_decoder *mien_decoder_of(
    const uint8_t *bytes, size_t count, const char **format) {
    for (size_t i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++) {
        const char *found = decoders[i]->sniff(bytes, count);
        if (found) {
            *format = found;
            return decoders[i];
        }
    }
    return NULL;
}

mien_status mien_picture_check_size(
    const mien_picture_source *source, int64_t width, int64_t height) {
    if (width < 1 || height < 1) {
        return mien_fail(MIEN_EFORMAT, "%s: picture of %lld × %lld pixels",
            source->name, (long long)width, (long long)height);
    }
    if (height > source->options->pixels_max / width) {
        return mien_fail(MIEN_ELIMIT,
            "%s: %lld × %lld pixels, more than the limit of %lld in all", source->name,
            (long long)width, (long long)height,
            (long long)source->options->pixels_max);
    }
    return MIEN_OK;
}

mien_status mien_picture_pixels(const mien_picture_source *source, int64_t width,
    int64_t height, mien_tensor **pixels) {
    mien_status status =
        mien_tensor_new(MIEN_U8, 3, (const int64_t[]){height, width, 3}, pixels);
    return status == MIEN_OK ? status : mien_fail_in(status, "%s", source->name);
}

void mien_over_background(
    const uint8_t *rgba, int64_t n, const uint8_t background[3], uint8_t *rgb) {
    for (int64_t i = 0; i < n; i++, rgba += 4, rgb += 3) {
        unsigned alpha = rgba[3];
        for (int c = 0; c < 3; c++) {
            rgb[c] = (uint8_t)((rgba[c] * alpha + background[c] * (255 - alpha) + 127) /
                               255);
        }
    }
}

/* Decodes, or only looks at the header. */
static mien_status read_picture(
    const mien_picture_source *source, bool header_only, mien_picture *picture) {
    const char *format = NULL;
    if (source->count == 0) {
        return mien_fail(MIEN_EFORMAT, "%s: empty file, not a picture", source->name);
    }
    if (source->options->bytes_max < 0 ||
        source->count > (uint64_t)source->options->bytes_max) {
        return mien_fail(MIEN_ELIMIT, "%s: %zu bytes, the limit is %lld", source->name,
            source->count, (long long)source->options->bytes_max);
    }
    const mien_decoder *decoder =
        mien_decoder_of(source->bytes, source->count, &format);
    if (!decoder) {
        return mien_fail(MIEN_EFORMAT,
            "%s: not a picture (JPEG, PNG, BMP, WebP, GIF, TIFF, PPM)", source->name);
    }
    *picture = (mien_picture){.format = format, .orientation = 1};
    return decoder->read(source, header_only, picture);
}

static mien_status turn_upright(
    const mien_picture_source *source, mien_picture *picture, mien_tensor **image) {
    if (!source->options->orient || picture->orientation == 1) {
        *image = picture->pixels;
        picture->pixels = NULL;
        return MIEN_OK;
    }
    int64_t height = picture->pixels->shape[0], width = picture->pixels->shape[1];
    bool swaps = mien_orientation_swaps(picture->orientation);
    mien_tensor *turned = NULL;
    mien_status status = mien_picture_pixels(
        source, swaps ? height : width, swaps ? width : height, &turned);
    if (status == MIEN_OK) {
        mien_orientation_apply(picture->orientation, picture->pixels->data, width * 3,
            width, height, turned->data);
        *image = turned;
    }
    return status;
}

mien_status mien_image_parse(const char *name, const void *bytes, size_t count,
    const mien_image_options *options, mien_tensor **image) {
    MIEN_NEED(name, bytes || count < 1, image);
    mien_image_options initial = mien_image_options_default();
    mien_picture_source source = {name, bytes, count, options ? options : &initial};
    mien_picture picture = {0};
    mien_status status = read_picture(&source, false, &picture);
    if (status == MIEN_OK) {
        status = turn_upright(&source, &picture, image);
    }
    mien_tensor_free(&picture.pixels);
    return status;
}

mien_status mien_image_read(
    const char *path, const mien_image_options *options, mien_tensor **image) {
    MIEN_NEED(path, image);
    mien_image_options initial = mien_image_options_default();
    const mien_image_options *o = options ? options : &initial;
    uint8_t *bytes = NULL;
    size_t count = 0;
    mien_status status = mien_media_file_read(path, o->bytes_max, &bytes, &count);
    if (status == MIEN_OK) {
        status = mien_image_parse(path, bytes, count, o, image);
    }
    mien_free(bytes);
    return status;
}

mien_status mien_image_probe(const char *path, mien_image_info *info) {
    MIEN_NEED(path, info);
    mien_image_options options = mien_image_options_default();
    mien_picture picture = {0};
    uint8_t *bytes = NULL;
    size_t count = 0;
    mien_status status = mien_media_file_read(path, options.bytes_max, &bytes, &count);
    if (status != MIEN_OK) {
        return status;
    }
    mien_picture_source source = {path, bytes, count, &options};
    status = read_picture(&source, true, &picture);
    if (status == MIEN_OK) {
        bool swaps = mien_orientation_swaps(picture.orientation);
        info->width = (int)(swaps ? picture.height : picture.width);
        info->height = (int)(swaps ? picture.width : picture.height);
        info->format = picture.format;
    }
    mien_free(bytes);
    return status;
}
