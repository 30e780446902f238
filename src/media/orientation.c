/* SPDX-License-Identifier: MIT */
/* The eight EXIF orientations: a bounded look into the TIFF directory, and the turn. */
#include "media/orientation.h"

#include <string.h>

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT 3
#define TYPE_LONG 4

typedef struct reader {
    const uint8_t *bytes;
    size_t count;
    bool big; /* "MM": most significant byte first */
} reader;

static bool read_u16(const reader *r, size_t at, uint32_t *value) {
    if (r->count < 2 || at > r->count - 2) {
        return false;
    }
    const uint8_t *b = r->bytes + at;
    *value = r->big ? (uint32_t)b[0] << 8 | b[1] : (uint32_t)b[1] << 8 | b[0];
    return true;
}

static bool read_u32(const reader *r, size_t at, uint32_t *value) {
    uint32_t first, second;
    if (!read_u16(r, at, &first) || !read_u16(r, at + 2, &second)) {
        return false;
    }
    *value = r->big ? first << 16 | second : second << 16 | first;
    return true;
}

int64_t mien_tiff_tag(const uint8_t *bytes, size_t count, int tag, int64_t otherwise) {
    reader r = {bytes, count, false};
    uint32_t magic, directory, entries;
    if (count < 8 || (memcmp(bytes, "II", 2) != 0 && memcmp(bytes, "MM", 2) != 0)) {
        return otherwise;
    }
    r.big = bytes[0] == 'M';
    if (!read_u16(&r, 2, &magic) || magic != 42 || !read_u32(&r, 4, &directory) ||
        !read_u16(&r, directory, &entries)) {
        return otherwise;
    }
    for (uint32_t i = 0; i < entries; i++) {
        size_t at = (size_t)directory + 2 + (size_t)i * 12;
        uint32_t key, type, values, value;
        if (!read_u16(&r, at, &key) || !read_u16(&r, at + 2, &type) ||
            !read_u32(&r, at + 4, &values)) {
            return otherwise;
        }
        if ((int)key != tag) {
            continue;
        }
        bool good =
            values >= 1 && ((type == TYPE_SHORT && read_u16(&r, at + 8, &value)) ||
                               (type == TYPE_LONG && read_u32(&r, at + 8, &value)));
        return good ? (int64_t)value : otherwise;
    }
    return otherwise;
}

int mien_exif_orientation(const uint8_t *bytes, size_t count) {
    if (count >= 6 && memcmp(bytes, "Exif\0\0", 6) == 0) {
        bytes += 6;
        count -= 6;
    }
    int64_t value = mien_tiff_tag(bytes, count, TAG_ORIENTATION, 1);
    return value >= 1 && value <= 8 ? (int)value : 1;
}

bool mien_orientation_swaps(int orientation) {
    return orientation >= 5;
}

void mien_orientation_apply(int orientation, const uint8_t *from, int64_t stride,
    int64_t width, int64_t height, uint8_t *to) {
    /* where the stored pixel (x, y) = (0, 0) lands, and the steps of x and y, in pixels
     */
    int64_t origin = 0, step_x = 1, step_y = width;
    int64_t last_x = width - 1, last_y = height - 1;
    switch (orientation) {
    case 2: /* mirrored left-right */
        origin = last_x, step_x = -1;
        break;
    case 3: /* turned by 180° */
        origin = last_y * width + last_x, step_x = -1, step_y = -width;
        break;
    case 4: /* mirrored top-bottom */
        origin = last_y * width, step_y = -width;
        break;
    case 5: /* transposed */
        step_x = height, step_y = 1;
        break;
    case 6: /* to be turned clockwise by 90° */
        origin = last_y, step_x = height, step_y = -1;
        break;
    case 7: /* transposed over the other diagonal */
        origin = last_x * height + last_y, step_x = -height, step_y = -1;
        break;
    case 8: /* to be turned counter-clockwise by 90° */
        origin = last_x * height, step_x = -height, step_y = 1;
        break;
    default:
        break;
    }
    for (int64_t y = 0; y < height; y++) {
        const uint8_t *in = from + y * stride;
        uint8_t *out = to + (origin + y * step_y) * 3;
        for (int64_t x = 0; x < width; x++) {
            memcpy(out + x * step_x * 3, in + x * 3, 3);
        }
    }
}
