/* SPDX-License-Identifier: MIT */
/* Whether a wide interval warns of a large error: the RMSE of the rows with the
 * narrowest intervals. Called by evaluate and by the scores of a run. */
#include "base/need.h"
#include "mien/eval.h"

#include <math.h>
#include <stdlib.h>

typedef struct wide {
    double width, square; /* of the error */
} wide;

static int by_width(const void *a, const void *b) {
    const wide *x = a, *y = b;
    return (x->width > y->width) - (x->width < y->width);
}

/* The mean square of the first `kept` rows; of rows as wide as the last a part stands
 * for all. */
static double narrowest(const wide *w, int64_t n, int64_t kept, double same) {
    double sum = 0;
    for (int64_t i = 0, end; i < kept; i = end) {
        double block = 0;
        for (end = i; end < n && w[end].width - w[i].width <= same; end++) {
            block += w[end].square;
        }
        double share = end > kept ? (double)(kept - i) / (double)(end - i) : 1;
        sum += share * block;
    }
    return sum / (double)kept;
}

mien_status mien_narrowest_of(const double *error, const double *width, int64_t n,
    const double *share, int count, double *rmse) {
    MIEN_NEED(error || n < 1, width || n < 1, share || count < 1, rmse || count < 1);
    wide *w = mien_alloc((size_t)(n > 0 ? n : 1), sizeof *w);
    if (!w) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        w[i] = (wide){width[i], error[i] * error[i]};
    }
    qsort(w, (size_t)n, sizeof *w, by_width);
    double same = n > 0 ? 1e-6 * fabs(w[n - 1].width) : 0;
    bool vary = n > 0 && w[n - 1].width - w[0].width > same;
    for (int k = 0; k < count; k++) {
        int64_t kept = (int64_t)ceil(share[k] * (double)n - 1e-9);
        kept = kept < 1 ? 1 : kept > n ? n : kept;
        rmse[k] = vary ? sqrt(narrowest(w, n, kept, same)) : (double)NAN;
    }
    mien_free(w);
    return MIEN_OK;
}
