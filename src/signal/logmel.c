/* SPDX-License-Identifier: MIT */
/* Log-mel spectrograms, cut into the examples that networks of sound take. */
#include "mien/signal.h"

#include <math.h>
#include <string.h>

#include "base/need.h"
#include "signal/fft.h"
#include "signal/mel_bank.h"

#define PI 3.14159265358979323846

struct mien_logmel {
    mien_logmel_options options;
    mien_fft *fft;
    mien_mel_bank bank;
    double *window, *bins, *energies;
};

mien_logmel_options mien_logmel_options_vggish(void) {
    return (mien_logmel_options){.rate_hz = 16000,
        .window = 400,
        .hop = 160,
        .size = 512,
        .bands = 64,
        .low_hz = 125,
        .high_hz = 7500,
        .offset = 0.01,
        .frames = 96,
        .step = 96};
}

mien_status mien_logmel_check(const mien_logmel_options *o) {
    MIEN_NEED(o);
    if (!(o->rate_hz >= 1000 && o->rate_hz <= 768000)) {
        return mien_fail(MIEN_EINVAL,
            "log-mel: %g samples a second are not in 1000 to 768000", o->rate_hz);
    }
    if (o->window < 2 || o->hop < 1 || o->size < o->window || o->size > 65536 ||
        mien_fft_size_for(o->size) != o->size) {
        return mien_fail(MIEN_EINVAL,
            "log-mel: windows of %d samples every %d in a transform of %d; the "
            "transform is a "
            "power of two up to 65536 that holds a window",
            o->window, o->hop, o->size);
    }
    if (o->bands < 1 || o->bands > 1024 || !(o->low_hz >= 0) ||
        !(o->high_hz > o->low_hz && o->high_hz <= o->rate_hz / 2)) {
        return mien_fail(MIEN_EINVAL,
            "log-mel: %d bands from %g to %g Hz; 1 to 1024 bands up to half of %g Hz",
            o->bands, o->low_hz, o->high_hz, o->rate_hz);
    }
    if (!(o->offset > 0) || o->frames < 1 || o->step < 1) {
        return mien_fail(MIEN_EINVAL,
            "log-mel: offset %g, examples of %d frames every %d; all are above 0",
            o->offset, o->frames, o->step);
    }
    return MIEN_OK;
}

mien_status mien_logmel_new(const mien_logmel_options *options, mien_logmel **logmel) {
    MIEN_NEED(logmel);
    mien_logmel_options initial = mien_logmel_options_vggish();
    const mien_logmel_options *o = options ? options : &initial;
    mien_status status = mien_logmel_check(o);
    if (status != MIEN_OK) {
        return status;
    }
    mien_logmel *l = mien_alloc(1, sizeof *l);
    if (!l) {
        return MIEN_ENOMEM;
    }
    const mien_mel_spec spec = {.bands = o->bands,
        .low_hz = o->low_hz,
        .high_hz = o->high_hz,
        .bin_hz = o->rate_hz / o->size,
        .first = 1,
        .end = o->size / 2 + 1};
    l->options = *o;
    l->window = mien_alloc((size_t)o->window, sizeof *l->window);
    l->bins = mien_alloc((size_t)o->size / 2 + 1, sizeof *l->bins);
    l->energies = mien_alloc((size_t)o->bands, sizeof *l->energies);
    status = l->window && l->bins && l->energies ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_fft_new(MIEN_FFT_REAL, o->size, &l->fft);
    }
    if (status == MIEN_OK) {
        status = mien_mel_bank_init(&l->bank, &spec);
    }
    if (status != MIEN_OK) {
        mien_logmel_free(&l);
        return status;
    }
    for (int i = 0; i < o->window; i++) {
        l->window[i] = 0.5 - 0.5 * cos(2 * PI * i / o->window);
    }
    *logmel = l;
    return MIEN_OK;
}

void mien_logmel_free(mien_logmel **logmel) {
    MIEN_NEED_OR(, logmel);
    mien_logmel *l = *logmel;
    if (l) {
        mien_mel_bank_clear(&l->bank);
        mien_fft_free(&l->fft);
        mien_free(l->energies);
        mien_free(l->bins);
        mien_free(l->window);
        mien_free(l);
        *logmel = NULL;
    }
}

int64_t mien_logmel_frames(const mien_logmel_options *o, int64_t count) {
    MIEN_NEED_OR(0, o);
    return count < o->window ? 0 : 1 + (count - o->window) / o->hop;
}

int64_t mien_logmel_examples(const mien_logmel_options *o, int64_t count) {
    MIEN_NEED_OR(0, o);
    const int64_t frames = mien_logmel_frames(o, count);
    return frames < o->frames ? 0 : 1 + (frames - o->frames) / o->step;
}

static void run_frame(mien_logmel *l, const float *sound, float *out) {
    const mien_logmel_options *o = &l->options;
    double *x = mien_fft_input(l->fft);
    for (int i = 0; i < o->window; i++) {
        x[i] = (double)sound[i] * l->window[i];
    }
    memset(x + o->window, 0, (size_t)(o->size - o->window) * sizeof *x);
    const double *made = mien_fft_run(l->fft);
    for (int k = 0; k <= o->size / 2; k++) {
        const double power =
            made[2 * k] * made[2 * k] + made[2 * k + 1] * made[2 * k + 1];
        l->bins[k] = o->power ? power : sqrt(power);
    }
    mien_mel_bank_run(&l->bank, l->bins, l->energies);
    for (int b = 0; b < o->bands; b++) {
        out[b] = (float)log(l->energies[b] + o->offset);
    }
}

void mien_logmel_run(mien_logmel *l, const float *sound, int64_t count, float *frames) {
    MIEN_NEED_OR(, l, sound || count < 1, frames || count < 1);
    const int64_t n = mien_logmel_frames(&l->options, count);
    for (int64_t t = 0; t < n; t++) {
        run_frame(l, sound + t * l->options.hop, frames + t * l->options.bands);
    }
}

/* ---- what VGGish's published features were made of its outputs ------------------ */

void mien_vggish_pca(const float *eigenvectors, const float *means,
    const float *embeddings, int64_t n, float *out) {
    MIEN_NEED_OR(
        , eigenvectors || n < 1, means || n < 1, embeddings || n < 1, out || n < 1);
    enum { WIDTH = MIEN_VGGISH_WIDTH };
    for (int64_t i = 0; i < n; i++, embeddings += WIDTH, out += WIDTH) {
        double centred[WIDTH];
        for (int c = 0; c < WIDTH; c++) {
            centred[c] = (double)embeddings[c] - (double)means[c];
        }
        for (int r = 0; r < WIDTH; r++) {
            double sum = 0;
            for (int c = 0; c < WIDTH; c++) {
                sum += (double)eigenvectors[r * WIDTH + c] * centred[c];
            }
            out[r] = (float)sum;
        }
    }
}

void mien_vggish_quantise(const float *values, int64_t n, uint8_t *bytes) {
    MIEN_NEED_OR(, values || n < 1, bytes || n < 1);
    for (int64_t i = 0; i < n * MIEN_VGGISH_WIDTH; i++) {
        const double clipped = fmin(2, fmax(-2, (double)values[i]));
        bytes[i] = (uint8_t)nearbyint((clipped + 2) * 255 / 4); /* halves to even */
    }
}
