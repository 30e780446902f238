/* SPDX-License-Identifier: MIT */
/* PNG by libspng: every colour type and depth to RGB, alpha laid over the background.
 */
#include "media/decoder.h"

#include "media/orientation.h"

#include <string.h>

#include <spng.h>

/* what one ancillary chunk, and all kept ones together, may unpack to */
#define CHUNK_MAX ((size_t)16 << 20)

static const char *sniff(const uint8_t *bytes, size_t count) {
    return count >= 8 && memcmp(bytes, "\x89PNG\r\n\x1A\n", 8) == 0 ? "png" : NULL;
}

static mien_status png_failed(const mien_picture_source *source, int error) {
    switch (error) {
    case SPNG_EMEM:
        return mien_fail(MIEN_ENOMEM, "%s: out of memory", source->name);
    case SPNG_IO_EOF:
    case SPNG_EIDAT_TOO_SHORT:
        return mien_fail(MIEN_EFORMAT, "%s: PNG is cut short", source->name);
    default:
        return mien_fail(
            MIEN_EFORMAT, "%s: PNG: %s", source->name, spng_strerror(error));
    }
}

static bool has_alpha(spng_ctx *png, const struct spng_ihdr *header) {
    struct spng_trns transparent;
    return header->color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
           header->color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA ||
           spng_get_trns(png, &transparent) == 0;
}

static mien_status read_rgb(
    const mien_picture_source *source, spng_ctx *png, mien_tensor *pixels) {
    int error = spng_decode_image(
        png, pixels->data, mien_tensor_bytes(pixels), SPNG_FMT_RGB8, 0);
    return error ? png_failed(source, error) : MIEN_OK;
}

static mien_status read_rgba(
    const mien_picture_source *source, spng_ctx *png, mien_tensor *pixels) {
    int64_t n = pixels->shape[0] * pixels->shape[1];
    uint8_t *rgba = mien_alloc((size_t)n, 4);
    if (!rgba) {
        return mien_fail_in(MIEN_ENOMEM, "%s", source->name);
    }
    mien_status status = MIEN_OK;
    int error =
        spng_decode_image(png, rgba, (size_t)n * 4, SPNG_FMT_RGBA8, SPNG_DECODE_TRNS);
    if (error) {
        status = png_failed(source, error);
    } else {
        mien_over_background(rgba, n, source->options->background, pixels->data);
    }
    mien_free(rgba);
    return status;
}

/* EXIF may stand before or behind the pixels; asked after them, a damaged tail costs
 * nothing but the orientation. */
static void read_orientation(spng_ctx *png, mien_picture *picture) {
    struct spng_exif exif;
    if (spng_get_exif(png, &exif) == 0) {
        picture->orientation =
            mien_exif_orientation((const uint8_t *)exif.data, exif.length);
    }
}

static mien_status read_png(
    const mien_picture_source *source, bool header_only, mien_picture *picture) {
    struct spng_ihdr header;
    int error;
    mien_status status;
    spng_ctx *png = spng_ctx_new(0);
    if (!png) {
        return mien_fail(MIEN_ENOMEM, "%s: out of memory", source->name);
    }
    if ((error = spng_set_png_buffer(png, source->bytes, source->count)) != 0 ||
        (error = spng_set_chunk_limits(png, CHUNK_MAX, CHUNK_MAX)) != 0 ||
        (error = spng_get_ihdr(png, &header)) != 0) {
        status = png_failed(source, error);
        goto done;
    }
    picture->width = header.width;
    picture->height = header.height;
    status = mien_picture_check_size(source, header.width, header.height);
    read_orientation(png, picture);
    if (status == MIEN_OK && !header_only) {
        status =
            mien_picture_pixels(source, header.width, header.height, &picture->pixels);
    }
    if (status == MIEN_OK && !header_only) {
        status = has_alpha(png, &header) ? read_rgba(source, png, picture->pixels)
                                         : read_rgb(source, png, picture->pixels);
    }
    if (status == MIEN_OK && picture->orientation == 1) {
        spng_decode_chunks(png);
        read_orientation(png, picture);
    }
done:
    spng_ctx_free(png);
    if (status != MIEN_OK) {
        mien_tensor_free(&picture->pixels);
    }
    return status;
}

const mien_decoder mien_decoder_png = {"png", sniff, read_png};
