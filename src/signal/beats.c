/* SPDX-License-Identifier: MIT */
/* Series and figures of beats: a rate at every sample, and the variability of their
 * intervals. Comes in: beats as sample numbers, or intervals in ms. Goes out: series
 * and figures. */
#include <math.h>

#include "mien/physiology.h"
#include "base/need.h"
#include "signal/order.h"

mien_status mien_rate_series(
    const int64_t *beats, int64_t count, double rate_hz, int64_t n, double *rate) {
    MIEN_NEED(beats || count < 1, rate || count < 1);
    if (count < 2) {
        return mien_fail(
            MIEN_EINVAL, "a rate needs two beats; there are %lld", (long long)count);
    }
    double *at = mien_alloc((size_t)count, sizeof *at);
    double *period = mien_alloc((size_t)count, sizeof *period);
    mien_status status = at && period ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t k = 0; status == MIEN_OK && k < count; k++) {
        at[k] = (double)beats[k];
        period[k] = k > 0 ? (at[k] - at[k - 1]) / rate_hz
                          : (double)(beats[count - 1] - beats[0]) /
                                (double)(count - 1) / rate_hz;
    }
    status = status ? status : mien_series_pchip(at, period, count, n, rate);
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        rate[i] = 60 / rate[i];
    }
    mien_free(period);
    mien_free(at);
    return status;
}

/* ---- variability ----------------------------------------------------------- */

static double mean_of(const double *x, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += x[i];
    }
    return n > 0 ? sum / (double)n : NAN;
}

static double sd_of(const double *x, int64_t n) {
    double mean = mean_of(x, n), sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += (x[i] - mean) * (x[i] - mean);
    }
    return n > 1 ? sqrt(sum / (double)(n - 1)) : NAN;
}

/* Figures of n intervals and of d differences; both lists are sorted meanwhile. */
static void measure(double *nn, int64_t n, double *diff, int64_t d, mien_hrv *h) {
    double squares = 0, rates = 0;
    int64_t above50 = 0, above20 = 0;
    for (int64_t i = 0; i < d; i++) {
        squares += diff[i] * diff[i];
        above50 += fabs(diff[i]) > 50;
        above20 += fabs(diff[i]) > 20;
    }
    for (int64_t i = 0; i < n; i++) {
        rates += 60000 / nn[i];
    }
    h->mean_nn = mean_of(nn, n);
    h->sdnn = sd_of(nn, n);
    h->rmssd = d > 0 ? sqrt(squares / (double)d) : NAN;
    h->sdsd = sd_of(diff, d);
    h->pnn50 = n > 0 ? 100 * (double)above50 / (double)n : NAN;
    h->pnn20 = n > 0 ? 100 * (double)above20 / (double)n : NAN;
    h->cvnn = h->sdnn / h->mean_nn;
    h->mean_hr = n > 0 ? rates / (double)n : NAN;
    h->sd1 = h->sdsd / sqrt(2);
    h->sd2 = sqrt(2 * h->sdnn * h->sdnn - 0.5 * h->sdsd * h->sdsd);
    h->median_nn = mien_median(nn, n);
    for (int64_t i = 0; i < n; i++) {
        nn[i] = fabs(nn[i] - h->median_nn);
    }
    h->mad_nn = 1.4826 * mien_median(nn, n);
}

mien_status mien_hrv_intervals(
    const double *interval_ms, int64_t count, mien_hrv *hrv) {
    MIEN_NEED(interval_ms || count < 1, hrv);
    double *nn = mien_alloc((size_t)count, sizeof *nn);
    double *diff = mien_alloc((size_t)count, sizeof *diff);
    int64_t n = 0, d = 0;
    if (!nn || !diff) {
        mien_free(nn);
        mien_free(diff);
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < count; i++) {
        if (!isnan(interval_ms[i])) {
            nn[n++] = interval_ms[i];
            if (i > 0 && !isnan(interval_ms[i - 1])) {
                diff[d++] = interval_ms[i] - interval_ms[i - 1];
            }
        }
    }
    *hrv = (mien_hrv){.beats = count + 1};
    measure(nn, n, diff, d, hrv);
    mien_free(diff);
    mien_free(nn);
    return MIEN_OK;
}

mien_status mien_hrv_time(
    const int64_t *beats, int64_t count, double rate_hz, mien_hrv *hrv) {
    MIEN_NEED(beats || count < 1, hrv);
    if (count < 2) {
        double none = NAN;
        mien_status status = mien_hrv_intervals(&none, 1, hrv);
        hrv->beats = status ? hrv->beats : count;
        return status;
    }
    double *interval = mien_alloc((size_t)count - 1, sizeof *interval);
    if (!interval) {
        return MIEN_ENOMEM;
    }
    for (int64_t k = 1; k < count; k++) {
        interval[k - 1] = (double)(beats[k] - beats[k - 1]) / rate_hz * 1000;
    }
    mien_status status = mien_hrv_intervals(interval, count - 1, hrv);
    mien_free(interval);
    return status;
}

int64_t mien_intervals_drop(double *interval_ms, int64_t count) {
    MIEN_NEED_OR(0, interval_ms || count < 1);
    double before[2] = {NAN, NAN}; /* as they were, of those already judged */
    int64_t dropped = 0;
    for (int64_t i = 0; i < count; i++) {
        double around[5], x = interval_ms[i];
        int64_t n = 0;
        for (int64_t k = i - 2; k <= i + 2; k++) {
            double value = k < 0 || k >= count ? NAN
                           : k < i             ? before[k - i + 2]
                                               : interval_ms[k];
            if (!isnan(value)) {
                around[n++] = value;
            }
        }
        double middle = mien_median(around, n);
        if (!(x >= 300 && x <= 2000 && fabs(x - middle) <= 0.25 * middle)) {
            dropped += !isnan(x);
            interval_ms[i] = NAN;
        }
        before[0] = before[1];
        before[1] = x;
    }
    return dropped;
}
