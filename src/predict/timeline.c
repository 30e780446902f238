/* SPDX-License-Identifier: MIT */
/* The registry of timeline formats and their common pieces. */
#include "predict/timeline.h"
#include "base/need.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const mien_timeline_format *const formats[] = {
#define X(name) &mien_timeline_##name,
#include "predict/timelines.def"
#undef X
};

int mien_timeline_format_count(void) {
    return (int)(sizeof formats / sizeof formats[0]);
}

const mien_timeline_format *mien_timeline_format_at(int index) {
    return index >= 0 && index < mien_timeline_format_count() ? formats[index] : NULL;
}

const mien_timeline_format *mien_timeline_format_find(const char *name) {
    MIEN_NEED_OR(NULL, name);
    for (int i = 0; i < mien_timeline_format_count(); i++) {
        if (strcmp(formats[i]->name, name) == 0) {
            return formats[i];
        }
    }
    return NULL;
}

const char *mien_timeline_text(const mien_prediction *moment, int t,
    const mien_target *target, int decimals, char text[MIEN_TIMELINE_TEXT]) {
    if (target->link != MIEN_LINK_VALUE) {
        return target->classes[moment->choice[t]];
    }
    snprintf(text, MIEN_TIMELINE_TEXT, "%.*f", decimals, moment->value[t]);
    return text;
}

mien_status mien_timeline_label(
    mien_string *out, const mien_prediction *moment, const mien_target *targets) {
    for (int t = 0; t < moment->targets_count; t++) {
        char text[MIEN_TIMELINE_TEXT];
        mien_string_addf(out, "%s%s %s", t ? ", " : "", targets[t].name,
            mien_timeline_text(moment, t, &targets[t], 2, text));
    }
    return mien_string_status(out);
}

mien_status mien_timeline_clock(mien_string *out, double time_s, char mark) {
    int64_t ms = (int64_t)llround(fmax(time_s, 0) * 1000);
    return mien_string_addf(out, "%02lld:%02lld:%02lld%c%03lld",
        (long long)(ms / 3600000), (long long)(ms / 60000 % 60),
        (long long)(ms / 1000 % 60), mark, (long long)(ms % 1000));
}

/* Bytes of the UTF-8 character at text, 0 if there is none that XML takes. */
static int character(const unsigned char *text) {
    static const unsigned char leads[][2] = {{0xC2, 0xDF}, {0xE0, 0xEF}, {0xF0, 0xF4}};
    if (*text < 0x80) {
        return *text >= 0x20 || *text == '\t' || *text == '\n' || *text == '\r';
    }
    for (int more = 1; more <= 3; more++) {
        if (*text >= leads[more - 1][0] && *text <= leads[more - 1][1]) {
            uint32_t code = *text & (0x3Fu >> more);
            for (int i = 1; i <= more; i++) {
                if ((text[i] & 0xC0) != 0x80) {
                    return 0;
                }
                code = code << 6 | (text[i] & 0x3Fu);
            }
            bool shortest = code >= (more == 1 ? 0x80u : more == 2 ? 0x800u : 0x10000u);
            bool surrogate = code >= 0xD800 && code <= 0xDFFF;
            bool none = code == 0xFFFE || code == 0xFFFF || code > 0x10FFFF;
            return shortest && !surrogate && !none ? more + 1 : 0;
        }
    }
    return 0;
}

mien_status mien_timeline_xml(mien_string *out, const char *text) {
    static const char *const escapes[] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"};
    for (const char *c = text; *c;) {
        unsigned char byte = (unsigned char)*c;
        int length = character((const unsigned char *)c);
        if (byte < sizeof escapes / sizeof *escapes && escapes[byte]) {
            mien_string_add(out, escapes[byte]);
        } else if (length > 0) {
            mien_string_add_n(out, c, (size_t)length);
        } else {
            mien_string_add(out, "\xEF\xBF\xBD"); /* the replacement character */
        }
        c += length > 0 ? length : 1;
    }
    return mien_string_status(out);
}
