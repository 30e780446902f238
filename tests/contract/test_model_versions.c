/* SPDX-License-Identifier: MIT */
/* A model file of every contract version opens, verifies and predicts what it did when
 * it was written. The files are the models of the studies in reference.h, trained by
 * the program that first wrote their version (see test_reference_studies.c);
 * version-N.csv beside them is what that program predicted, written by this test with
 *     MIEN_TEST_KEEP=tests/golden/versions */
#include <math.h>
#include <stdlib.h>

#include "contract/reference.h"

/* Other processors round sums in another order. */
#define TOLERANCE 1e-6
enum { VALUES_MAX = 4096 };

static int set_up(void **state) {
    (void)state;
    reference_make();
    reference_weights();
    return 0;
}

static mien_predictor *opened(int version) {
    char name[64];
    mien_predictor *p = NULL;
    mien_predict_options o = mien_predict_options_default();
    snprintf(name, sizeof name, "version-%d.safetensors", version);
    o.threads = 1;
    o.exact = true;
    o.weights = version == 1 ? reference_weights() : NULL;
    assert_good(mien_predictor_open(reference_golden(name), &o, &p));
    return p;
}

/* Everything that a prediction holds, one after the other. */
typedef struct values {
    int64_t count;
    double value[VALUES_MAX];
} values;

static void add(values *v, double x) {
    assert_true(v->count < VALUES_MAX);
    v->value[v->count++] = x;
}

static mien_status hear(void *context, const mien_prediction *p) {
    values *v = context;
    for (int t = 0; t < p->targets_count; t++) {
        if (!p->probability[t]) {
            add(v, p->value[t]);
        }
        for (int c = 0; p->probability[t] && c < 3; c++) {
            add(v, p->probability[t][c]);
        }
    }
    return MIEN_OK;
}

static void predict_pictures(mien_predictor *p, values *v) {
    for (int i = 0; i < REFERENCE_ROWS; i++) {
        char name[64];
        snprintf(name, sizeof name, "pictures/%d.png", i);
        const char *path = support_temp_path(name);
        assert_good(mien_predictor_run(p, &path, 1, hear, NULL, v));
    }
}

/* Sound is given, then missing. */
static void predict_features(mien_predictor *p, values *v) {
    char sound[4096], sight[4096];
    snprintf(sound, sizeof sound, "%s", support_temp_path("sound.csv"));
    snprintf(sight, sizeof sight, "%s", support_temp_path("sight.csv"));
    const mien_feature_file files[] = {{"sight", sight}, {"sound", sound}};
    assert_good(mien_predictor_run_features(p, files, 2, hear, v));
    assert_good(mien_predictor_run_features(p, files, 1, hear, v));
}

static void keep(const values *v, int version) {
    mien_string text;
    char name[64], *path;
    mien_string_init(&text);
    snprintf(name, sizeof name, "version-%d.csv", version);
    for (int64_t i = 0; i < v->count; i++) {
        mien_string_addf(&text, "%.9g\n", v->value[i]);
    }
    assert_good(mien_string_status(&text));
    path = mien_path_join(getenv("MIEN_TEST_KEEP"), name);
    assert_good(mien_file_write(path, text.text, text.length));
    mien_free(path);
    mien_string_clear(&text);
}

static void compare(const values *v, int version) {
    char name[64], *text = NULL;
    size_t length = 0;
    int64_t i = 0;
    snprintf(name, sizeof name, "version-%d.csv", version);
    assert_good(mien_file_read(reference_golden(name), 1 << 20, &text, &length));
    for (char *at = text, *end = NULL; *at; at = end + 1, i++) {
        double want = strtod(at, &end);
        assert_true(*end == '\n' && i < v->count);
        support_near(
            v->value[i], want, TOLERANCE * fmax(1, fabs(want)), name, (int)i + 1);
    }
    assert_int_equal(i, v->count);
    mien_free(text);
}

static void check_version(int version) {
    mien_predictor *p = opened(version);
    mien_verification found;
    static values v;
    v.count = 0;
    if (version == 3) {
        predict_features(p, &v);
    } else {
        predict_pictures(p, &v);
    }
    if (getenv("MIEN_TEST_KEEP")) {
        keep(&v, version);
    }
    compare(&v, version);
    assert_good(mien_predictor_verify(p, TOLERANCE, &found));
    assert_int_equal(found.vectors, 2);
    mien_predictor_close(&p);
}

static void version_1_a_read_out(void **state) {
    (void)state;
    check_version(1);
}

static void version_2_a_network_on_pictures(void **state) {
    (void)state;
    check_version(2);
}

static void version_3_a_network_over_features(void **state) {
    (void)state;
    check_version(3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_1_a_read_out),
        cmocka_unit_test(version_2_a_network_on_pictures),
        cmocka_unit_test(version_3_a_network_over_features),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
