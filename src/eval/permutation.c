/* SPDX-License-Identifier: MIT */
/* Labels that are exchanged: what a figure would be if they said nothing of the inputs.
 * In come a column of labels and blocks within which it may be exchanged; whoever fits
 * models does so again on each exchange (train room) and asks for p. */
#include "base/need.h"
#include "mien/eval.h"

#include <math.h>

/* Rows of one block, or all, in the order they are in. */
static int64_t list(const int64_t *block, int64_t n, int64_t which, int64_t *rows) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!block || block[i] == which) {
            rows[count++] = i;
        }
    }
    return count;
}

static void shuffle(int64_t *order, int64_t n, mien_stream *s) {
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t k = (int64_t)(mien_stream_uniform(s) * (double)(i + 1));
        int64_t keep = order[i];
        order[i] = order[k];
        order[k] = keep;
    }
}

mien_status mien_permutation_draw(int64_t n, const int64_t *block, int64_t blocks,
    uint64_t seed, uint64_t which, int64_t *from) {
    MIEN_NEED(from);
    int64_t *rows = mien_alloc((size_t)n, sizeof *rows);
    int64_t *order = mien_alloc((size_t)n, sizeof *order);
    mien_stream s;
    mien_stream_init(&s, seed, which, 0);
    for (int64_t b = 0; rows && order && b < (block ? blocks : 1); b++) {
        int64_t count = list(block, n, b, rows);
        for (int64_t i = 0; i < count; i++) {
            order[i] = rows[i];
        }
        shuffle(order, count, &s);
        for (int64_t i = 0; i < count; i++) {
            from[rows[i]] = order[i];
        }
    }
    bool good = rows && order;
    mien_free(order);
    mien_free(rows);
    return good ? MIEN_OK : MIEN_ENOMEM;
}

double mien_permutation_p(
    double observed, const double *permuted, int64_t n, bool higher_is_better) {
    MIEN_NEED_OR((double)NAN, permuted || n < 1);
    double as_good = 1, all = 1;
    if (isnan(observed)) {
        return (double)NAN;
    }
    for (int64_t i = 0; i < n; i++) {
        if (!isnan(permuted[i])) {
            all++;
            as_good +=
                higher_is_better ? permuted[i] >= observed : permuted[i] <= observed;
        }
    }
    return as_good / all;
}
