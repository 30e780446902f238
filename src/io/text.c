/* SPDX-License-Identifier: MIT */
/* Checks UTF-8 and writes JSON strings and numbers. */
#include "io/text.h"

#include <math.h>
#include <string.h>

/* Length of the well-formed sequence at s (RFC 3629: no overlong form, no surrogate, at
 * most U+10FFFF); 0 if there is none. */
static size_t utf8_length(const unsigned char *s, size_t room) {
    if (s[0] < 0x80) {
        return 1;
    }
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || room < length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) {
        return 0;
    }
    return length;
}

size_t mien_utf8_check(const char *text, size_t count) {
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;
    while (i < count) {
        size_t length = utf8_length(s + i, count - i);
        if (length == 0) {
            break;
        }
        i += length;
    }
    return i;
}

int64_t mien_line_of(const char *text, size_t index) {
    int64_t line = 1;
    for (size_t i = 0; i < index; i++) {
        line += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
    }
    return line;
}

mien_status mien_text_check(const char *name, const char *text, size_t count) {
    if (count >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2))) {
        return mien_fail(
            MIEN_EFORMAT, "%s:1: the text is UTF-16; save it as UTF-8", name);
    }
    const char *zero = count ? memchr(text, 0, count) : NULL;
    if (zero) {
        return mien_fail(MIEN_EFORMAT, "%s:%lld: a 0 byte: this is not a text file",
            name, (long long)mien_line_of(text, (size_t)(zero - text)));
    }
    size_t bad = mien_utf8_check(text, count);
    if (bad < count) {
        return mien_fail(MIEN_EFORMAT,
            "%s:%lld: byte 0x%02x is not UTF-8; save the file as UTF-8", name,
            (long long)mien_line_of(text, bad), (unsigned)(unsigned char)text[bad]);
    }
    return MIEN_OK;
}

size_t mien_bom_length(const char *text, size_t count) {
    return count >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
}

static void add_escape(mien_string *out, unsigned char c) {
    switch (c) {
    case '"':
        mien_string_add(out, "\\\"");
        break;
    case '\\':
        mien_string_add(out, "\\\\");
        break;
    case '\n':
        mien_string_add(out, "\\n");
        break;
    case '\r':
        mien_string_add(out, "\\r");
        break;
    case '\t':
        mien_string_add(out, "\\t");
        break;
    default:
        mien_string_addf(out, "\\u%04x", c);
    }
}

void mien_json_add_text(mien_string *out, const char *text) {
    const unsigned char *s = (const unsigned char *)text;
    size_t count = strlen(text), first = 0, i = 0;
    mien_string_add_n(out, "\"", 1);
    while (i < count) {
        size_t length = utf8_length(s + i, count - i);
        if (length && s[i] >= 0x20 && s[i] != '"' && s[i] != '\\' && s[i] != 0x7f) {
            i += length;
            continue;
        }
        mien_string_add_n(out, text + first, i - first);
        if (length) {
            add_escape(out, s[i]);
        } else {
            mien_string_add(out, "\xef\xbf\xbd");
        }
        first = ++i;
    }
    mien_string_add_n(out, text + first, i - first);
    mien_string_add_n(out, "\"", 1);
}

void mien_json_add_number(mien_string *out, double x) {
    if (!isfinite(x)) {
        mien_string_add(out, "null");
        return;
    }
    char buffer[32];
    mien_format_double(x, buffer);
    mien_string_add(out, buffer);
    if (!strpbrk(buffer, ".eE")) {
        mien_string_add(out, ".0");
    }
}

bool mien_text_decimal_comma(const char *text) {
    text += *text == '-' || *text == '+';
    size_t whole = strspn(text, "0123456789");
    const char *rest = text + whole;
    if (*rest != ',') {
        return false;
    }
    size_t part = strspn(rest + 1, "0123456789");
    rest += 1 + part;
    return whole + part > 0 && (!*rest || *rest == 'e' || *rest == 'E');
}

static const char *skip_digits(const char *s) {
    while (*s >= '0' && *s <= '9') {
        s++;
    }
    return s;
}

bool mien_json_is_number(const char *text) {
    const char *s = text + (*text == '-');
    const char *end = *s == '0' ? s + 1 : skip_digits(s);
    if (end == s) {
        return false;
    }
    if (*end == '.') {
        s = end + 1;
        end = skip_digits(s);
        if (end == s) {
            return false;
        }
    }
    if (*end == 'e' || *end == 'E') {
        s = end + 1;
        s += *s == '+' || *s == '-';
        end = skip_digits(s);
        if (end == s) {
            return false;
        }
    }
    return *end == 0;
}
