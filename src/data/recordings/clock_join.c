/* SPDX-License-Identifier: MIT */
/* A line through the times of shared events brings one clock's seconds to another's. */
#include "data/recordings/clock_join.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static mien_status check_times(
    const double *from_s, const double *to_s, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        bool good = isfinite(from_s[i]) && isfinite(to_s[i]);
        good = good && (i == 0 || (from_s[i] > from_s[i - 1] && to_s[i] > to_s[i - 1]));
        if (!good) {
            return mien_fail(MIEN_EINVAL,
                "shared event %" PRId64 " comes at %g s and %g s: not after the one "
                "before on both clocks",
                i + 1, from_s[i], to_s[i]);
        }
    }
    return count > 0
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "clocks need a shared event to be joined");
}

mien_status mien_clock_join(const double *from_s, const double *to_s, int64_t count,
    double most_s, mien_clock_line *line) {
    mien_status status = check_times(from_s, to_s, count);
    if (status != MIEN_OK) {
        return status;
    }
    double n = (double)count, from = 0, to = 0, xx = 0, xy = 0, squares = 0;
    for (int64_t i = 0; i < count; i++) {
        from += from_s[i] / n;
        to += to_s[i] / n;
    }
    for (int64_t i = 0; i < count; i++) {
        xx += (from_s[i] - from) * (from_s[i] - from);
        xy += (from_s[i] - from) * (to_s[i] - to);
    }
    double rate = count >= 3 ? xy / xx : 1;
    for (int64_t i = 0; i < count; i++) {
        double e = (to_s[i] - to) - rate * (from_s[i] - from);
        squares += e * e;
    }
    int64_t freedom = count - (count >= 3 ? 2 : 1);
    double residual = freedom > 0 ? sqrt(squares / (double)freedom) : 0;
    if (residual > most_s) {
        return mien_fail(MIEN_EINVAL,
            "%" PRId64
            " shared events lie %.3g s (SD) from a line between the clocks; at "
            "most %.3g s is half a sample: other events, or a clock that jumped",
            count, residual, most_s);
    }
    *line = (mien_clock_line){.offset_s = to - rate * from,
        .rate = rate,
        .residual_s = residual,
        .events = count};
    return MIEN_OK;
}

/* Whether events join clocks: by name, or those of no device. */
static bool joins(const mien_event *e, const char *shared) {
    return shared ? strcmp(e->name, shared) == 0 : !*e->track;
}

/* Onsets of the events that join; the caller frees them. */
static mien_status list_onsets(
    const mien_recording *r, const char *shared, double **onset_s, int64_t *count) {
    const mien_event *events = NULL;
    int64_t all = mien_recording_events(r, &events);
    double *made = mien_alloc((size_t)all + 1, sizeof *made);
    *count = 0;
    for (int64_t i = 0; made && i < all; i++) {
        if (joins(&events[i], shared)) {
            made[(*count)++] = events[i].onset_s;
        }
    }
    *onset_s = made;
    return made ? MIEN_OK : MIEN_ENOMEM;
}

static double slowest_hz(const mien_recording *r, double slowest) {
    for (int t = 0; t < mien_recording_tracks(r); t++) {
        double rate = mien_recording_track(r, t)->rate_hz;
        slowest = rate > 0 && rate < slowest ? rate : slowest;
    }
    return slowest;
}

mien_status mien_recording_join(const mien_recording *master,
    const mien_recording *recording, const char *shared, bool loose,
    mien_clock_line *line) {
    double *from = NULL, *to = NULL;
    int64_t have = 0, other = 0;
    mien_status status = list_onsets(master, shared, &from, &have);
    status = status ? status : list_onsets(recording, shared, &to, &other);
    if (status == MIEN_OK && have != other) {
        status = mien_fail(MIEN_EINVAL,
            "%s has %" PRId64 " events%s%s and %s has %" PRId64
            ": name those that both have",
            mien_recording_path(master), have, shared ? " " : "", shared ? shared : "",
            mien_recording_path(recording), other);
    }
    if (status == MIEN_OK) {
        double slowest = slowest_hz(recording, slowest_hz(master, INFINITY));
        double most = loose || isinf(slowest) ? INFINITY : 0.5 / slowest;
        status = mien_clock_join(from, to, have, most, line);
        status = status ? mien_fail_in(status, "%s", mien_recording_path(recording))
                        : MIEN_OK;
    }
    mien_free(to);
    mien_free(from);
    return status;
}
