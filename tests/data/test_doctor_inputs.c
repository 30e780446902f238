/* SPDX-License-Identifier: MIT */
/* The doctor on a target among the inputs, and on rows that are nearly the same. */
#include "data/fixtures_doctor.h"

enum { ROWS = 40, WIDTH = 12 };

/* Noise in [-1, 1) that is the same everywhere. */
static double noise(uint32_t n) {
    n = n * 747796405u + 2891336453u;
    n = ((n >> ((n >> 28) + 4)) ^ n) * 277803737u;
    return (double)((n >> 22) ^ n) / 2147483648.0 - 1;
}

static double valence_of(int row) {
    return 4 + 3 * noise(1000000u + (uint32_t)row);
}

typedef double value_of(int row, int column);

static double plain(int row, int column) {
    return noise((uint32_t)(row * WIDTH + column));
}

static double with_target(int row, int column) {
    return column == 7 ? -2 * valence_of(row) + 5 : plain(row, column);
}

static double with_class(int row, int column) {
    return column == 3 ? 10 - row % 3 : plain(row, column);
}

/* Row 21 is row 20 but for a thousandth. */
static double with_near(int row, int column) {
    return row == 21 ? plain(20, column) + 0.001 * plain(99, column)
                     : plain(row, column);
}

/* A tenth of an SD apart is not near. */
static double with_neighbours(int row, int column) {
    return row == 21 ? plain(20, column) + 0.1 * plain(99, column) : plain(row, column);
}

static visit examine_features(value_of *value, bool grouped, const char *sidecar) {
    static char x[40000], table[10000];
    x[0] = 0;
    strcpy(table, "trial\tgroup\tvalence\temotion\tfeatures.x\n");
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < WIDTH; c++) {
            snprintf(
                x + strlen(x), 40, "%.9g%s", value(r, c), c + 1 < WIDTH ? "," : "\n");
        }
        snprintf(table + strlen(table), 100, "t%d\tg%d\t%.9g\t%c\tx.csv#%d\n", r,
            grouped ? r / 10 : r, valence_of(r), 'a' + r % 3, r);
    }
    fixture_text("x.csv", x);
    return examine(table, sidecar);
}

#define CLASSES                                                                        \
    "{\"version\":2,\"targets\":{\"emotion\":{\"classes\":[\"a\",\"b\",\"c\"]," TARGET \
    "}}}"

static void a_number_to_be_learnt_is_found_among_the_inputs(void **state) {
    (void)state;
    visit v = examine_features(with_target, true, SIDECAR);
    assert_found(&v, MIEN_ERROR, "target", "",
        "features.x: value 7 of a row has r -1.0000 with it in all 40 rows: the target "
        "valence");
    mien_free(v.findings);
}

static void a_class_to_be_learnt_is_found_among_the_inputs(void **state) {
    (void)state;
    visit v = examine_features(with_class, true, CLASSES);
    assert_found(&v, MIEN_ERROR, "target", "",
        "features.x: value 3 of a row tells its class in all 40 rows: the target "
        "emotion");
    mien_free(v.findings);
}

static void rows_that_are_nearly_the_same_on_two_sides_are_found(void **state) {
    (void)state;
    visit v = examine_features(with_near, false, SIDECAR);
    assert_found(&v, MIEN_WARNING, "near", "t21", "nearly the same as in trial t20");
    assert_null(find(&v, "near", "trial t19"));
    mien_free(v.findings);
    v = examine_features(with_near, true, SIDECAR); /* both in group g2 */
    assert_null(find(&v, "near", ""));
    mien_free(v.findings);
}

static void healthy_features_are_none_of_these(void **state) {
    (void)state;
    value_of *const healthy[] = {plain, with_neighbours};
    for (int i = 0; i < 2; i++) {
        visit v = examine_features(healthy[i], false, i ? CLASSES : SIDECAR);
        assert_null(find(&v, "target", ""));
        assert_null(find(&v, "near", ""));
        mien_free(v.findings);
    }
}

static mien_status again(void *context) {
    mien_finding *findings = NULL;
    int64_t count = 0;
    mien_status status = mien_doctor(context, NULL, NULL, NULL, &findings, &count);
    mien_free(findings);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    visit v = examine_features(with_near, false, SIDECAR);
    mien_free(v.findings);
    char path[4096];
    snprintf(path, sizeof path, "%s", support_temp_path("sick.tsv"));
    support_each_allocation_fails(again, path, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_to_be_learnt_is_found_among_the_inputs),
        cmocka_unit_test(a_class_to_be_learnt_is_found_among_the_inputs),
        cmocka_unit_test(rows_that_are_nearly_the_same_on_two_sides_are_found),
        cmocka_unit_test(healthy_features_are_none_of_these),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
