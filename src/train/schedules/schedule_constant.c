/* SPDX-License-Identifier: MIT */
/* Always the same rate. */
#include "train/schedules/schedule.h"

static const mien_option options[] = {{0}};

static mien_status parse(const mien_options *given, void *to) {
    (void)given;
    (void)to;
    return MIEN_OK;
}

static mien_pace at(const void *from, const mien_moment *moment) {
    (void)from;
    return mien_pace_of(moment->rate);
}

const mien_schedule mien_schedule_constant = {
    .name = "constant",
    .summary = "always the base rate",
    .options = options,
    .settings_size = sizeof(mien_schedule_common),
    .parse = parse,
    .at = at,
};
