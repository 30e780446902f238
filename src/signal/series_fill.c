/* SPDX-License-Identifier: MIT */
/* Gaps of a series: which are filled, and by what. */
#include <math.h>
#include <string.h>

#include "base/need.h"
#include "mien/physiology.h"

int64_t mien_series_fill(const double *x, int64_t n, int64_t gap_max, double *filled) {
    MIEN_NEED_OR(0, x || n < 1, filled || n < 1);
    int64_t done = 0;
    if (filled != x) {
        memcpy(filled, x, (size_t)n * sizeof *x);
    }
    for (int64_t i = 0; i < n; i++) {
        if (!isnan(filled[i])) {
            continue;
        }
        int64_t end = i; /* after the gap */
        while (end < n && isnan(filled[end])) {
            end++;
        }
        if (end - i <= gap_max && i > 0 && end < n) {
            double from = filled[i - 1], way = filled[end] - from;
            for (int64_t k = i; k < end; k++) {
                filled[k] = from + way * (double)(k - i + 1) / (double)(end - i + 1);
            }
            done += end - i;
        }
        i = end;
    }
    return done;
}

int64_t mien_series_fill_all(const double *x, int64_t n, double *filled) {
    MIEN_NEED_OR(0, x || n < 1, filled || n < 1);
    int64_t done = mien_series_fill(x, n, n, filled), first = 0, last = n - 1;
    while (first < n && isnan(filled[first])) {
        first++;
    }
    if (first == n) {
        return done;
    }
    while (isnan(filled[last])) {
        last--;
    }
    for (int64_t i = 0; i < first; i++) {
        filled[i] = filled[first];
    }
    for (int64_t i = last + 1; i < n; i++) {
        filled[i] = filled[last];
    }
    return done + first + n - 1 - last;
}

/* The next valid value from `from` on; n if there is none. */
static int64_t next_valid(
    const double *time_s, const double *x, int64_t n, int64_t from) {
    while (from < n && (isnan(x[from]) || isnan(time_s[from]))) {
        from++;
    }
    return from;
}

void mien_series_resample(const double *time_s, const double *x, int64_t n,
    double gap_s, double start_s, double rate_hz, int64_t count, double *out) {
    MIEN_NEED_OR(, time_s || n < 1, x || n < 1, out || n < 1);
    int64_t left = next_valid(time_s, x, n, 0);
    int64_t right = left < n ? next_valid(time_s, x, n, left + 1) : n;
    for (int64_t i = 0; i < count; i++) {
        double at = start_s + (double)i / rate_hz;
        while (right < n && time_s[right] <= at) {
            left = right;
            right = next_valid(time_s, x, n, left + 1);
        }
        out[i] = NAN;
        if (left == n || at < time_s[left]) {
            continue;
        }
        if (time_s[left] == at) {
            out[i] = x[left];
        } else if (right < n && time_s[right] - time_s[left] <= gap_s) {
            double share = (at - time_s[left]) / (time_s[right] - time_s[left]);
            out[i] = x[left] + (x[right] - x[left]) * share;
        }
    }
}
