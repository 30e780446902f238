/* SPDX-License-Identifier: MIT */
/* Jitter and shimmer of pulses whose periods and heights are known. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "signal/jitter.h"

enum { COUNT = 16000, ROWS = 94 };
static float sound[COUNT];

/* Smooth pulses at growing places, every other period longer by `longer` samples and
 * every other pulse higher by the factor `higher`. */
static void make_pulses(double period, double longer, double higher) {
    memset(sound, 0, sizeof sound);
    double place = 50;
    for (int n = 0; place < COUNT - 50; n++) {
        for (int i = (int)place - 40; i <= (int)place + 40; i++) {
            double away = (i - place) / 9;
            sound[i] += (float)(0.3 * (n % 2 ? higher : 1) * exp(-away * away));
        }
        place += period + (n % 2 ? longer : 0);
    }
}

static void take(double f0_hz, mien_jitter_row *rows) {
    const mien_jitter_spec spec = {16000, 960, 160, 1, 0, 0.25};
    double f0[ROWS];
    for (int t = 0; t < ROWS; t++) {
        f0[t] = f0_hz;
    }
    assert_good(mien_jitter(&spec, sound, COUNT, f0, ROWS, rows));
}

static void mean_of(const mien_jitter_row *rows, mien_jitter_row *mean) {
    *mean = (mien_jitter_row){0};
    for (int t = 10; t < ROWS - 10; t++) {
        mean->local += rows[t].local / (ROWS - 20);
        mean->ddp += rows[t].ddp / (ROWS - 20);
        mean->shimmer += rows[t].shimmer / (ROWS - 20);
    }
}

static void even_pulses_have_neither(void **state) {
    (void)state;
    mien_jitter_row rows[ROWS], mean;
    make_pulses(100, 0, 1);
    take(160, rows);
    mean_of(rows, &mean);
    assert_near(mean.local, 0, 1e-6);
    assert_near(mean.ddp, 0, 1e-6);
    assert_near(mean.shimmer, 0, 1e-6);
}

static void pulses_of_two_heights_shimmer(void **state) {
    (void)state;
    mien_jitter_row rows[ROWS], mean;
    make_pulses(100, 0, 1.2);
    take(160, rows);
    mean_of(rows, &mean);
    assert_near(mean.shimmer, 0.2 / 1.1, 0.03);
    assert_near(mean.local, 0, 1e-3);
}

static void uneven_pulses_jitter(void **state) {
    (void)state;
    mien_jitter_row rows[ROWS], mean;
    make_pulses(98, 4, 1);
    take(160, rows);
    mean_of(rows, &mean);
    assert_true(mean.local > 0.01 && mean.local < 0.06);
    assert_near(mean.shimmer, 0, 0.02);
}

static void without_voice_all_is_zero(void **state) {
    (void)state;
    mien_jitter_row rows[ROWS];
    make_pulses(98, 4, 1.2);
    take(0, rows);
    for (int t = 0; t < ROWS; t++) {
        assert_true(rows[t].local == 0 && rows[t].ddp == 0 && rows[t].shimmer == 0);
    }
}

/* Pitch that does not fit the sound, at the edges of its range, and sound that ends. */
static void odd_pitch_and_little_sound_do_no_harm(void **state) {
    (void)state;
    const mien_jitter_spec spec = {16000, 960, 160, 1, 0, 0.25};
    double f0[ROWS];
    mien_jitter_row rows[ROWS];
    make_pulses(61, 3, 0.5);
    for (int64_t count = 0; count <= COUNT; count += 997) {
        for (int t = 0; t < ROWS; t++) {
            f0[t] = t % 7 == 3 ? 0 : 52 + (t * 131) % 569;
        }
        assert_good(mien_jitter(&spec, sound, count, f0, ROWS, rows));
        for (int t = 0; t < ROWS; t++) {
            assert_true(rows[t].local >= 0 && rows[t].local <= 1);
            assert_true(rows[t].ddp >= 0 && rows[t].ddp <= 1);
            assert_true(rows[t].shimmer >= 0 && rows[t].shimmer <= 1);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(even_pulses_have_neither),
        cmocka_unit_test(pulses_of_two_heights_shimmer),
        cmocka_unit_test(uneven_pulses_jitter),
        cmocka_unit_test(without_voice_all_is_zero),
        cmocka_unit_test(odd_pitch_and_little_sound_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
