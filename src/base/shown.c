/* SPDX-License-Identifier: MIT */
/* Text of others, names of files above all, as a terminal may have it. */
#include "base/need.h"
#include "mien/base.h"

#include <string.h>

/* Bytes of the UTF-8 character that begins here; 0: there is none. */
static size_t character(const unsigned char *text) {
    static const struct {
        unsigned char first, last, second_first, second_last;
        size_t length;
    } rows[] = {{0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3},
        {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
    if (text[0] < 0x80) {
        return 1;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (text[0] >= rows[i].first && text[0] <= rows[i].last) {
            if (text[1] < rows[i].second_first || text[1] > rows[i].second_last) {
                return 0;
            }
            for (size_t k = 2; k < rows[i].length; k++) {
                if ((text[k] & 0xC0) != 0x80) {
                    return 0;
                }
            }
            return rows[i].length;
        }
    }
    return 0;
}

/* Does a terminal act on it? */
static bool is_control(const unsigned char *text, size_t length) {
    if (length == 1) {
        return (text[0] < 0x20 && text[0] != '\n' && text[0] != '\t') ||
               text[0] == 0x7F;
    }
    return length == 2 && text[0] == 0xC2 && text[1] < 0xA0; /* C1 */
}

mien_status mien_string_add_shown(mien_string *s, const char *text) {
    MIEN_NEED(s, text);
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        size_t length = character(at);
        if (length > 0 && !is_control(at, length)) {
            mien_string_add_n(s, (const char *)at, length);
        }
        for (size_t k = 0;
             (length == 0 || is_control(at, length)) && k < (length ? length : 1);
             k++) {
            mien_string_addf(s, "\\x%02x", at[k]);
        }
        at += length ? length : 1;
    }
    return mien_string_status(s);
}
