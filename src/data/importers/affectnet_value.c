/* SPDX-License-Identifier: MIT */
/* One number out of a .npy file. AffectNet's annotations are arrays without dimensions
 * of text, bytes or numbers; the reader of arrays (io/npy.c) takes no text, for which
 * there is no other use. */
#include "data/importers/affectnet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX_BYTES = 1 << 16, TEXT_MAX = 64 };

static mien_status bad(const char *path, const char *what) {
    return mien_fail(MIEN_EFORMAT, "%s: %s", path, what);
}

/* The letters behind 'descr': in the head, between quotes. */
static bool read_descr(const char *head, char descr[16]) {
    const char *at = strstr(head, "'descr'");
    at = at ? strchr(at + 7, '\'') : NULL;
    const char *end = at ? strchr(at + 1, '\'') : NULL;
    size_t length = end ? (size_t)(end - at - 1) : 0;
    if (length < 2 || length >= 16) {
        return false;
    }
    memcpy(descr, at + 1, length);
    descr[length] = 0;
    return true;
}

/* Text of `count` characters of 1 or 4 bytes; every one has to be ASCII. */
static mien_status read_text(const char *path, const unsigned char *data, size_t bytes,
    size_t width, double *value) {
    char text[TEXT_MAX];
    size_t count = bytes / width, n = 0;
    for (size_t i = 0; i < count && n + 1 < TEXT_MAX; i++) {
        const unsigned char *c = data + i * width;
        if (width == 4 && (c[1] || c[2] || c[3])) {
            return bad(path, "its text is no number");
        }
        if (*c) {
            text[n++] = (char)*c;
        }
    }
    text[n] = 0;
    return mien_parse_number(text, value) ? MIEN_OK
                                          : bad(path, "its text is no number");
}

static mien_status read_number(const char *path, const char *descr,
    const unsigned char *data, size_t bytes, double *value) {
    int64_t whole = 0;
    float single = 0;
    size_t size = strtoul(descr + 2, NULL, 10);
    if (!strchr("fiu", descr[1])) {
        return bad(path, "neither text nor a number (objects are refused)");
    }
    if (size > bytes || size == 0 || size > 8) {
        return bad(path, "it is cut off");
    }
    if (descr[1] == 'f' && size == 8) {
        memcpy(value, data, 8);
    } else if (descr[1] == 'f' && size == 4) {
        memcpy(&single, data, 4);
        *value = (double)single;
    } else if (descr[1] != 'f') {
        memcpy(&whole, data, size);
        int spare = 64 - 8 * (int)size;
        bool negative = descr[1] == 'i' && data[size - 1] & 0x80;
        *value =
            (double)(negative && spare ? whole - ((int64_t)1 << (64 - spare)) : whole);
    } else {
        return bad(path, "a float of another size than 4 or 8 bytes");
    }
    return MIEN_OK;
}

mien_status mien_affectnet_value(const char *path, double *value) {
    char *bytes = NULL, descr[16];
    size_t count = 0;
    mien_status status = mien_file_read(path, FILE_MAX_BYTES, &bytes, &count);
    if (status != MIEN_OK) {
        return status;
    }
    const unsigned char *b = (const unsigned char *)bytes;
    size_t start = 0;
    if (count >= 12 && memcmp(b, "\x93NUMPY", 6) == 0) {
        bool first = b[6] == 1;
        size_t length = (size_t)b[8] | (size_t)b[9] << 8;
        length |= first ? 0 : (size_t)b[10] << 16 | (size_t)b[11] << 24;
        start = (first ? 10 : 12) + length;
    }
    if (start == 0 || start > count) {
        status = bad(path, "not a .npy file, or cut off");
    } else {
        char kept = bytes[start];
        bytes[start] = 0; /* the head is text */
        const char *head = bytes + (b[6] == 1 ? 10 : 12);
        if (!read_descr(head, descr)) {
            status = bad(path, "its head names no type");
        } else if (!strstr(head, "'shape': ()")) {
            status = bad(path, "not a single value");
        }
        bytes[start] = kept;
    }
    if (status == MIEN_OK) {
        const unsigned char *data = b + start;
        bool wide = descr[1] == 'U';
        status = descr[0] == '>' ? bad(path, "big-endian values are not read")
                 : wide || descr[1] == 'S'
                     ? read_text(path, data, count - start, wide ? 4 : 1, value)
                     : read_number(path, descr, data, count - start, value);
    }
    mien_free(bytes);
    return status;
}
