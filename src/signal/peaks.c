/* SPDX-License-Identifier: MIT */
/* Local maxima and how far they stand out. */
#include <math.h>

#include "base/need.h"
#include "mien/physiology.h"

int64_t mien_peaks_find(const double *x, int64_t n, int64_t *peaks) {
    int64_t count = 0;
    for (int64_t i = 1; i < n - 1; i++) {
        if (!(x[i - 1] < x[i])) {
            continue;
        }
        int64_t end = i; /* of the plateau */
        while (end + 1 < n && x[end + 1] == x[i]) {
            end++;
        }
        if (end + 1 < n && x[end + 1] < x[i]) {
            peaks[count++] = (i + end) / 2;
        }
        i = end;
    }
    return count;
}

/* A higher value seen before, with the lowest from there to the next one kept. */
typedef struct barrier {
    double value, lowest;
} barrier;

/* Lowest value from each peak to the last higher one on one side. Only peaks and the
 * first value can be higher than what follows up to the next peak, so only they are
 * kept; those that a peak overtops are dropped for good. from, step: 0 and 1, or n − 1
 * and −1. */
static void lowest_on_side(const double *x, int64_t from, int64_t step,
    const int64_t *peaks, int64_t count, barrier *stack, double *lowest) {
    int64_t depth = 0, i = from;
    stack[depth++] = (barrier){x[from], x[from]};
    for (int64_t k = 0; k < count; k++) {
        int64_t which = step > 0 ? k : count - 1 - k;
        double low = x[peaks[which]];
        for (; i != peaks[which]; i += step) {
            low = x[i] < low ? x[i] : low;
        }
        while (depth > 0 && stack[depth - 1].value <= x[i]) {
            low = stack[depth - 1].lowest < low ? stack[depth - 1].lowest : low;
            depth--;
        }
        lowest[which] = low;
        stack[depth++] = (barrier){x[i], low};
    }
}

mien_status mien_peaks_prominence(const double *x, int64_t n, const int64_t *peaks,
    int64_t count, double *prominence) {
    MIEN_NEED(x || n < 1, peaks || count < 1, prominence || n < 1);
    if (count < 1 || n < 1) {
        return MIEN_OK;
    }
    barrier *stack = mien_alloc((size_t)count + 1, sizeof *stack);
    double *left = mien_alloc((size_t)count, sizeof *left);
    if (!stack || !left) {
        mien_free(stack);
        mien_free(left);
        return MIEN_ENOMEM;
    }
    lowest_on_side(x, 0, 1, peaks, count, stack, left);
    lowest_on_side(x, n - 1, -1, peaks, count, stack, prominence);
    for (int64_t k = 0; k < count; k++) {
        prominence[k] = x[peaks[k]] - fmax(left[k], prominence[k]);
    }
    mien_free(left);
    mien_free(stack);
    return MIEN_OK;
}
