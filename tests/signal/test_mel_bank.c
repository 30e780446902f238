/* SPDX-License-Identifier: MIT */
/* Mel filters against their definition, band by band. */
#include "support/support.h"

#include <math.h>

#include "signal/mel_bank.h"

static void bands_are_triangles_on_the_mel_scale(void **state) {
    (void)state;
    const mien_mel_spec specs[] = {{26, 20, 8000, 31.25, 2, 256},
        {8, 20, 6500, 31.25, 2, 208}, {64, 125, 7500, 31.25, 1, 257},
        {26, 20, 2000, 3.90625, 6, 512}, {40, 300, 301, 31.25, 1, 257}};
    double bins[600], energies[64];
    for (size_t s = 0; s < sizeof specs / sizeof specs[0]; s++) {
        const mien_mel_spec *p = &specs[s];
        const double low = mien_mel(p->low_hz), high = mien_mel(p->high_hz);
        const double step = (high - low) / (p->bands + 1);
        mien_mel_bank bank;
        assert_good(mien_mel_bank_init(&bank, p));
        for (int k = 0; k < 600; k++) {
            bins[k] = 1 + (k * 37 % 11);
        }
        mien_mel_bank_run(&bank, bins, energies);
        for (int b = 0; b < p->bands; b++) {
            double want = 0;
            for (int64_t k = p->first; k < p->end; k++) {
                double m = (mien_mel((double)k * p->bin_hz) - low) / step - b;
                want += fmax(0, fmin(m, 2 - m)) * bins[k];
            }
            assert_near(energies[b], want, 1e-9 * (1 + want));
        }
        mien_mel_bank_clear(&bank);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_are_triangles_on_the_mel_scale)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
