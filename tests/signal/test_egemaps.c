/* SPDX-License-Identifier: MIT */
/* eGeMAPS of made voices: what was put in is found again. Against the reference it is
 * held by `./run bench egemaps`, whose values are not kept here. */
#include "support/support.h"

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

static void a_voice_has_its_pitch_and_formants(void **state) {
    (void)state;
    static float sound[COUNT], values[VALUES];
    const double formant[3] = {700, 1250, 2600};
    sing(sound, 0, COUNT, 125, formant);
    take(sound, COUNT, values);
    assert_near(value_of(values, "F0semitoneFrom27.5Hz_sma3nz_amean"),
        12 * log2(125 / 27.5), 0.05);
    assert_near(value_of(values, "F0semitoneFrom27.5Hz_sma3nz_pctlrange0-2"), 0, 0.02);
    assert_near(value_of(values, "F1frequency_sma3nz_amean"), formant[0], 60);
    assert_near(value_of(values, "F2frequency_sma3nz_amean"), formant[1], 90);
    assert_near(value_of(values, "F3frequency_sma3nz_amean"), formant[2], 260);
    /* the window's own fall over a period, which is not divided out, allows 9.3 dB */
    assert_near(value_of(values, "HNRdBACF_sma3nz_amean"), 9, 0.5);
    assert_true(value_of(values, "jitterLocal_sma3nz_amean") < 0.02);
    assert_near(value_of(values, "MeanVoicedSegmentLengthSec"), SECONDS - 0.07, 0.05);
    for (int i = 0; i < VALUES; i++) {
        assert_true(isfinite(values[i]));
    }
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
        cmocka_unit_test(a_voice_has_its_pitch_and_formants),
        cmocka_unit_test(runs_levels_and_balance_are_those_of_the_sound),
        cmocka_unit_test(silence_and_short_sounds_are_no_voice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
