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

/* FNV-1a, 32 bits, mixed so that the low bits depend on all. */
static uint32_t hash_of(const char *name) {
    uint32_t h = 2166136261u;
    for (; *name; name++) {
        h = (h ^ (unsigned char)*name) * 16777619u;
    }
    return h ^ (h >> 15);
}

/* A hash table of row numbers, less than two thirds full: of a million rows 8 MB,
 * where sorting them takes 32. */
mien_status mien_names_first(int64_t count, const char *const *names, int64_t *first) {
    size_t room = 16;
    while (room / 3 * 2 <= (size_t)count) {
        room *= 2;
    }
    if (count >= UINT32_MAX) {
        return mien_fail(MIEN_ELIMIT, "%lld names are too many", (long long)count);
    }
    uint32_t *slot = mien_alloc(room, sizeof *slot); /* a row + 1; 0: empty */
    if (!slot) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < count; i++) {
        first[i] = i;
        if (!names[i]) {
            continue;
        }
        size_t at = hash_of(names[i]) & (room - 1);
        while (slot[at] && strcmp(names[slot[at] - 1], names[i]) != 0) {
            at = (at + 1) & (room - 1);
        }
        if (slot[at]) {
            first[i] = slot[at] - 1;
        } else {
            slot[at] = (uint32_t)i + 1;
        }
    }
    mien_free(slot);
    return MIEN_OK;
}
