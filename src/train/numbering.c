/* SPDX-License-Identifier: MIT */
/* Numbers for equal names: of groups, stimuli and factors. */
#include "train/numbering.h"

#include <stdlib.h>
#include <string.h>

typedef struct named {
    const char *name;
    int64_t row;
} named;

static int by_name(const void *a, const void *b) {
    const named *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

mien_status mien_number_names(
    const char *const *names, int64_t n, int64_t *number, int64_t *count) {
    named *sorted = mien_alloc((size_t)n, sizeof *sorted);
    int64_t *first = mien_alloc((size_t)n, sizeof *first);
    if (!sorted || !first) {
        mien_free(sorted);
        mien_free(first);
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        sorted[i] = (named){names[i], i};
    }
    qsort(sorted, (size_t)n, sizeof *sorted, by_name);
    for (int64_t i = 0; i < n; i++) {
        bool same = i > 0 && strcmp(sorted[i].name, sorted[i - 1].name) == 0;
        first[sorted[i].row] = same ? first[sorted[i - 1].row] : sorted[i].row;
    }
    *count = 0;
    for (int64_t i = 0; i < n; i++) {
        number[i] = first[i] == i ? (*count)++ : number[first[i]];
    }
    mien_free(sorted);
    mien_free(first);
    return MIEN_OK;
}
