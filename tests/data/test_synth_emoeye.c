/* SPDX-License-Identifier: MIT */
/* Synthetic reactions: the right answers of the specification, and that what is planted
 * can be read out of the series, by the plainest means, as well as it says. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/synths/emoeye_synth.h"
#include "mien/media.h"
#include "mien/recordings.h"

enum { ROWS = MIEN_EPOCH_ROWS };

static mien_synth_reactions defaults(void) {
    return mien_synth_options_default().reactions;
}

static void the_right_answers_are_those_of_the_formulas(void **state) {
    (void)state;
    mien_synth_reactions o = defaults();
    assert_near(sqrt(mien_planted_r2(&o, MIEN_AROUSAL, 3, false, false)), .537, 5e-4);
    assert_near(sqrt(mien_planted_r2(&o, MIEN_VALENCE, 12, false, false)), .372, 5e-4);
    assert_near(sqrt(mien_planted_r2(&o, MIEN_AROUSAL, 1, false, false)), .458, 5e-4);
    assert_near(sqrt(mien_planted_r2(&o, MIEN_AROUSAL, 1, false, true)), .608, 5e-4);
    assert_near(sqrt(mien_planted_r2(&o, MIEN_AROUSAL, 0, true, false)), .600, 5e-4);
    assert_near(sqrt(mien_planted_r2(&o, MIEN_AROUSAL, 0, true, true)), .721, 5e-4);
    assert_near(mien_planted_r2(&o, MIEN_AROUSAL, 12, false, false), 0, 0);
    assert_near(mien_planted_quantising(MIEN_AROUSAL), .945, 1e-3);
    assert_near(mien_planted_quantising(MIEN_VALENCE), .957, 1e-3);
    o.missing = 0;
    assert_near(mien_planted_r2_missing(&o, MIEN_AROUSAL, 15, true, false),
        mien_planted_r2(&o, MIEN_AROUSAL, 15, true, false), 1e-12);
    o.missing = 1;
    assert_near(mien_planted_r2_missing(&o, MIEN_AROUSAL, 15, true, false), .36, 1e-12);
}

static double mean(const double *x, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
        sum += x[i];
    }
    return sum / (to - from);
}

/* The plain read-outs of the specification. */
static void read_out(const mien_epoch *e, double f[MIEN_PLANTED_SENSORS]) {
    double lowest = e->gsr_ohm[120], durations = 0, first = -1;
    int changes = 0;
    for (int i = 120; i < ROWS; i++) {
        lowest = fmin(lowest, e->gsr_ohm[i]);
    }
    for (int i = 1; i < ROWS; i++) {
        if (e->fixation[i] != e->fixation[i - 1]) {
            durations += first >= 0 ? e->time_s[i] - first : 0;
            changes += first >= 0;
            first = e->time_s[i];
        }
    }
    f[0] = mean(e->left_mm, 60, 110) - mean(e->left_mm, 0, 12);
    f[1] = log(fmax(mean(e->gsr_ohm, 0, 70) - lowest, 1));
    f[2] = mean(e->heart_bpm, 120, 190) - mean(e->heart_bpm, 0, 20);
    f[3] = changes > 0 ? log(durations / changes) : 0;
}

static double correlate(const double *x, const double *y, int64_t n) {
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (int64_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

/* Takes each person's mean off, so that what is left is inside people. */
static void centre(double *x, int64_t n, int per_person) {
    for (int64_t p = 0; p < n; p += per_person) {
        double m = mean(x + p, 0, per_person);
        for (int i = 0; i < per_person; i++) {
            x[p + i] -= m;
        }
    }
}

static void bodies_tell_their_scores(void **state) {
    (void)state;
    static const double wanted[] = {.97, .97, -.97, .9};
    mien_synth_reactions o = defaults();
    mien_reactions r;
    o.missing = 0;
    o.per_person = 60;
    assert_good(mien_reactions_draw(&o, 3, &r));
    double *f[MIEN_PLANTED_SENSORS], *z = mien_alloc((size_t)r.count, sizeof *z);
    mien_epoch *e = mien_alloc(1, sizeof *e);
    for (int k = 0; k < MIEN_PLANTED_SENSORS; k++) {
        f[k] = mien_alloc((size_t)r.count, sizeof *f[k]);
    }
    mien_body body = {.pupil_mm = 0};
    for (int64_t i = 0; i < r.count; i++) {
        double values[MIEN_PLANTED_SENSORS];
        if (r.item[i].sequence == 0) {
            mien_body_draw(&r, r.item[i].person, &body);
        }
        mien_body_react(&r, &r.item[i], &body, 0, e);
        assert_good(mien_epoch_fill(e, e));
        read_out(e, values);
        for (int k = 0; k < MIEN_PLANTED_SENSORS; k++) {
            f[k][i] = values[k];
        }
    }
    for (int k = 0; k < MIEN_PLANTED_SENSORS; k++) {
        for (int64_t i = 0; i < r.count; i++) {
            z[i] = r.item[i].z[k];
        }
        centre(f[k], r.count, o.per_person);
        centre(z, r.count, o.per_person);
        double got = correlate(f[k], z, r.count);
        if (!(wanted[k] > 0 ? got > wanted[k] : got < wanted[k])) {
            fail_msg("%s: r %.3f, wanted %.3f", mien_planted_names[k], got, wanted[k]);
        }
        mien_free(f[k]);
    }
    mien_free(e);
    mien_free(z);
    mien_reactions_clear(&r);
}

static void ratings_have_the_published_shares(void **state) {
    (void)state;
    static const double wanted[2][7] = {
        {.28, .22, .20, .16, .09, .03, .02}, {.03, .05, .12, .41, .28, .07, .04}};
    mien_synth_reactions o = defaults();
    mien_reactions r;
    o.persons = 400;
    o.stimuli = o.per_person = 400;
    assert_good(mien_reactions_draw(&o, 1, &r));
    for (int s = 0; s < 2; s++) {
        double count[8] = {0};
        for (int64_t i = 0; i < r.count; i++) {
            count[r.item[i].rating[s]] += 1.0 / (double)r.count;
        }
        for (int k = 0; k < 7; k++) {
            assert_near(count[k + 1], wanted[s][k], .03);
        }
    }
    mien_reactions_clear(&r);
}

static void pictures_show_their_causes(void **state) {
    (void)state;
    mien_synth_reactions o = defaults();
    mien_reactions r;
    assert_good(mien_reactions_draw(&o, 1, &r));
    for (int i = 0; i < 8; i++) {
        mien_tensor *image = NULL;
        double sum[3] = {0};
        assert_good(mien_planted_picture(&r, i, support_temp_path("p.jpg")));
        assert_good(mien_image_read(support_temp_path("p.jpg"), NULL, &image));
        assert_int_equal(image->shape[0], 150);
        assert_int_equal(image->shape[1], 200);
        const unsigned char *pixel = image->data;
        for (int k = 0; k < 3 * 150 * 200; k++) {
            sum[k % 3] += pixel[k] / 30000.0;
        }
        assert_near(sum[0] - sum[2], 40 * r.a[MIEN_AROUSAL][i], 4);
        assert_near((sum[0] + sum[1] + sum[2]) / 3, 128 + 30 * r.a[MIEN_VALENCE][i], 4);
        mien_tensor_free(&image);
    }
    mien_reactions_clear(&r);
}

/* The same reactions by both ways, and lost sensors have no valid sample. */
static void bids_holds_the_same(void **state) {
    (void)state;
    mien_synth_options o = mien_synth_options_default();
    const mien_synth *synth = NULL;
    mien_recording *rec = NULL;
    mien_samples *s = NULL;
    mien_epoch *e = mien_alloc(1, sizeof *e);
    const mien_event *events;
    o.reactions.persons = 2;
    o.reactions.stimuli = 5;
    o.reactions.per_person = 4;
    o.reactions.missing = 0;
    o.reactions.bids = true;
    assert_good(mien_synth_find("emoeye", &synth));
    assert_good(mien_synth_write(synth, &o, support_temp_path("people"), NULL, NULL));
    mien_trials *t = NULL;
    assert_good(mien_trials_open(support_temp_path("people/trials.tsv"), &t));
    assert_int_equal(mien_trials_rows(t), 8);
    char *path = mien_trials_path(t, 0, "series");
    assert_good(mien_epoch_read(path, e));
    mien_free(path);
    assert_good(mien_recording_open(
        support_temp_path(
            "people/bids/sub-0/beh/sub-0_task-view_recording-left_physio.tsv.gz"),
        NULL, &rec));
    assert_int_equal(mien_recording_tracks(rec), 3);
    assert_int_equal(mien_recording_events(rec, &events), 4);
    for (int k = 0; k < 3; k++) {
        if (strcmp(mien_recording_track(rec, k)->name, "left") == 0) {
            assert_good(mien_track_load(rec, k, 10000, &s));
            assert_int_equal(s->n, 4 * ROWS);
            for (int i = 0; i < ROWS; i++) {
                assert_int_equal(isnan(s->value[0][i]), !e->gaze_valid[i]);
                assert_true(isnan(s->value[0][i]) || s->value[0][i] == e->x[i]);
                assert_near(s->time_s[i], e->time_s[i], 1e-9);
            }
            mien_samples_free(&s);
        }
    }
    assert_near(events[0].onset_s, e->time_s[0], 1e-9);
    mien_recording_close(&rec);
    mien_trials_close(&t);
    mien_free(e);
}

static void what_cannot_be_planted_is_told(void **state) {
    (void)state;
    mien_synth_options o = mien_synth_options_default();
    const mien_synth *synth = NULL;
    assert_good(mien_synth_find("emoeye", &synth));
    o.reactions.alpha = 0.5;
    assert_fails(mien_synth_write(synth, &o, support_temp_path("no"), NULL, NULL),
        MIEN_EINVAL, "sum to 1");
    o = mien_synth_options_default();
    o.reactions.per_person = 61;
    assert_fails(mien_synth_write(synth, &o, support_temp_path("no"), NULL, NULL),
        MIEN_EINVAL, "61");
    o = mien_synth_options_default();
    o.reactions.hr = 1;
    assert_fails(mien_synth_write(synth, &o, support_temp_path("no"), NULL, NULL),
        MIEN_EINVAL, "0.99");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_answers_are_those_of_the_formulas),
        cmocka_unit_test(bodies_tell_their_scores),
        cmocka_unit_test(ratings_have_the_published_shares),
        cmocka_unit_test(pictures_show_their_causes),
        cmocka_unit_test(bids_holds_the_same),
        cmocka_unit_test(what_cannot_be_planted_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
