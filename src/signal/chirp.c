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
    complex_number *wave;   /* exp(πi n² / period), n < max(terms, samples) */
    complex_number *kernel; /* transform of its conjugate around 0, divided by size */
};

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

mien_status mien_chirp_new(
    int64_t terms, int64_t samples, double period, mien_chirp **chirp) {
    mien_chirp *c = mien_alloc(1, sizeof *c);
    if (!c) {
        return MIEN_ENOMEM;
    }
    const int64_t waves = terms > samples ? terms : samples;
    c->terms = terms;
    c->samples = samples;
    c->size = mien_fft_size_for(terms + samples < 4 ? 4 : terms + samples - 1);
    mien_status status = mien_fft_new(MIEN_FFT_COMPLEX, c->size, &c->fft);
    c->wave = mien_alloc((size_t)waves, sizeof *c->wave);
    c->kernel = mien_alloc((size_t)c->size, sizeof *c->kernel);
    if (status == MIEN_OK && (!c->wave || !c->kernel)) {
        status = MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        mien_chirp_free(&c);
        return status;
    }
    for (int64_t n = 0; n < waves; n++) {
        double angle = PI / period * fmod((double)n * (double)n, 2 * period);
        c->wave[n] = (complex_number){cos(angle), sin(angle)};
    }
    make_kernel(c);
    *chirp = c;
    return MIEN_OK;
}

void mien_chirp_free(mien_chirp **chirp) {
    mien_chirp *c = *chirp;
    if (c) {
        mien_free(c->kernel);
        mien_free(c->wave);
        mien_fft_free(&c->fft);
        mien_free(c);
        *chirp = NULL;
    }
}

void mien_chirp_run(mien_chirp *c, const double *spectrum, double *y) {
    complex_number *x = (complex_number *)(void *)mien_fft_input(c->fft);
    for (int64_t k = 0; k < c->terms; k++) {
        x[k] =
            times((complex_number){spectrum[2 * k], spectrum[2 * k + 1]}, c->wave[k]);
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
