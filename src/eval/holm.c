/* SPDX-License-Identifier: MIT */
/* Several comparisons at once: Holm's step-down p. */
#include "base/need.h"
#include "mien/eval.h"

#include <math.h>

/* How many p are smaller, or as small and earlier. */
static int rank_of(const double *p, int n, int at) {
    int rank = 0;
    for (int k = 0; k < n; k++) {
        rank += p[k] < p[at] || (p[k] == p[at] && k < at);
    }
    return rank;
}

void mien_holm(const double *p, int n, double *adjusted) {
    MIEN_NEED_OR(, p || n < 1, adjusted || n < 1);
    int count = 0;
    double least = 0, next[MIEN_HOLM_MAX];
    n = n < MIEN_HOLM_MAX ? n : MIEN_HOLM_MAX;
    for (int k = 0; k < n; k++) {
        count += !isnan(p[k]);
        next[k] = (double)NAN;
    }
    for (int rank = 0; rank < count; rank++) {
        for (int k = 0; k < n; k++) {
            if (!isnan(p[k]) && rank_of(p, n, k) == rank) {
                least = fmin(1, fmax(least, (count - rank) * p[k]));
                next[k] = least;
            }
        }
    }
    for (int k = 0; k < n; k++) {
        adjusted[k] = next[k];
    }
}
