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
    int64_t before = width / 2, length = n + width - 1;
    double *sum = mien_alloc((size_t)length + 1, sizeof *sum);
    if (!sum) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < length; i++) {
        int64_t k = i - before;
        sum[i + 1] = sum[i] + x[k < 0 ? 0 : k < n ? k : n - 1];
    }
    for (int64_t i = 0; i < n; i++) {
        y[i] = (sum[i + width] - sum[i]) / (double)width;
    }
    mien_free(sum);
    return MIEN_OK;
}

/* The mean of the last `width` values; before the first stands the first. */
static void causal_mean(
    double *at, int64_t n, int64_t step, int64_t width, double *old) {
    double weight = 1.0 / (double)width;
    for (int64_t k = 0; k < width; k++) {
        old[k] = at[0];
    }
    for (int64_t i = 0; i < n; i++) {
        double sum = 0;
        old[i % width] = at[i * step];
        for (int64_t k = 0; k < width; k++) {
            sum += old[k] * weight;
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
    double *room = mien_alloc((size_t)(length + width), sizeof *room);
    if (!room) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < edge; i++) {
        room[i] = 2 * x[0] - x[edge - i];
        room[edge + n + i] = 2 * x[n - 1] - x[n - 2 - i];
    }
    memcpy(room + edge, x, (size_t)n * sizeof *x);
    causal_mean(room, length, 1, width, room + length);
    causal_mean(room + length - 1, length, -1, width, room + length);
    memcpy(y, room + edge, (size_t)n * sizeof *y);
    mien_free(room);
    return MIEN_OK;
}
