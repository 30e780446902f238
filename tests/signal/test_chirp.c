/* SPDX-License-Identifier: MIT */
/* Sound from a spectrum at any rate, against the sum itself. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>

#include "signal/chirp.h"

#define PI 3.14159265358979323846

static void compare(int64_t terms, int64_t samples, double period) {
    double *spectra[MIEN_SOUND_LANES];
    mien_chirp *chirp = NULL;
    mien_stream s;
    mien_stream_init(&s, 3, 0, 0);
    assert_good(mien_chirp_new(terms, samples, period, &chirp));
    for (int l = 0; l < MIEN_SOUND_LANES; l++) {
        spectra[l] = calloc((size_t)terms * 2, sizeof *spectra[l]);
        for (int64_t i = 0; i < 2 * terms; i++) {
            spectra[l][i] = 2 * mien_stream_uniform(&s) - 1;
        }
        mien_chirp_put(chirp, l, spectra[l]);
    }
    mien_chirp_run(chirp, MIEN_SOUND_LANES);
    for (int l = 0; l < MIEN_SOUND_LANES; l += MIEN_SOUND_LANES - 1) {
        for (int64_t i = 0; i < samples; i += 1 + samples / 600) {
            double want = 0;
            for (int64_t k = 0; k < terms; k++) {
                double angle = 2 * PI * fmod((double)(k * i), period) / period;
                want +=
                    spectra[l][2 * k] * cos(angle) - spectra[l][2 * k + 1] * sin(angle);
            }
            assert_near(mien_chirp_sound(chirp, l)[i], want, 1e-10);
        }
    }
    mien_chirp_free(&chirp);
    assert_null(chirp);
    for (int l = 0; l < MIEN_SOUND_LANES; l++) {
        free(spectra[l]);
    }
}

static void any_period_equals_its_sum(void **state) {
    (void)state;
    compare(137, 275, 352);
    compare(137, 275, 2048.0 * 275 / 1103);
    compare(129, 275, 352);
    compare(176, 352, 352);
    compare(1, 5, 7.5);
    compare(2, 8, 8);
    compare(1760, 3520, 5632);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_period_equals_its_sum)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
