/* SPDX-License-Identifier: MIT */
/* Pictures that are not read, by name and with what to do: phones' HEIC, AVIF (FFmpeg
 * takes it for a film, and of some files shows one tile of many), JPEG XL, JPEG 2000,
 * PFM and PAM, Photoshop's, OpenEXR. */
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

static const char *sniff(const uint8_t *bytes, size_t count) {
    static const struct {
        const char *mark;
        size_t n;
        const char *format;
    } marks[] = {{"\0\0\0\x0CJXL \r\n\x87\n", 12, "jxl"}, {"\xFF\x0A", 2, "jxl"},
        {"\0\0\0\x0CjP  \r\n\x87\n", 12, "jp2"}, {"\xFF\x4F\xFF\x51", 4, "jp2"},
        {"8BPS\0\x01", 6, "psd"}, {"\x76\x2F\x31\x01", 4, "exr"}, {"PF\n", 3, "pfm"},
        {"Pf\n", 3, "pfm"}, {"P7\nWIDTH ", 9, "pam"}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (has(bytes, count, 0, marks[i].mark, marks[i].n)) {
            return marks[i].format;
        }
    }
    return still_of(bytes, count);
}

static mien_status refuse(
    const mien_picture_source *source, bool header_only, mien_picture *picture) {
    static const struct {
        const char *format, *text;
    } texts[] = {
        {"heic", "a HEIC picture, which is not read: convert it to JPEG or PNG "
                 "(heif-convert, or let the phone save \"most compatible\")"},
        {"avif", "a still AVIF picture, which is not read: convert it to JPEG or PNG "
                 "(avifdec)"},
        {"jxl",
            "a JPEG XL picture, which is not read: convert it to JPEG or PNG (djxl)"},
        {"jp2", "a JPEG 2000 picture, which is not read: convert it to JPEG or PNG "
                "(opj_decompress)"},
        {"psd", "a Photoshop file, which is not read: save it as JPEG or PNG"},
        {"exr", "an OpenEXR picture, which is not read: convert it to JPEG or PNG"},
        {"pfm",
            "a PFM picture (floating point), which is not read: convert it to PNG or "
            "PPM"},
        {"pam", "a PAM picture, which is not read: convert it to PNG or PPM"}};
    (void)header_only;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(texts[i].format, picture->format) == 0) {
            return mien_fail(MIEN_EUNSUPPORTED, "%s: %s", source->name, texts[i].text);
        }
    }
    return mien_fail(MIEN_EINTERNAL, "%s: %s", source->name, picture->format);
}

const mien_decoder mien_decoder_refused = {"refused", sniff, refuse};
