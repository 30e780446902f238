/* SPDX-License-Identifier: MIT */
/* A list of factors, one an epoch; the last goes on. */
#include <math.h>
#include <string.h>

#include "train/schedules/schedule.h"

enum { FACTORS_MAX = 4096 };

typedef struct settings {
    mien_schedule_common common;
    int count;
    double factor[FACTORS_MAX];
} settings;

static const mien_option options[] = {
    {.name = "factors",
        .type = MIEN_OPTION_LIST,
        .initial = "1",
        .help =
            "what the base rate is multiplied with: each a number or several joined "
            "by commas; the last goes on to the end"},
    MIEN_SCHEDULE_PER_OPTION("epoch"),
    {0},
};

static mien_status add(settings *s, const char *text, size_t length) {
    char number[64];
    double factor;
    if (s->count == FACTORS_MAX) {
        return mien_fail(MIEN_ELIMIT, "factors: more than %d", FACTORS_MAX);
    }
    while (length > 0 && *text == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    size_t kept = length < sizeof number ? length : sizeof number - 1;
    memcpy(number, text, kept);
    number[kept] = 0;
    if (kept < length || !mien_parse_number(number, &factor) || !isfinite(factor) ||
        factor < 0) {
        return mien_fail(
            MIEN_EINVAL, "factors: \"%s\" is not a number of 0 or more", number);
    }
    s->factor[s->count++] = factor;
    return MIEN_OK;
}

static mien_status parse(const mien_options *given, void *to) {
    settings *s = to;
    mien_status status = MIEN_OK;
    mien_schedule_parse_per(given, &s->common);
    const char *text = mien_options_text(given, "factors");
    while (status == MIEN_OK && text) {
        size_t length = strcspn(text, ",\n");
        status = add(s, text, length);
        text = text[length] ? text + length + 1 : NULL;
    }
    return status;
}

static mien_pace at(const void *from, const mien_moment *m) {
    const settings *s = from;
    return mien_pace_of(m->rate * s->factor[m->at < s->count ? m->at : s->count - 1]);
}

const mien_schedule mien_schedule_multiplier = {
    .name = "multiplier",
    .summary = "the base rate times the n-th of a list of factors",
    .options = options,
    .settings_size = sizeof(settings),
    .parse = parse,
    .at = at,
};
