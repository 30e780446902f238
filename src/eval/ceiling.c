/* SPDX-License-Identifier: MIT */
/* The noise ceiling of ratings that are means over raters. */
#include "mien/eval.h"

#include <math.h>

#include "base/need.h"
#include "eval/interval.h"

/* A row: its mean about the mean of all, and the variance of that mean over raters. */
typedef struct rated {
    int64_t rows;
    double *mean, *noise; /* [rows] */
    double sum, square, noises;
} rated;

/* Noise / variance, without one row. */
static void share_of_noise(
    const void *context, const mien_draw *draw, void *room, double *figures) {
    const rated *r = context;
    double n = (double)r->rows, sum = r->sum, square = r->square, noise = r->noises;
    (void)room;
    if (draw->without >= 0) {
        n--;
        sum -= r->mean[draw->without];
        square -= r->mean[draw->without] * r->mean[draw->without];
        noise -= r->noise[draw->without];
    }
    *figures = noise / n / ((square - sum * sum / n) / (n - 1));
}

static mien_status interval_of(const double *mean, const double *deviation,
    const double *raters, int64_t n, double centre, mien_noise_ceiling *ceiling) {
    static const mien_scale scale[] = {MIEN_SCALE_ERROR};
    rated r = {.mean = mien_alloc((size_t)n, sizeof *r.mean),
        .noise = mien_alloc((size_t)n, sizeof *r.noise)};
    mien_status status = r.mean && r.noise ? MIEN_OK : MIEN_ENOMEM;
    mien_interval i;
    for (int64_t k = 0; status == MIEN_OK && k < n; k++) {
        if (isfinite(mean[k]) && isfinite(deviation[k]) && raters[k] > 0) {
            r.mean[r.rows] = mean[k] - centre;
            r.noise[r.rows] = deviation[k] * deviation[k] / raters[k];
            r.sum += r.mean[r.rows];
            r.square += r.mean[r.rows] * r.mean[r.rows];
            r.noises += r.noise[r.rows++];
        }
    }
    if (status == MIEN_OK) {
        const mien_statistic of = {.context = &r,
            .groups = r.rows,
            .figures = 1,
            .scale = scale,
            .room = 1,
            .compute = share_of_noise};
        mien_interval_options o = mien_interval_options_default();
        o.rule = MIEN_INTERVAL_JACKKNIFE; /* draws are not asked for */
        status = mien_statistic_intervals(&of, &o, NULL, &i);
    }
    if (status == MIEN_OK) {
        ceiling->low = sqrt(fmax(0, 1 - i.high));
        ceiling->high = sqrt(fmax(0, 1 - i.low));
    }
    mien_free(r.noise);
    mien_free(r.mean);
    return status;
}

mien_status mien_noise_ceiling_of(const double *mean, const double *deviation,
    const double *raters, int64_t n, mien_noise_ceiling *ceiling) {
    MIEN_NEED(mean || n < 1, deviation || n < 1, raters || n < 1, ceiling);
    double sum = 0, noise = 0;
    int64_t rows = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isfinite(mean[i]) && isfinite(deviation[i]) && raters[i] > 0) {
            sum += mean[i];
            noise += deviation[i] * deviation[i] / raters[i];
            rows++;
        }
    }
    if (rows < 3) {
        return mien_fail(MIEN_EINVAL,
            "noise ceiling: %lld rows have mean, SD and number of raters; at least 3 "
            "are needed",
            (long long)rows);
    }
    double centre = sum / (double)rows, variance = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isfinite(mean[i]) && isfinite(deviation[i]) && raters[i] > 0) {
            variance += (mean[i] - centre) * (mean[i] - centre);
        }
    }
    variance /= (double)(rows - 1);
    if (!(variance > 0)) {
        return mien_fail(
            MIEN_EINVAL, "noise ceiling: all %lld ratings are equal", (long long)rows);
    }
    double reliability = 1 - noise / (double)rows / variance;
    reliability = reliability > 0 ? reliability : 0;
    *ceiling = (mien_noise_ceiling){
        .reliability = reliability, .r = sqrt(reliability), .rows = rows};
    return interval_of(mean, deviation, raters, n, centre, ceiling);
}
