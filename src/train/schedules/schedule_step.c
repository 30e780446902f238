/* SPDX-License-Identifier: MIT */
/* A rate that falls by a factor again and again. */
#include <math.h>

#include "train/schedules/schedule.h"

typedef struct settings {
    mien_schedule_common common;
    int64_t every, after;
    double factor, minimum;
} settings;

static const mien_option options[] = {
    {.name = "every",
        .type = MIEN_OPTION_INT,
        .initial = "30",
        .minimum = 1,
        .maximum = 1e15,
        .help = "from one fall to the next"},
    {.name = "factor",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.1",
        .minimum = 0,
        .maximum = 1e6,
        .help = "what each fall multiplies the rate with"},
    {.name = "after",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e15,
        .help = "counts from here"},
    {.name = "minimum",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e6,
        .help = "never falls below this rate"},
    MIEN_SCHEDULE_PER_OPTION("epoch"),
    {0},
};

static mien_status parse(const mien_options *given, void *to) {
    settings *s = to;
    mien_schedule_parse_per(given, &s->common);
    s->every = mien_options_int(given, "every");
    s->after = mien_options_int(given, "after");
    s->factor = mien_options_number(given, "factor");
    s->minimum = mien_options_number(given, "minimum");
    return MIEN_OK;
}

static mien_pace at(const void *from, const mien_moment *m) {
    const settings *s = from;
    int64_t falls = m->at > s->after ? (m->at - s->after) / s->every : 0;
    return mien_pace_of(fmax(s->minimum, m->rate * pow(s->factor, (double)falls)));
}

const mien_schedule mien_schedule_step = {
    .name = "step",
    .summary = "rate factor^floor((n - after) / every)",
    .options = options,
    .settings_size = sizeof(settings),
    .parse = parse,
    .at = at,
};
