/* SPDX-License-Identifier: MIT */
/* Jitter and shimmer: periods of the waveform are found by correlating it with itself
 * around the period that the pitch tells, and neighbouring ones are compared.
 *
 * Two habits of the reference are kept, because its values hang on them: a row reads
 * sound from one hop after its pitch's frame on, and a period only counts if its
 * correlation is higher than the lowest of its row so far, itself among them, after
 * that was rounded to single precision. Correlations are therefore computed in double
 * from single samples. */
#include "signal/jitter.h"

#include <math.h>

#include "signal/sound_kernels.h"

typedef struct periods {
    int64_t count, changes, second_changes;
    double length, change, second_change; /* sums, seconds */
    double height, height_change, height_db;
} periods;

typedef struct tracker {
    const mien_jitter_spec *spec;
    const float *sound;
    int64_t count;
    int64_t room;    /* samples a row may read */
    int64_t at, lag; /* the next sample; how many of the last row's are read again */
    double last_length, last_change;
    mien_jitter_row kept;
    double *correlation;         /* of lags low … high */
    double *wide, *sum, *square; /* of the samples that a row reads */
} tracker;

/* Sums of x[0 … i) and of their squares, for all i up to n. */
static void sum_up(tracker *k, const float *x, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        double value = (double)x[i];
        k->wide[i] = value;
        k->sum[i + 1] = k->sum[i] + value;
        k->square[i + 1] = k->square[i] + value * value;
    }
}

/* Pearson's correlation of the n samples from `at` on and the n after those. */
static double correlation_at(const tracker *k, int64_t at, int64_t n) {
    const double *s = k->sum + at, *q = k->square + at, *x = k->wide + at;
    const double a = s[n] - s[0], b = s[2 * n] - s[n], count = (double)n;
    const double aa = q[n] - q[0] - a * a / count, bb = q[2 * n] - q[n] - b * b / count;
    const double ab = mien_sound_product(x, x + n, n) - a * b / count;
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

static double range_of(const float *x, int64_t n) {
    float low = x[0], high = x[0];
    for (int64_t i = 1; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    return (double)high - (double)low;
}

/* The highest maximum of the correlations, its index and, between samples, its place
 * and height; −1 if there is none. */
static int64_t find_peak(const double *c, int64_t n, double *place, double *height) {
    int64_t best = -1;
    for (int64_t i = 1; i < n - 1; i++) {
        if (c[i] > c[i - 1] && c[i] > c[i + 1] && (best < 0 || c[i] > c[best])) {
            best = i;
        }
    }
    if (best < 0) {
        return best;
    }
    const double a = c[best - 1], b = c[best], d = c[best + 1], curve = a - 2 * b + d;
    const double away = curve != 0 ? 0.5 * (a - d) / curve : 0;
    *place = (double)best + away;
    *height = b - 0.25 * (a - d) * away;
    return best;
}

static void add_period(
    tracker *k, periods *p, double length, double height_before, double height_after) {
    p->length += length;
    p->count++;
    if (k->last_length > 0) {
        double change = fabs(k->last_length - length);
        p->change += change;
        p->changes++;
        if (k->last_change > 0) {
            p->second_change += fabs(k->last_change - change);
            p->second_changes++;
        }
        k->last_change = change;
    }
    k->last_length = length;
    p->height += (height_before + height_after) / 2;
    p->height_change += fabs(height_before - height_after);
    if (height_before > 0 && height_after > 0) {
        p->height_db += 20 * log10(1 + 2 * fabs(height_before - height_after) /
                                           (height_before + height_after));
    }
}

/* Walks over the periods in x[0, n); returns how far, at most to before `need`. */
static int64_t walk(
    tracker *k, const float *x, int64_t n, int64_t need, double period, periods *p) {
    const int64_t step = llround(period),
                  low = (int64_t)floor((1 - k->spec->range) * period),
                  high = (int64_t)ceil((1 + k->spec->range) * period),
                  lags = high - low;
    int64_t s = 0, advance = 0;
    float lowest = INFINITY;
    sum_up(k, x, n);
    while (s < n - 2 * high - 1) {
        double place, height;
        for (int64_t i = 0; i < lags; i++) {
            k->correlation[i] = correlation_at(k, s, low + i);
        }
        const int64_t peak = find_peak(k->correlation, lags, &place, &height);
        if (peak < 0) {
            s += step;
        } else {
            const int64_t whole = low + peak;
            double before = range_of(x + s + 1, whole - 2);
            s += whole;
            double after = range_of(x + s + 1, whole - 2);
            lowest = height < (double)lowest ? (float)height : lowest;
            if (height > (k->spec->least > 0 ? k->spec->least : (double)lowest)) {
                add_period(
                    k, p, ((double)low + place) / k->spec->rate_hz, before, after);
            }
        }
        if (s < need - 1) {
            advance = s;
        }
    }
    return advance;
}

static double ratio_of(double sum, int64_t n, const periods *p, double *kept) {
    if (p->count > 0 && n > 0) {
        *kept = fmin(1, (sum / (double)n) / (p->length / (double)p->count));
        return *kept;
    }
    return p->count == 0 ? *kept : 0;
}

static void row_of(tracker *k, const periods *p, mien_jitter_row *row) {
    row->local = ratio_of(p->change, p->changes, p, &k->kept.local);
    row->ddp = ratio_of(p->second_change, p->second_changes, p, &k->kept.ddp);
    if (p->count > 0) {
        k->kept.shimmer = p->height > 0 ? p->height_change / p->height : 0;
        k->kept.shimmer_db = p->height_db / (double)p->count;
    }
    row->shimmer = fmin(1, k->kept.shimmer);
    row->shimmer_db = k->kept.shimmer_db;
}

static void take_row(tracker *k, int64_t t, double f0_hz, mien_jitter_row *row) {
    const mien_jitter_spec *spec = k->spec;
    const bool voiced = f0_hz > 0;
    const double period = voiced ? spec->rate_hz / f0_hz : 0;
    const int64_t need = spec->hop + k->lag;
    int64_t take = need, least = 2 * (int64_t)ceil((1 + spec->range) * period) + 2;
    if (voiced && least > take) {
        take = least;
    }
    take = take < k->lag + spec->frame ? take : k->lag + spec->frame;
    take = take < k->room ? take : k->room;
    if ((t + spec->ahead) * spec->hop - k->lag != k->at) {
        k->at = (t + spec->ahead) * spec->hop;
        take = take < spec->frame ? take : spec->frame;
    }
    if (!voiced) {
        k->at += need;
        k->lag = 0;
        k->last_length = k->last_change = 0;
        k->kept = (mien_jitter_row){0};
        *row = k->kept;
        return;
    }
    const int64_t from = k->at < k->count ? k->at : k->count, there = k->count - from;
    periods p = {0};
    int64_t advance =
        walk(k, k->sound + from, take < there ? take : there, need, period, &p);
    k->lag = need - advance;
    k->at += advance;
    row_of(k, &p, row);
}

mien_status mien_jitter(const mien_jitter_spec *spec, const float *sound, int64_t count,
    const double *f0_hz, int64_t rows, mien_jitter_row *out) {
    tracker k = {.spec = spec, .sound = sound, .count = count};
    double lowest_hz = INFINITY;
    for (int64_t t = 0; t < rows; t++) {
        lowest_hz = f0_hz[t] > 0 && f0_hz[t] < lowest_hz ? f0_hz[t] : lowest_hz;
    }
    const double period = isinf(lowest_hz) ? 1 : spec->rate_hz / lowest_hz;
    /* a row reads no more than what the last one left over, at most two periods and a
     * hop, and a frame */
    const size_t most = (size_t)(4 * period) + (size_t)(spec->frame + spec->hop) + 8;
    k.correlation = mien_alloc((size_t)period + 8, sizeof *k.correlation);
    k.wide = mien_alloc(most, 3 * sizeof *k.wide);
    k.sum = k.wide ? k.wide + most : NULL;
    k.square = k.wide ? k.wide + 2 * most : NULL;
    mien_status status = k.correlation && k.wide ? MIEN_OK : MIEN_ENOMEM;
    k.room = (int64_t)most - 1;
    for (int64_t t = 0; status == MIEN_OK && t < rows; t++) {
        take_row(&k, t, f0_hz[t], &out[t]);
    }
    mien_free(k.correlation);
    mien_free(k.wide);
    return status;
}
