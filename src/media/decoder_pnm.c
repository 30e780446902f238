/* SPDX-License-Identifier: MIT */
/* PBM, PGM and PPM, written as digits or bytes (P1 to P6): the first picture of a file.
 * Values are stretched to 0 … 255; those of 16 bits become 8 by the high byte. */
#include "media/decoder.h"

#include <string.h>

enum { VALUE_MAX = 65535 };

typedef struct scanner {
    const mien_picture_source *source;
    size_t at;
    int kind; /* 1 … 6 */
    int64_t width, height, top;
} scanner;

static bool is_space(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The letter P, a digit, a blank or remark, and then a number: text is seldom that. */
static const char *sniff(const uint8_t *bytes, size_t count) {
    static const char *const names[] = {"pbm", "pgm", "ppm"};
    if (count < 4 || bytes[0] != 'P' || bytes[1] < '1' || bytes[1] > '6' ||
        !(is_space(bytes[2]) || bytes[2] == '#')) {
        return NULL;
    }
    size_t at = 2;
    while (at < count && (is_space(bytes[at]) || bytes[at] == '#')) {
        if (bytes[at] == '#') {
            while (at < count && bytes[at] != '\n') {
                at++;
            }
        } else {
            at++;
        }
    }
    bool number = at < count && bytes[at] >= '0' && bytes[at] <= '9';
    return number || at == count ? names[(bytes[1] - '1') % 3] : NULL;
}

/* Blanks, and remarks up to the end of their line. */
static void skip_blanks(scanner *s) {
    const uint8_t *bytes = s->source->bytes;
    bool remark = false;
    for (; s->at < s->source->count; s->at++) {
        uint8_t c = bytes[s->at];
        remark = remark ? c != '\n' && c != '\r' : c == '#';
        if (!remark && c != '#' && !is_space(c)) {
            return;
        }
    }
}

/* The next number, or −1 where there is none of up to nine digits. */
static int64_t next_number(scanner *s) {
    const uint8_t *bytes = s->source->bytes;
    int64_t value = 0;
    int digits = 0;
    skip_blanks(s);
    for (; s->at < s->source->count && bytes[s->at] >= '0' && bytes[s->at] <= '9' &&
           digits < 10;
         s->at++, digits++) {
        value = value * 10 + bytes[s->at] - '0';
    }
    return digits > 0 && digits < 10 ? value : -1;
}

static mien_status damaged(const scanner *s, const char *what) {
    return mien_fail(
        MIEN_EFORMAT, "%s: P%d picture: %s", s->source->name, s->kind, what);
}

static bool has_top(const scanner *s) {
    return s->kind % 3 != 1; /* bitmaps have no largest value */
}

static mien_status read_head(scanner *s) {
    const mien_picture_source *source = s->source;
    s->kind = source->bytes[1] - '0';
    s->at = 2;
    s->width = next_number(s);
    s->height = next_number(s);
    s->top = has_top(s) ? next_number(s) : 1;
    if (s->width < 0 || s->height < 0 || s->top < 1 || s->top > VALUE_MAX) {
        return damaged(s, "width, height and largest value (1 to 65535) are not there");
    }
    if (s->kind > 3) { /* one blank, and bytes begin */
        if (s->at >= source->count || !is_space(source->bytes[s->at])) {
            return damaged(s, "it is cut short");
        }
        s->at++;
    }
    return mien_picture_check_size(source, s->width, s->height);
}

static uint8_t stretched(const scanner *s, int64_t value) {
    if (s->top == VALUE_MAX) {
        return (uint8_t)(value >> 8);
    }
    value = value < s->top ? value : s->top;
    return (uint8_t)((value * 255 + s->top / 2) / s->top);
}

/* The next value of a picture in digits; those of a bitmap may stand without blanks. */
static int64_t next_value(scanner *s) {
    if (has_top(s)) {
        return next_number(s);
    }
    skip_blanks(s);
    uint8_t c = s->at < s->source->count ? s->source->bytes[s->at++] : 0;
    return c == '0' || c == '1' ? c - '0' : -1;
}

/* Values one after the other, [height, width, channels], into every channel they fill.
 */
static mien_status read_digits(scanner *s, int channels, uint8_t *rgb) {
    int64_t n = s->width * s->height * channels;
    /* a digit is a byte at least: a picture that cannot be there is not waited for */
    if (n > (int64_t)(s->source->count - s->at)) {
        return damaged(s, "it is cut short");
    }
    for (int64_t i = 0; i < n; i++) {
        int64_t value = next_value(s);
        if (value < 0 || value > s->top) {
            return damaged(s, s->at < s->source->count ? "a value is out of range"
                                                       : "it is cut short");
        }
        uint8_t byte = stretched(s, s->kind == 1 ? 1 - value : value);
        if (channels == 3) {
            rgb[i] = byte;
        } else {
            memset(rgb + 3 * i, byte, 3);
        }
    }
    return MIEN_OK;
}

static mien_status read_bytes(scanner *s, int channels, uint8_t *rgb) {
    const uint8_t *in = s->source->bytes + s->at;
    int64_t size = s->top > 255 ? 2 : 1;
    int64_t row = s->kind == 4 ? (s->width + 7) / 8 : s->width * channels * size;
    if (row * s->height > (int64_t)(s->source->count - s->at)) {
        return damaged(s, "it is cut short");
    }
    for (int64_t y = 0; y < s->height; y++, in += row) {
        for (int64_t i = 0; i < s->width * channels; i++) {
            int64_t value = s->kind == 4 ? !(in[i / 8] >> (7 - i % 8) & 1)
                            : size == 2  ? in[2 * i] << 8 | in[2 * i + 1]
                                         : in[i];
            if (channels == 3) {
                *rgb++ = stretched(s, value);
            } else {
                memset(rgb, stretched(s, value), 3);
                rgb += 3;
            }
        }
    }
    return MIEN_OK;
}

static mien_status read_pnm(
    const mien_picture_source *source, bool header_only, mien_picture *picture) {
    scanner s = {.source = source};
    mien_status status = read_head(&s);
    if (status != MIEN_OK || header_only) {
        picture->width = s.width;
        picture->height = s.height;
        return status;
    }
    int channels = s.kind % 3 == 0 ? 3 : 1;
    picture->width = s.width;
    picture->height = s.height;
    status = mien_picture_pixels(source, s.width, s.height, &picture->pixels);
    if (status == MIEN_OK) {
        status = s.kind > 3 ? read_bytes(&s, channels, picture->pixels->data)
                            : read_digits(&s, channels, picture->pixels->data);
    }
    if (status != MIEN_OK) {
        mien_tensor_free(&picture->pixels);
    }
    return status;
}

const mien_decoder mien_decoder_pnm = {"pnm", sniff, read_pnm};
