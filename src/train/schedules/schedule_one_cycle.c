/* SPDX-License-Identifier: MIT */
/* Up to a large rate and down to a tiny one, the momentum the other way. */
#include <math.h>
#include <string.h>

#include "train/schedules/schedule.h"

typedef struct settings {
    mien_schedule_common common;
    double rise, divide, divide_final;
    bool linear, three_phases, momentum;
    double momentum_low, momentum_high;
} settings;

static const mien_option options[] = {
    {.name = "rise",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.3",
        .minimum = 1e-9,
        .maximum = 0.999999999,
        .help = "part of the training in which the rate rises"},
    {.name = "divide",
        .type = MIEN_OPTION_NUMBER,
        .initial = "25",
        .minimum = 1,
        .maximum = 1e12,
        .help = "the first rate is the base rate divided by this"},
    {.name = "divide-final",
        .type = MIEN_OPTION_NUMBER,
        .initial = "10000",
        .minimum = 1,
        .maximum = 1e12,
        .help = "the last rate is the first divided by this"},
    {.name = "anneal",
        .type = MIEN_OPTION_CHOICE,
        .initial = "cos",
        .choices = (const char *const[]){"cos", "linear", NULL},
        .help = "how it goes from one rate to another"},
    {.name = "three-phases",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "falls as it rose, and only then to the last rate"},
    {.name = "momentum",
        .type = MIEN_OPTION_FLAG,
        .initial = "true",
        .help = "moves the momentum (beta1) too"},
    {.name = "momentum-low",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.85",
        .minimum = 0,
        .maximum = 0.9999999,
        .help = "where the rate is highest"},
    {.name = "momentum-high",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.95",
        .minimum = 0,
        .maximum = 0.9999999,
        .help = "at both ends"},
    MIEN_SCHEDULE_PER_OPTION("step"),
    {0},
};

static mien_status parse(const mien_options *given, void *to) {
    settings *s = to;
    mien_schedule_parse_per(given, &s->common);
    s->rise = mien_options_number(given, "rise");
    s->divide = mien_options_number(given, "divide");
    s->divide_final = mien_options_number(given, "divide-final");
    s->linear = strcmp(mien_options_text(given, "anneal"), "linear") == 0;
    s->three_phases = mien_options_flag(given, "three-phases");
    s->momentum = mien_options_flag(given, "momentum");
    s->momentum_low = mien_options_number(given, "momentum-low");
    s->momentum_high = mien_options_number(given, "momentum-high");
    return s->three_phases && s->rise > 0.5
               ? mien_fail(MIEN_EINVAL,
                     "one_cycle: rise %g twice is more than the training", s->rise)
               : MIEN_OK;
}

static double between(const settings *s, double from, double to, double part) {
    return s->linear ? from + (to - from) * part
                     : to + (from - to) / 2 * (1 + cos(M_PI * part));
}

typedef struct phase {
    double end; /* as PyTorch's: its last step may lie between two */
    double from, to, momentum_from, momentum_to;
} phase;

static mien_pace at(const void *settings_from, const mien_moment *m) {
    const settings *s = settings_from;
    double top = m->rate, first = top / s->divide, last = first / s->divide_final;
    double low = s->momentum_low, high = s->momentum_high;
    double rise = s->rise * (double)m->total, n = (double)m->at, start = 0;
    phase three[] = {{rise - 1, first, top, high, low},
        {2 * rise - 2, top, first, low, high},
        {(double)m->total - 1, first, last, high, high}};
    phase two[] = {three[0], {(double)m->total - 1, top, last, low, high}};
    const phase *p = s->three_phases ? three : two;
    int phases = s->three_phases ? 3 : 2, i = 0;
    while (i < phases - 1 && n > p[i].end) {
        start = p[i++].end;
    }
    /* a phase shorter than a step is over as soon as it begins */
    double part = p[i].end > start ? (n - start) / (p[i].end - start) : 1;
    return (mien_pace){between(s, p[i].from, p[i].to, part),
        s->momentum ? between(s, p[i].momentum_from, p[i].momentum_to, part)
                    : (double)NAN};
}

const mien_schedule mien_schedule_one_cycle = {
    .name = "one_cycle",
    .summary = "from rate / divide up to rate, and down to the first / divide-final; "
               "Smith & Topin 2019, in PyTorch's form",
    .options = options,
    .settings_size = sizeof(settings),
    .parse = parse,
    .at = at,
};
