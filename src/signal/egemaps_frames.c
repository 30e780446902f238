/* SPDX-License-Identifier: MIT */
/* Descriptors of the short frames of eGeMAPS: loudness, balance and slopes of the
 * spectrum, its change, cepstrum, formants. */
#include "signal/egemaps.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#include "signal/lsp.h"
#include "signal/sound_kernels.h"

#define PI 3.14159265358979323846
#define BIN_HZ ((double)EGEMAPS_RATE / EGEMAPS_SHORT_SIZE)
/* Formants hear sound as if sampled at this rate. */
#define FORMANT_RATE_HZ 11000.0
/* The frame stands in the middle of what is transformed. What formants hear begins
 * with the zeros before it, so that its last 6 ms are not heard: as the reference. */
#define PAD ((EGEMAPS_SHORT_SIZE - EGEMAPS_SHORT) / 2)
/* Makes the sum of the bands what the reference gives; the description has none. */
#define LOUDNESS_SCALE 0.0690205
#define LOUDNESS_POWER 0.33

/* In bins of 31.25 Hz, ends excluded: 0 to 1 and 1 to 5 kHz; 0 to 2 and 2 to 5 kHz,
 * their ends in both; 0 to 5 kHz. */
enum { KHZ_1 = 32, KHZ_2 = 64, KHZ_5 = 160 };

static double mel_to_hz(double mel) {
    return 700 * (exp(mel / 1127) - 1);
}

/* The curve of equal loudness at 40 dB (Hermansky 1990), with a steeper fall above 5
 * kHz. */
static double equal_loudness(double hz) {
    const double w = 2 * PI * hz, s = w * w;
    const double low =
        (s + 56.8e6) * s * s / ((s + 6.3e6) * (s + 6.3e6) * (s + 0.38e9));
    return low / (1 + s * s * s * w / 1.7e31);
}

static mien_status make_bank(mien_egemaps *e) {
    const double low_hz = 20, high_hz = 8000;
    const mien_mel_spec spec = {.bands = EGEMAPS_BANDS,
        .low_hz = low_hz,
        .high_hz = high_hz,
        .bin_hz = BIN_HZ,
        .first = (int64_t)floor(low_hz / BIN_HZ + 0.5) + 1,
        .end = (int64_t)floor(high_hz / BIN_HZ + 0.5)};
    const double low = mien_mel(low_hz),
                 step = (mien_mel(high_hz) - low) / (EGEMAPS_BANDS + 1);
    for (int b = 0; b < EGEMAPS_BANDS; b++) {
        e->weight[b] = equal_loudness(mel_to_hz(low + (b + 1) * step));
    }
    return mien_mel_bank_init(&e->bank, &spec);
}

static mien_status make_chirp(mien_egemaps *e) {
    const double samples = floor(EGEMAPS_SHORT * FORMANT_RATE_HZ / EGEMAPS_RATE + 0.5);
    const int64_t last = (int64_t)samples / 2 - 1;
    e->chirp_samples = (int64_t)samples;
    return mien_chirp_new(last + 1, e->chirp_samples,
        EGEMAPS_SHORT_SIZE * samples / EGEMAPS_SHORT, &e->chirp);
}

mien_status mien_egemaps_frames_init(mien_egemaps *e) {
    mien_status status = mien_fft_new(MIEN_FFT_REAL, EGEMAPS_SHORT_SIZE, &e->short_fft);
    status = status ? status : make_bank(e);
    status = status ? status : make_chirp(e);
    for (int i = 0; i < EGEMAPS_SHORT; i++) {
        e->taper[i] = 0.54 - 0.46 * cos(2 * PI * i / (EGEMAPS_SHORT - 1));
    }
    for (int i = 0; i < 4; i++) {
        const double lifter =
            sqrt(2.0 / EGEMAPS_BANDS) * (1 + 11 * sin(PI * (i + 1) / 22));
        for (int m = 0; m < EGEMAPS_BANDS; m++) {
            e->cosine[i][m] = lifter * cos(PI * (i + 1) * (m + 0.5) / EGEMAPS_BANDS);
        }
    }
    return status;
}

void mien_egemaps_frames_clear(mien_egemaps *e) {
    mien_chirp_free(&e->chirp);
    mien_mel_bank_clear(&e->bank);
    mien_fft_free(&e->short_fft);
}

/* ---- the spectrum ---------------------------------------------------------------- */

static double sum_of(const double *x, int first, int end) {
    double sum = 0;
    for (int i = first; i < end; i++) {
        sum += x[i];
    }
    return sum;
}

static double most_of(const double *x, int first, int end) {
    double most = 0;
    for (int i = first; i < end; i++) {
        most = fmax(most, x[i]);
    }
    return most;
}

static double ratio_db(double a, double b) {
    return a > 0 && b > 0 ? 10 * log10(a / b) : 0;
}

/* The slope of the level (dB a Hz) over bins first to last. The reference counts one
 * bin less than it sums up, which is kept. */
static double slope_of(const double *power, int first, int last) {
    const double n = last - first;
    double x = 0, y = 0, xx = 0, xy = 0;
    for (int k = first; k <= last; k++) {
        const double hz = k * BIN_HZ, level = 10 * log10(fmax(power[k], 1e-20));
        x += hz;
        y += level;
        xx += hz * hz;
        xy += hz * level;
    }
    return (n * xy - x * y) / (n * xx - x * x);
}

/* The root mean square of the change of magnitudes up to 5 kHz. */
static double flux_of(const double *now, const double *before) {
    double sum = 0;
    for (int k = 0; k < KHZ_5; k++) {
        sum += (now[k] - before[k]) * (now[k] - before[k]);
    }
    return sqrt(sum / KHZ_5);
}

static void take_bands(mien_egemaps *e, int64_t t) {
    double energy[EGEMAPS_BANDS], loudness = 0;
    mien_mel_bank_run(&e->bank, e->power, energy);
    for (int b = 0; b < EGEMAPS_BANDS; b++) {
        loudness += pow(energy[b] * e->weight[b], LOUDNESS_POWER);
        energy[b] = log(fmax(energy[b], 1e-8));
    }
    *mien_egemaps_at(e, EGEMAPS_AT_LOUDNESS, t) = LOUDNESS_SCALE * loudness;
    for (int i = 0; i < 4; i++) {
        double sum = 0;
        for (int b = 0; b < EGEMAPS_BANDS; b++) {
            sum += e->cosine[i][b] * energy[b];
        }
        *mien_egemaps_at(e, EGEMAPS_AT_MFCC + i, t) = sum;
    }
}

static void take_spectrum(mien_egemaps *e, const float *x, int lane, int64_t t) {
    double *to = mien_fft_input(e->short_fft), *now = e->magnitude[t % 2];
    memset(to, 0, EGEMAPS_SHORT_SIZE * sizeof *to);
    for (int i = 0; i < EGEMAPS_SHORT; i++) {
        to[PAD + i] = (double)x[i] * e->taper[i];
    }
    const double *made = mien_fft_run(e->short_fft);
    mien_chirp_put(e->chirp, lane, made);
    for (int k = 0; k <= EGEMAPS_SHORT_SIZE / 2; k++) {
        e->power[k] = made[2 * k] * made[2 * k] + made[2 * k + 1] * made[2 * k + 1];
        now[k] = sqrt(e->power[k]);
    }
    take_bands(e, t);
    *mien_egemaps_at(e, EGEMAPS_AT_ALPHA, t) =
        ratio_db(sum_of(e->power, KHZ_1, KHZ_5 + 1), sum_of(e->power, 0, KHZ_1));
    *mien_egemaps_at(e, EGEMAPS_AT_HAMMARBERG, t) =
        ratio_db(most_of(e->power, 0, KHZ_2 + 1), most_of(e->power, KHZ_2, KHZ_5 + 1));
    *mien_egemaps_at(e, EGEMAPS_AT_SLOPE_LOW, t) = slope_of(e->power, 0, 16);
    *mien_egemaps_at(e, EGEMAPS_AT_SLOPE_HIGH, t) = slope_of(e->power, 16, 48);
    *mien_egemaps_at(e, EGEMAPS_AT_FLUX, t) =
        t > 0 ? flux_of(now, e->magnitude[(t + 1) % 2]) : 0;
}

/* ---- formants -------------------------------------------------------------------- */

/* All roots of z^n + a[0] z^(n − 1) + … by Durand and Kerner's steps. */
static void roots_of(const double *a, double complex *z) {
    const double complex seed = 0.4 + 0.9 * I;
    z[0] = 1;
    for (int i = 1; i < EGEMAPS_LPC; i++) {
        z[i] = z[i - 1] * seed;
    }
    for (int turn = 0; turn < 80; turn++) {
        double moved = 0;
        for (int i = 0; i < EGEMAPS_LPC; i++) {
            double complex value = 1, apart = 1;
            for (int k = 0; k < EGEMAPS_LPC; k++) {
                value = value * z[i] + a[k];
                apart *= k == i ? 1 : z[i] - z[k];
            }
            const double complex step = apart != 0 ? value / apart : 1e-6;
            z[i] -= step;
            moved = fmax(moved, cabs(step));
        }
        if (moved < 1e-12) {
            break;
        }
    }
}

/* Frequencies and bandwidths of the roots above the real axis, the lowest first; 0
 * where there are fewer. The polynomial is 1 plus what linear prediction expects, where
 * a resonance is a root of 1 minus that: so are the reference's values (docs/films.md
 * tells how this was measured), which therefore are not where the vowel resounds. */
static void take_formants(mien_egemaps *e, int lane, int64_t t) {
    double r[EGEMAPS_LPC + 1], a[EGEMAPS_LPC], hz[EGEMAPS_LPC], width[EGEMAPS_LPC];
    double complex z[EGEMAPS_LPC];
    const double rate = (double)EGEMAPS_RATE * (double)e->chirp_samples / EGEMAPS_SHORT;
    int count = 0;
    mien_autocorrelation(
        mien_chirp_sound(e->chirp, lane), e->chirp_samples, EGEMAPS_LPC, r);
    if (r[0] > 0) {
        mien_lpc(r, EGEMAPS_LPC, a);
        for (int i = 0; i < EGEMAPS_LPC; i++) {
            a[i] = -a[i];
        }
        roots_of(a, z);
    }
    for (int i = 0; r[0] > 0 && i < EGEMAPS_LPC; i++) {
        if (!(cimag(z[i]) > 1e-9)) {
            continue;
        }
        const double at = carg(z[i]) * rate / (2 * PI),
                     wide = -log(cabs(z[i])) * rate / PI;
        int k = count++;
        for (; k > 0 && hz[k - 1] > at; k--) {
            hz[k] = hz[k - 1];
            width[k] = width[k - 1];
        }
        hz[k] = at;
        width[k] = wide;
    }
    for (int f = 0; f < EGEMAPS_FORMANTS; f++) {
        *mien_egemaps_at(e, EGEMAPS_AT_FORMANT + 3 * f, t) = f < count ? hz[f] : 0;
        *mien_egemaps_at(e, EGEMAPS_AT_FORMANT + 3 * f + 1, t) =
            f < count ? width[f] : 0;
    }
}

void mien_egemaps_frames(mien_egemaps *e) {
    for (int64_t first = 0; first < e->rows_short; first += MIEN_SOUND_LANES) {
        const int64_t left = e->rows_short - first;
        const int lanes = left < MIEN_SOUND_LANES ? (int)left : MIEN_SOUND_LANES;
        for (int l = 0; l < lanes; l++) {
            const float *x = e->samples + (first + l) * EGEMAPS_HOP;
            take_spectrum(e, x, l, first + l);
        }
        mien_chirp_run(e->chirp, lanes);
        for (int l = 0; l < lanes; l++) {
            take_formants(e, l, first + l);
        }
    }
}
