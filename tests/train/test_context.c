/* SPDX-License-Identifier: MIT */
/* What a row's neighbours in time say: pictures of films in which what is felt is the
 * colour of the picture before. A model that looks at one moment knows nothing of it,
 * one that looks at two does, whatever stands between picture and head: a frozen
 * network, one that learns, a head fitted at once. And series of predictions that are
 * smoothed. */
#include "train/runs.h"

#define PICTURED "picture: {fit: squash, height: 32, width: 32}\n"

enum { FILMS = 4, SEGMENTS = 20, MOMENTS = FILMS * SEGMENTS, COLOURS = 3 };

static int colour_of(int film, int segment) {
    return (7 * film + 5 * segment + segment * segment / 3) % COLOURS;
}

static double slow_of(int film, int segment) {
    return sin(0.35 * segment + film);
}

/* The colour shown, and a slow course in much noise. */
static void write_columns(void) {
    mien_string shown, noisy;
    mien_random random;
    mien_random_init(&random, 5);
    mien_string_init(&shown);
    mien_string_init(&noisy);
    for (int i = 0; i < MOMENTS; i++) {
        int film = i / SEGMENTS, segment = i % SEGMENTS;
        mien_string_addf(
            &shown, "%d,%.6f\n", colour_of(film, segment), mien_random_normal(&random));
        mien_string_addf(
            &noisy, "%.6f\n", slow_of(film, segment) + mien_random_normal(&random));
    }
    assert_good(mien_string_status(&shown));
    support_write("shown.csv", shown.text, shown.length);
    support_write("noisy.csv", noisy.text, noisy.length);
    mien_string_clear(&shown);
    mien_string_clear(&noisy);
}

static int make(void **state) {
    mien_string text;
    set_up(state);
    write_columns();
    mien_string_init(&text);
    mien_string_add(&text, "trial\tgroup\tstart_s\tend_s\timage\tfeatures.shown\t"
                           "features.noisy\tvalence\tcourse\n");
    for (int i = 0; i < MOMENTS; i++) {
        int film = i / SEGMENTS, segment = i % SEGMENTS;
        int before = segment > 0 ? colour_of(film, segment - 1) : 1;
        mien_string_addf(&text,
            "t%03d\tf%d\t%d\t%d\tpictures/%d.png\tshown.csv#%d\tnoisy.csv#%d\t%d\t"
            "%.4f\n",
            i, film, 5 * segment, 5 * segment + 5,
            colour_of(film, segment) + COLOURS * (i % 7), i, i, 2 + 2 * before,
            4 + 2 * slow_of(film, segment));
    }
    assert_good(mien_string_status(&text));
    support_write("context.tsv", text.text, text.length);
    mien_string_clear(&text);
    static const char sidecar[] =
        "{\"version\": 2, \"name\": \"context\", \"targets\": {\"valence\": "
        "{\"range\": [1, 7], \"unit\": \"1-7\", \"construct\": \"evoked\", "
        "\"perspective\": \"normative\"}, \"course\": {\"range\": [1, 7], \"unit\": "
        "\"1-7\", \"construct\": \"evoked\", \"perspective\": \"normative\"}}}";
    support_write("context.json", sidecar, sizeof sidecar - 1);
    return 0;
}

/* Trains and gives the run. */
static const char *run_of(const char *name, const char *lines) {
    char yaml[2048], file[64];
    mien_study *study = NULL;
    mien_train_options o = options_of();
    const char *run = run_path(name);
    snprintf(yaml, sizeof yaml,
        "trials: context.tsv\nfolds: {rule: leave-one-group-out}\n"
        "bootstrap: {repeats: 20}\n%s%s",
        strstr(lines, "image") ? PICTURED : "", lines);
    snprintf(file, sizeof file, "%s.yaml", name);
    assert_good(
        mien_study_open(support_write(file, yaml, strlen(yaml)), NULL, 0, &study));
    assert_good(mien_train(study, run, &o));
    mien_study_close(&study);
    return run;
}

static double r_of(const char *run) {
    mien_value *results = NULL;
    char *path = mien_path_join(run, "results.json");
    assert_good(mien_value_read(path, &results));
    mien_free(path);
    const mien_value *target = mien_value_at(mien_value_get(results, "targets"), 0);
    const mien_value *metric = mien_value_at(mien_value_get(target, "metrics"), 0);
    double r = mien_value_number(mien_value_get(metric, "value"), NAN);
    mien_value_free(&results);
    return r;
}

#define NETWORK                                                                        \
    "method: network\ntargets: [valence]\ninputs: [image]\nepochs: 25\nbatch: 20\n"    \
    "optimiser: {rate: 0.02}\nhead: {layer: features.1}\n"
#define BEFORE "context: {before: 1}\n"

static void assert_close_tables(const char *a, const char *b) {
    mien_table *x = table_of(a, "predictions.csv"), *y = table_of(b, "predictions.csv");
    int column = mien_table_column(x, "valence_prediction");
    for (int64_t i = 0; i < mien_table_rows(x); i++) {
        double p = NAN, q = NAN;
        assert_good(mien_table_number(x, i, column, &p));
        assert_good(mien_table_number(y, i, column, &q));
        assert_true(fabs(p - q) < 1e-4);
    }
    mien_table_free(&x);
    mien_table_free(&y);
}

static void a_frozen_network_sees_the_picture_before(void **state) {
    (void)state;
    double alone = r_of(run_of("alone", NETWORK));
    const char *before = run_of("before", NETWORK BEFORE);
    print_message("alone %.3f, with the picture before %.3f\n", alone, r_of(before));
    assert_true(alone < 0.6 && r_of(before) > 0.9);
    /* what was computed once for each picture is what the network gives in each step */
    const char *each = run_of("each", NETWORK BEFORE "cache: {features: false}\n");
    assert_close_tables(before, each);
}

/* The first convolution learns on both pictures of each row. */
static void a_network_that_learns_sees_the_picture_before(void **state) {
    (void)state;
    const char *run = run_of("learns",
        NETWORK BEFORE "train: {what: [head, features.0.0.weight]}\naugment: flip\n");
    print_message("learning %.3f\n", r_of(run));
    assert_true(r_of(run) > 0.9);
}

static void a_fitted_head_sees_rows_and_pictures_before(void **state) {
    (void)state;
    double alone = r_of(run_of("column", "method: ridge\ntargets: [valence]\n"
                                         "inputs: [image, shown]\n"));
    double both = r_of(run_of("columns", "method: ridge\ntargets: [valence]\n"
                                         "inputs: [image, shown]\n" BEFORE));
    print_message("alone %.3f, with the row before %.3f\n", alone, both);
    assert_true(alone < 0.6 && both > 0.9);
}

/* The model file predicts the windows of a trial table as the run did. */
static void a_fitted_head_is_smoothed_by_what_inner_folds_say(void **state) {
    (void)state;
    double rough =
        r_of(run_of("rough", "method: ridge\ntargets: [course]\ninputs: [noisy]\n"));
    const char *run = run_of("smooth", "method: ridge\ntargets: [course]\n"
                                       "inputs: [noisy]\nsmoothing: {rule: mean}\n");
    print_message("rough %.3f, smoothed %.3f\n", rough, r_of(run));
    assert_true(r_of(run) > rough + 0.1);
    mien_model *model = NULL;
    char *path = mien_path_join(run, "model.safetensors");
    assert_good(mien_model_open(path, &model));
    const mien_after_smoothing *s = &mien_model_network(model)->after.smoothing[0];
    assert_string_equal(s->rule, "mean");
    assert_true(s->value >= 15); /* seconds: three rows of five or more */
    mien_model_close(&model);
    mien_free(path);
}

static void what_context_cannot_is_told(void **state) {
    (void)state;
    static const struct {
        const char *lines, *part;
    } cases[] = {
        {NETWORK BEFORE "augment: mixup\n", "mix rows"},
        {"method: network\ninputs: [image, shown]\nfusion: {name: gated}\n" BEFORE,
            "gated looks at one segment"},
        {"method: ridge\ninputs: [shown]\n" BEFORE "folds: {rule: rows}\n",
            "needs whole groups"},
        {"method: trees\ninputs: [shown]\nsmoothing: {rule: mean}\n"
         "folds: {by: none}\n",
            "needs whole groups"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[1024];
        mien_study *study = NULL;
        snprintf(yaml, sizeof yaml, "trials: context.tsv\n%s", cases[i].lines);
        assert_fails(mien_study_open(
                         support_write("no.yaml", yaml, strlen(yaml)), NULL, 0, &study),
            MIEN_EFORMAT, cases[i].part);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frozen_network_sees_the_picture_before),
        cmocka_unit_test(a_network_that_learns_sees_the_picture_before),
        cmocka_unit_test(a_fitted_head_sees_rows_and_pictures_before),
        cmocka_unit_test(a_fitted_head_is_smoothed_by_what_inner_folds_say),
        cmocka_unit_test(what_context_cannot_is_told),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
