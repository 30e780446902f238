/* SPDX-License-Identifier: MIT */
/* Calls LAPACK, which is loaded with the first system: its Fortran runtime costs 3 ms
 * of a start. */
#include "train/solve.h"

#include <lapacke.h>

#include "base/library.h"

typedef struct library {
    __typeof__(LAPACKE_dsyevd) *dsyevd;
    __typeof__(LAPACKE_dgesv) *dgesv;
} library;

static mien_status load(library *found) {
    static const mien_symbol symbols[] = {{"LAPACKE_dsyevd", offsetof(library, dsyevd)},
        {"LAPACKE_dgesv", offsetof(library, dgesv)}};
    return mien_library_load(MIEN_LAPACKE_SONAME, "solving equations needs LAPACK",
        symbols, sizeof symbols / sizeof symbols[0], found);
}

mien_status mien_solve_eigen(int64_t n, double *matrix, double *values) {
    library lapack;
    mien_status status = load(&lapack);
    if (status != MIEN_OK) {
        return status;
    }
    /* the matrix is symmetric, so column-major vectors are our rows */
    lapack_int info = lapack.dsyevd(
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
    library lapack;
    lapack_int *pivots = mien_alloc((size_t)n, sizeof *pivots);
    mien_status status = pivots ? load(&lapack) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_free(pivots);
        return status;
    }
    /* column-major: a is transposed, which a symmetric matrix does not notice */
    lapack_int info = lapack.dgesv(LAPACK_COL_MAJOR, (lapack_int)n, (lapack_int)m, a,
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
