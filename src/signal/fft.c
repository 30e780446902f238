/* SPDX-License-Identifier: MIT */
/* Fourier transforms by libavutil, loaded when the first one is made: the command
 * starts without the dozen libraries that libavutil stands on. */
#include "signal/fft.h"

#include <string.h>

#include <libavutil/tx.h>

#include "base/library.h"

struct mien_fft {
    AVTXContext *context;
    av_tx_fn run;
    void (*uninit)(AVTXContext **context);
    ptrdiff_t stride;
    double *input, *output;
};

typedef struct library {
    __typeof__(av_tx_init) *init;
    __typeof__(av_tx_uninit) *uninit;
} library;

static mien_status load(library *l) {
    static const mien_symbol symbols[] = {{"av_tx_init", offsetof(library, init)},
        {"av_tx_uninit", offsetof(library, uninit)}};
    return mien_library_load(
        MIEN_AVUTIL_SONAME, "features of sound need libavutil", symbols, 2, l);
}

int64_t mien_fft_size_for(int64_t count) {
    int64_t size = 1;
    while (size < count) {
        size *= 2;
    }
    return size;
}

mien_status mien_fft_new(mien_fft_kind kind, int64_t size, mien_fft **fft) {
    const double scale = 1;
    const bool real = kind == MIEN_FFT_REAL;
    library l;
    if (size < 4 || size > MIEN_FFT_SIZE_MAX || mien_fft_size_for(size) != size) {
        return mien_fail(MIEN_EINVAL,
            "a Fourier transform of %lld values: the size must be a power of two from "
            "4 "
            "to %lld",
            (long long)size, (long long)MIEN_FFT_SIZE_MAX);
    }
    mien_status status = load(&l);
    if (status != MIEN_OK) {
        return status;
    }
    mien_fft *f = mien_alloc(1, sizeof *f);
    if (!f) {
        return MIEN_ENOMEM;
    }
    f->uninit = l.uninit;
    f->stride = (ptrdiff_t)(real ? sizeof(double) : sizeof(AVComplexDouble));
    f->input = mien_alloc((size_t)size * 2, sizeof(double));
    f->output = mien_alloc((size_t)size * 2 + 2, sizeof(double));
    if (!f->input || !f->output) {
        mien_fft_free(&f);
        return MIEN_ENOMEM;
    }
    if (l.init(&f->context, &f->run, real ? AV_TX_DOUBLE_RDFT : AV_TX_DOUBLE_FFT, 0,
            (int)size, &scale, 0) < 0) {
        mien_fft_free(&f);
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s has no Fourier transform of %lld values in double precision",
            MIEN_AVUTIL_SONAME, (long long)size);
    }
    *fft = f;
    return MIEN_OK;
}

void mien_fft_free(mien_fft **fft) {
    mien_fft *f = *fft;
    if (f) {
        if (f->context) {
            f->uninit(&f->context);
        }
        mien_free(f->output);
        mien_free(f->input);
        mien_free(f);
        *fft = NULL;
    }
}

double *mien_fft_input(mien_fft *fft) {
    return fft->input;
}

const double *mien_fft_run(mien_fft *fft) {
    fft->run(fft->context, fft->output, fft->input, fft->stride);
    return fft->output;
}
