/* SPDX-License-Identifier: MIT */
/* One user's own model: what it says beside the model it was made of. */
#include "train/runs.h"

#include <math.h>
#include <stdio.h>

static char model_path[4096];

/* A read-out of the made pictures. */
static int make_model(void **state) {
    static const char study[] = "trials: trials.tsv\ntargets: [valence]\n"
                                "picture: {fit: squash, height: 32, width: 32}\n"
                                "folds: {k: 2}\nmodel: {golden: 2}\n";
    mien_study *s = NULL;
    mien_train_options o;
    set_up(state);
    o = options_of();
    assert_good(
        mien_study_open(support_write("r.yaml", study, sizeof study - 1), NULL, 0, &s));
    const char *run = run_path("adapt-run");
    assert_good(mien_train(s, run, &o));
    snprintf(model_path, sizeof model_path, "%s/model.safetensors", run);
    mien_study_close(&s);
    return 0;
}

enum { MANY = 400 };
static double norm[MANY], rating[MANY];

/* 4 − 0.6 + 0.7 (norm − 4) ± 0.5, n ratings. */
static mien_own_ratings rate(int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        norm[i] = 2 + 4 * (double)(i * 37 % 101) / 101;
        rating[i] = 3.4 + 0.7 * (norm[i] - 4) + (i % 2 ? 0.5 : -0.5);
    }
    return (mien_own_ratings){n, norm, rating};
}

static mien_status adapt(
    const mien_own_ratings *own, const char *path, mien_adapted *adapted) {
    mien_model *model = NULL;
    mien_adapt_options o = mien_adapt_options_default();
    o.weights = pictures_weights();
    o.threads = 1;
    mien_status status = mien_model_open(model_path, &model);
    if (status == MIEN_OK) {
        status = mien_adapt(model, own, &o, path, adapted);
    }
    mien_model_close(&model);
    return status;
}

static void many_ratings_give_their_own_line(void **state) {
    (void)state;
    mien_own_ratings own = rate(MANY);
    mien_adapted a;
    assert_good(adapt(&own, support_temp_path("many.safetensors"), &a));
    assert_near(a.offset, -0.6, 0.02);
    assert_near(a.slope, 0.7, 0.03);
    assert_near(a.noise, 0.5, 0.06);
    assert_near(a.half, 1.96 * a.noise, 0.05);
}

static void one_rating_moves_little(void **state) {
    (void)state;
    mien_own_ratings own = rate(1);
    mien_adapted a;
    assert_good(adapt(&own, support_temp_path("one.safetensors"), &a));
    assert_true(a.offset < 0 && a.offset > rating[0] - norm[0]);
    assert_true(a.half > 1.96 * 0.5);
}

/* The model's own target stays to the bit; the user's is the line through it. */
static void the_model_says_both(void **state) {
    (void)state;
    mien_own_ratings own = rate(MANY);
    mien_adapted a;
    mien_model *before = NULL, *after = NULL;
    mien_golden_input was, is;
    const char *path = support_temp_path("both.safetensors");
    assert_good(adapt(&own, path, &a));
    assert_good(mien_model_open(model_path, &before));
    assert_good(mien_model_open(path, &after));
    assert_int_equal(mien_model_targets_count(after), 2);
    const mien_target *t = mien_model_targets(after);
    assert_string_equal(t[0].name, "valence");
    assert_string_equal(t[1].name, "own_valence");
    assert_string_equal(t[1].perspective, "subjective");
    assert_near(t[1].interval_high, a.half, 1e-9);
    for (int64_t i = 0; i < mien_model_golden_count(before); i++) {
        assert_good(mien_model_golden(before, i, &was));
        assert_good(mien_model_golden(after, i, &is));
        assert_near((double)is.output[0], (double)was.output[0], 0);
        double line = 4 + a.offset + a.slope * ((double)was.output[0] - 4);
        assert_near((double)is.output[1], line, 1e-4);
    }
    mien_model_close(&before);
    mien_model_close(&after);
}

static void ratings_that_cannot_be_are_refused(void **state) {
    (void)state;
    const char *path = support_temp_path("none.safetensors");
    mien_own_ratings own = {0};
    assert_fails(adapt(&own, path, NULL), MIEN_EINVAL, "there is no rating");
    own = rate(3);
    rating[1] = 7.5;
    assert_fails(adapt(&own, path, NULL), MIEN_EINVAL,
        "rating 1 of valence: 7.5 is not within 1");
    assert_false(mien_file_exists(path));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_ratings_give_their_own_line),
        cmocka_unit_test(one_rating_moves_little),
        cmocka_unit_test(the_model_says_both),
        cmocka_unit_test(ratings_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, make_model, NULL);
}
