/* SPDX-License-Identifier: MIT */
/* emobase2010: 1,582 values of a piece of sound, re-implemented from a description of
 * the set.
 *
 * In: samples of one channel. Every 10 ms a short and a long frame are described
 * (emobase_frames.c, pitch.c, jitter.c), the columns of descriptors are smoothed over
 * three rows, their slopes taken, and each is summed up by statistics (functionals.c).
 * Called by whoever extracts features. */
#include "signal/emobase.h"

#include <math.h>
#include <string.h>

#include "base/need.h"
#include "signal/functionals.h"

/* Full scale of 16-bit sound is 32767 here, and 32768 where it was read. */
#define SCALE (32768.0 / 32767.0)

mien_emobase_options mien_emobase_options_default(void) {
    return (mien_emobase_options){.rate_hz = 16000,
        .frame_long_s = 0.060,
        .frame_short_s = 0.025,
        .hop_s = 0.010};
}

mien_emobase_options mien_emobase_options_s5(void) {
    return (mien_emobase_options){.rate_hz = 16000,
        .frame_long_s = 0.320,
        .frame_short_s = 0.320,
        .hop_s = 0.040,
        .window_s = 0.320,
        .step_s = 0.040};
}

static int64_t samples_of(double seconds, double rate_hz) {
    return (int64_t)floor(seconds * rate_hz + 0.5);
}

mien_status mien_emobase_check(const mien_emobase_options *o) {
    MIEN_NEED(o);
    if (!(o->rate_hz >= 4000 && o->rate_hz <= 384000)) {
        return mien_fail(MIEN_EINVAL,
            "emobase2010: %g samples a second are not in 4000 to 384000", o->rate_hz);
    }
    if (!(o->hop_s >= 0.001 && o->hop_s <= 1)) {
        return mien_fail(
            MIEN_EINVAL, "emobase2010: a hop of %g s is not in 0.001 to 1", o->hop_s);
    }
    if (!(o->frame_short_s >= 0.005 && o->frame_short_s <= 1 &&
            o->frame_long_s >= o->frame_short_s && o->frame_long_s <= 1)) {
        return mien_fail(MIEN_EINVAL,
            "emobase2010: frames of %g and %g s; the short ones have 0.005 to 1 s, the "
            "long "
            "ones no less",
            o->frame_short_s, o->frame_long_s);
    }
    const bool whole = o->window_s == 0 && o->step_s == 0;
    if (!whole && !(o->window_s >= o->hop_s && o->window_s <= 3600 &&
                      o->step_s >= o->hop_s && o->step_s <= 3600)) {
        return mien_fail(MIEN_EINVAL,
            "emobase2010: windows of %g s every %g s; both are 0 (all of the sound) or "
            "from a "
            "hop to an hour",
            o->window_s, o->step_s);
    }
    return MIEN_OK;
}

mien_status mien_emobase_new(
    const mien_emobase_options *options, mien_emobase **emobase) {
    MIEN_NEED(emobase);
    mien_emobase_options initial = mien_emobase_options_default();
    const mien_emobase_options *o = options ? options : &initial;
    mien_status status = mien_emobase_check(o);
    if (status != MIEN_OK) {
        return status;
    }
    mien_emobase *e = mien_alloc(1, sizeof *e);
    if (!e) {
        return MIEN_ENOMEM;
    }
    e->options = *o;
    e->frame_long = samples_of(o->frame_long_s, o->rate_hz);
    e->frame_short = samples_of(o->frame_short_s, o->rate_hz);
    e->hop = samples_of(o->hop_s, o->rate_hz);
    e->window = (int64_t)floor(o->window_s / o->hop_s + 0.5);
    e->step = (int64_t)floor(o->step_s / o->hop_s + 0.5);
    status = mien_emobase_frames_init(e);
    if (status == MIEN_OK) {
        const mien_pitch_spec spec = {.frame = e->frame_long,
            .frame_s = o->frame_long_s,
            .spread = 0.25,
            .candidates = 3,
            .rising_only = true};
        status = mien_pitch_new(&spec, &e->pitch);
    }
    if (status != MIEN_OK) {
        mien_emobase_free(&e);
        return status;
    }
    *emobase = e;
    return MIEN_OK;
}

void mien_emobase_free(mien_emobase **emobase) {
    MIEN_NEED_OR(, emobase);
    mien_emobase *e = *emobase;
    if (e) {
        mien_emobase_frames_clear(e);
        mien_pitch_free(&e->pitch);
        mien_free(e->table.values);
        mien_free(e->table.samples);
        mien_free(e->table.pitch);
        mien_free(e->table.jitter);
        mien_free(e->smooth);
        mien_free(e->kept);
        mien_free(e->sorted);
        mien_free(e);
        *emobase = NULL;
    }
}

/* ---- descriptors -------------------------------------------------------------- */

static mien_status table_room(mien_emobase_table *t, int64_t rows, int64_t samples) {
    if (samples > t->sample_room) {
        mien_free(t->samples);
        t->samples = mien_alloc((size_t)samples, sizeof *t->samples);
        t->sample_room = t->samples ? samples : 0;
    }
    if (rows > t->room) {
        mien_free(t->values);
        mien_free(t->pitch);
        mien_free(t->jitter);
        t->values = mien_alloc((size_t)rows * EMOBASE_COLUMNS, sizeof *t->values);
        t->pitch = mien_alloc((size_t)rows, sizeof *t->pitch);
        t->jitter = mien_alloc((size_t)rows, sizeof *t->jitter);
        t->room = t->values && t->pitch && t->jitter ? rows : 0;
    }
    return samples <= t->sample_room && rows <= t->room ? MIEN_OK : MIEN_ENOMEM;
}

static int64_t frames_in(int64_t count, int64_t frame, int64_t hop) {
    return count < frame ? 0 : 1 + (count - frame) / hop;
}

static mien_status describe_pitch(mien_emobase *e, int64_t count) {
    mien_emobase_table *t = &e->table;
    double *f0 = t->values + EMOBASE_AT_F0 * t->room;
    mien_pitch_run(e->pitch, t->samples, e->hop, t->rows_long, t->pitch);
    mien_pitch_smooth(t->rows_long, t->pitch, f0,
        t->values + EMOBASE_AT_ENVELOPE * t->room,
        t->values + EMOBASE_AT_VOICING * t->room);
    const mien_jitter_spec spec = {.rate_hz = e->options.rate_hz,
        .frame = e->frame_long,
        .hop = e->hop,
        .ahead = 1,
        .range = 0.25};
    mien_status status =
        mien_jitter(&spec, t->samples, count, f0, t->rows_long - 1, t->jitter);
    for (int64_t i = 0; status == MIEN_OK && i < t->rows_long - 1; i++) {
        t->values[EMOBASE_AT_JITTER * t->room + i] = t->jitter[i].local;
        t->values[EMOBASE_AT_JITTER_DDP * t->room + i] = t->jitter[i].ddp;
        t->values[EMOBASE_AT_SHIMMER * t->room + i] = t->jitter[i].shimmer;
    }
    return status;
}

mien_status mien_emobase_describe(mien_emobase *e, const float *sound, int64_t count) {
    mien_emobase_table *t = &e->table;
    const int64_t rows = frames_in(count, e->frame_short, e->hop);
    mien_status status = table_room(t, rows, count);
    if (status != MIEN_OK) {
        return status;
    }
    t->rows_short = rows;
    t->rows_long = frames_in(count, e->frame_long, e->hop);
    for (int64_t i = 0; i < count; i++) {
        t->samples[i] = (float)((double)sound[i] * SCALE);
    }
    mien_emobase_frames(e, t->samples, rows);
    return t->rows_long > 0 ? describe_pitch(e, count) : MIEN_OK;
}

/* ---- smoothing ---------------------------------------------------------------- */

/* The mean of three rows; the first and last stand for those beyond. */
static void smooth_column(const double *x, int64_t n, int64_t rows, double *y) {
    for (int64_t t = 0; t < rows; t++) {
        int64_t before = t > 0 ? t - 1 : 0, after = t + 1, at = t;
        before = before < n ? before : n - 1;
        at = at < n ? at : n - 1;
        after = after < n ? after : n - 1;
        y[t] = (x[before] + x[at] + x[after]) / 3;
    }
}

static double row_or_end(const double *x, int64_t n, int64_t t) {
    return x[t < 0 ? 0 : t >= n ? n - 1 : t];
}

/* The slope of the least-squares line through five rows. */
static void slope_column(const double *x, int64_t n, double *y) {
    for (int64_t t = 0; t < n; t++) {
        double near = row_or_end(x, n, t + 1) - row_or_end(x, n, t - 1);
        double far = row_or_end(x, n, t + 2) - row_or_end(x, n, t - 2);
        y[t] = (near + 2 * far) / 10;
    }
}

static mien_status smooth_room(mien_emobase *e, int64_t rows) {
    if (rows <= e->smooth_room) {
        return MIEN_OK;
    }
    mien_free(e->smooth);
    mien_free(e->kept);
    mien_free(e->sorted);
    e->smooth = mien_alloc((size_t)rows * 2 * EMOBASE_COLUMNS, sizeof *e->smooth);
    e->kept = mien_alloc((size_t)rows, sizeof *e->kept);
    e->sorted = mien_alloc((size_t)rows, sizeof *e->sorted);
    e->smooth_room = e->smooth && e->kept && e->sorted ? rows : 0;
    return e->smooth_room ? MIEN_OK : MIEN_ENOMEM;
}

mien_status mien_emobase_smooth(mien_emobase *e) {
    const mien_emobase_table *t = &e->table;
    const int64_t rows = t->rows_long;
    mien_status status = smooth_room(e, rows);
    for (int c = 0; status == MIEN_OK && rows > 1 && c < EMOBASE_COLUMNS; c++) {
        double *smooth = e->smooth + c * e->smooth_room;
        int64_t n = c < EMOBASE_AT_ENVELOPE ? t->rows_short : rows - 1;
        smooth_column(t->values + c * t->room, n, rows, smooth);
        slope_column(smooth, rows, smooth + EMOBASE_COLUMNS * e->smooth_room);
    }
    return status;
}

/* ---- values ------------------------------------------------------------------- */

/* Columns of pitch: only what is not 0 counts, and where it stands among those. */
static void summarize_voiced(
    mien_emobase *e, const double *x, int64_t n, double *values) {
    double all[MIEN_FUNCTIONALS] = {0};
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        if (x[i] != 0) {
            e->kept[kept++] = x[i];
        }
    }
    if (kept > 0) {
        mien_functionals(e->kept, kept, e->sorted, all);
    }
    for (int f = 0, to = 0; f < MIEN_FUNCTIONALS; f++) {
        if (f != MIEN_FUNCTIONAL_PERCENTILE1 && f != MIEN_FUNCTIONAL_PERCENTILE_RANGE) {
            values[to++] = all[f];
        }
    }
}

void mien_emobase_summarize(mien_emobase *e, int64_t first, int64_t n, double *values) {
    for (int half = 0; half < 2; half++) {
        const double *base =
            e->smooth + half * EMOBASE_COLUMNS * e->smooth_room + first;
        for (int c = 0; c < EMOBASE_A; c++) {
            mien_functionals(base + c * e->smooth_room, n, e->sorted,
                values + (half * EMOBASE_A + c) * MIEN_FUNCTIONALS);
        }
        for (int c = 0; c < EMOBASE_B; c++) {
            summarize_voiced(e, base + (EMOBASE_A + c) * e->smooth_room, n,
                values + EMOBASE_AT_B + (half * EMOBASE_B + c) * EMOBASE_B_FUNCTIONALS);
        }
    }
}

static int64_t onsets(const double *f0, int64_t n) {
    int64_t count = 0;
    for (int64_t i = 1; i < n; i++) {
        count += f0[i - 1] <= 0 && f0[i] > 0;
    }
    return count;
}

/* The column of F0; NULL of a sound so short that there is no row. */
static const double *f0_of(const mien_emobase_table *t) {
    return t->values ? t->values + EMOBASE_AT_F0 * t->room : NULL;
}

/* One set of values from all rows: the last three never count. */
static void run_whole(mien_emobase *e, double *values) {
    const mien_emobase_table *t = &e->table;
    const int64_t rows = t->rows_long, n = rows - 3;
    const double *f0 = f0_of(t);
    memset(values, 0, EMOBASE_VALUES * sizeof *values);
    if (n > 0) {
        mien_emobase_summarize(e, 0, n, values);
    }
    values[EMOBASE_AT_ONSETS] = rows > 1 ? (double)onsets(f0, rows - 1) : 0;
    values[EMOBASE_AT_DURATION] = rows > 1 ? (double)(rows - 1) * e->options.hop_s : 0;
}

/* The mean of the values of windows that slide over rows 0 … rows − 2. */
static void run_windows(mien_emobase *e, double *values) {
    const mien_emobase_table *t = &e->table;
    const double *f0 = f0_of(t);
    double one[EMOBASE_VALUES];
    int64_t windows = 0;
    memset(values, 0, EMOBASE_VALUES * sizeof *values);
    for (int64_t first = 0; first + e->window <= t->rows_long - 1; first += e->step) {
        mien_emobase_summarize(e, first, e->window, one);
        one[EMOBASE_AT_ONSETS] = (double)onsets(f0 + first, e->window);
        one[EMOBASE_AT_DURATION] = (double)e->window * e->options.hop_s;
        for (int i = 0; i < EMOBASE_VALUES; i++) {
            values[i] += one[i];
        }
        windows++;
    }
    for (int i = 0; windows > 0 && i < EMOBASE_VALUES; i++) {
        values[i] /= (double)windows;
    }
}

mien_status mien_emobase_run(
    mien_emobase *e, const float *sound, int64_t count, float *values) {
    MIEN_NEED(e, sound || count < 1, values || count < 1);
    double made[EMOBASE_VALUES];
    mien_status status = mien_emobase_describe(e, sound, count);
    if (status == MIEN_OK) {
        status = mien_emobase_smooth(e);
    }
    if (status != MIEN_OK) {
        return status;
    }
    if (e->window > 0) {
        run_windows(e, made);
    } else {
        run_whole(e, made);
    }
    for (int i = 0; i < EMOBASE_VALUES; i++) {
        values[i] = (float)made[i];
    }
    return MIEN_OK;
}

mien_status mien_emobase_tracks(
    mien_emobase *e, const float *sound, int64_t count, mien_tensor **tracks) {
    MIEN_NEED(e, sound || count < 1, tracks);
    mien_tensor *made = NULL;
    mien_status status = mien_emobase_describe(e, sound, count);
    if (status == MIEN_OK) {
        status = mien_emobase_smooth(e);
    }
    const int64_t rows = e->table.rows_long > 1 ? e->table.rows_long : 0;
    const int64_t shape[2] = {rows, MIEN_EMOBASE_TRACKS};
    if (status == MIEN_OK) {
        status = mien_tensor_new(MIEN_F32, 2, shape, &made);
    }
    if (status != MIEN_OK) {
        return status;
    }
    float *to = made->data;
    for (int64_t t = 0; t < rows; t++) {
        for (int c = 0; c < MIEN_EMOBASE_TRACKS; c++) {
            to[t * MIEN_EMOBASE_TRACKS + c] = (float)e->smooth[c * e->smooth_room + t];
        }
    }
    *tracks = made;
    return MIEN_OK;
}
