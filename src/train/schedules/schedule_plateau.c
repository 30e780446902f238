/* SPDX-License-Identifier: MIT */
/* A rate that falls when the metric no longer gets better, by PyTorch's rule. */
#include <math.h>
#include <string.h>

#include "train/schedules/schedule.h"

typedef struct settings {
    mien_schedule_common common;
    double factor, threshold, minimum, epsilon;
    double patience, cooldown;
    bool higher, absolute;
} settings;

enum { RATE, BEST, BAD, COOLDOWN };

static const mien_option options[] = {
    {.name = "factor",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.1",
        .minimum = 0,
        .maximum = 0.999999999,
        .help = "what each fall multiplies the rate with"},
    {.name = "patience",
        .type = MIEN_OPTION_INT,
        .initial = "10",
        .minimum = 0,
        .maximum = 1e9,
        .help = "epochs in a row without a better metric that are borne"},
    {.name = "better",
        .type = MIEN_OPTION_CHOICE,
        .initial = "lower",
        .choices = (const char *const[]){"lower", "higher", NULL},
        .help = "which metric is better"},
    {.name = "threshold",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.0001",
        .minimum = 0,
        .maximum = 1e6,
        .help = "how much better it must be"},
    {.name = "threshold-mode",
        .type = MIEN_OPTION_CHOICE,
        .initial = "relative",
        .choices = (const char *const[]){"relative", "absolute", NULL},
        .help = "as a part of the best, or by itself"},
    {.name = "cooldown",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e9,
        .help = "epochs after a fall that are not counted"},
    {.name = "minimum",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e6,
        .help = "the smallest rate"},
    {.name = "epsilon",
        .type = MIEN_OPTION_NUMBER,
        .initial = "1e-8",
        .minimum = 0,
        .maximum = 1,
        .help = "a fall smaller than this is left out"},
    {0},
};

static mien_status parse(const mien_options *given, void *to) {
    settings *s = to;
    s->factor = mien_options_number(given, "factor");
    s->patience = (double)mien_options_int(given, "patience");
    s->higher = strcmp(mien_options_text(given, "better"), "higher") == 0;
    s->threshold = mien_options_number(given, "threshold");
    s->absolute = strcmp(mien_options_text(given, "threshold-mode"), "absolute") == 0;
    s->cooldown = (double)mien_options_int(given, "cooldown");
    s->minimum = mien_options_number(given, "minimum");
    s->epsilon = mien_options_number(given, "epsilon");
    return MIEN_OK;
}

static void start(const void *from, double rate, double *memory) {
    const settings *s = from;
    memory[RATE] = rate;
    memory[BEST] = s->higher ? -(double)INFINITY : (double)INFINITY;
}

static bool is_better(const settings *s, double metric, double best) {
    if (isinf(best)) {
        return s->higher ? metric > best : metric < best;
    }
    double sign = s->higher ? 1 : -1;
    double bar =
        s->absolute ? best + sign * s->threshold : best * (1 + sign * s->threshold);
    return s->higher ? metric > bar : metric < bar;
}

static void tell(const void *from, double metric, double *memory) {
    const settings *s = from;
    if (is_better(s, metric, memory[BEST])) {
        memory[BEST] = metric;
        memory[BAD] = 0;
    } else {
        memory[BAD]++;
    }
    if (memory[COOLDOWN] > 0) {
        memory[COOLDOWN]--;
        memory[BAD] = 0;
    }
    if (memory[BAD] > s->patience) {
        double lower = fmax(memory[RATE] * s->factor, s->minimum);
        memory[RATE] = memory[RATE] - lower > s->epsilon ? lower : memory[RATE];
        memory[COOLDOWN] = s->cooldown;
        memory[BAD] = 0;
    }
}

static mien_pace at(const void *from, const mien_moment *m) {
    (void)from;
    return mien_pace_of(m->memory[RATE]);
}

const mien_schedule mien_schedule_plateau = {
    .name = "plateau",
    .summary = "falls by a factor after patience epochs without a better metric, as "
               "PyTorch's ReduceLROnPlateau",
    .options = options,
    .settings_size = sizeof(settings),
    .parse = parse,
    .at = at,
    .start = start,
    .tell = tell,
};
