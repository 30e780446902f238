/* SPDX-License-Identifier: MIT */
/* Metrics of ordinary and degenerate inputs against SciPy and scikit-learn, to 1e-9:
 * tests/golden/metrics.tsv, made by python/golden/metrics_cases.py. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mien/eval.h"
#include "mien/io.h"

enum { ROWS_MAX = 64, CLASSES_MAX = 8 };

/* "1.5,2" to numbers; how many there are. */
static int64_t list_of(const char *text, double *values, int most) {
    int64_t n = 0;
    for (char *end = NULL; strcmp(text, "-") != 0 && *text;
         text = end + (*end == ',')) {
        assert_true(n < most);
        values[n++] = strtod(text, &end);
        assert_ptr_not_equal(end, text);
    }
    return n;
}

static double value_of_classes(const char *name, int classes, int64_t n,
    const double *truth, const double *prediction, const double *probability) {
    int is[ROWS_MAX], said[ROWS_MAX];
    for (int64_t i = 0; i < n; i++) {
        is[i] = (int)truth[i];
        said[i] = (int)prediction[i];
    }
    const mien_class_answers a = {.n = n,
        .classes = classes,
        .truth = is,
        .prediction = said,
        .probability = probability};
    assert_good(mien_class_answers_check(&a));
    return mien_class_metric_value(mien_class_metric_find(name), &a);
}

/* Where a metric stands among those of numbers, or behind them among those of classes.
 */
static int row_of(const char *name, int classes) {
    int k = 0, numbers = mien_metric_count();
    while (strcmp(name, classes ? mien_class_metric_at(k)->name
                                : mien_metric_at(k)->name) != 0) {
        k++;
        assert_non_null(classes ? (const void *)mien_class_metric_at(k)
                                : (const void *)mien_metric_at(k));
    }
    return classes ? numbers + k : k;
}

/* One line of the file. */
static void check(char *line, bool *met) {
    char *save = NULL, *part[6];
    double truth[ROWS_MAX], prediction[ROWS_MAX], probability[ROWS_MAX * CLASSES_MAX];
    for (int k = 0; k < 6; k++) {
        part[k] = strtok_r(k ? NULL : line, "\t\n", &save);
        assert_non_null(part[k]);
    }
    int classes = atoi(part[1]);
    met[row_of(part[0], classes)] = true;
    double want = strtod(part[2], NULL), got;
    int64_t n = list_of(part[3], truth, ROWS_MAX);
    assert_int_equal(list_of(part[4], prediction, ROWS_MAX), n);
    bool sure = list_of(part[5], probability, ROWS_MAX * CLASSES_MAX) > 0;
    if (classes) {
        got = value_of_classes(
            part[0], classes, n, truth, prediction, sure ? probability : NULL);
    } else {
        const mien_pairs pairs = {n, truth, prediction, NULL};
        got = mien_metric_value(mien_metric_find(part[0]), &pairs);
    }
    if (isnan(want) ? !isnan(got) : !(fabs(got - want) <= 1e-9 * fmax(1, fabs(want)))) {
        print_error("%s of %lld rows, %d classes: %.17g, want %.17g", part[0],
            (long long)n, classes, got, want);
    }
}

static void every_line_is_met(void **state) {
    (void)state;
    char *text = NULL, *save = NULL;
    size_t length = 0;
    int lines = 0, rows = mien_metric_count() + mien_class_metric_count();
    bool met[ROWS_MAX] = {false};
    assert_true(rows <= ROWS_MAX);
    assert_good(mien_file_read(
        support_source("tests/golden/metrics.tsv"), 1 << 24, &text, &length));
    for (char *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (*line != '#') {
            check(line, met);
            lines++;
        }
    }
    assert_true(lines > 1000);
    for (int k = 0; k < rows; k++) {
        assert_true(met[k]); /* a metric that is added needs its peer's values */
    }
    mien_free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_line_is_met)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
