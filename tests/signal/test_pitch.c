/* SPDX-License-Identifier: MIT */
/* Pitch of sounds whose pitch is known, and each rule of the smoother. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "signal/pitch.h"

#define PI 3.14159265358979323846

static const mien_pitch_spec plain = {960, 0.06, 0.25, false, 3, true};
static const mien_pitch_spec peaks_only = {
    960, 0.06, 0.4, true, MIEN_PITCH_CANDIDATES, false};

static void find_pitches(const mien_pitch_spec *spec, double within) {
    static const double pitches[] = {70, 110, 173.3, 251, 400, 580};
    static float sound[3000];
    mien_pitch *pitch = NULL;
    assert_good(mien_pitch_new(spec, &pitch));
    for (size_t p = 0; p < sizeof pitches / sizeof pitches[0]; p++) {
        mien_pitch_frame frames[6];
        for (int i = 0; i < 3000; i++) {
            double sum = 0;
            for (int h = 1; h * pitches[p] < 7000; h++) {
                sum += cos(2 * PI * h * pitches[p] * i / 16000) / h;
            }
            sound[i] = (float)(0.2 * sum);
        }
        mien_pitch_run(pitch, sound, 160, 6, frames);
        for (int t = 0; t < 6; t++) {
            assert_near(frames[t].f0_hz, pitches[p], within * pitches[p]);
            assert_true(frames[t].probability > 0.5);
        }
    }
    mien_pitch_free(&pitch);
}

static void the_pitch_of_a_harmonic_sound_is_found(void **state) {
    (void)state;
    find_pitches(&plain, 0.02);
    find_pitches(&peaks_only, 0.02);
}

static void what_lies_out_of_range_is_no_pitch(void **state) {
    (void)state;
    static float sound[960];
    mien_pitch *pitch = NULL;
    mien_pitch_frame frame;
    assert_good(mien_pitch_new(&plain, &pitch));
    mien_pitch_run(pitch, sound, 160, 1, &frame);
    assert_int_equal(frame.candidates, 0);
    assert_near(frame.f0_hz, 0, 0);
    assert_near(frame.probability, 0, 0);
    mien_pitch_free(&pitch);
}

/* A frame does not depend on those that are computed beside it. */
static void frames_are_the_same_alone(void **state) {
    (void)state;
    static float sound[4000];
    mien_pitch *pitch = NULL;
    mien_pitch_frame together[11], alone;
    for (int i = 0; i < 4000; i++) {
        sound[i] = (float)(0.3 * sin(0.05 * i + 1e-5 * i * i) + 0.01 * sin(i * i % 97));
    }
    assert_good(mien_pitch_new(&plain, &pitch));
    mien_pitch_run(pitch, sound, 160, 11, together);
    for (int t = 0; t < 11; t++) {
        mien_pitch_run(pitch, sound + t * 160, 160, 1, &alone);
        assert_memory_equal(&alone, &together[t], sizeof alone);
    }
    mien_pitch_free(&pitch);
}

/* Pitches (0 unvoiced) of frames to the track and its envelope. */
static void smooth(const double *pitch, int n, double *f0, double *envelope) {
    mien_pitch_frame frames[32];
    double voicing[32];
    memset(frames, 0, sizeof frames);
    for (int t = 0; t < n; t++) {
        frames[t].f0_hz = pitch[t];
        frames[t].probability = pitch[t] > 0 ? 0.9 : 0.5;
    }
    mien_pitch_smooth(n, frames, f0, envelope, voicing);
    for (int t = 0; t < n - 1; t++) {
        assert_near(voicing[t], t == 0 ? 0 : frames[t].probability, 0);
    }
}

static void expect(const double *pitch, int n, const double *want) {
    double f0[32], envelope[32], held = 0;
    smooth(pitch, n, f0, envelope);
    for (int t = 0; t < n - 1; t++) {
        assert_near(f0[t], want[t], 1e-12);
        if (want[t] > 0) {
            held = held > 0 ? 0.75 * held + 0.25 * want[t] : want[t];
        }
        assert_near(envelope[t], held, 1e-9);
    }
}

static void single_frames_and_jumps_are_smoothed_away(void **state) {
    (void)state;
    /* the first frame does not count; a single voiced frame goes; a single gap stays */
    expect((double[]){90, 0, 100, 0, 0, 0}, 6, (double[]){0, 0, 0, 0, 0});
    expect((double[]){0, 100, 101, 0, 103, 104, 0, 0}, 8,
        (double[]){0, 100, 101, 0, 103, 104, 0});
    /* one frame an octave up, one an octave down */
    expect((double[]){0, 100, 100, 100, 200, 100, 100}, 7,
        (double[]){0, 100, 100, 100, 100, 100});
    expect((double[]){0, 100, 100, 100, 50, 100, 100}, 7,
        (double[]){0, 100, 100, 100, 100, 100});
    /* a lasting change stays */
    expect(
        (double[]){0, 100, 100, 200, 200, 200}, 6, (double[]){0, 100, 100, 200, 200});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pitch_of_a_harmonic_sound_is_found),
        cmocka_unit_test(what_lies_out_of_range_is_no_pitch),
        cmocka_unit_test(frames_are_the_same_alone),
        cmocka_unit_test(single_frames_and_jumps_are_smoothed_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
