/* SPDX-License-Identifier: MIT */
/* Clocks of two recordings of one session, joined by events that both have. */
#ifndef MIEN_DATA_CLOCK_JOIN_H
#define MIEN_DATA_CLOCK_JOIN_H

#include "mien/recordings.h"

/** to = offset_s + rate · from. */
typedef struct mien_clock_line {
    double offset_s, rate; /* rate: 1 of fewer than three events */
    double residual_s;     /* standard deviation about the line; 0 of one event */
    int64_t events;
} mien_clock_line;

/** The line from times on one clock to those of the same events on another, by least
 * squares. MIEN_EINVAL for no events, times that do not rise, and a residual above
 * most_s: the events are not the same ones, or a clock has jumped. */
mien_status mien_clock_join(const double *from_s, const double *to_s, int64_t count,
    double most_s, mien_clock_line *line);
/** From a master's clock to a recording's: by the events called `shared` (NULL: all
 * that are not a device's own), which both must have equally often. A residual of more
 * than half a sample of the slowest track is refused unless `loose`. */
mien_status mien_recording_join(const mien_recording *master,
    const mien_recording *recording, const char *shared, bool loose,
    mien_clock_line *line);

#endif
