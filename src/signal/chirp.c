/* SPDX-License-Identifier: MIT */
/* Bluestein's chirp: k i = (k² + i² − (i − k)²) / 2 makes of the sum over k a
 * convolution with a chirp, which two Fourier transforms of a power of two do. */
#include "signal/chirp.h"

#include <math.h>
#include <string.h>

#include "signal/fft.h"

#define PI 3.14159265358979323846

typedef struct complex_number {
    double re, im;
} complex_number;

struct mien_chirp {
    int64_t terms, samples, size;
    mien_fft *fft;
    complex_number *wave;     /* exp(πi n² / period), n < max(terms, samples) */
    complex_number *kernel;   /* transform of its conjugate around 0, divided by size */
    int64_t period;           /* where sums are taken themselves; else 0 */
    double (*table)[2];       /* [period / 4 + 1, terms] cosines and sines */
    mien_sound_term *spectra; /* [terms] */
    double *sound;            /* [MIEN_SOUND_LANES, samples] */
};

/* The longest period whose table is worth its room. */
enum { PERIOD_MAX = 1024 };

static complex_number times(complex_number a, complex_number b) {
    return (complex_number){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static void make_kernel(mien_chirp *c) {
    complex_number *x = (complex_number *)(void *)mien_fft_input(c->fft);
    const double scale = 1.0 / (double)c->size;
    memset(x, 0, (size_t)c->size * sizeof *x);
    for (int64_t n = 0; n < c->samples; n++) {
        x[n] = (complex_number){c->wave[n].re, -c->wave[n].im};
    }
    for (int64_t n = 1; n < c->terms; n++) {
        x[c->size - n] = (complex_number){c->wave[n].re, -c->wave[n].im};
    }
    const double *made = mien_fft_run(c->fft);
    for (int64_t n = 0; n < c->size; n++) {
        c->kernel[n] = (complex_number){made[2 * n] * scale, made[2 * n + 1] * scale};
    }
}

static mien_status make_chirp(mien_chirp *c, double period) {
    const int64_t terms = c->terms, samples = c->samples;
    const int64_t waves = terms > samples ? terms : samples;
    c->size = mien_fft_size_for(terms + samples < 4 ? 4 : terms + samples - 1);
    mien_status status = mien_fft_new(MIEN_FFT_COMPLEX, c->size, &c->fft);
    c->wave = mien_alloc((size_t)waves, sizeof *c->wave);
    c->kernel = mien_alloc((size_t)c->size, sizeof *c->kernel);
    if (status == MIEN_OK && (!c->wave || !c->kernel)) {
        status = MIEN_ENOMEM;
    }
    for (int64_t n = 0; status == MIEN_OK && n < waves; n++) {
        double angle = PI / period * fmod((double)n * (double)n, 2 * period);
        c->wave[n] = (complex_number){cos(angle), sin(angle)};
    }
    if (status == MIEN_OK) {
        make_kernel(c);
    }
    return status;
}

static mien_status make_table(mien_chirp *c) {
    const int64_t rows = c->period / 4 + 1;
    c->table = mien_alloc((size_t)(rows * c->terms), sizeof *c->table);
    for (int64_t i = 0; c->table && i < rows; i++) {
        for (int64_t k = 0; k < c->terms; k++) {
            double angle = 2 * PI * (double)(k * i % c->period) / (double)c->period;
            c->table[i * c->terms + k][0] = cos(angle);
            c->table[i * c->terms + k][1] = sin(angle);
        }
    }
    return c->table ? MIEN_OK : MIEN_ENOMEM;
}

mien_status mien_chirp_new(
    int64_t terms, int64_t samples, double period, mien_chirp **chirp) {
    mien_chirp *c = mien_alloc(1, sizeof *c);
    if (!c) {
        return MIEN_ENOMEM;
    }
    const bool whole = floor(period) == period && period <= PERIOD_MAX;
    c->terms = terms;
    c->samples = samples;
    c->period = whole && (int64_t)period % 4 == 0 ? (int64_t)period : 0;
    c->spectra = mien_alloc((size_t)terms, sizeof *c->spectra);
    c->sound = mien_alloc((size_t)samples * MIEN_SOUND_LANES, sizeof *c->sound);
    mien_status status = c->spectra && c->sound ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = c->period ? make_table(c) : make_chirp(c, period);
    }
    if (status != MIEN_OK) {
        mien_chirp_free(&c);
        return status;
    }
    *chirp = c;
    return MIEN_OK;
}

void mien_chirp_free(mien_chirp **chirp) {
    mien_chirp *c = *chirp;
    if (c) {
        mien_free(c->sound);
        mien_free(c->spectra);
        mien_free(c->table);
        mien_free(c->kernel);
        mien_free(c->wave);
        mien_fft_free(&c->fft);
        mien_free(c);
        *chirp = NULL;
    }
}

void mien_chirp_put(mien_chirp *c, int lane, const double *spectrum) {
    for (int64_t k = 0; k < c->terms; k++) {
        c->spectra[k].re[lane] = spectrum[2 * k];
        c->spectra[k].im[lane] = spectrum[2 * k + 1];
    }
}

static void run_chirp(mien_chirp *c, int lane) {
    complex_number *x = (complex_number *)(void *)mien_fft_input(c->fft);
    double *y = c->sound + lane * c->samples;
    for (int64_t k = 0; k < c->terms; k++) {
        const mien_sound_term *t = &c->spectra[k];
        x[k] = times((complex_number){t->re[lane], t->im[lane]}, c->wave[k]);
    }
    memset(x + c->terms, 0, (size_t)(c->size - c->terms) * sizeof *x);
    const complex_number *made =
        (const complex_number *)(const void *)mien_fft_run(c->fft);
    /* the way back is a forward transform of the conjugate */
    for (int64_t n = 0; n < c->size; n++) {
        complex_number p = times(made[n], c->kernel[n]);
        x[n] = (complex_number){p.re, -p.im};
    }
    made = (const complex_number *)(const void *)mien_fft_run(c->fft);
    for (int64_t i = 0; i < c->samples; i++) {
        y[i] = made[i].re * c->wave[i].re + made[i].im * c->wave[i].im;
    }
}

static void run_sums(mien_chirp *c, int lanes) {
    const int64_t half = c->period / 2;
    for (int64_t i = 0; i <= c->period / 4; i++) {
        const double(*table)[2] = (const double(*)[2])c->table + i * c->terms;
        mien_sound_fold f;
        mien_sound_fold_run(table, c->spectra, c->terms, &f);
        const int64_t at[4] = {i, (c->period - i) % c->period, half - i, half + i};
        for (int l = 0; l < lanes; l++) {
            const double near = f.cos_even[l] + f.cos_odd[l];
            const double far = f.cos_even[l] - f.cos_odd[l];
            const double odd = f.sin_even[l] + f.sin_odd[l];
            const double other = f.sin_even[l] - f.sin_odd[l];
            const double y[4] = {near - odd, near + odd, far + other, far - other};
            for (int q = 0; q < 4; q++) {
                if (at[q] < c->samples) {
                    c->sound[l * c->samples + at[q]] = y[q];
                }
            }
        }
    }
}

void mien_chirp_run(mien_chirp *c, int lanes) {
    if (c->period) {
        run_sums(c, lanes);
        return;
    }
    for (int l = 0; l < lanes; l++) {
        run_chirp(c, l);
    }
}

const double *mien_chirp_sound(const mien_chirp *c, int lane) {
    return c->sound + lane * c->samples;
}
