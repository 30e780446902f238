/* SPDX-License-Identifier: MIT */
/* Films that mien writes: what is read of them is what was given, the same bytes each
 * time. */
#include "support/support.h"

#include "mien/media.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FRAMES = 25, RATE = 16000 };

static void paint(mien_tensor *image, int i) {
    uint8_t *p = image->data;
    for (int64_t k = 0; k < mien_tensor_count(image) / 3; k++) {
        p[3 * k] = (uint8_t)(40 + 8 * i);
        p[3 * k + 1] = 128;
        p[3 * k + 2] = (uint8_t)(230 - 8 * i);
    }
}

static mien_status write(
    const char *path, const mien_film_writer_options *o, int frames) {
    const int64_t shape[] = {o->height, o->width, 3};
    mien_tensor *image = NULL;
    mien_film_writer *to = NULL;
    float samples[RATE / FRAMES];
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    mien_status status = mien_film_writer_open(path, o, &to);
    for (int i = 0; status == MIEN_OK && i < frames; i++) {
        paint(image, i % 20);
        status = mien_film_writer_picture(to, image);
        for (int k = 0; k < RATE / FRAMES; k++) {
            samples[k] = (float)(0.3 * sin(6.283185307179586 * 440 *
                                           (i * RATE / FRAMES + k) / RATE));
        }
        if (status == MIEN_OK && o->sound_rate_hz) {
            status = mien_film_writer_sound(to, samples, RATE / FRAMES);
        }
    }
    if (status == MIEN_OK) {
        status = mien_film_writer_close(&to);
    }
    mien_tensor_free(&image);
    return status;
}

static void pictures_come_back(const char *path, int frames) {
    mien_film *film = NULL;
    const mien_tensor *image = NULL;
    int64_t us, sample;
    assert_good(mien_film_open(path, NULL, &film));
    for (int i = 0; i < frames; i++) {
        assert_good(mien_film_next(film, &image, &us, &sample));
        assert_int_equal(us, i * 40000);
        const uint8_t *p = image->data;
        assert_in_range(p[0] + 6 - (40 + 8 * (i % 20)), 0, 12);
        assert_in_range(p[1] + 6 - 128, 0, 12);
        assert_in_range(p[2] + 6 - (230 - 8 * (i % 20)), 0, 12);
    }
    assert_int_equal(mien_film_next(film, &image, &us, &sample), MIEN_END);
    mien_film_close(&film);
}

static void sound_comes_back(const char *path, double seconds) {
    mien_sound *sound = NULL;
    static float x[4 * RATE];
    int64_t count = 0, n;
    assert_good(mien_sound_open(path, NULL, &sound));
    while (count < 4 * RATE &&
           mien_sound_read(sound, x + count, 4 * RATE - count, &n) == MIEN_OK) {
        count += n;
    }
    mien_sound_close(&sound);
    assert_true(fabs((double)count / RATE - seconds) < 0.1);
    double in_phase = 0, across = 0; /* the tone at its own time, not late */
    for (int64_t i = RATE / 10; i < RATE / 2; i++) {
        in_phase += (double)x[i] * sin(6.283185307179586 * 440 * (double)i / RATE);
        across += (double)x[i] * cos(6.283185307179586 * 440 * (double)i / RATE);
    }
    assert_true(fabs(2 * in_phase / (RATE * 0.4) - 0.3) < 0.03);
    assert_true(fabs(across) < 0.1 * in_phase);
}

static void pictures_and_sound_are_read_as_they_were_given(void **state) {
    (void)state;
    mien_film_writer_options o = mien_film_writer_options_default();
    const char *path = support_temp_path("a.mp4");
    assert_good(write(path, &o, 30));
    pictures_come_back(path, 30);
    sound_comes_back(path, 30 / 25.0);
}

static void flac_and_silent_films_are_written(void **state) {
    (void)state;
    mien_film_writer_options o = mien_film_writer_options_default();
    o.sound_encoder = "flac";
    const char *path = support_temp_path("f.mkv");
    assert_good(write(path, &o, 26));
    sound_comes_back(path, 26 / 25.0);
    o.sound_rate_hz = 0;
    path = support_temp_path("s.mkv");
    assert_good(write(path, &o, 26));
    pictures_come_back(path, 26);
    mien_sound *sound = NULL;
    assert_int_equal(mien_sound_open(path, NULL, &sound), MIEN_ENOTFOUND);
}

static void the_same_film_has_the_same_bytes(void **state) {
    (void)state;
    mien_film_writer_options o = mien_film_writer_options_default();
    static char bytes[2][1 << 18];
    size_t count[2];
    for (int i = 0; i < 2; i++) {
        const char *path = support_temp_path(i ? "two.mp4" : "one.mp4");
        assert_good(write(path, &o, 10));
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        count[i] = fread(bytes[i], 1, sizeof bytes[i], file);
        fclose(file);
    }
    assert_true(count[0] > 1000 && count[0] < sizeof bytes[0]);
    assert_int_equal(count[0], count[1]);
    assert_memory_equal(bytes[0], bytes[1], count[0]);
}

static void what_cannot_be_written_is_told_and_leaves_no_file(void **state) {
    (void)state;
    mien_film_writer_options o = mien_film_writer_options_default();
    o.width = 127;
    assert_int_equal(write(support_temp_path("odd.mp4"), &o, 1), MIEN_EINVAL);
    o = mien_film_writer_options_default();
    o.picture_encoder = "no such";
    assert_int_equal(write(support_temp_path("x.mp4"), &o, 1), MIEN_EUNSUPPORTED);
    assert_non_null(strstr(mien_error(), "no such"));
    assert_null(fopen(support_temp_path("x.mp4"), "rb"));
    o = mien_film_writer_options_default();
    assert_int_equal(write(support_temp_path("x.no_container"), &o, 1), MIEN_EIO);
    assert_int_equal(write("/nowhere/at/all/x.mp4", &o, 1), MIEN_EIO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_and_sound_are_read_as_they_were_given),
        cmocka_unit_test(flac_and_silent_films_are_written),
        cmocka_unit_test(the_same_film_has_the_same_bytes),
        cmocka_unit_test(what_cannot_be_written_is_told_and_leaves_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
