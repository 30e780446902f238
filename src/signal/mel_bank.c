/* SPDX-License-Identifier: MIT */
/* Triangular filters on the mel scale. */
#include "signal/mel_bank.h"

#include <math.h>

double mien_mel(double hz) {
    return 1127.0 * log(1.0 + hz / 700.0);
}

/* A bin at an edge belongs to the interval below it; mel rises with the bin. */
mien_status mien_mel_bank_init(mien_mel_bank *bank, const mien_mel_spec *spec) {
    const double low = mien_mel(spec->low_hz), high = mien_mel(spec->high_hz);
    const double step = (high - low) / (spec->bands + 1);
    const int intervals = spec->bands + 1;
    *bank = (mien_mel_bank){.bands = spec->bands};
    bank->from = mien_alloc((size_t)intervals + 1, sizeof *bank->from);
    bank->falling = mien_alloc((size_t)spec->end, sizeof *bank->falling);
    if (!bank->from || !bank->falling) {
        return MIEN_ENOMEM;
    }
    int64_t k = spec->first;
    while (k < spec->end && mien_mel((double)k * spec->bin_hz) <= low) {
        k++;
    }
    for (int j = 0; j < intervals; j++) {
        const double upper = low + (j + 1) * step;
        bank->from[j] = k;
        for (; k < spec->end; k++) {
            const double mel = mien_mel((double)k * spec->bin_hz);
            if (mel > upper * (1 + 1e-14)) {
                break;
            }
            bank->falling[k] = (upper - mel) / step;
        }
    }
    bank->from[intervals] = k;
    return MIEN_OK;
}

void mien_mel_bank_clear(mien_mel_bank *bank) {
    mien_free(bank->falling);
    mien_free(bank->from);
    bank->falling = NULL;
    bank->from = NULL;
}

/* Between two edges one triangle falls and the next rises; their weights sum up to 1.
 */
void mien_mel_bank_run(
    const mien_mel_bank *bank, const double *bins, double *energies) {
    double risen = 0;
    for (int j = 0; j <= bank->bands; j++) {
        double falls = 0, rises = 0;
        for (int64_t k = bank->from[j]; k < bank->from[j + 1]; k++) {
            falls += bank->falling[k] * bins[k];
            rises += (1 - bank->falling[k]) * bins[k];
        }
        if (j > 0) {
            energies[j - 1] = risen + falls;
        }
        risen = rises;
    }
}
