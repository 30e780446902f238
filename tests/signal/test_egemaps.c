/* SPDX-License-Identifier: MIT */
/* eGeMAPS of made voices: what was put in is found again. Against the reference it is
 * held by `./run bench egemaps`, whose values are not kept here. */
#include "signal/sound_files.h"

#include "mien/signal.h"

#include <math.h>
#include <string.h>

enum {
    RATE = MIEN_EGEMAPS_RATE_HZ,
    SECONDS = 2,
    COUNT = RATE * SECONDS,
    VALUES = MIEN_EGEMAPS_VALUES
};
#define PI 3.14159265358979323846

static int index_of(const char *name) {
    char has[MIEN_FEATURE_NAME_MAX];
    for (int i = 0; i < VALUES; i++) {
        mien_egemaps_name(i, has);
        if (strcmp(has, name) == 0) {
            return i;
        }
    }
    fail_msg("no value is called %s", name);
    return -1;
}

static double value_of(const float *values, const char *name) {
    return (double)values[index_of(name)];
}

static void take(const float *sound, int64_t count, float *values) {
    mien_egemaps *e = NULL;
    assert_good(mien_egemaps_new(&e));
    assert_good(mien_egemaps_run(e, sound, count, values));
    mien_egemaps_free(&e);
}

/* Pulses of a pitch through three resonators, from `from` to `to`. */
static void sing(float *sound, int from, int to, double hz, const double formant[3]) {
    static const double width[3] = {80, 100, 140};
    double one[3] = {0}, two[3] = {0}, phase = 0;
    for (int i = from; i < to; i++) {
        phase += hz / RATE;
        double x = phase >= 1 ? 1 : 0;
        phase -= floor(phase);
        for (int f = 0; f < 3; f++) {
            const double r = exp(-PI * width[f] / RATE),
                         c = cos(2 * PI * formant[f] / RATE);
            const double y =
                (1 - 2 * r * c + r * r) * x + 2 * r * c * one[f] - r * r * two[f];
            two[f] = one[f];
            one[f] = y;
            x = y;
        }
        sound[i] = (float)(2 * x);
    }
}

static void names_are_the_literatures(void **state) {
    (void)state;
    char name[MIEN_FEATURE_NAME_MAX];
    for (int i = 0; i < VALUES; i++) {
        mien_egemaps_name(i, name);
        assert_int_equal(index_of(name), i); /* all of them differ */
    }
    assert_int_equal(index_of("F0semitoneFrom27.5Hz_sma3nz_amean"), 0);
    assert_int_equal(index_of("mfcc4_sma3_stddevNorm"), 29);
    assert_int_equal(index_of("F3amplitudeLogRelF0_sma3nz_stddevNorm"), 57);
    assert_int_equal(index_of("slopeV500-1500_sma3nz_stddevNorm"), 65);
    assert_int_equal(index_of("spectralFluxUV_sma3nz_amean"), 80);
    assert_int_equal(index_of("equivalentSoundLevel_dBp"), 87);
    mien_egemaps_name(VALUES, name);
    assert_string_equal(name, "");
    mien_egemaps_track_name(24, name);
    assert_string_equal(name, "F3amplitudeLogRelF0_sma3nz");
}

static void a_voice_has_its_pitch(void **state) {
    (void)state;
    static float sound[COUNT], values[VALUES];
    const double formant[3] = {700, 1250, 2600};
    sing(sound, 0, COUNT, 125, formant);
    take(sound, COUNT, values);
    assert_near(value_of(values, "F0semitoneFrom27.5Hz_sma3nz_amean"),
        12 * log2(125 / 27.5), 0.05);
    assert_near(value_of(values, "F0semitoneFrom27.5Hz_sma3nz_pctlrange0-2"), 0, 0.02);
    /* the window's own fall over a period, which is not divided out, allows 9.3 dB */
    assert_near(value_of(values, "HNRdBACF_sma3nz_amean"), 9, 0.5);
    assert_true(value_of(values, "jitterLocal_sma3nz_amean") < 0.02);
    assert_near(value_of(values, "MeanVoicedSegmentLengthSec"), SECONDS - 0.07, 0.05);
    for (int i = 0; i < VALUES; i++) {
        assert_true(isfinite(values[i]));
    }
}

/* Pulses whose periods, in turn, are `odd` longer and shorter than 160 samples and
 * whose heights are 1 and `height`; each rings for half a period. */
static void beat(float *sound, int odd, double height) {
    memset(sound, 0, COUNT * sizeof *sound);
    for (int k = 0, at = 200; at + 200 < COUNT; k++) {
        for (int i = 0; i < 80; i++) {
            sound[at + i] += (float)(0.4 * (k % 2 ? height : 1) * exp(-i / 17.0) *
                                     sin(2 * PI * 700 * i / RATE));
        }
        at += k % 2 ? 160 - odd : 160 + odd;
    }
}

static void jitter_and_shimmer_are_those_of_the_pulses(void **state) {
    (void)state;
    static float sound[COUNT], values[VALUES];
    beat(sound, 2, 1);
    take(sound, COUNT, values);
    assert_near(value_of(values, "jitterLocal_sma3nz_amean"), 4 / 160.0, 5e-4);
    beat(sound, 0, 1.2);
    take(sound, COUNT, values);
    assert_near(value_of(values, "jitterLocal_sma3nz_amean"), 0, 1e-4);
    assert_near(value_of(values, "shimmerLocaldB_sma3nz_amean"),
        20 * log10(1 + 0.2 / 1.1), 0.02);
}

static void formants_are_the_roots_of_what_is_expected(void **state) {
    (void)state;
    int64_t count, n;
    double rate_hz;
    float *sound =
        wav_samples(support_source("tests/golden/sound/pulses.wav"), &count, &rate_hz);
    double *want = npy_values(
        support_source("tests/golden/sound/egemaps_formants_pulses.npy"), &n);
    mien_egemaps *e = NULL;
    mien_tensor *tracks = NULL;
    assert_good(mien_egemaps_new(&e));
    assert_good(mien_egemaps_tracks(e, sound, count, &tracks));
    const float *row = tracks->data;
    assert_true(tracks->shape[0] > 100 && tracks->shape[0] * 6 < n);
    for (int64_t t = 0; t < tracks->shape[0]; t++, row += tracks->shape[1]) {
        const bool inner = t > 0 && t + 1 < tracks->shape[0]; /* ends differ */
        for (int k = 0; inner && k < 6;
             k++) { /* frequency and bandwidth stand beside levels */
            const double is = (double)row[16 + k / 2 * 3 + k % 2];
            assert_near(is, want[t * 6 + k], 1e-3 * want[t * 6 + k]);
        }
    }
    mien_tensor_free(&tracks);
    mien_egemaps_free(&e);
    free(sound);
    free(want);
}

/* The loudness of a swell is a triangle: it rises as steeply as it falls. What is left
 * behind the last peak keeps its sign. */
static void rises_and_falls_are_those_of_the_swell(void **state) {
    (void)state;
    static float sound[COUNT], one[VALUES], two[VALUES];
    for (int i = 0; i < COUNT; i++) {
        const double s = (double)i / RATE, away = s < 1 ? s : 2 - s;
        sound[i] = i % 160 == 0 ? (float)pow(0.1 + 0.7 * away, 1 / 0.66) : 0;
    }
    take(sound, COUNT, one);
    const double rise = value_of(one, "loudness_sma3_meanRisingSlope");
    assert_true(rise > 0.1);
    assert_near(value_of(one, "loudness_sma3_meanFallingSlope"), -rise, 0.02 * rise);
    assert_near(value_of(one, "loudness_sma3_stddevRisingSlope"), 0, 1e-6);
    assert_near(value_of(one, "loudness_sma3_stddevFallingSlope"), 0, 1e-6);
    for (int i = 0; i < COUNT; i++) { /* two swells, the second half as high */
        const double s = fmod((double)i / RATE, 1), away = s < 0.5 ? 2 * s : 2 - 2 * s;
        const double height = i < COUNT / 2 ? 0.7 : 0.35;
        sound[i] = i % 160 == 0 ? (float)pow(0.1 + height * away, 1 / 0.66) : 0;
    }
    take(sound, COUNT, two);
    /* 2 and 1 times as steep as the swell of two seconds; the fall in between, and what
     * is left: (2 − 1) / 2 */
    assert_near(
        value_of(two, "loudness_sma3_meanRisingSlope"), 1.5 * rise, 0.05 * rise);
    assert_near(
        value_of(two, "loudness_sma3_stddevRisingSlope"), 0.5 * rise, 0.05 * rise);
    assert_near(
        value_of(two, "loudness_sma3_meanFallingSlope"), 0.5 * rise, 0.05 * rise);
}

static void runs_levels_and_balance_are_those_of_the_sound(void **state) {
    (void)state;
    static float sound[COUNT], loud[COUNT], one[VALUES], two[VALUES];
    const double formant[3] = {500, 1500, 2500};
    for (int k = 0; k < 4; k++) { /* a quarter of a second each, and as long a gap */
        sing(sound, k * RATE / 2, k * RATE / 2 + RATE / 4, 160, formant);
    }
    for (int i = 0; i < COUNT; i++) {
        loud[i] = 4 * sound[i];
    }
    take(sound, COUNT, one);
    take(loud, COUNT, two);
    assert_near(value_of(one, "VoicedSegmentsPerSec"), 2, 0.15);
    assert_near(value_of(one, "MeanVoicedSegmentLengthSec"), 0.25, 0.06);
    assert_near(value_of(one, "loudnessPeaksPerSec"), 2, 0.6);
    /* four times the amplitude is 12.04 dB; balance and pitch stay */
    assert_near(value_of(two, "equivalentSoundLevel_dBp") -
                    value_of(one, "equivalentSoundLevel_dBp"),
        20 * log10(4), 1e-3);
    assert_near(
        value_of(two, "loudness_sma3_amean") / value_of(one, "loudness_sma3_amean"),
        pow(16, 0.33), 0.02);
    assert_near(value_of(two, "alphaRatioV_sma3nz_amean"),
        value_of(one, "alphaRatioV_sma3nz_amean"), 0.01);
    assert_near(value_of(two, "F0semitoneFrom27.5Hz_sma3nz_amean"),
        value_of(one, "F0semitoneFrom27.5Hz_sma3nz_amean"), 0.01);
}

static void silence_and_short_sounds_are_no_voice(void **state) {
    (void)state;
    static float sound[RATE], values[VALUES];
    mien_egemaps *e = NULL;
    mien_tensor *tracks = NULL;
    memset(sound, 0, sizeof sound);
    take(sound, RATE, values);
    for (int i = 0; i < VALUES; i++) {
        assert_true(isfinite(values[i]));
    }
    assert_near(value_of(values, "F0semitoneFrom27.5Hz_sma3nz_amean"), 0, 0);
    assert_near(value_of(values, "MeanUnvoicedSegmentLength"), 0.92, 0.011);
    take(sound, 959, values); /* no long frame */
    for (int i = 0; i < VALUES; i++) {
        assert_near((double)values[i], 0, 0);
    }
    assert_good(mien_egemaps_new(&e));
    assert_good(mien_egemaps_tracks(e, sound, RATE, &tracks));
    assert_int_equal(tracks->shape[0], 95);
    assert_int_equal(tracks->shape[1], MIEN_EGEMAPS_TRACKS);
    mien_tensor_free(&tracks);
    assert_good(mien_egemaps_tracks(e, sound, 0, &tracks));
    assert_int_equal(tracks->shape[0], 0);
    mien_tensor_free(&tracks);
    mien_egemaps_free(&e);
    mien_egemaps_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_the_literatures),
        cmocka_unit_test(a_voice_has_its_pitch),
        cmocka_unit_test(jitter_and_shimmer_are_those_of_the_pulses),
        cmocka_unit_test(formants_are_the_roots_of_what_is_expected),
        cmocka_unit_test(rises_and_falls_are_those_of_the_swell),
        cmocka_unit_test(runs_levels_and_balance_are_those_of_the_sound),
        cmocka_unit_test(silence_and_short_sounds_are_no_voice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
