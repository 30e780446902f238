/* SPDX-License-Identifier: MIT */
/* Reads the meaning of a TIFF's samples from its tags, and refuses kinds that are
 * not read: a picture that is decoded wrongly looks like any other, so the error
 * names the tag. */
#include "media/orientation.h"
#include "media/tiff_reader.h"

#include <stdio.h>
#include <string.h>

#define SAMPLES_MAX 8
#define TAG_DNG_VERSION 50706

static uint16_t tag(const mien_tiff_reader *r, uint32_t name) {
    uint16_t value = 0;
    r->lib.TIFFGetFieldDefaulted(r->tiff, name, &value);
    return value;
}

static mien_status refuse(const mien_tiff_reader *r, const char *what, unsigned number,
    const char *tag_name, unsigned value) {
    return mien_fail(MIEN_EUNSUPPORTED,
        "%s: TIFF %s (tag %u, %s, is %u), which is not read: save it as PNG, JPEG or "
        "8-bit RGB TIFF",
        r->source->name, what, number, tag_name, value);
}

static const char *compression_name(uint16_t compression) {
    static const struct {
        uint16_t number;
        const char *name;
    } names[] = {{COMPRESSION_OJPEG, "as JPEG in the old way"},
        {COMPRESSION_JPEG, "as JPEG"}, {COMPRESSION_ZSTD, "by Zstandard"},
        {COMPRESSION_WEBP, "as WebP"}, {COMPRESSION_LZMA, "by LZMA"},
        {COMPRESSION_JP2000, "as JPEG 2000"}, {33003, "as JPEG 2000 (Aperio)"},
        {33005, "as JPEG 2000 (Aperio)"}, {COMPRESSION_JXL, "as JPEG XL"},
        {52546, "as JPEG XL (DNG)"}, {COMPRESSION_LERC, "by LERC"},
        {COMPRESSION_JBIG, "by JBIG"}, {COMPRESSION_SGILOG, "by SGI LogLuv"},
        {34892, "as lossy JPEG (DNG)"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].number == compression) {
            return names[i].name;
        }
    }
    return "in an unknown way";
}

static mien_status check_compression(mien_tiff_reader *r) {
    char what[64];
    r->compression = tag(r, TIFFTAG_COMPRESSION);
    /* libtiff only guesses at the old way, whose every writer meant something else */
    if (r->compression != COMPRESSION_OJPEG && r->compression != COMPRESSION_SGILOG &&
        r->compression != COMPRESSION_SGILOG24 &&
        r->lib.TIFFIsCODECConfigured(r->compression)) {
        return MIEN_OK;
    }
    snprintf(what, sizeof what, "compressed %s", compression_name(r->compression));
    return refuse(r, what, TIFFTAG_COMPRESSION, "Compression", r->compression);
}

static mien_status check_samples(mien_tiff_reader *r) {
    mien_tiff_layout *l = &r->layout;
    uint16_t kind = tag(r, TIFFTAG_SAMPLEFORMAT);
    l->bits = tag(r, TIFFTAG_BITSPERSAMPLE);
    l->samples = tag(r, TIFFTAG_SAMPLESPERPIXEL);
    l->planar = l->samples > 1 && tag(r, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
    if (kind != SAMPLEFORMAT_UINT && kind != SAMPLEFORMAT_VOID) {
        return refuse(r,
            kind == SAMPLEFORMAT_IEEEFP ? "of floating-point samples"
            : kind == SAMPLEFORMAT_INT  ? "of signed samples"
                                        : "of complex samples",
            TIFFTAG_SAMPLEFORMAT, "SampleFormat", kind);
    }
    if (l->bits != 1 && l->bits != 2 && l->bits != 4 && l->bits != 8 && l->bits != 16) {
        return refuse(r, "of an odd number of bits", TIFFTAG_BITSPERSAMPLE,
            "BitsPerSample", (unsigned)l->bits);
    }
    if (l->samples < 1 || l->samples > SAMPLES_MAX) {
        return refuse(r, "of many channels", TIFFTAG_SAMPLESPERPIXEL, "SamplesPerPixel",
            (unsigned)l->samples);
    }
    return MIEN_OK;
}

static mien_status no_palette(const mien_tiff_reader *r) {
    return mien_fail(MIEN_EFORMAT, "%s: TIFF of colour numbers without their table",
        r->source->name);
}

/* Full palettes have 16 bits a colour; some writers put 8 there, as libtiff knows. */
static mien_status read_palette(mien_tiff_reader *r) {
    uint16_t *map_of[3] = {0}, high = 0;
    int count = 1 << r->layout.bits;
    if (r->layout.bits > 8 || !r->lib.TIFFGetField(r->tiff, TIFFTAG_COLORMAP,
                                  &map_of[0], &map_of[1], &map_of[2])) {
        return no_palette(r);
    }
    for (int i = 0; i < 3 * count; i++) {
        high |= map_of[i / count][i % count] & 0xFF00;
    }
    for (int i = 0; i < 3 * count; i++) {
        uint16_t value = map_of[i / count][i % count];
        r->layout.palette[i % count][i / count] = (uint8_t)(high ? value >> 8 : value);
    }
    return MIEN_OK;
}

static mien_status choose_colour(mien_tiff_reader *r) {
    mien_tiff_layout *l = &r->layout;
    r->photometric = tag(r, TIFFTAG_PHOTOMETRIC);
    l->colours = 1;
    /* libtiff makes grey of what has no table */
    if (r->photometric != PHOTOMETRIC_PALETTE &&
        mien_tiff_tag(r->source->bytes, r->source->count, TIFFTAG_PHOTOMETRIC, 0) ==
            PHOTOMETRIC_PALETTE) {
        return no_palette(r);
    }
    switch (r->photometric) {
    case PHOTOMETRIC_MINISWHITE:
        l->colour = MIEN_TIFF_GREY_INVERTED;
        return MIEN_OK;
    case PHOTOMETRIC_MINISBLACK:
        l->colour = MIEN_TIFF_GREY;
        return MIEN_OK;
    case PHOTOMETRIC_PALETTE:
        l->colour = MIEN_TIFF_PALETTE;
        return read_palette(r);
    case PHOTOMETRIC_RGB:
        l->colour = MIEN_TIFF_RGB;
        l->colours = 3;
        return MIEN_OK;
    case PHOTOMETRIC_SEPARATED:
        l->colour = MIEN_TIFF_CMYK;
        l->colours = 4;
        return tag(r, TIFFTAG_INKSET) == INKSET_CMYK
                   ? MIEN_OK
                   : refuse(r, "of inks other than CMYK", TIFFTAG_INKSET, "InkSet",
                         tag(r, TIFFTAG_INKSET));
    case PHOTOMETRIC_YCBCR:
        l->colours = 3;
        l->colour = MIEN_TIFF_RGB; /* as libtiff or its JPEG gives it */
        if (l->bits != 8) {
            return refuse(r, "in YCbCr of other than 8 bits", TIFFTAG_BITSPERSAMPLE,
                "BitsPerSample", (unsigned)l->bits);
        }
        r->convert = r->compression != COMPRESSION_JPEG || l->planar;
        if (!r->convert) {
            r->lib.TIFFSetField(r->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        }
        return MIEN_OK;
    default:
        return refuse(r,
            r->photometric == PHOTOMETRIC_CFA ? "of a camera's raw pixels"
                                              : "in colours of another kind",
            TIFFTAG_PHOTOMETRIC, "PhotometricInterpretation", r->photometric);
    }
}

/* Chooses which of the samples behind the colours is alpha. RGB with a fourth that
 * nobody names is RGBA, as for Pillow and FFmpeg. */
static void choose_alpha(mien_tiff_reader *r) {
    mien_tiff_layout *l = &r->layout;
    uint16_t count = 0, *kinds = NULL;
    if (r->convert || l->colour == MIEN_TIFF_CMYK || l->samples <= l->colours) {
        return;
    }
    if (!r->lib.TIFFGetField(r->tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds)) {
        count = 0;
    }
    if (count == 0 && l->colours == 3) {
        l->alpha = MIEN_TIFF_STRAIGHT;
        l->alpha_at = 3;
    }
    for (int i = 0; i < count && l->alpha == MIEN_TIFF_OPAQUE; i++) {
        if (kinds[i] == EXTRASAMPLE_ASSOCALPHA || kinds[i] == EXTRASAMPLE_UNASSALPHA) {
            l->alpha = kinds[i] == EXTRASAMPLE_ASSOCALPHA ? MIEN_TIFF_PREMULTIPLIED
                                                          : MIEN_TIFF_STRAIGHT;
            l->alpha_at = l->colours + i;
        }
    }
}

mien_status mien_tiff_choose(mien_tiff_reader *r) {
    uint8_t *version = NULL;
    uint16_t bytes = 0;
    uint32_t page = 0;
    r->lib.TIFFGetField(r->tiff, TIFFTAG_SUBFILETYPE, &page);
    if (r->lib.TIFFGetField(r->tiff, TAG_DNG_VERSION, &bytes, &version) ||
        (page & FILETYPE_REDUCEDIMAGE)) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: TIFF whose first page is a small preview, as of a camera's raw file "
            "(tag 254, NewSubfileType, or 50706, DNGVersion): develop it to JPEG or "
            "PNG",
            r->source->name);
    }
    mien_status status = check_compression(r);
    if (status == MIEN_OK) {
        status = check_samples(r);
    }
    if (status == MIEN_OK) {
        status = choose_colour(r);
    }
    if (status == MIEN_OK && r->layout.samples < r->layout.colours) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: TIFF of %d samples a pixel, its colours need %d", r->source->name,
            r->layout.samples, r->layout.colours);
    }
    if (status == MIEN_OK) {
        memcpy(r->layout.background, r->source->options->background, 3);
        choose_alpha(r);
    }
    return status;
}
