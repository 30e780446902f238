/* SPDX-License-Identifier: MIT */
/* Rows of a TIFF's samples to RGB: samples are taken apart into bytes, then colours are
 * made of them, then what is transparent is laid over the background. */
#include "media/tiff_rows.h"

#include <string.h>

int mien_tiff_used(const mien_tiff_layout *layout) {
    return layout->colours + (layout->alpha != MIEN_TIFF_OPAQUE);
}

/* Sample `at`, at + step, … of a row, n of them, as bytes; fewer than 8 bits as they
 * are. */
static void take_apart(
    const uint8_t *row, int bits, int64_t at, int64_t step, int64_t n, uint8_t *out) {
    if (bits == 16) {
        for (int64_t x = 0; x < n; x++, at += step) {
            uint16_t value;
            memcpy(&value, row + 2 * at, 2);
            out[x] = (uint8_t)(value >> 8);
        }
    } else if (bits == 8) {
        for (int64_t x = 0; x < n; x++, at += step) {
            out[x] = row[at];
        }
    } else {
        unsigned top = (1u << bits) - 1;
        for (int64_t x = 0; x < n; x++, at += step) {
            int64_t bit = at * bits;
            out[x] = (uint8_t)(row[bit / 8] >> (8 - bits - bit % 8) & top);
        }
    }
}

/* Values of fewer than 8 bits to 0 … 255. */
static void stretch(uint8_t *values, int64_t n, int bits) {
    unsigned top = (1u << bits) - 1;
    for (int64_t x = 0; x < n && bits < 8; x++) {
        values[x] = (uint8_t)(values[x] * 255u / top);
    }
}

/* a·b / 255 rounded, as Pillow does it */
static unsigned scale255(unsigned a, unsigned b) {
    unsigned product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

static void colour_cmyk(const uint8_t *room, int64_t n, uint8_t *rgb) {
    const uint8_t *black = room + 3 * n;
    for (int64_t x = 0; x < n; x++) {
        unsigned light = 255u - black[x];
        for (int c = 0; c < 3; c++) {
            rgb[3 * x + c] = (uint8_t)(light - scale255(room[c * n + x], light));
        }
    }
}

static void colour_all(
    const mien_tiff_layout *layout, const uint8_t *room, int64_t n, uint8_t *rgb) {
    switch (layout->colour) {
    case MIEN_TIFF_GREY:
        for (int64_t x = 0; x < n; x++) {
            memset(rgb + 3 * x, room[x], 3);
        }
        break;
    case MIEN_TIFF_GREY_INVERTED:
        for (int64_t x = 0; x < n; x++) {
            memset(rgb + 3 * x, 255 - room[x], 3);
        }
        break;
    case MIEN_TIFF_RGB:
        for (int64_t x = 0; x < n; x++) {
            rgb[3 * x] = room[x];
            rgb[3 * x + 1] = room[n + x];
            rgb[3 * x + 2] = room[2 * n + x];
        }
        break;
    case MIEN_TIFF_PALETTE:
        for (int64_t x = 0; x < n; x++) {
            memcpy(rgb + 3 * x, layout->palette[room[x]], 3);
        }
        break;
    case MIEN_TIFF_CMYK:
        colour_cmyk(room, n, rgb);
        break;
    }
}

/* c·a + b·(255 − a), where c may hold the factor a already; 255ths, rounded. */
static void lay_over(
    const mien_tiff_layout *layout, const uint8_t *alpha, int64_t n, uint8_t *rgb) {
    bool straight = layout->alpha == MIEN_TIFF_STRAIGHT;
    for (int64_t x = 0; x < n; x++, rgb += 3) {
        unsigned a = alpha[x];
        for (int c = 0; c < 3; c++) {
            unsigned own = rgb[c] * (straight ? a : 255u);
            unsigned sum = (own + layout->background[c] * (255 - a) + 127) / 255;
            rgb[c] = (uint8_t)(sum < 255 ? sum : 255);
        }
    }
}

void mien_tiff_row(const mien_tiff_layout *layout, const uint8_t *const *rows,
    int64_t n, uint8_t *room, uint8_t *rgb) {
    int used = mien_tiff_used(layout);
    for (int s = 0; s < used; s++) {
        int at = s < layout->colours ? s : layout->alpha_at;
        if (layout->planar) {
            take_apart(rows[s], layout->bits, 0, 1, n, room + s * n);
        } else {
            take_apart(rows[0], layout->bits, at, layout->samples, n, room + s * n);
        }
        if (layout->colour != MIEN_TIFF_PALETTE || s > 0) {
            stretch(room + s * n, n, layout->bits);
        }
    }
    colour_all(layout, room, n, rgb);
    if (layout->alpha != MIEN_TIFF_OPAQUE) {
        lay_over(layout, room + layout->colours * n, n, rgb);
    }
}
