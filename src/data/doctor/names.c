/* SPDX-License-Identifier: MIT */
/* Names that are the same are numbered alike: for ids, groups and hashes. */
#include "data/trials.h"

#include <stdlib.h>
#include <string.h>

typedef struct named {
    const char *name;
    int64_t index;
} named;

/* By name, then by index, so that the first of a run is the earliest; NULL comes last.
 */
static int by_name(const void *a, const void *b) {
    const named *x = a, *y = b;
    int order = 0;
    if (x->name && y->name) {
        order = strcmp(x->name, y->name);
    } else if (x->name || y->name) {
        order = x->name ? -1 : 1;
    }
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* NULL when out of memory; the caller frees. */
static named *sort_names(int64_t count, const char *const *names) {
    named *sorted = mien_alloc((size_t)count, sizeof *sorted);
    for (int64_t i = 0; sorted && i < count; i++) {
        sorted[i] = (named){names[i], i};
    }
    if (sorted) {
        qsort(sorted, (size_t)count, sizeof *sorted, by_name);
    }
    return sorted;
}

/* Whether sorted[i] has another name than the one before. */
static bool begins(const named *sorted, int64_t i) {
    return i == 0 || !sorted[i].name || strcmp(sorted[i].name, sorted[i - 1].name) != 0;
}

mien_status mien_names_number(
    int64_t count, const char *const *names, int64_t *number, int64_t *unique) {
    named *sorted = sort_names(count, names);
    if (!sorted) {
        return MIEN_ENOMEM;
    }
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) {
        found += begins(sorted, i);
        number[sorted[i].index] = found - 1;
    }
    mien_free(sorted);
    *unique = found;
    return MIEN_OK;
}

mien_status mien_names_first(int64_t count, const char *const *names, int64_t *first) {
    named *sorted = sort_names(count, names);
    if (!sorted) {
        return MIEN_ENOMEM;
    }
    int64_t start = 0;
    for (int64_t i = 0; i < count; i++) {
        start = begins(sorted, i) ? i : start;
        first[sorted[i].index] = sorted[start].index;
    }
    mien_free(sorted);
    return MIEN_OK;
}
