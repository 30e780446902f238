/* SPDX-License-Identifier: MIT */
/* eGeMAPS: 88 values of a voice, re-implemented from the description of the set (Eyben
 * et al. 2016).
 *
 * In: samples of one channel at 16 kHz. Every 10 ms a short and a long frame are
 * described (egemaps_frames.c, egemaps_voice.c); the columns are smoothed over three
 * rows, those of the voice over voiced ones alone, and summed up by means, relative
 * deviations, and of pitch and loudness percentiles and slopes too. Called by whoever
 * extracts features. What the description leaves open stands in docs/films.md. */
#include "signal/egemaps.h"
#include "base/need.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Full scale of 16-bit sound is 32767 here, and 32768 where it was read. */
#define SCALE (32768.0F / 32767.0F)
#define HOP_S 0.01
/* Rises and falls smaller than this part of the whole range are none. */
#define RANGE_PART 0.1

mien_status mien_egemaps_new(mien_egemaps **egemaps) {
    MIEN_NEED(egemaps);
    MIEN_NEED(egemaps);
    mien_egemaps *e = mien_alloc(1, sizeof *e);
    if (!e) {
        return MIEN_ENOMEM;
    }
    mien_status status = mien_egemaps_frames_init(e);
    status =
        status ? status : mien_fft_new(MIEN_FFT_REAL, EGEMAPS_LONG_SIZE, &e->long_fft);
    const mien_pitch_spec spec = {.frame = EGEMAPS_LONG,
        .frame_s = 0.06,
        .spread = 0.4,
        .peaks_only = true,
        .candidates = MIEN_PITCH_CANDIDATES};
    status = status ? status : mien_pitch_new(&spec, &e->pitch);
    for (int i = 0; i < EGEMAPS_LONG; i++) {
        const double middle = (EGEMAPS_LONG - 1) / 2.0,
                     away = (i - middle) / (0.4 * middle);
        e->window[i] = exp(-0.5 * away * away);
    }
    if (status != MIEN_OK) {
        mien_egemaps_free(&e);
        return status;
    }
    *egemaps = e;
    return MIEN_OK;
}

static void free_room(mien_egemaps *e) {
    void *rooms[] = {e->samples, e->values, e->smooth, e->scratch, e->frames, e->jitter,
        e->hz, e->from};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        mien_free(rooms[i]);
    }
    e->samples = NULL;
    e->values = e->smooth = e->scratch = e->hz = NULL;
    e->frames = NULL;
    e->jitter = NULL;
    e->from = NULL;
    e->room = e->sample_room = 0;
}

void mien_egemaps_free(mien_egemaps **egemaps) {
    mien_egemaps *e = egemaps ? *egemaps : NULL;
    if (e) {
        free_room(e);
        mien_egemaps_frames_clear(e);
        mien_fft_free(&e->long_fft);
        mien_pitch_free(&e->pitch);
        mien_free(e);
        *egemaps = NULL;
    }
}

static mien_status make_room(mien_egemaps *e, int64_t count) {
    const int64_t rows = count / EGEMAPS_HOP + 2;
    if (count <= e->sample_room) {
        return MIEN_OK;
    }
    free_room(e);
    const size_t n = (size_t)rows;
    e->samples = mien_alloc((size_t)count, sizeof *e->samples);
    e->values = mien_alloc(n * EGEMAPS_COLUMNS, sizeof *e->values);
    e->smooth = mien_alloc(n * EGEMAPS_COLUMNS, sizeof *e->smooth);
    e->scratch = mien_alloc(n * 3, sizeof *e->scratch);
    e->frames = mien_alloc(n, sizeof *e->frames);
    e->jitter = mien_alloc(n, sizeof *e->jitter);
    e->hz = mien_alloc(n, sizeof *e->hz);
    e->from = mien_alloc(n, MIEN_PITCH_CANDIDATES + 1);
    if (!e->samples || !e->values || !e->smooth || !e->scratch || !e->frames ||
        !e->jitter || !e->hz || !e->from) {
        free_room(e);
        return MIEN_ENOMEM;
    }
    e->room = rows;
    e->sample_room = count;
    return MIEN_OK;
}

/* ---- smoothing --------------------------------------------------------------------
 */

/* The mean of three rows, ends repeated. */
static void smooth_all(const double *x, int64_t n, double *y) {
    for (int64_t t = 0; t < n; t++) {
        y[t] = (x[t > 0 ? t - 1 : 0] + x[t] + x[t + 1 < n ? t + 1 : n - 1]) / 3;
    }
}

/* The same over those rows alone that are not 0 and, with a pitch at hand, voiced or
 * unvoiced; 0 elsewhere. */
static void smooth_some(
    const double *x, int64_t n, const double *f0, bool voiced, double *y) {
    for (int64_t t = 0; t < n; t++) {
        double sum = 0;
        int count = 0;
        for (int64_t k = t > 0 ? t - 1 : 0; k <= t + 1 && k < n; k++) {
            if ((!f0 || (f0[k] > 0) == voiced) && x[k] != 0) {
                sum += x[k];
                count++;
            }
        }
        y[t] = (!f0 || (f0[t] > 0) == voiced) && x[t] != 0 ? sum / count : 0;
    }
}

static void smooth_columns(mien_egemaps *e) {
    const double *f0 = e->values + EGEMAPS_AT_F0 * e->room;
    for (int c = 0; c < EGEMAPS_COLUMNS; c++) {
        const double *x = e->values + c * e->room;
        double *y = e->smooth + c * e->room;
        if (c < EGEMAPS_AT_F0) {
            smooth_all(x, e->rows_short, y);
        } else {
            smooth_some(x, e->rows_long, c < EGEMAPS_AT_FORMANT ? f0 : NULL, true, y);
        }
    }
}

static mien_status describe(mien_egemaps *e, const float *sound, int64_t count) {
    mien_status status = make_room(e, count);
    e->rows_short =
        count < EGEMAPS_SHORT ? 0 : 1 + (count - EGEMAPS_SHORT) / EGEMAPS_HOP;
    e->rows_long = count < EGEMAPS_LONG ? 0 : 1 + (count - EGEMAPS_LONG) / EGEMAPS_HOP;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        e->samples[i] = sound[i] * SCALE;
    }
    if (status == MIEN_OK) {
        mien_egemaps_frames(e);
        status = mien_egemaps_voice(e, count);
    }
    if (status == MIEN_OK) {
        smooth_columns(e);
    }
    return status;
}

/* ---- statistics --------------------------------------------------------------------
 */

/* The mean, and the standard deviation over it, of what is not 0. */
static double *put_mean(const double *x, int64_t n, bool zeros, bool both, double *to) {
    double sum = 0, square = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (zeros || x[i] != 0) {
            sum += x[i];
            count++;
        }
    }
    const double mean = count > 0 ? sum / (double)count : 0;
    for (int64_t i = 0; i < n; i++) {
        square += zeros || x[i] != 0 ? (x[i] - mean) * (x[i] - mean) : 0;
    }
    *to++ = mean;
    if (both) {
        *to++ = mean != 0 ? sqrt(square / (double)count) / mean : 0;
    }
    return to;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const double *sorted, int64_t n, double p) {
    const double at = p * (double)(n - 1);
    const int64_t below = (int64_t)at;
    return below + 1 < n ? sorted[below] + (at - (double)below) *
                                               (sorted[below + 1] - sorted[below])
                         : sorted[n - 1];
}

/* Rises and falls of a track between its turns: what turns back by a tenth of the range
 * ends one. Three habits of the reference are kept (measured on made envelopes, as
 * docs/films.md tells): a track begins with a rise from its first row unless it first
 * falls by a tenth; behind the last peak lies the lowest minimum there is, however
 * small; and what is left to the end counts towards the mean, with its own sign, but
 * not towards the deviation. */
typedef struct slopes {
    double sum, square, rest; /* of those between turns; of what is left to the end */
    int64_t count, rests;
} slopes;

typedef struct turns {
    slopes rises, falls;
    int64_t peaks;
} turns;

static double slope_between(const double *x, int64_t from, int64_t to) {
    return (x[to] - x[from]) / ((double)(to - from) * HOP_S);
}

static void add_slope(turns *t, const double *x, int64_t from, int64_t to, bool rise) {
    if (to > from) {
        slopes *s = rise ? &t->rises : &t->falls;
        const double slope = fabs(slope_between(x, from, to));
        s->sum += slope;
        s->square += slope * slope;
        s->count++;
    }
}

/* What follows the last turn: the lowest minimum behind a peak, and the rest. */
static void add_end(turns *t, const double *x, int64_t n, int64_t last, bool peak) {
    int64_t low = -1;
    for (int64_t i = last + 1; peak && i < n - 2; i++) {
        const bool minimum = x[i] < x[i - 1] && x[i] <= x[i + 1];
        low = minimum && (low < 0 || x[i] < x[low]) ? i : low;
    }
    if (low >= 0) {
        add_slope(t, x, last, low, false);
        last = low;
        peak = false;
    }
    if (last < n - 1) {
        slopes *s = peak ? &t->falls : &t->rises;
        s->rest = slope_between(x, last, n - 1);
        s->rests = 1;
    }
}

static turns turns_of(const double *x, int64_t n) {
    turns t = {0};
    double least = INFINITY, most = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        least = fmin(least, x[i]);
        most = fmax(most, x[i]);
    }
    const double part = RANGE_PART * (most - least);
    int64_t high = 0, low = 0, last = 0;
    int way = 0; /* 1: up, -1: down, 0: not known */
    for (int64_t i = 1; i < n; i++) {
        high = x[i] > x[high] ? i : high;
        low = x[i] < x[low] ? i : low;
        const bool top = way >= 0 && x[high] - x[i] > part,
                   bottom = way <= 0 && x[i] - x[low] > part;
        if (!top && !bottom) {
            continue;
        }
        const int64_t at = top ? high : low;
        if (way != 0 || top || x[0] - x[low] > part) {
            add_slope(&t, x, last, at, top);
            last = at;
        }
        t.peaks += top;
        way = top ? -1 : 1;
        high = low = i;
    }
    if (way != 0) {
        add_end(&t, x, n, last, way < 0);
    }
    return t;
}

static double *put_slopes(const slopes *s, double *to) {
    const double n = (double)(s->count + s->rests);
    const double mean = n > 0 ? (s->sum + s->rest) / n : 0;
    const double square =
        s->square - 2 * mean * s->sum + (double)s->count * mean * mean;
    *to++ = mean;
    *to++ = n > 0 ? sqrt(fmax(0, square) / n) : 0;
    return to;
}

static double deviation_of(double sum, double square, int64_t n) {
    const double mean = n > 0 ? sum / (double)n : 0;
    return n > 0 ? sqrt(fmax(0, square / (double)n - mean * mean)) : 0;
}

/* Ten values of a track of n > 0 rows, which is kept. */
static double *put_ten(mien_egemaps *e, const double *x, int64_t n, double *to) {
    double *sorted = e->scratch + 2 * e->room;
    const turns t = turns_of(x, n);
    to = put_mean(x, n, true, true, to);
    memcpy(sorted, x, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    const double low = percentile(sorted, n, 0.2), high = percentile(sorted, n, 0.8);
    *to++ = low;
    *to++ = percentile(sorted, n, 0.5);
    *to++ = high;
    *to++ = high - low;
    to = put_slopes(&t.rises, to);
    return put_slopes(&t.falls, to);
}

static double *put_pitch(mien_egemaps *e, double *to) {
    const double *f0 = e->smooth + EGEMAPS_AT_F0 * e->room;
    double *voiced = e->scratch;
    int64_t n = 0;
    for (int64_t t = 0; t < e->rows_long; t++) {
        if (f0[t] > 0) {
            voiced[n++] = f0[t];
        }
    }
    if (n > 0) {
        return put_ten(e, voiced, n, to);
    }
    memset(to, 0, 10 * sizeof *to);
    return to + 10;
}

/* The column over voiced or unvoiced rows alone, those of all long frames but the last,
 * as the reference's are. */
static double *put_part(mien_egemaps *e, int column, bool voiced, double *to) {
    double *y = e->scratch;
    const int64_t n = e->rows_long > 1 ? e->rows_long - 1 : e->rows_long;
    smooth_some(e->values + column * e->room, n, e->values + EGEMAPS_AT_F0 * e->room,
        voiced, y);
    return put_mean(y, n, false, voiced, to);
}

/* A formant's frequency and bandwidth over voiced rows; its level over all rows but the
 * last, those without voice among them, as the reference's. */
static double *put_formant(mien_egemaps *e, int column, double *to) {
    double *y = e->scratch;
    if ((column - EGEMAPS_AT_FORMANT) % 3 == 2) {
        const int64_t n = e->rows_long > 1 ? e->rows_long - 1 : e->rows_long;
        return put_mean(e->smooth + column * e->room, n, false, true, to);
    }
    smooth_some(e->values + column * e->room, e->rows_long,
        e->values + EGEMAPS_AT_F0 * e->room, true, y);
    return put_mean(y, e->rows_long, false, true, to);
}

/* Means and deviations of the lengths of runs of three rows at least, and how many
 * there are; a run of n rows lasts n − 1 hops. */
static void runs_of(const mien_egemaps *e, bool voiced, double *mean, double *deviation,
    int64_t *runs) {
    const double *f0 = e->smooth + EGEMAPS_AT_F0 * e->room;
    const int64_t n = e->rows_long - 1;
    double sum = 0, square = 0;
    int64_t length = 0;
    *runs = 0;
    for (int64_t t = 0; t <= n; t++) {
        if (t < n && (f0[t] > 0) == voiced) {
            length++;
            continue;
        }
        if (length >= 3) {
            const double s = (double)(length - 1) * HOP_S;
            sum += s;
            square += s * s;
            ++*runs;
        }
        length = 0;
    }
    *mean = *runs > 0 ? sum / (double)*runs : 0;
    *deviation = deviation_of(sum, square, *runs);
}

static double *put_times(mien_egemaps *e, double *to) {
    const double *loudness = e->smooth + EGEMAPS_AT_LOUDNESS * e->room;
    const int64_t n = e->rows_long - 1;
    int64_t runs, gaps;
    *to++ = (double)turns_of(loudness, e->rows_short).peaks /
            ((double)e->rows_short * HOP_S);
    runs_of(e, true, &to[1], &to[2], &runs);
    runs_of(e, false, &to[3], &to[4], &gaps);
    to[0] = n > 0 ? (double)runs / ((double)n * HOP_S) : 0;
    return to + 5;
}

/* The mean square of the short frames, dB of full scale. */
static double sound_level(const mien_egemaps *e) {
    double sum = 0;
    for (int64_t t = 0; t < e->rows_short; t++) {
        for (int i = 0; i < EGEMAPS_SHORT; i++) {
            const double x = (double)e->samples[t * EGEMAPS_HOP + i];
            sum += x * x;
        }
    }
    return 10 * log10(fmax(sum / ((double)e->rows_short * EGEMAPS_SHORT), 1e-20));
}

static void summarize(mien_egemaps *e, double *to) {
    const double *s = e->smooth;
    to = put_pitch(e, to);
    to = put_ten(e, s + EGEMAPS_AT_LOUDNESS * e->room, e->rows_short, to);
    for (int c = EGEMAPS_AT_FLUX; c < EGEMAPS_AT_F0; c++) {
        to = put_mean(s + c * e->room, e->rows_short, true, true, to);
    }
    for (int c = EGEMAPS_AT_JITTER; c < EGEMAPS_AT_FORMANT; c++) {
        to = put_mean(s + c * e->room, e->rows_long, false, true, to);
    }
    for (int c = EGEMAPS_AT_FORMANT; c < EGEMAPS_COLUMNS; c++) {
        to = put_formant(e, c, to);
    }
    for (int c = EGEMAPS_AT_ALPHA; c < EGEMAPS_AT_F0; c++) {
        to = put_part(e, c, true, to);
    }
    for (int c = EGEMAPS_AT_ALPHA; c <= EGEMAPS_AT_FLUX; c++) {
        to = put_part(e, c, false, to);
    }
    to = put_times(e, to);
    *to = sound_level(e);
}

mien_status mien_egemaps_run(
    mien_egemaps *e, const float *sound, int64_t count, float *values) {
    MIEN_NEED(e, sound || count < 1, values);
    MIEN_NEED(e, sound || count < 1, values || count < 1);
    double made[MIEN_EGEMAPS_VALUES] = {0};
    mien_status status = describe(e, sound, count);
    if (status == MIEN_OK && e->rows_long > 0) {
        summarize(e, made);
    }
    for (int i = 0; status == MIEN_OK && i < MIEN_EGEMAPS_VALUES; i++) {
        values[i] = (float)made[i];
    }
    return status;
}

mien_status mien_egemaps_tracks(
    mien_egemaps *e, const float *sound, int64_t count, mien_tensor **tracks) {
    MIEN_NEED(e, sound || count < 1, tracks);
    MIEN_NEED(e, sound || count < 1, tracks);
    mien_tensor *made = NULL;
    mien_status status = describe(e, sound, count);
    const int64_t rows = status == MIEN_OK ? e->rows_long : 0;
    const int64_t shape[2] = {rows, MIEN_EGEMAPS_TRACKS};
    status = status ? status : mien_tensor_new(MIEN_F32, 2, shape, &made);
    if (status != MIEN_OK) {
        return status;
    }
    float *to = made->data;
    for (int64_t t = 0; t < rows; t++) {
        for (int c = 0; c < MIEN_EGEMAPS_TRACKS; c++) {
            *to++ = (float)e->smooth[c * e->room + t];
        }
    }
    *tracks = made;
    return MIEN_OK;
}
