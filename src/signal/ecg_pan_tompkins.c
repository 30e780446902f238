/* SPDX-License-Identifier: MIT */
/* R peaks after Pan & Tompkins (1985), A real-time QRS detection algorithm. IEEE
 * Transactions on Biomedical Engineering, 32(3), 230-236: band-pass, squared slope,
 * moving average, two running levels of signal and noise, and a search back where a
 * beat is overdue. */
#include <math.h>

#include "base/need.h"
#include "mien/physiology.h"

/* The state of the search: levels that follow the peaks, and the peaks that counted. */
typedef struct search {
    const double *x;
    const int64_t *peaks; /* candidates */
    int64_t *beats;       /* found */
    int64_t count, last, last_index, apart, apart_missed;
    double signal, noise;
} search;

/* The highest candidate since the last beat that half the threshold would have taken.
 */
static int64_t overdue(const search *s, int64_t index, double threshold) {
    int64_t best = -1, peak = s->peaks[index];
    for (int64_t k = s->last_index + 1; k < index; k++) {
        int64_t p = s->peaks[k];
        if (p > s->last + s->apart_missed && p < peak - s->apart_missed &&
            s->x[p] > threshold / 2 && (best < 0 || s->x[p] > s->x[best])) {
            best = p;
        }
    }
    return best;
}

static void take(search *s, int64_t index) {
    int64_t peak = s->peaks[index];
    double threshold = s->noise + 0.25 * (s->signal - s->noise);
    if (!(s->x[peak] > threshold && peak > s->last + s->apart)) {
        s->noise = 0.125 * s->x[peak] + 0.875 * s->noise;
        return;
    }
    s->beats[s->count++] = peak;
    if (s->count > 9) {
        /* the mean of the eight intervals before this beat */
        int64_t mean = (s->beats[s->count - 2] - s->beats[s->count - 10]) / 8;
        int64_t missed = peak - s->last > (int64_t)(1.66 * (double)mean)
                             ? overdue(s, index, threshold)
                             : -1;
        if (missed >= 0) {
            s->beats[s->count - 1] = missed;
            s->beats[s->count++] = peak;
        }
    }
    s->last = peak;
    s->last_index = index;
    s->signal = 0.125 * s->x[peak] + 0.875 * s->signal;
}

/* One pass forward of the band-pass 5 to 15 Hz, in the steady state of the mean. */
static mien_status band_pass(const double *x, int64_t n, double rate_hz, double *y) {
    mien_filter f;
    mien_status status = mien_butterworth(MIEN_BAND_PASS, 1, 5, 15, rate_hz, &f);
    double mean = 0;
    for (int64_t i = 0; i < n; i++) {
        mean += x[i] / (double)n;
    }
    const mien_biquad b = f.section[0];
    double gain = status ? 0 : (b.b[0] + b.b[1] + b.b[2]) / (1 + b.a[1] + b.a[2]);
    double s1 = (b.b[2] - b.a[2] * gain) * mean;
    double s0 = (b.b[1] - b.a[1] * gain) * mean + s1;
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        double out = b.b[0] * x[i] + s0;
        s0 = b.b[1] * x[i] - b.a[1] * out + s1;
        s1 = b.b[2] * x[i] - b.a[2] * out;
        y[i] = out;
    }
    return status;
}

/* Mean of the squared slope over the last 0.12 s; nothing in the first 0.2 s. y may be
 * x. */
static void average(double *x, int64_t n, double rate_hz, double *y, double *sum) {
    int64_t width = (int64_t)(0.12 * rate_hz), quiet = (int64_t)(0.2 * rate_hz);
    for (int64_t i = 0; i < n; i++) {
        double slope = x[i + 1] - x[i];
        sum[i + 1] = sum[i] + slope * slope;
    }
    for (int64_t i = 0; i < n; i++) {
        int64_t from = i + 1 < width ? 0 : i + 1 - width;
        y[i] = i < quiet ? 0 : (sum[i + 1] - sum[from]) / (double)(i + 1 - from);
    }
}

/* Strict maxima only: a plateau has no peak. */
static int64_t find_strict(const double *x, int64_t n, int64_t *peaks) {
    int64_t count = 0;
    for (int64_t i = 1; i < n - 1; i++) {
        if (x[i - 1] < x[i] && x[i] > x[i + 1]) {
            peaks[count++] = i;
        }
    }
    return count;
}

mien_status mien_ecg_peaks_pan_tompkins(
    const double *x, int64_t n, double rate_hz, int64_t **peaks, int64_t *count) {
    MIEN_NEED(x || n < 1, peaks, count);
    if (n < 3) {
        return mien_fail(MIEN_EINVAL, "%lld values are no ECG", (long long)n);
    }
    double *y = mien_alloc((size_t)n, sizeof *y);
    double *sum = mien_alloc((size_t)n, sizeof *sum);
    int64_t *candidates = mien_alloc((size_t)n / 2 + 1, sizeof *candidates);
    int64_t *beats = mien_alloc((size_t)n + 1, sizeof *beats);
    mien_status status = y && sum && candidates && beats ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : band_pass(x, n, rate_hz, y);
    if (status == MIEN_OK) {
        average(y, n - 1, rate_hz, y, sum);
        search s = {.x = y,
            .peaks = candidates,
            .beats = beats,
            .last_index = -1,
            .apart = (int64_t)(0.3 * rate_hz),
            .apart_missed = (int64_t)(0.25 * rate_hz)};
        int64_t found = find_strict(y, n - 1, candidates);
        for (int64_t k = 0; k < found; k++) {
            take(&s, k);
        }
        *peaks = beats;
        *count = s.count;
        beats = NULL;
    }
    mien_free(beats);
    mien_free(candidates);
    mien_free(sum);
    mien_free(y);
    return status;
}
