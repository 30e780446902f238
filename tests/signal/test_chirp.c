/* SPDX-License-Identifier: MIT */
/* Sound from a spectrum at any rate, against the sum itself. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>

#include "signal/chirp.h"

#define PI 3.14159265358979323846

static void compare(int64_t terms, int64_t samples, double period) {
    double *spectrum = calloc((size_t)terms * 2, sizeof *spectrum);
    double *y = calloc((size_t)samples, sizeof *y);
    mien_chirp *chirp = NULL;
    mien_stream s;
    mien_stream_init(&s, 3, 0, 0);
    assert_good(mien_chirp_new(terms, samples, period, &chirp));
    for (int64_t i = 0; i < 2 * terms; i++) {
        spectrum[i] = 2 * mien_stream_uniform(&s) - 1;
    }
    mien_chirp_run(chirp, spectrum, y);
    for (int64_t i = 0; i < samples; i++) {
        double want = 0;
        for (int64_t k = 0; k < terms; k++) {
            double angle = 2 * PI * fmod((double)(k * i), period) / period;
            want += spectrum[2 * k] * cos(angle) - spectrum[2 * k + 1] * sin(angle);
        }
        assert_near(y[i], want, 1e-10);
    }
    mien_chirp_free(&chirp);
    assert_null(chirp);
    free(y);
    free(spectrum);
}

static void any_period_equals_its_sum(void **state) {
    (void)state;
    compare(137, 275, 352);
    compare(137, 275, 2048.0 * 275 / 1103);
    compare(129, 275, 352);
    compare(1, 5, 7.5);
    compare(1760, 3520, 5632);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_period_equals_its_sum)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
