/* SPDX-License-Identifier: MIT */
/* What is heard at a glance: levels of known sounds; real speech, made-up music, noise.
 * The shares that docs/films.md tells are printed by this test. */
#include "signal/sound_files.h"

#include "mien/signal.h"

#include <math.h>

enum { RATE = MIEN_SOUNDSCAPE_RATE_HZ, CLIPS = 47, PIECES = 8, PIECE_S = 12 };

typedef struct heard {
    int64_t moments, speech, music;
} heard;

static heard hear(const float *sound, int64_t count) {
    mien_soundscape *s = NULL;
    const mien_soundscape_moment *m = NULL;
    heard h = {0};
    assert_good(mien_soundscape_new(&s));
    for (int64_t at = 0; at < count; at += 1234) { /* in pieces of any size */
        assert_good(
            mien_soundscape_add(s, sound + at, count - at < 1234 ? count - at : 1234));
    }
    assert_good(mien_soundscape_moments(s, &m, &h.moments));
    for (int64_t i = 0; i < h.moments; i++) {
        h.speech += m[i].speech;
        h.music += m[i].music;
    }
    mien_soundscape_free(&s);
    return h;
}

static void add(heard *all, heard one) {
    all->moments += one.moments;
    all->speech += one.speech;
    all->music += one.music;
}

static double share(int64_t part, heard of) {
    return (double)part / (double)of.moments;
}

static void levels_are_those_of_the_sound(void **state) {
    (void)state;
    float sound[RATE * 2];
    mien_soundscape *s = NULL;
    const mien_soundscape_moment *m = NULL;
    int64_t n = 0;
    for (int i = 0; i < RATE * 2; i++) { /* a full sine, then silence, one bad sample */
        sound[i] = i < RATE ? (float)sin(6.283185307179586 * 440 * i / RATE) : 0;
    }
    sound[RATE + 5] = NAN;
    assert_good(mien_soundscape_new(&s));
    assert_good(mien_soundscape_add(s, sound, RATE * 2 - 3000));
    assert_good(mien_soundscape_moments(s, &m, &n));
    assert_int_equal(n, 4); /* the last in part */
    assert_near(m[0].level_db, -3.0103, 0.01);
    assert_near(m[1].start_s, 0.5, 0);
    assert_near(m[2].level_db, -120, 0);
    assert_false(m[3].speech || m[3].music); /* too short to tell */
    mien_soundscape_free(&s);
    mien_soundscape_free(NULL);
}

static uint32_t draw(uint32_t *seed, uint32_t below) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

/* Chords of three tones with overtones, a melody, in every second piece a drum. */
static void compose(float *to, uint32_t seed, bool drums) {
    static const double roots[] = {110, 130.8, 146.8, 164.8, 196, 220},
                        steps[] = {1, 1.122, 1.26, 1.335, 1.498, 1.682, 2};
    const int beat = RATE * 60 / (int)(70 + 10 * draw(&seed, 7));
    memset(to, 0, sizeof *to * RATE * PIECE_S);
    for (int at = 0; at < RATE * PIECE_S; at += beat) {
        const double root = roots[draw(&seed, 6)],
                     melody = 2 * root * steps[draw(&seed, 7)];
        const double hz[4] = {root, root * 1.26, root * 1.498, melody};
        const int length = beat * (int)(1 + draw(&seed, 3));
        for (int i = 0; i < length && at + i < RATE * PIECE_S; i++) {
            const double t = (double)i / RATE, fade = exp(-2 * t) * fmin(1, t * 100);
            double sum = 0;
            for (int k = 0; k < 4; k++) {
                for (int h = 1; h <= 6; h++) {
                    sum += sin(6.283185307179586 * hz[k] * h * t) / (h * h);
                }
            }
            const double hit =
                drums ? ((double)draw(&seed, 2001) / 1000 - 1) * exp(-40 * t) : 0;
            to[at + i] += (float)(0.08 * sum * fade + 0.3 * hit);
        }
    }
}

static void music_is_like_music_and_noise_like_nothing(void **state) {
    (void)state;
    float *sound = malloc(sizeof *sound * RATE * PIECE_S);
    heard all = {0};
    uint32_t seed = 1;
    for (uint32_t p = 0; p < PIECES; p++) {
        compose(sound, p + 1, p % 2 == 1);
        add(&all, hear(sound, RATE * PIECE_S));
    }
    print_message("%d pieces of music: like speech %.3f, like music %.3f of %lld\n",
        PIECES, share(all.speech, all), share(all.music, all), (long long)all.moments);
    assert_true(share(all.music, all) > 0.9 && share(all.speech, all) < 0.05);
    for (int i = 0; i < RATE * PIECE_S; i++) {
        sound[i] = (float)draw(&seed, 2001) / 5000 - 0.2f;
    }
    all = hear(sound, RATE * PIECE_S);
    assert_int_equal(all.speech + all.music, 0);
    free(sound);
}

/* The clips one after the other: single ones are too short. */
static void speech_is_like_speech(void **state) {
    (void)state;
    float *all = NULL;
    int64_t count = 0;
    for (int k = 0; k < CLIPS; k++) {
        char path[64];
        int64_t n;
        double rate_hz;
        snprintf(path, sizeof path, "data/speech_va/%02d.wav", k);
        float *one = wav_samples(support_shared(path), &n, &rate_hz);
        assert_near(rate_hz, RATE, 0);
        all = realloc(all, sizeof *all * (size_t)(count + n));
        memcpy(all + count, one, sizeof *one * (size_t)n);
        count += n;
        free(one);
    }
    const heard h = hear(all, count);
    print_message("speech of %d clips: like speech %.3f, like music %.3f of %lld\n",
        CLIPS, share(h.speech, h), share(h.music, h), (long long)h.moments);
    assert_true(share(h.speech, h) > 0.8 && share(h.music, h) < 0.1);
    free(all);
}

int main(void) {
    (void)npy_values;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_those_of_the_sound),
        cmocka_unit_test(music_is_like_music_and_noise_like_nothing),
        cmocka_unit_test(speech_is_like_speech),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
