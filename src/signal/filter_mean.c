/* SPDX-License-Identifier: MIT */
/* Moving means: around each value, and forward and backward against the mains. */
#include <string.h>

#include "mien/physiology.h"

static mien_status check_width(int64_t n, int64_t width) {
    return width >= 1 && n >= 1 && width <= INT64_MAX / 8
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "a mean over %lld of %lld values",
                     (long long)width, (long long)n);
}

mien_status mien_box_mean(const double *x, int64_t n, int64_t width, double *y) {
    mien_status status = check_width(n, width);
    if (status != MIEN_OK) {
        return status;
    }
    int64_t before = width / 2, next = 0;
    double *sum = mien_alloc((size_t)width, sizeof *sum), total = 0;
    if (!sum) {
        return MIEN_ENOMEM;
    }
    /* sum[k % width] is the sum of the first k values, the ends repeated; values are
     * read before the means that take their place are written */
    double first = x[0], last = x[n - 1];
    for (int64_t k = 0; k < n + width - 1; k++) {
        int64_t i = k - before;
        sum[next] = total;
        next = next + 1 < width ? next + 1 : 0;
        total += i < 0 ? first : i < n ? x[i] : last;
        if (k >= width - 1) {
            y[k - width + 1] = (total - sum[next]) / (double)width;
        }
    }
    mien_free(sum);
    return MIEN_OK;
}

/* The mean of the last `width` values, from `at` on; before the first stands the first.
 * The series is worked on from its far end, so that what comes before is still as it
 * was. */
static void causal_mean(double *at, int64_t n, int64_t step, int64_t width) {
    double weight = 1.0 / (double)width, first = at[0];
    for (int64_t i = n - 1; i >= 0; i--) {
        double sum = 0;
        for (int64_t k = i; k > i - width; k--) {
            sum += (k < 0 ? first : at[k * step]) * weight;
        }
        at[i * step] = sum;
    }
}

mien_status mien_mains_filter(const double *x, int64_t n, int64_t width, double *y) {
    mien_status status = check_width(n, width);
    int64_t edge = 3 * width, length = n + 2 * edge;
    if (status == MIEN_OK && n <= edge) {
        status = mien_fail(MIEN_EINVAL,
            "%lld values are too few for this filter, which needs more than %lld",
            (long long)n, (long long)edge);
    }
    if (status != MIEN_OK) {
        return status;
    }
    double *room = mien_alloc((size_t)length, sizeof *room);
    if (!room) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < edge; i++) {
        room[i] = 2 * x[0] - x[edge - i];
        room[edge + n + i] = 2 * x[n - 1] - x[n - 2 - i];
    }
    memcpy(room + edge, x, (size_t)n * sizeof *x);
    causal_mean(room, length, 1, width);
    causal_mean(room + length - 1, length, -1, width);
    memcpy(y, room + edge, (size_t)n * sizeof *y);
    mien_free(room);
    return MIEN_OK;
}
