/* SPDX-License-Identifier: MIT */
/* Log-mel spectrograms against NumPy's (python/golden/sound.py), and VGGish's
 * whitening. */
#include "signal/sound_files.h"

#include <math.h>

#include "mien/signal.h"

static void compare(const char *wav, const char *npy) {
    int64_t count, n;
    double rate_hz;
    const mien_logmel_options o = mien_logmel_options_vggish();
    float *sound = wav_samples(wav, &count, &rate_hz);
    double *want = npy_values(npy, &n);
    const int64_t frames = mien_logmel_frames(&o, count),
                  examples = mien_logmel_examples(&o, count);
    float *got = calloc((size_t)(frames * o.bands), sizeof *got);
    mien_logmel *logmel = NULL;
    assert_good(mien_logmel_new(NULL, &logmel));
    mien_logmel_run(logmel, sound, count, got);
    assert_int_equal(n, examples * o.frames * o.bands);
    for (int64_t i = 0; i < n; i++) { /* examples lie side by side: step = frames */
        assert_near((double)got[i], want[i], 1e-5);
    }
    mien_logmel_free(&logmel);
    assert_null(logmel);
    free(got);
    free(want);
    free(sound);
}

static void spectrograms_equal_numpy(void **state) {
    (void)state;
    compare(support_source("tests/golden/sound/pulses.wav"),
        support_source("tests/golden/sound/vggish_pulses.npy"));
}

static void spectrograms_of_real_sound_equal_the_reference(void **state) {
    (void)state;
    compare(support_shared("golden/film/emobase/film16k.wav"),
        support_shared("golden/film/vectors/vggish_examples_film16k.npy"));
    compare(support_shared("golden/film/emobase/sweep.wav"),
        support_shared("golden/film/vectors/vggish_examples_sweep.npy"));
}

static void whole_frames_and_examples_count(void **state) {
    (void)state;
    const mien_logmel_options o = mien_logmel_options_vggish();
    assert_int_equal(mien_logmel_frames(&o, 399), 0);
    assert_int_equal(mien_logmel_frames(&o, 400), 1);
    assert_int_equal(mien_logmel_frames(&o, 80000), 498);
    assert_int_equal(mien_logmel_examples(&o, 80000), 5);
    assert_int_equal(mien_logmel_examples(&o, 400 + 95 * 160 - 1), 0);
    assert_int_equal(mien_logmel_examples(&o, 400 + 95 * 160), 1);
}

static void silence_is_the_log_of_the_offset(void **state) {
    (void)state;
    static const float sound[400];
    float out[64];
    mien_logmel_options o = mien_logmel_options_vggish();
    mien_logmel *logmel = NULL;
    o.power = true;
    o.offset = 0.25;
    assert_good(mien_logmel_new(&o, &logmel));
    mien_logmel_run(logmel, sound, 400, out);
    for (int b = 0; b < 64; b++) {
        assert_near((double)out[b], log(0.25), 1e-7);
    }
    mien_logmel_free(&logmel);
}

/* The weight rule of the shared goldens: value i of the tensor called name. */
static double rule(const char *name, uint64_t i) {
    uint64_t h = 0xcbf29ce484222325u;
    for (; *name; name++) {
        h = (h ^ (uint64_t)(unsigned char)*name) * 0x100000001b3u;
    }
    uint64_t z = h + (i + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return (double)(z >> 40) / 8388608 - 1;
}

static void whitening_equals_the_reference(void **state) {
    (void)state;
    enum { WIDTH = MIEN_VGGISH_WIDTH };
    static float eigenvectors[WIDTH * WIDTH], means[WIDTH], x[64 * WIDTH],
        y[64 * WIDTH];
    static uint8_t bytes[64 * WIDTH];
    int64_t n, m;
    double *in =
        npy_values(support_shared("golden/film/vectors/vggish_film16k.npy"), &n);
    double *want =
        npy_values(support_shared("golden/film/vectors/vggish_film16k.pca.npy"), &m);
    assert_int_equal(n, m);
    double largest = 0;
    for (int i = 0; i < WIDTH * WIDTH; i++) {
        eigenvectors[i] = (float)(0.1 * rule("pca_eigen_vectors", (uint64_t)i));
    }
    for (int i = 0; i < WIDTH; i++) {
        means[i] = (float)rule("pca_means", (uint64_t)i);
    }
    for (int64_t i = 0; i < n; i++) {
        x[i] = (float)in[i];
        largest = fmax(largest, fabs(want[i]));
    }
    mien_vggish_pca(eigenvectors, means, x, n / WIDTH, y);
    mien_vggish_quantise(y, n / WIDTH, bytes);
    size_t size;
    unsigned char *stored = sound_file_bytes(
        support_shared("golden/film/vectors/vggish_film16k.quantised.npy"), &size);
    for (int64_t i = 0; i < n; i++) {
        /* both files are in Fortran's order */
        const int64_t at = i % WIDTH * (n / WIDTH) + i / WIDTH;
        assert_near((double)y[i], want[at], 1e-5 * largest);
        assert_int_equal(bytes[i], stored[size - (size_t)(n - at)]);
    }
    free(stored);
    free(want);
    free(in);
}

static void bytes_are_clipped_and_rounded_half_to_even(void **state) {
    (void)state;
    float values[MIEN_VGGISH_WIDTH] = {
        -3, -2, 2, 5, 0, (float)(4 / 255.0 * 2.5 - 2)}; /* 127.5 → 128; about 2.5 */
    uint8_t bytes[MIEN_VGGISH_WIDTH];
    mien_vggish_quantise(values, 1, bytes);
    assert_int_equal(bytes[0], 0);
    assert_int_equal(bytes[1], 0);
    assert_int_equal(bytes[2], 255);
    assert_int_equal(bytes[3], 255);
    assert_int_equal(bytes[4], 128);
    assert_in_range(bytes[5], 2, 3);
}

static void settings_that_cannot_be_are_refused(void **state) {
    (void)state;
    mien_logmel *logmel = NULL;
    mien_logmel_options o = mien_logmel_options_vggish();
    o.size = 500;
    assert_fails(mien_logmel_new(&o, &logmel), MIEN_EINVAL, "power of two");
    o = mien_logmel_options_vggish();
    o.high_hz = 8001;
    assert_fails(mien_logmel_new(&o, &logmel), MIEN_EINVAL, "bands");
    o = mien_logmel_options_vggish();
    o.offset = 0;
    assert_fails(mien_logmel_new(&o, &logmel), MIEN_EINVAL, "offset");
    o = mien_logmel_options_vggish();
    o.rate_hz = NAN;
    assert_fails(mien_logmel_new(&o, &logmel), MIEN_EINVAL, "samples a second");
    assert_null(logmel);
}

static mien_status make(void *context) {
    mien_logmel *logmel = NULL;
    (void)context;
    mien_status status = mien_logmel_new(NULL, &logmel);
    mien_logmel_free(&logmel);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(make, NULL, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spectrograms_equal_numpy),
        cmocka_unit_test(spectrograms_of_real_sound_equal_the_reference),
        cmocka_unit_test(whole_frames_and_examples_count),
        cmocka_unit_test(silence_is_the_log_of_the_offset),
        cmocka_unit_test(whitening_equals_the_reference),
        cmocka_unit_test(bytes_are_clipped_and_rounded_half_to_even),
        cmocka_unit_test(settings_that_cannot_be_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
