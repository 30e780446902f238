/* SPDX-License-Identifier: MIT */
/* Moving means: around each value, and forward and backward against the mains. */
#include <string.h>

#include "base/need.h"
#include "mien/physiology.h"

static mien_status check_width(int64_t n, int64_t width) {
    return width >= 1 && n >= 1 && width <= INT64_MAX / 8
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "a mean over %lld of %lld values",
                     (long long)width, (long long)n);
}

mien_status mien_box_mean(const double *x, int64_t n, int64_t width, double *y) {
    MIEN_NEED(x || n < 1, y || n < 1);
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

/* The series in stretches that a cache holds. `apart` values of both neighbours stand
 * beside a stretch, as they were before anything was written: y may be x. */
enum { STRETCH = 4096 };

/* A mean of the value and those before it, then one of the value and those behind it.
 * x [apart + n + apart] with apart = width − 1; mean has room for n + apart. */
static void both_means(
    const double *x, int64_t n, int64_t width, double *mean, double *y) {
    double weight = 1.0 / (double)width;
    int64_t apart = width - 1;
    for (int64_t i = 0; i < n + apart; i++) {
        mean[i] = x[apart + i] * weight;
    }
    for (int64_t k = 1; k < width; k++) {
        for (int64_t i = 0; i < n + apart; i++) {
            mean[i] += x[apart + i - k] * weight;
        }
    }
    for (int64_t i = 0; i < n; i++) {
        y[i] = mean[i] * weight;
    }
    for (int64_t k = 1; k < width; k++) {
        for (int64_t i = 0; i < n; i++) {
            y[i] += mean[i + k] * weight;
        }
    }
}

mien_status mien_mains_filter(const double *x, int64_t n, int64_t width, double *y) {
    MIEN_NEED(x || n < 1, y || n < 1);
    mien_status status = check_width(n, width);
    int64_t edge = 3 * width, apart = width - 1;
    if (status == MIEN_OK && n <= edge) {
        status = mien_fail(MIEN_EINVAL,
            "%lld values are too few for this filter, which needs more than %lld",
            (long long)n, (long long)edge);
    }
    if (status != MIEN_OK) {
        return status;
    }
    int64_t most = STRETCH > 8 * width ? STRETCH : 8 * width;
    double *room = mien_alloc((size_t)(2 * most + 4 * apart), sizeof *room);
    if (!room) {
        return MIEN_ENOMEM;
    }
    double *mean = room + most + 2 * apart, *beyond = mean + most + apart;
    /* what goes on beyond the ends: the series turned over at them */
    for (int64_t i = 0; i < apart; i++) {
        room[i] = 2 * x[0] - x[apart - i];
        beyond[i] = 2 * x[n - 1] - x[n - 2 - i];
    }
    for (int64_t from = 0; from < n; from += most) {
        int64_t count = from + most < n ? most : n - from;
        for (int64_t i = 0; i < count + apart; i++) {
            room[apart + i] = from + i < n ? x[from + i] : beyond[from + i - n];
        }
        both_means(room, count, width, mean, y + from);
        memmove(room, room + count, (size_t)apart * sizeof *room);
    }
    mien_free(room);
    return MIEN_OK;
}
