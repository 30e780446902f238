/* SPDX-License-Identifier: MIT */
/* Temperatures, calibration errors and abstention against SciPy and NumPy, to 1e-9:
 * tests/golden/calibration.tsv, made by python/golden/calibration.py; and what a
 * temperature does to probabilities. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mien/eval.h"
#include "mien/io.h"

enum { ROWS_MAX = 64, CLASSES_MAX = 8 };

static int64_t list_of(const char *text, double *values, int most) {
    int64_t n = 0;
    for (char *end = NULL; *text; text = end + (*end == ',')) {
        assert_true(n < most);
        values[n++] = strtod(text, &end);
        assert_ptr_not_equal(end, text);
    }
    return n;
}

static double value_of(const char *name, const mien_class_answers *a) {
    mien_reliability r;
    double value = (double)NAN, share = atof(name + 4) / 100;
    if (strcmp(name, "temperature") == 0 || strcmp(name, "ordered") == 0) {
        assert_good(mien_temperature_fit(a, *name == 'o', &value));
    } else if (strncmp(name, "kept", 4) == 0) {
        assert_good(mien_abstention_of(a, &share, 1, &value));
    } else {
        assert_good(mien_reliability_of(a, 15, 0, 1, &r));
        value = *name == 'e' ? r.ece : r.mce;
    }
    return value;
}

/* The figures of one line: "name=value,…". */
static void check_figures(char *figures, const mien_class_answers *a) {
    char *save = NULL;
    for (char *one = strtok_r(figures, ",", &save); one;
         one = strtok_r(NULL, ",", &save)) {
        char *equals = strchr(one, '=');
        assert_non_null(equals);
        *equals = 0;
        double want = strtod(equals + 1, NULL), got = value_of(one, a);
        if (!(fabs(got - want) <= 1e-9 * fmax(1, fabs(want)))) {
            fail_msg("%s of %lld rows, %d classes: %.17g, want %.17g", one,
                (long long)a->n, a->classes, got, want);
        }
    }
}

static void check(char *line) {
    char *save = NULL, *part[4];
    double truth[ROWS_MAX], probability[ROWS_MAX * CLASSES_MAX];
    int is[ROWS_MAX];
    for (int k = 0; k < 4; k++) {
        part[k] = strtok_r(k ? NULL : line, "\t\n", &save);
        assert_non_null(part[k]);
    }
    mien_class_answers a = {
        .classes = atoi(part[0]), .truth = is, .probability = probability};
    a.n = list_of(part[2], truth, ROWS_MAX);
    assert_int_equal(
        list_of(part[3], probability, ROWS_MAX * CLASSES_MAX), a.n * a.classes);
    for (int64_t i = 0; i < a.n; i++) {
        is[i] = (int)truth[i];
    }
    check_figures(part[1], &a);
}

static void every_line_is_met(void **state) {
    (void)state;
    char *text = NULL, *save = NULL;
    size_t length = 0;
    int lines = 0;
    assert_good(mien_file_read(
        support_source("tests/golden/calibration.tsv"), 1 << 24, &text, &length));
    for (char *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (*line != '#') {
            check(line);
            lines++;
        }
    }
    assert_true(lines > 50);
    mien_free(text);
}

static void a_temperature_divides_the_logits(void **state) {
    (void)state;
    const double z[3] = {1.5, -0.25, 0.75};
    double p[3], want[3], sum = 0, cold = 0;
    for (int k = 0; k < 3; k++) {
        sum += exp(z[k]);
        cold += exp(z[k] / 2.5);
    }
    for (int k = 0; k < 3; k++) {
        p[k] = exp(z[k]) / sum;
        want[k] = exp(z[k] / 2.5) / cold;
    }
    mien_temperature_apply(2.5, 3, false, p);
    for (int k = 0; k < 3; k++) {
        assert_near(p[k], want[k], 1e-15);
    }
}

static void ordered_classes_keep_their_thresholds(void **state) {
    (void)state;
    /* z = 2, −1 between three classes */
    const double a = 1 / (1 + exp(-2.0)), b = 1 / (1 + exp(1.0));
    const double c = 1 / (1 + exp(-4.0)), d = 1 / (1 + exp(2.0));
    double p[3] = {1 - a, a * (1 - b), a * b};
    mien_temperature_apply(0.5, 3, true, p);
    assert_near(p[0], 1 - c, 1e-14);
    assert_near(p[1], c * (1 - d), 1e-14);
    assert_near(p[2], c * d, 1e-14);
}

static void temperature_one_changes_no_bit_and_zeros_stay_finite(void **state) {
    (void)state;
    double p[3] = {0.1, 0.7, 0.2}, q[3] = {0, 1, 0};
    mien_temperature_apply(1, 3, false, p);
    assert_true(p[0] == 0.1 && p[1] == 0.7 && p[2] == 0.2);
    mien_temperature_apply(20, 3, false, q);
    assert_true(q[0] > 0 && q[0] < 0.01 && q[1] > 0.98);
    assert_near(q[0] + q[1] + q[2], 1, 1e-15);
}

static void an_error_by_chance_is_what_few_rows_show(void **state) {
    (void)state;
    enum { N = 60 };
    int truth[N];
    double p[N][2];
    mien_reliability r;
    for (int i = 0; i < N; i++) {
        p[i][0] = 0.5 + 0.5 * (i + 0.5) / N;
        p[i][1] = 1 - p[i][0];
        truth[i] = i % 4 == 0;
    }
    const mien_class_answers a = {N, 2, truth, NULL, p[0]};
    assert_good(mien_reliability_of(&a, 15, 500, 1, &r));
    assert_true(r.ece_by_chance > 0.05 && r.ece_by_chance < 0.2);
}

static void what_cannot_be_calibrated_is_refused(void **state) {
    (void)state;
    const int truth[2] = {0, 1};
    const double p[4] = {0.5, 0.5, 0.2, 0.8}, bad[4] = {0.5, 0.9, 0.2, 0.8};
    double value = 7;
    mien_reliability r;
    mien_class_answers a = {2, 2, truth, truth, NULL};
    assert_fails(mien_temperature_fit(&a, false, &value), MIEN_EINVAL, "");
    assert_fails(mien_reliability_of(&a, 15, 0, 1, &r), MIEN_EINVAL, "");
    a.probability = bad;
    assert_fails(mien_temperature_fit(&a, false, &value), MIEN_EINVAL, "");
    a.probability = p;
    a.n = 0;
    assert_fails(mien_temperature_fit(&a, false, &value), MIEN_EINVAL, "");
    assert_fails(mien_abstention_of(&a, &(double){0.5}, 1, &value), MIEN_EINVAL, "");
    a.n = 2;
    assert_fails(mien_reliability_of(&a, 0, 0, 1, &r), MIEN_EINVAL, "");
    assert_fails(mien_abstention_of(&a, &(double){1.5}, 1, &value), MIEN_EINVAL, "");
    assert_true(value == 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_met),
        cmocka_unit_test(a_temperature_divides_the_logits),
        cmocka_unit_test(ordered_classes_keep_their_thresholds),
        cmocka_unit_test(temperature_one_changes_no_bit_and_zeros_stay_finite),
        cmocka_unit_test(an_error_by_chance_is_what_few_rows_show),
        cmocka_unit_test(what_cannot_be_calibrated_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
