/* SPDX-License-Identifier: MIT */
/* Descriptors of the short frames of emobase2010: loudness, cepstrum, mel bands, line
 * spectral frequencies; all but the first from one spectrum. */
#include "signal/emobase.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846
/* The linear prediction hears sound as if sampled at this rate. */
#define LPC_RATE_HZ 11000.0
#define PREEMPHASIS 0.97f

static int64_t rounded(double x) {
    return (int64_t)floor(x + 0.5);
}

static mien_status make_bank(
    const mien_emobase *e, int bands, double high_hz, mien_mel_bank *bank) {
    const int64_t size = mien_fft_size_for(e->frame_short < 8 ? 8 : e->frame_short);
    const double half = e->options.rate_hz / 2, low_hz = 20;
    /* from the nominal length: a rounded frame shifts the bins as in the reference */
    const double bin_hz =
        (double)e->frame_short / (e->options.frame_short_s * (double)size);
    const double top = high_hz < half ? high_hz : half;
    mien_mel_spec spec = {.bands = bands,
        .low_hz = low_hz,
        .high_hz = top,
        .bin_hz = bin_hz,
        .first = rounded(low_hz / bin_hz) + 1,
        .end = rounded(top / bin_hz)};
    spec.end = spec.end < size / 2 + 1 ? spec.end : size / 2 + 1;
    return mien_mel_bank_init(bank, &spec);
}

/* Prepares the chirp transform, which turns only that part of the spectrum back into
 * sound which the lower rate keeps. */
static mien_status make_chirp(mien_emobase *e, int64_t size) {
    const int64_t n = e->frame_short;
    const int64_t samples = rounded((double)n * LPC_RATE_HZ / e->options.rate_hz);
    const double period = (double)size * (double)samples / (double)n;
    int64_t last = (size < samples ? size : samples) / 2 - 1;
    if (samples >= size) {
        last = size / 2; /* the bin at half the rate is real */
    }
    e->chirp_samples = samples;
    return mien_chirp_new(last + 1, samples, period, &e->chirp);
}

mien_status mien_emobase_frames_init(mien_emobase *e) {
    const int64_t n = e->frame_short, size = mien_fft_size_for(n < 8 ? 8 : n);
    e->offset = e->options.pad_both ? (size - n) / 2 : 0;
    e->taper = mien_alloc((size_t)n, sizeof *e->taper);
    e->power = mien_alloc((size_t)size / 2 + 1, sizeof *e->power);
    mien_status status = mien_fft_new(MIEN_FFT_REAL, size, &e->fft);
    if (status == MIEN_OK && (!e->taper || !e->power)) {
        status = MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = make_bank(e, EMOBASE_MFCC_BANDS, 8000, &e->mfcc_bank);
    }
    if (status == MIEN_OK) {
        status = make_bank(e, EMOBASE_LOG_MEL, 6500, &e->log_mel_bank);
    }
    if (status == MIEN_OK) {
        status = make_chirp(e, size);
    }
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        e->taper[i] = 0.54 - 0.46 * cos(2 * PI * (double)i / (double)(n - 1));
        e->taper_sum += e->taper[i];
    }
    for (int i = 0; i < EMOBASE_MFCC; i++) {
        double lifter = sqrt(2.0 / EMOBASE_MFCC_BANDS) * (1 + 11 * sin(PI * i / 22));
        for (int m = 0; m < EMOBASE_MFCC_BANDS; m++) {
            e->cosine[i][m] = lifter * cos(PI * i * (m + 0.5) / EMOBASE_MFCC_BANDS);
        }
    }
    return status;
}

void mien_emobase_frames_clear(mien_emobase *e) {
    mien_chirp_free(&e->chirp);
    mien_mel_bank_clear(&e->mfcc_bank);
    mien_mel_bank_clear(&e->log_mel_bank);
    mien_fft_free(&e->fft);
    mien_free(e->power);
    mien_free(e->taper);
}

static double *column(mien_emobase *e, int index, int64_t row) {
    return e->table.values + index * e->table.room + row;
}

/* The reference means the mean square of a frame, but sums up no further than its first
 * sample; the set's values are those. */
static double loudness_of(const mien_emobase *e, const float *x) {
    double power = e->taper[0] * (double)x[0] * (double)x[0];
    for (int64_t i = 1; e->options.loudness_whole && i < e->frame_short; i++) {
        power += e->taper[i] * (double)x[i] * (double)x[i];
    }
    return pow(power / e->taper_sum / 1e-6, 0.3);
}

static const double *spectrum_of(mien_emobase *e, const float *x) {
    const int64_t n = e->frame_short, size = mien_fft_size_for(n < 8 ? 8 : n);
    const double k = (double)PREEMPHASIS;
    double *to = mien_fft_input(e->fft), *y = to + e->offset;
    memset(to, 0, (size_t)size * sizeof *to);
    y[0] = (1 - k) * (double)x[0] * e->taper[0];
    for (int64_t i = 1; i < n; i++) {
        y[i] = ((double)x[i] - k * (double)x[i - 1]) * e->taper[i];
    }
    const double *made = mien_fft_run(e->fft);
    for (int64_t i = 0; i <= size / 2; i++) {
        e->power[i] = made[2 * i] * made[2 * i] + made[2 * i + 1] * made[2 * i + 1];
    }
    return made;
}

static void take_cepstrum(mien_emobase *e, int64_t t) {
    double energies[EMOBASE_MFCC_BANDS];
    mien_mel_bank_run(&e->mfcc_bank, e->power, energies);
    for (int m = 0; m < EMOBASE_MFCC_BANDS; m++) {
        energies[m] = log(fmax(energies[m], 1e-8));
    }
    for (int i = 0; i < EMOBASE_MFCC; i++) {
        double sum = 0;
        for (int m = 0; m < EMOBASE_MFCC_BANDS; m++) {
            sum += e->cosine[i][m] * energies[m];
        }
        *column(e, EMOBASE_AT_MFCC + i, t) = sum;
    }
}

static void take_lsp(mien_emobase *e, int lane, int64_t t) {
    double r[MIEN_LSP_ORDER + 1], a[MIEN_LSP_ORDER], lsp[MIEN_LSP_ORDER];
    mien_autocorrelation(
        mien_chirp_sound(e->chirp, lane), e->chirp_samples, MIEN_LSP_ORDER, r);
    mien_lpc(r, MIEN_LSP_ORDER, a);
    mien_lsp(a, lsp);
    for (int i = 0; i < MIEN_LSP_ORDER; i++) {
        *column(e, EMOBASE_AT_LSP + i, t) = lsp[i];
    }
}

static void one_frame(mien_emobase *e, const float *x, int lane, int64_t t) {
    double energies[EMOBASE_LOG_MEL];
    *column(e, EMOBASE_AT_LOUDNESS, t) = loudness_of(e, x);
    mien_chirp_put(e->chirp, lane, spectrum_of(e, x));
    take_cepstrum(e, t);
    mien_mel_bank_run(&e->log_mel_bank, e->power, energies);
    for (int i = 0; i < EMOBASE_LOG_MEL; i++) {
        *column(e, EMOBASE_AT_LOG_MEL + i, t) = log(fmax(energies[i], 1e-12));
    }
}

void mien_emobase_frames(mien_emobase *e, const float *sound, int64_t rows) {
    for (int64_t first = 0; first < rows; first += MIEN_SOUND_LANES) {
        const int lanes =
            rows - first < MIEN_SOUND_LANES ? (int)(rows - first) : MIEN_SOUND_LANES;
        for (int l = 0; l < lanes; l++) {
            one_frame(e, sound + (first + l) * e->hop, l, first + l);
        }
        mien_chirp_run(e->chirp, lanes);
        for (int l = 0; l < lanes; l++) {
            take_lsp(e, l, first + l);
        }
    }
}
