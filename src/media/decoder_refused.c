/* SPDX-License-Identifier: MIT */
/* Pictures that are not read, by name and with what to do: phones' HEIC, AVIF (FFmpeg
 * takes it for a film, and of some files shows one tile of many), JPEG XL, JPEG 2000,
 * PFM and PAM, Photoshop's, OpenEXR; icons and FITS (films to FFmpeg, too), QOI, DDS,
 * DPX, pages and drawings. */
#include "media/decoder.h"

#include <string.h>

static bool has(
    const uint8_t *bytes, size_t count, size_t at, const char *mark, size_t n) {
    return count >= at + n && memcmp(bytes + at, mark, n) == 0;
}

/* Whether one of the names (four letters each, one after the other) is `brand`. */
static bool is_among(const uint8_t *brand, const char *names) {
    for (; *names; names += 4) {
        if (memcmp(brand, names, 4) == 0) {
            return true;
        }
    }
    return false;
}

/* A still picture in the container of films: its main brand says picture, and that or
 * one of the compatible ones how it is compressed. Sequences ("avis") are films. */
static const char *still_of(const uint8_t *bytes, size_t count) {
    if (!has(bytes, count, 4, "ftyp", 4) || count < 12) {
        return NULL;
    }
    const uint8_t *brand = bytes + 8;
    if (is_among(brand, "avif")) {
        return "avif";
    }
    if (is_among(brand, "heicheixheimheishevchevxhevmhevs")) {
        return "heic";
    }
    if (!is_among(brand, "mif1mif2msf1miaf")) {
        return NULL;
    }
    size_t size = (size_t)bytes[2] << 8 | bytes[3];
    for (size_t at = 16; at + 4 <= size && at + 4 <= count; at += 4) {
        if (is_among(bytes + at, "avif")) {
            return "avif";
        }
    }
    return "heic";
}

/* A picture format by its first bytes, and what is said of it; without a mark:
 * still_of() finds it. */
typedef struct kind {
    const char *format, *mark;
    size_t n;
    const char *text;
} kind;

#define JXL "a JPEG XL picture, which is not read: convert it to JPEG or PNG (djxl)"
#define JP2                                                                            \
    "a JPEG 2000 picture, which is not read: convert it to JPEG or PNG "               \
    "(opj_decompress)"
#define PFM                                                                            \
    "a PFM picture (floating point), which is not read: convert it to PNG or PPM"
#define DPX "a DPX picture, which is not read: convert it to JPEG or PNG"
#define PAGE "a page (PostScript or PDF), which is not read: save its picture as PNG"

static const kind kinds[] = {
    {"heic", NULL, 0,
        "a HEIC picture, which is not read: convert it to JPEG or PNG (heif-convert, "
        "or let the phone save \"most compatible\")"},
    {"avif", NULL, 0,
        "a still AVIF picture, which is not read: convert it to JPEG or PNG "
        "(avifdec)"},
    {"jxl", "\0\0\0\x0CJXL \r\n\x87\n", 12, JXL},
    {"jxl", "\xFF\x0A", 2, JXL},
    {"jp2", "\0\0\0\x0CjP  \r\n\x87\n", 12, JP2},
    {"jp2", "\xFF\x4F\xFF\x51", 4, JP2},
    {"psd", "8BPS\0\x01", 6,
        "a Photoshop file, which is not read: save it as JPEG or PNG"},
    {"exr", "\x76\x2F\x31\x01", 4,
        "an OpenEXR picture, which is not read: convert it to JPEG or PNG"},
    {"pfm", "PF\n", 3, PFM},
    {"pfm", "Pf\n", 3, PFM},
    {"pam", "P7\nWIDTH ", 9,
        "a PAM picture, which is not read: convert it to PNG or PPM"},
    {"ico", NULL, 0, "an icon (ICO), which is not read: save its picture as PNG"},
    {"icns", "icns", 4, "an icon (ICNS), which is not read: save its picture as PNG"},
    {"fits", "SIMPLE  =", 9,
        "a FITS picture, which is not read: convert it to TIFF or PNG"},
    {"qoi", "qoif", 4, "a QOI picture, which is not read: convert it to PNG"},
    {"dds", "DDS |\0\0\0", 8, "a DDS texture, which is not read: convert it to PNG"},
    {"dpx", "SDPX", 4, DPX},
    {"dpx", "XPDS", 4, DPX},
    {"page", "%PDF-", 5, PAGE},
    {"page", "%!PS", 4, PAGE},
    {"svg", "<svg", 4, "an SVG drawing, which is not read: save it as PNG"},
};

/* The header of an icon has so little in it that all that is fixed is asked for: its
 * type, a number of pictures below 256, and a reserved byte of the first. */
static bool is_icon(const uint8_t *bytes, size_t count) {
    return has(bytes, count, 0, "\0\0\1\0", 4) && count >= 22 && bytes[4] > 0 &&
           bytes[5] == 0 && bytes[9] == 0 && bytes[11] == 0;
}

static const char *sniff(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].mark && has(bytes, count, 0, kinds[i].mark, kinds[i].n)) {
            return kinds[i].format;
        }
    }
    return is_icon(bytes, count) ? "ico" : still_of(bytes, count);
}

static mien_status refuse(
    const mien_picture_source *source, bool header_only, mien_picture *picture) {
    (void)header_only;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].format, picture->format) == 0) {
            return mien_fail(MIEN_EUNSUPPORTED, "%s: %s", source->name, kinds[i].text);
        }
    }
    return mien_fail(MIEN_EINTERNAL, "%s: %s", source->name, picture->format);
}

const mien_decoder mien_decoder_refused = {"refused", sniff, refuse};
