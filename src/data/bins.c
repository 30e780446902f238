/* SPDX-License-Identifier: MIT */
/* Cuts a continuous target into strata of about equal size. */
#include "base/need.h"
#include "mien/data.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

typedef struct ranked {
    double value;
    int64_t row;
} ranked;

static int by_value(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->value != y->value) {
        return x->value < y->value ? -1 : 1;
    }
    return (x->row > y->row) - (x->row < y->row);
}

mien_status mien_bins_make(int64_t rows, const double *value, int bins, int *out) {
    MIEN_NEED(value || rows < 1, out);
    if (bins < 1) {
        return mien_fail(MIEN_EINVAL, "%d bins: at least 1 is needed", bins);
    }
    for (int64_t i = 0; i < rows; i++) {
        if (isnan(value[i])) {
            return mien_fail(
                MIEN_EINVAL, "row %" PRId64 " has no value to bin it by", i);
        }
    }
    ranked *sorted = mien_alloc((size_t)rows, sizeof *sorted);
    if (!sorted) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < rows; i++) {
        sorted[i] = (ranked){value[i], i};
    }
    qsort(sorted, (size_t)rows, sizeof *sorted, by_value);
    int64_t first = 0; /* of the rows with this value */
    for (int64_t i = 0; i < rows; i++) {
        first = sorted[i].value == sorted[first].value ? first : i;
        out[sorted[i].row] = (int)((double)first * bins / (double)rows);
    }
    mien_free(sorted);
    return MIEN_OK;
}
