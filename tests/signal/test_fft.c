/* SPDX-License-Identifier: MIT */
/* Fourier transforms against the sum that defines them. */
#include "support/support.h"

#include <math.h>

#include "signal/fft.h"

#define PI 3.14159265358979323846
enum { MOST = 4096 };

/* Any numbers in [-1, 1), the same each time. */
static void fill(double *x, int64_t n, uint64_t seed) {
    mien_stream s;
    mien_stream_init(&s, seed, 0, 0);
    for (int64_t i = 0; i < n; i++) {
        x[i] = 2 * mien_stream_uniform(&s) - 1;
    }
}

static void compare(mien_fft_kind kind, int64_t size) {
    static double x[2 * MOST];
    const bool real = kind == MIEN_FFT_REAL;
    mien_fft *fft = NULL;
    assert_good(mien_fft_new(kind, size, &fft));
    for (int turn = 0; turn < 2; turn++) {
        int64_t values = real ? size : 2 * size, n = size;
        fill(x, values, (uint64_t)(size + turn));
        for (int64_t i = 0; i < values; i++) {
            mien_fft_input(fft)[i] = x[i];
        }
        const double *got = mien_fft_run(fft);
        int64_t outputs = real ? size / 2 + 1 : size;
        for (int64_t k = 0; k < outputs; k += 1 + size / 64) {
            double re = 0, im = 0;
            for (int64_t i = 0; i < n; i++) {
                double angle = -2 * PI * (double)(k * i % n) / (double)n;
                double a = real ? x[i] : x[2 * i], b = real ? 0 : x[2 * i + 1];
                re += a * cos(angle) - b * sin(angle);
                im += a * sin(angle) + b * cos(angle);
            }
            assert_near(got[2 * k], re, 1e-11);
            assert_near(got[2 * k + 1], im, 1e-11);
        }
    }
    mien_fft_free(&fft);
    assert_null(fft);
}

static void a_real_transform_equals_its_sum(void **state) {
    (void)state;
    for (int64_t size = 4; size <= MOST; size *= 2) {
        compare(MIEN_FFT_REAL, size);
    }
}

static void a_complex_transform_equals_its_sum(void **state) {
    (void)state;
    for (int64_t size = 4; size <= MOST; size *= 2) {
        compare(MIEN_FFT_COMPLEX, size);
    }
}

static void a_size_fits_its_count(void **state) {
    (void)state;
    assert_int_equal(mien_fft_size_for(1), 1);
    assert_int_equal(mien_fft_size_for(400), 512);
    assert_int_equal(mien_fft_size_for(512), 512);
    assert_int_equal(mien_fft_size_for(513), 1024);
}

static void other_sizes_are_refused(void **state) {
    (void)state;
    mien_fft *fft = NULL;
    assert_fails(mien_fft_new(MIEN_FFT_REAL, 400, &fft), MIEN_EINVAL, "400");
    assert_fails(mien_fft_new(MIEN_FFT_REAL, 2, &fft), MIEN_EINVAL, "power of two");
    assert_fails(
        mien_fft_new(MIEN_FFT_COMPLEX, 2 * MIEN_FFT_SIZE_MAX, &fft), MIEN_EINVAL, "4 ");
    assert_null(fft);
}

static mien_status make(void *context) {
    mien_fft *fft = NULL;
    mien_status status = mien_fft_new(MIEN_FFT_REAL, 64, &fft);
    (void)context;
    mien_fft_free(&fft);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(make, NULL, 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_transform_equals_its_sum),
        cmocka_unit_test(a_complex_transform_equals_its_sum),
        cmocka_unit_test(a_size_fits_its_count),
        cmocka_unit_test(other_sizes_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
