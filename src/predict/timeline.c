/* SPDX-License-Identifier: MIT */
/* The registry of timeline formats and their common pieces. */
#include "predict/timeline.h"

#include <math.h>
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
    for (int i = 0; i < mien_timeline_format_count(); i++) {
        if (strcmp(formats[i]->name, name) == 0) {
            return formats[i];
        }
    }
    return NULL;
}

mien_status mien_timeline_label(
    mien_string *out, const mien_prediction *moment, const mien_target *targets) {
    for (int t = 0; t < moment->targets_count; t++) {
        mien_string_addf(
            out, "%s%s %.2f", t ? ", " : "", targets[t].name, moment->value[t]);
    }
    return mien_string_status(out);
}

mien_status mien_timeline_clock(mien_string *out, double time_s, char mark) {
    int64_t ms = (int64_t)llround(fmax(time_s, 0) * 1000);
    return mien_string_addf(out, "%02lld:%02lld:%02lld%c%03lld",
        (long long)(ms / 3600000), (long long)(ms / 60000 % 60),
        (long long)(ms / 1000 % 60), mark, (long long)(ms % 1000));
}

mien_status mien_timeline_xml(mien_string *out, const char *text) {
    for (const char *c = text; *c; c++) {
        switch (*c) {
        case '&':
            mien_string_add(out, "&amp;");
            break;
        case '<':
            mien_string_add(out, "&lt;");
            break;
        case '>':
            mien_string_add(out, "&gt;");
            break;
        case '"':
            mien_string_add(out, "&quot;");
            break;
        default:
            mien_string_add_n(out, c, 1);
        }
    }
    return mien_string_status(out);
}
