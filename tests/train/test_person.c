/* SPDX-License-Identifier: MIT */
/* People's own ratings over a norm: weights against the closed form, spreads and gains
 * that were planted, and tables that cannot be. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/train.h"
#include "train/persons/person_scores.h"

enum { PEOPLE = 120, STIMULI = 80, EACH = 60 };

static double draw(mien_stream *s) {
    double u = 0;
    for (int i = 0; i < 12; i++) {
        u += mien_stream_uniform(s);
    }
    return u - 6; /* of variance 1 */
}

/* ---- weights --------------------------------------------------------------------- */

/* w = (S⁻¹ + AᵀA / σ²)⁻¹ (S⁻¹ w₀ + Aᵀ y / σ²), two by two by hand. */
static void weights_are_those_of_the_closed_form(void **state) {
    (void)state;
    const double a[3][2] = {{1, 2}, {1, 5}, {1, 3.5}}, y[3] = {2.5, 4.25, 4};
    double root[4] = {0.8, 0, -0.2, 0.3}, mean[2] = {0.1, 0.9}, noise = 1.3;
    const mien_prior prior = {2, mean, root, noise};
    double s00 = 0.64, s01 = -0.16, s11 = 0.04 + 0.09, det = s00 * s11 - s01 * s01;
    double m[2][2] = {{s11 / det, -s01 / det}, {-s01 / det, s00 / det}};
    double right[2] = {
        m[0][0] * mean[0] + m[0][1] * mean[1], m[1][0] * mean[0] + m[1][1] * mean[1]};
    mien_known known;
    double scratch[12], w[2], c[4];
    assert_good(mien_known_init(&known, 2));
    for (int i = 0; i < 3; i++) {
        mien_known_add(&known, 2, a[i], y[i]);
        for (int k = 0; k < 2; k++) {
            right[k] += a[i][k] * y[i] / noise;
            for (int l = 0; l < 2; l++) {
                m[k][l] += a[i][k] * a[i][l] / noise;
            }
        }
    }
    double d = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    assert_good(mien_prior_weights(&prior, &known, w, c, scratch));
    assert_near(w[0], (m[1][1] * right[0] - m[0][1] * right[1]) / d, 1e-12);
    assert_near(w[1], (m[0][0] * right[1] - m[1][0] * right[0]) / d, 1e-12);
    assert_near(c[0], m[1][1] / d, 1e-12);
    assert_near(c[1], -m[0][1] / d, 1e-12);
    assert_near(c[3], m[0][0] / d, 1e-12);
    mien_known_clear(&known);
}

/* One rating of 1 · w: y ~ N(μ, S + σ²), whose logarithm is known. */
static void evidence_is_that_of_the_normal(void **state) {
    (void)state;
    double root = 0.7, mean = 0.4, scratch[3], one = 1, got, base;
    const mien_prior prior = {1, &mean, &root, 1};
    mien_known known;
    assert_good(mien_known_init(&known, 1));
    mien_known_add(&known, 1, &one, 2.1);
    assert_good(mien_prior_evidence(&prior, &known, 1.5, &got, scratch));
    base = -0.5 * ((2.1 - 0.4) * (2.1 - 0.4) / (0.49 + 1.5) + log(0.49 + 1.5));
    assert_near(got, base, 1e-12);
    mien_known_clear(&known);
}

static void spread_of_people_is_found_again(void **state) {
    (void)state;
    enum { MANY = 600, RATED = 40 };
    static mien_known people[MANY];
    mien_stream s;
    mien_prior prior;
    mien_stream_init(&s, 7, 0, 0);
    for (int p = 0; p < MANY; p++) {
        double u = draw(&s), w[2] = {0.5 + 0.6 * u, 1 + 0.2 * u + 0.15 * draw(&s)};
        assert_good(mien_known_init(&people[p], 2));
        for (int i = 0; i < RATED; i++) {
            double row[2] = {1, 2 * draw(&s)};
            mien_known_add(
                &people[p], 2, row, row[0] * w[0] + row[1] * w[1] + 0.9 * draw(&s));
        }
    }
    assert_good(mien_prior_fit(&prior, 2, people, MANY));
    const double *l = prior.root;
    assert_near(prior.mean[0], 0.5, 0.08);
    assert_near(prior.mean[1], 1, 0.04);
    assert_near(l[0] * l[0], 0.36, 0.06);
    assert_near(l[2] * l[0], 0.12, 0.03);
    assert_near(l[2] * l[2] + l[3] * l[3], 0.0625, 0.015);
    assert_near(prior.noise, 0.81, 0.03);
    mien_prior_clear(&prior);
    for (int p = 0; p < MANY; p++) {
        mien_known_clear(&people[p]);
    }
}

/* ---- tables ---------------------------------------------------------------------- */

/* y = 4 + norm + offset + taste · liking + noise, cut to the scale. */
static void write_people(const char *name, double taste, double offset, uint64_t seed) {
    mien_string text;
    mien_stream s;
    char path[64];
    double norm[STIMULI], liking[STIMULI];
    mien_string_init(&text);
    mien_stream_init(&s, seed, 0, 0);
    mien_string_add(&text, "trial\tperson\tstimulus\tage\trating\n");
    for (int i = 0; i < STIMULI; i++) {
        norm[i] = draw(&s);
        liking[i] = draw(&s);
    }
    for (int p = 0; p < PEOPLE; p++) {
        double o = offset * draw(&s), u = taste * draw(&s);
        for (int i = 0; i < EACH; i++) {
            int k = (i * 7 + p * 13) % STIMULI;
            double y = 10 + norm[k] + o + u * liking[k] + 0.7 * draw(&s);
            mien_string_addf(
                &text, "p%d-%d\tp%d\ts%d\t%g\t%.3f\n", p, k, p, k, liking[k], y);
        }
    }
    assert_good(mien_string_status(&text));
    snprintf(path, sizeof path, "%s.tsv", name);
    support_write(path, text.text, text.length);
    snprintf(path, sizeof path, "%s.json", name);
    static const char sidecar[] =
        "{\"version\": 1, \"name\": \"made\", \"targets\": {\"rating\": {\"range\": "
        "[0, 20], \"unit\": \"0-20\", \"construct\": \"evoked\", \"perspective\": "
        "\"subjective\"}}}";
    support_write(path, sidecar, sizeof sidecar - 1);
    mien_string_clear(&text);
}

static mien_status open_study(const char *name, const char *more, mien_study **study) {
    char text[512], file[64];
    snprintf(text, sizeof text,
        "trials: %s.tsv\nmethod: person\nperson:\n  own: [0, 5, 20]\n  test: 20\n  "
        "draws: 2\n  unseen: 40\n  rank: 3\n%s",
        name, more);
    snprintf(file, sizeof file, "%s.yaml", name);
    return mien_study_open(support_write(file, text, strlen(text)), NULL, 0, study);
}

static mien_status train(const char *name, const char *more, const char *run) {
    mien_study *study = NULL;
    mien_train_options o = mien_train_options_default();
    o.threads = 2;
    mien_status status = open_study(name, more, &study);
    if (status == MIEN_OK) {
        status = mien_train(study, run, &o);
    }
    mien_study_close(&study);
    return status;
}

/* A figure of the curve, over draws. */
static double figure(
    const char *run, const char *form, int own, const char *key, const char *part) {
    mien_value *results = NULL;
    char *path = mien_path_join(run, "results.json");
    double found = (double)NAN;
    assert_good(mien_value_read(path, &results));
    const mien_value *curve = mien_value_get(results, "curve");
    for (int64_t i = 0; i < mien_value_count(curve); i++) {
        const mien_value *one = mien_value_at(curve, i);
        if (strcmp(mien_value_text(mien_value_get(one, "form")), form) == 0 &&
            mien_value_int(mien_value_get(one, "own"), -1) == own) {
            found = mien_value_number(
                mien_value_get(mien_value_get(one, key), part), (double)NAN);
        }
    }
    mien_value_free(&results);
    mien_free(path);
    return found;
}

static void planted_offsets_and_tastes_are_gained(void **state) {
    (void)state;
    const char *run = support_temp_path("run-taste");
    write_people("taste", 0.8, 1, 3);
    assert_good(train("taste", "  features: [age]\n", run));
    /* what is left when all is known is the noise, .7 */
    assert_true(figure(run, "norm", 20, "rmse", "mean") > 1.3);
    assert_true(figure(run, "slope", 20, "rmse", "mean") < 1.15);
    assert_true(figure(run, "features", 20, "rmse", "mean") < 0.85);
    assert_true(figure(run, "low_rank", 20, "rmse", "mean") < 0.85);
    assert_near(figure(run, "low_rank", 20, "covered_95", "mean"), 0.95, 0.02);
    assert_near(figure(run, "features", 0, "gain", "mean"), 0, 0.02);
    assert_near(figure(run, "features", 5, "covered_95", "mean"), 0.95, 0.02);
}

static void hidden_tastes_are_found_without_features(void **state) {
    (void)state;
    const char *run = support_temp_path("run-hidden");
    write_people("hidden", 0.8, 1, 4);
    assert_good(train("hidden", "", run));
    assert_true(figure(run, "low_rank", 20, "rmse", "mean") <
                figure(run, "slope", 20, "rmse", "mean") - 0.15);
    assert_true(isnan(figure(run, "features", 20, "rmse", "mean")));
}

/* People who differ in nothing: their own trials gain nothing over the norm, and cost
 * next to nothing. */
static void people_alike_gain_nothing(void **state) {
    (void)state;
    const char *run = support_temp_path("run-alike");
    write_people("alike", 0, 0, 5);
    assert_good(train("alike", "", run));
    assert_near(figure(run, "offset", 20, "gain", "mean"), 0, 0.01);
    assert_near(figure(run, "low_rank", 20, "gain", "mean"), 0, 0.02);
    assert_near(figure(run, "low_rank", 20, "covered_95", "mean"), 0.95, 0.02);
}

static void threads_change_nothing(void **state) {
    (void)state;
    char hex[2][65];
    const char *runs[2] = {support_temp_path("run-one"), support_temp_path("run-two")};
    write_people("same", 0.5, 0.5, 6);
    for (int i = 0; i < 2; i++) {
        mien_study *study = NULL;
        mien_train_options o = mien_train_options_default();
        o.threads = 1 + i;
        assert_good(open_study("same", "", &study));
        assert_good(mien_train(study, runs[i], &o));
        mien_study_close(&study);
        char *path = mien_path_join(runs[i], "curve.csv");
        assert_good(mien_sha256_file(path, hex[i]));
        mien_free(path);
    }
    assert_string_equal(hex[0], hex[1]);
}

static void a_stimulus_that_is_rated_twice_is_named(void **state) {
    (void)state;
    static const char table[] = "trial\tperson\tstimulus\trating\na\tx\ts1\t3\n"
                                "b\tx\ts2\t3\nc\tx\ts1\t4\n";
    write_people("twice", 0, 0, 1);
    support_write("twice.tsv", table, sizeof table - 1);
    assert_fails(train("twice", "", support_temp_path("run-twice")), MIEN_EFORMAT,
        "trials a and c: x rates s1 twice");
}

static void too_few_people_are_told(void **state) {
    (void)state;
    write_people("few", 0, 0, 1);
    assert_fails(train("few", "  seed: 1\n  shown: 5\n  features: [height]\n",
                     support_temp_path("run-few")),
        MIEN_ENOTFOUND, "person.features: ");
    mien_study *study = NULL;
    const char *set[] = {"person.own=0;59"};
    assert_good(mien_study_open(support_temp_path("few.yaml"), NULL, 0, &study));
    mien_study_close(&study);
    assert_good(open_study("few", "", &study));
    mien_study_close(&study);
    assert_good(mien_study_open(support_temp_path("few.yaml"), set, 1, &study));
    assert_fails(mien_train_check(study, NULL), MIEN_EFORMAT, "0 of 120 have the 79");
    mien_study_close(&study);
}

static void keys_of_folds_are_refused(void **state) {
    (void)state;
    mien_study *study = NULL;
    assert_fails(open_study("folds", "folds: {k: 5}\n", &study), MIEN_EFORMAT,
        "folds.k: not with method: person");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_those_of_the_closed_form),
        cmocka_unit_test(evidence_is_that_of_the_normal),
        cmocka_unit_test(spread_of_people_is_found_again),
        cmocka_unit_test(planted_offsets_and_tastes_are_gained),
        cmocka_unit_test(hidden_tastes_are_found_without_features),
        cmocka_unit_test(people_alike_gain_nothing),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(a_stimulus_that_is_rated_twice_is_named),
        cmocka_unit_test(too_few_people_are_told),
        cmocka_unit_test(keys_of_folds_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
