/* SPDX-License-Identifier: MIT */
/* Values to YAML in block style, quoting only what would read back as something else.
 */
#include "io/text.h"
#include "base/need.h"
#include "io/value.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#define KEY_MAX 160 /* bytes; escaped it may grow sixfold */

/* Words that other YAML readers (1.1) take for booleans. */
static bool is_old_bool(const char *text) {
    static const char *const words[] = {"yes", "no", "on", "off", "y", "n"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!strcasecmp(text, words[i])) {
            return true;
        }
    }
    return false;
}

/* Whether YAML could take the text for a number or date (then it is quoted, needed or
 * not). */
static bool starts_like_number(const char *text) {
    text += *text == '-' || *text == '+' || *text == '.';
    return *text >= '0' && *text <= '9';
}

static bool is_special(const char *text) {
    static const char *const words[] = {"~", "null", "true", "false", ".nan", ".inf",
        "+.inf", "-.inf", "---", "...", "<<", "="};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!strcasecmp(text, words[i])) {
            return true;
        }
    }
    return is_old_bool(text);
}

/* Control characters, line ends and marks beyond ASCII, as UTF-8. */
static bool is_unprintable(const char *s) {
    unsigned char a = (unsigned char)s[0], b = a ? (unsigned char)s[1] : 0;
    return (a == 0xc2 && b < 0xa0) || !strncmp(s, "\xe2\x80\xa8", 3) ||
           !strncmp(s, "\xe2\x80\xa9", 3) || !strncmp(s, "\xef\xbb\xbf", 3) ||
           !strncmp(s, "\xef\xbf\xbe", 3) || !strncmp(s, "\xef\xbf\xbf", 3);
}

static bool is_plain(const char *text) {
    size_t length = strlen(text);
    if (length == 0 || strchr("-?:,[]{}#&*!|>'\"%@` ", text[0]) ||
        text[length - 1] == ' ' || text[length - 1] == ':' ||
        starts_like_number(text) || is_special(text)) {
        return false;
    }
    if (mien_utf8_check(text, length) != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f || strchr("[]{},\"\\", c) ||
            (c == ':' && text[i + 1] == ' ') || (c == '#' && text[i - 1] == ' ') ||
            is_unprintable(text + i)) {
            return false;
        }
    }
    return true;
}

static void add_text(mien_string *out, const char *text) {
    if (is_plain(text)) {
        mien_string_add(out, text);
    } else {
        mien_json_add_text(
            out, text); /* JSON's strings are YAML's double-quoted ones */
    }
}

static void add_number(mien_string *out, double x) {
    if (isfinite(x)) {
        mien_json_add_number(out, x);
    } else {
        mien_string_add(out, isnan(x) ? ".nan" : x > 0 ? ".inf" : "-.inf");
    }
}

static void add_scalar(mien_string *out, const mien_value *value) {
    switch (value->kind) {
    case MIEN_VALUE_BOOL:
        mien_string_add(out, value->b ? "true" : "false");
        break;
    case MIEN_VALUE_INT:
        mien_string_addf(out, "%lld", (long long)value->i);
        break;
    case MIEN_VALUE_NUMBER:
        add_number(out, value->x);
        break;
    case MIEN_VALUE_TEXT:
        add_text(out, value->text);
        break;
    case MIEN_VALUE_LIST:
        mien_string_add(out, "[]");
        break;
    case MIEN_VALUE_MAP:
        mien_string_add(out, "{}");
        break;
    default:
        mien_string_add(out, "null");
    }
}

/* Items of a list or map, each on its line, `depth` levels in; `inside`: the first goes
 * on the line that a "- " has begun. */
static void add_block(
    mien_string *out, const mien_value *value, int depth, bool inside) {
    for (int64_t i = 0; i < value->count; i++) {
        const mien_value *item = value->items[i];
        bool nested = mien_value_count(item) > 0;
        bool list = value->kind == MIEN_VALUE_LIST;
        if (i > 0 || !inside) {
            mien_string_addf(out, "%*s", 2 * depth, "");
        }
        if (list) {
            mien_string_add(out, "- ");
        } else {
            add_text(out, value->keys[i]);
            mien_string_add(out, nested ? ":\n" : ": ");
        }
        if (nested) {
            add_block(out, item, depth + 1, list);
        } else {
            add_scalar(out, item);
            mien_string_add(out, "\n");
        }
    }
}

/* YAML looks for the ':' of a key on its line, within 1024 characters. */
static bool keys_fit(const mien_value *value) {
    for (int64_t i = 0; i < mien_value_count(value); i++) {
        if ((value->keys && strlen(value->keys[i]) > KEY_MAX) ||
            !keys_fit(value->items[i])) {
            return false;
        }
    }
    return true;
}

mien_status mien_value_write_yaml(const mien_value *value, mien_string *out) {
    MIEN_NEED(value, out);
    if (!keys_fit(value)) {
        return mien_fail(MIEN_ELIMIT,
            "a key of more than %d bytes cannot be written in YAML", KEY_MAX);
    }
    if (mien_value_count(value) > 0) {
        add_block(out, value, 0, false);
    } else {
        add_scalar(out, value);
        mien_string_add(out, "\n");
    }
    return mien_string_status(out);
}
