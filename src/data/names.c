/* SPDX-License-Identifier: MIT */
/* Which names are the same: for ids, groups and hashes. */
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

mien_status mien_names_first(int64_t count, const char *const *names, int64_t *first) {
    named *sorted = mien_alloc((size_t)count, sizeof *sorted);
    if (!sorted) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < count; i++) {
        sorted[i] = (named){names[i], i};
    }
    qsort(sorted, (size_t)count, sizeof *sorted, by_name);
    int64_t start = 0;
    for (int64_t i = 0; i < count; i++) {
        const char *name = sorted[i].name;
        if (!name || strcmp(name, sorted[start].name) != 0) {
            start = i;
        }
        first[sorted[i].index] = sorted[start].index;
    }
    mien_free(sorted);
    return MIEN_OK;
}
