/* SPDX-License-Identifier: MIT */
/* Calls LAPACK. */
#include "train/solve.h"

#include <lapacke.h>

mien_status mien_solve_eigen(int64_t n, double *matrix, double *values) {
    /* the matrix is symmetric, so column-major vectors are our rows */
    lapack_int info = LAPACKE_dsyevd(
        LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)n, matrix, (lapack_int)n, values);
    if (info == LAPACK_WORK_MEMORY_ERROR) {
        return mien_fail(MIEN_ENOMEM, "out of memory");
    }
    return info == 0 ? MIEN_OK
                     : mien_fail(MIEN_EINTERNAL,
                           "eigenvalues of a %lld x %lld matrix: dsyevd gives %d",
                           (long long)n, (long long)n, (int)info);
}

mien_status mien_solve_linear(int64_t n, double *a, int64_t m, double *b) {
    lapack_int *pivots = mien_alloc((size_t)n, sizeof *pivots);
    if (!pivots) {
        return MIEN_ENOMEM;
    }
    /* column-major: a is transposed, which a symmetric matrix does not notice */
    lapack_int info = LAPACKE_dgesv(LAPACK_COL_MAJOR, (lapack_int)n, (lapack_int)m, a,
        (lapack_int)n, pivots, b, (lapack_int)n);
    mien_free(pivots);
    return info == 0 ? MIEN_OK
                     : mien_fail(MIEN_EINVAL, "a %lld x %lld system is singular",
                           (long long)n, (long long)n);
}

double mien_dot(const double *a, const double *b, int64_t n) {
    double sum[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        for (int k = 0; k < 8; k++) {
            sum[k] += a[i + k] * b[i + k];
        }
    }
    for (; i < n; i++) {
        sum[0] += a[i] * b[i];
    }
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
           ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}
