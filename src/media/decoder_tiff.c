/* SPDX-License-Identifier: MIT */
/* TIFF and BigTIFF by libtiff: the first page, in strips or tiles, together or in
 * planes.
 *
 * In: the bytes of a file. Out: its pixels as they are stored, 8-bit RGB. Called
 * through the row `tiff` of decoders.def by image.c. libtiff unpacks, tiff_rows.c makes
 * colours; YCbCr that is not JPEG's goes through libtiff's own conversion. What is not
 * read is refused by the tag that says so: a picture that is decoded wrongly looks like
 * any other.
 */
#include "media/decoder.h"

#include "media/tiff_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *sniff(const uint8_t *bytes, size_t count) {
    static const char *const heads[] = {"II*\0", "MM\0*", "II+\0", "MM\0+"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads && count >= 4; i++) {
        if (memcmp(bytes, heads[i], 4) == 0) {
            return "tiff";
        }
    }
    return NULL;
}

/* ---- a file in memory, for libtiff ---- */

static tmsize_t read_bytes(thandle_t handle, void *to, tmsize_t size) {
    mien_tiff_reader *r = (mien_tiff_reader *)handle;
    uint64_t left = r->source->count - r->at;
    uint64_t n = (uint64_t)size < left ? (uint64_t)size : left;
    memcpy(to, r->source->bytes + r->at, (size_t)n);
    r->at += n;
    return (tmsize_t)n;
}

static tmsize_t write_nothing(thandle_t handle, void *from, tmsize_t size) {
    (void)handle;
    (void)from;
    (void)size;
    return -1;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    mien_tiff_reader *r = (mien_tiff_reader *)handle;
    uint64_t from = whence == SEEK_CUR   ? r->at
                    : whence == SEEK_END ? r->source->count
                                         : 0;
    uint64_t to = from + offset;
    r->at = to < r->source->count ? to : r->source->count;
    return r->at;
}

static int close_nothing(thandle_t handle) {
    (void)handle;
    return 0;
}

static toff_t size_of(thandle_t handle) {
    return ((mien_tiff_reader *)handle)->source->count;
}

static int map(thandle_t handle, void **base, toff_t *size) {
    const mien_tiff_reader *r = (mien_tiff_reader *)handle;
    memcpy(base, &r->source->bytes, sizeof *base); /* libtiff only reads it */
    *size = r->source->count;
    return 1;
}

static void unmap(thandle_t handle, void *base, toff_t size) {
    (void)handle;
    (void)base;
    (void)size;
}

__attribute__((format(printf, 4, 0))) static int hear(
    TIFF *tiff, void *context, const char *module, const char *format, va_list values) {
    mien_tiff_reader *r = context;
    (void)tiff;
    (void)module;
    if (!r->text[0]) {
        vsnprintf(r->text, sizeof r->text, format, values);
    }
    return 1;
}

__attribute__((format(printf, 4, 0))) static int pass_over(
    TIFF *tiff, void *context, const char *module, const char *format, va_list values) {
    (void)tiff;
    (void)context;
    (void)module;
    (void)format;
    (void)values;
    return 1;
}

/* Bytes of a strip or tile at most: tiles may reach far beyond a small picture. */
static int64_t block_max(const mien_tiff_reader *r) {
    return 8 * r->source->options->pixels_max + (1 << 20);
}

static mien_status damaged(const mien_tiff_reader *r) {
    return mien_fail(MIEN_EFORMAT, "%s: TIFF is damaged or cut short: %s",
        r->source->name, r->text[0] ? r->text : "no data");
}

static mien_status open_tiff(mien_tiff_reader *r) {
    mien_status status = mien_tiff_library_load(&r->lib);
    if (status != MIEN_OK) {
        return mien_fail_in(status, "%s", r->source->name);
    }
    TIFFOpenOptions *options = r->lib.TIFFOpenOptionsAlloc();
    if (!options) {
        return mien_fail(MIEN_ENOMEM, "%s: out of memory", r->source->name);
    }
    r->lib.TIFFOpenOptionsSetErrorHandlerExtR(options, hear, r);
    r->lib.TIFFOpenOptionsSetWarningHandlerExtR(options, pass_over, r);
    r->lib.TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)block_max(r));
    r->tiff = r->lib.TIFFClientOpenExt(r->source->name, "r", (thandle_t)r, read_bytes,
        write_nothing, seek, close_nothing, size_of, map, unmap, options);
    r->lib.TIFFOpenOptionsFree(options);
    /* what libtiff calls an error here, and goes on, is a table it could not read */
    return r->tiff && !r->text[0] ? MIEN_OK : damaged(r);
}

/* ---- pixels ---- */

/* Blocks of a picture: strips, which are as wide as it, or tiles. */
typedef struct blocks {
    uint32_t width, height; /* pixels of a block */
    uint64_t bytes, row_bytes;
    bool tiled;
    uint8_t *memory; /* a block, or one for each sample used */
    uint8_t *room;   /* [MIEN_TIFF_USED_MAX, width] bytes */
} blocks;

static mien_status measure_blocks(mien_tiff_reader *r, blocks *b) {
    const mien_tiff_layout *l = &r->layout;
    uint64_t least;
    b->tiled = r->lib.TIFFIsTiled(r->tiff) != 0;
    if (b->tiled) {
        r->lib.TIFFGetField(r->tiff, TIFFTAG_TILEWIDTH, &b->width);
        r->lib.TIFFGetField(r->tiff, TIFFTAG_TILELENGTH, &b->height);
        b->bytes = r->lib.TIFFTileSize64(r->tiff);
        b->row_bytes = r->lib.TIFFTileRowSize64(r->tiff);
    } else {
        b->width = r->width;
        r->lib.TIFFGetFieldDefaulted(r->tiff, TIFFTAG_ROWSPERSTRIP, &b->height);
        b->height = b->height < r->height ? b->height : r->height;
        b->bytes = r->lib.TIFFStripSize64(r->tiff);
        b->row_bytes = r->lib.TIFFScanlineSize64(r->tiff);
    }
    if (b->width < 1 || b->height < 1 || b->bytes < 1) {
        return damaged(r);
    }
    if (b->bytes > (uint64_t)block_max(r) || b->width > (uint64_t)block_max(r)) {
        return mien_fail(MIEN_ELIMIT, "%s: TIFF in blocks of %u × %u pixels",
            r->source->name, b->width, b->height);
    }
    least = ((uint64_t)b->width * (uint64_t)(l->planar ? 1 : l->samples) *
                    (uint64_t)l->bits +
                7) /
            8;
    if (b->row_bytes < least || b->bytes < b->row_bytes * b->height) {
        return damaged(r);
    }
    int copies = l->planar ? mien_tiff_used(l) : 1;
    b->memory = mien_alloc((size_t)b->bytes, (size_t)copies);
    b->room = mien_alloc(b->width, MIEN_TIFF_USED_MAX);
    return b->memory && b->room ? MIEN_OK
                                : mien_fail_in(MIEN_ENOMEM, "%s", r->source->name);
}

/* The block at pixel (x, y) of sample s, whose first `rows` rows are wanted. */
static mien_status read_block(mien_tiff_reader *r, const blocks *b, uint32_t x,
    uint32_t y, uint32_t rows, int s, uint8_t *to) {
    tmsize_t got, want = (tmsize_t)(b->row_bytes * rows);
    if (b->tiled) {
        got = r->lib.TIFFReadTile(r->tiff, to, x, y, 0, (uint16_t)s);
    } else {
        uint32_t strip = r->lib.TIFFComputeStrip(r->tiff, y, (uint16_t)s);
        got = r->lib.TIFFReadEncodedStrip(r->tiff, strip, to, want);
    }
    return got < want || r->text[0] ? damaged(r) : MIEN_OK;
}

static mien_status read_blocks_at(
    mien_tiff_reader *r, const blocks *b, uint32_t x, uint32_t y, mien_tensor *pixels) {
    const mien_tiff_layout *l = &r->layout;
    const uint8_t *rows_of[MIEN_TIFF_USED_MAX] = {0};
    uint32_t rows = r->height - y < b->height ? r->height - y : b->height;
    uint32_t columns = r->width - x < b->width ? r->width - x : b->width;
    int copies = l->planar ? mien_tiff_used(l) : 1;
    for (int s = 0; s < copies; s++) {
        uint8_t *to = b->memory + (size_t)s * b->bytes;
        mien_status status =
            read_block(r, b, x, y, rows, s < l->colours ? s : l->alpha_at, to);
        if (status != MIEN_OK) {
            return status;
        }
        rows_of[s] = to;
    }
    uint8_t *out = (uint8_t *)pixels->data + 3 * ((int64_t)y * r->width + x);
    for (uint32_t row = 0; row < rows; row++, out += 3 * (int64_t)r->width) {
        mien_tiff_row(l, rows_of, columns, b->room, out);
        for (int s = 0; s < copies; s++) {
            rows_of[s] += b->row_bytes;
        }
    }
    return MIEN_OK;
}

static mien_status read_pixels(mien_tiff_reader *r, mien_tensor *pixels) {
    blocks b = {0};
    mien_status status = measure_blocks(r, &b);
    for (uint64_t y = 0; y < r->height && status == MIEN_OK; y += b.height) {
        for (uint64_t x = 0; x < r->width && status == MIEN_OK; x += b.width) {
            status = read_blocks_at(r, &b, (uint32_t)x, (uint32_t)y, pixels);
        }
    }
    mien_free(b.memory);
    mien_free(b.room);
    return status;
}

/* YCbCr by libtiff's own conversion, with the coefficients and the range it finds. */
static mien_status convert_pixels(mien_tiff_reader *r, mien_tensor *pixels) {
    TIFFRGBAImage image;
    char text[1024] = "";
    uint8_t *out = pixels->data;
    int64_t n = (int64_t)r->width * r->height;
    if (!r->lib.TIFFRGBAImageBegin(&image, r->tiff, 1, text)) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: TIFF in YCbCr (tag 262, PhotometricInterpretation, is 6): %s",
            r->source->name, text);
    }
    image.req_orientation = image.orientation; /* as it is stored */
    uint32_t *raster = mien_alloc((size_t)n, sizeof *raster);
    mien_status status =
        raster ? MIEN_OK : mien_fail_in(MIEN_ENOMEM, "%s", r->source->name);
    if (status == MIEN_OK &&
        (!r->lib.TIFFRGBAImageGet(&image, raster, r->width, r->height) || r->text[0])) {
        status = damaged(r);
    }
    for (int64_t i = 0; i < n && status == MIEN_OK; i++, out += 3) {
        out[0] = (uint8_t)TIFFGetR(raster[i]);
        out[1] = (uint8_t)TIFFGetG(raster[i]);
        out[2] = (uint8_t)TIFFGetB(raster[i]);
    }
    mien_free(raster);
    r->lib.TIFFRGBAImageEnd(&image);
    return status;
}

static mien_status read_header(mien_tiff_reader *r, mien_picture *picture) {
    uint16_t turn = 1;
    r->lib.TIFFGetField(r->tiff, TIFFTAG_IMAGEWIDTH, &r->width);
    r->lib.TIFFGetField(r->tiff, TIFFTAG_IMAGELENGTH, &r->height);
    r->lib.TIFFGetFieldDefaulted(r->tiff, TIFFTAG_ORIENTATION, &turn);
    picture->width = r->width;
    picture->height = r->height;
    picture->orientation = turn >= 1 && turn <= 8 ? turn : 1;
    return mien_picture_check_size(r->source, r->width, r->height);
}

static mien_status read_tiff(
    const mien_picture_source *source, bool header_only, mien_picture *picture) {
    mien_tiff_reader r = {.source = source};
    mien_status status = open_tiff(&r);
    if (status == MIEN_OK) {
        status = read_header(&r, picture);
    }
    if (status == MIEN_OK && !header_only) {
        status = mien_tiff_choose(&r);
    }
    if (status == MIEN_OK && !header_only) {
        status = mien_picture_pixels(source, r.width, r.height, &picture->pixels);
    }
    if (status == MIEN_OK && !header_only) {
        r.text[0] = 0; /* what was said of the head has been looked at */
        status = r.convert ? convert_pixels(&r, picture->pixels)
                           : read_pixels(&r, picture->pixels);
    }
    if (r.tiff) {
        r.lib.TIFFClose(r.tiff);
    }
    if (status != MIEN_OK) {
        mien_tensor_free(&picture->pixels);
    }
    return status;
}

const mien_decoder mien_decoder_tiff = {"tiff", sniff, read_tiff};
