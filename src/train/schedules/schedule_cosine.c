/* SPDX-License-Identifier: MIT */
/* Half a cosine from the base rate to the smallest. */
#include <math.h>

#include "train/schedules/schedule.h"

typedef struct settings {
    mien_schedule_common common;
    int64_t period;
    double minimum;
} settings;

static const mien_option options[] = {
    {.name = "period",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e15,
        .help = "when the minimum is reached, to stay; 0: just after the last"},
    {.name = "minimum",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e6,
        .help = "the smallest rate"},
    MIEN_SCHEDULE_PER_OPTION("step"),
    {0},
};

static mien_status parse(const mien_options *given, void *to) {
    settings *s = to;
    mien_schedule_parse_per(given, &s->common);
    s->period = mien_options_int(given, "period");
    s->minimum = mien_options_number(given, "minimum");
    return MIEN_OK;
}

static mien_pace at(const void *from, const mien_moment *m) {
    const settings *s = from;
    double period = (double)(s->period ? s->period : m->total);
    double part = fmin(1, (double)m->at / period);
    return mien_pace_of(
        s->minimum + (m->rate - s->minimum) * (1 + cos(M_PI * part)) / 2);
}

const mien_schedule mien_schedule_cosine = {
    .name = "cosine",
    .summary = "minimum + (rate - minimum) (1 + cos(pi n / period)) / 2; Loshchilov & "
               "Hutter 2017, without restarts",
    .options = options,
    .settings_size = sizeof(settings),
    .parse = parse,
    .at = at,
};
