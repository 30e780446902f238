/* SPDX-License-Identifier: MIT */
/* Tests of the door to LAPACK. */
#include "support/support.h"

#include <math.h>

#include "train/solve.h"

enum { N = 12 };

/* A symmetric matrix with a known spectrum is hard to come by: any will do, since what
 * is asked is A = V' diag(s) V. */
static void fill_symmetric(double *a, int n) {
    mien_stream stream;
    mien_stream_init(&stream, 5, 0, 0);
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
            a[i * n + j] = a[j * n + i] = mien_stream_uniform(&stream) - 0.5;
        }
    }
}

static void eigenvectors_are_rows_and_rebuild_the_matrix(void **state) {
    (void)state;
    double a[N * N], v[N * N], s[N];
    fill_symmetric(a, N);
    for (int i = 0; i < N * N; i++) {
        v[i] = a[i];
    }
    assert_good(mien_solve_eigen(N, v, s));
    for (int i = 0; i < N; i++) {
        assert_true(i == 0 || s[i] >= s[i - 1]);
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int k = 0; k < N; k++) {
                sum += s[k] * v[k * N + i] * v[k * N + j];
            }
            assert_near(sum, a[i * N + j], 1e-13);
            assert_near(mien_dot(v + i * N, v + j * N, N), i == j, 1e-13);
        }
    }
}

static void linear_systems_are_solved_for_every_right_side(void **state) {
    (void)state;
    double a[N * N], copy[N * N], x[3 * N], b[3 * N] = {0};
    fill_symmetric(a, N);
    for (int i = 0; i < N; i++) {
        a[i * N + i] += 3; /* well away from singular */
    }
    for (int i = 0; i < N * N; i++) {
        copy[i] = a[i];
    }
    for (int i = 0; i < 3 * N; i++) {
        x[i] = i - 1.5 * N;
    }
    for (int m = 0; m < 3; m++) {
        for (int i = 0; i < N; i++) {
            b[m * N + i] = mien_dot(a + i * N, x + m * N, N);
        }
    }
    assert_good(mien_solve_linear(N, copy, 3, b));
    for (int i = 0; i < 3 * N; i++) {
        assert_near(b[i], x[i], 1e-11);
    }
}

static void a_singular_system_is_an_error(void **state) {
    (void)state;
    double a[4] = {1, 2, 2, 4}, b[2] = {1, 1};
    assert_fails(mien_solve_linear(2, a, 1, b), MIEN_EINVAL, "singular");
}

static void dot_products_count_every_element(void **state) {
    (void)state;
    double a[21], b[21];
    for (int n = 0; n <= 21; n++) {
        double want = 0;
        for (int i = 0; i < n; i++) {
            a[i] = i + 1;
            b[i] = 2 * i - 7;
            want += a[i] * b[i];
        }
        assert_near(mien_dot(a, b, n), want, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenvectors_are_rows_and_rebuild_the_matrix),
        cmocka_unit_test(linear_systems_are_solved_for_every_right_side),
        cmocka_unit_test(a_singular_system_is_an_error),
        cmocka_unit_test(dot_products_count_every_element),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
